"""Which columns of a table are used: what the user asked for, and for the rest what their values are good for."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.features.roles import Verdict, decoded, is_text, judge
from phishcli.features.target import SPEAKING_NAMES, USUAL_NAMES, no_column, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from phishcli.config.schema import LoadConfig

KEY_REASONS = {"group": "it is the group of the split", "time": "it orders the rows of the split in time"}
ON_REQUEST = "it was left out on request"
LIKE_A_LABEL = "it is named like a label and used as a feature: a leak if it says the same as the target (--drop {})"


def check_choices(settings: LoadConfig, names: Sequence[str], target: str, keys: Mapping[str, str]) -> None:
    """Check that every column named in the settings exists and that no two settings contradict each other.

    Raises
    ------
    DataError
        At the first name that is not there (with the nearest ones) or that cannot be what is asked for.
    """
    asked = {"--drop (load.drop)": settings.drop, "--keep (load.keep)": settings.keep}
    asked |= {"load.indicators": settings.indicators if isinstance(settings.indicators, tuple) else ()}
    asked |= {f"preprocess.split.{word}": (column,) for word, column in keys.items()}
    for where, columns in asked.items():
        for column in columns:
            if column not in names:
                raise no_column(column, names, where=where)
            if column == target:
                raise DataError(
                    f"{column!r} is the target and cannot be named here.", where=where, hint=f"Remove {column}."
                )
    both = set(settings.drop) & set(settings.keep)
    if both:
        raise DataError(f"{', '.join(sorted(both))} cannot be both dropped and kept.", where="load.drop, load.keep")


def decide(
    settings: LoadConfig, table: pa.Table, target_name: str, target: pd.Series[Any], keys: Mapping[str, str]
) -> dict[str, Verdict]:
    """Decide for every column but the target whether it is a feature, and of which role.

    Parameters
    ----------
    settings
        ``drop`` and ``keep`` overrule what the values say, ``max_categories`` limits categories.
    table, target_name, target
        The source, its target column, and the 0/1 target (only used to find copies of it).
    keys
        The columns of the split: they are no features unless they are kept.
    """
    reasons = {column: KEY_REASONS[word] for word, column in keys.items()}
    verdicts = {}
    for name in table.column_names:
        if name in settings.drop:
            verdicts[name] = Verdict(None, ON_REQUEST)
        elif name != target_name:
            verdict = judge(name, table.column(name), max_categories=settings.max_categories)
            if is_copy(name, table.column(name), target):
                verdict = replace(verdict, reason="it repeats the target")
            elif verdict.reason is None and plain(name) in SPEAKING_NAMES | USUAL_NAMES and name not in settings.keep:
                verdict = replace(verdict, note=LIKE_A_LABEL.format(shlex.quote(name)))
            verdict = replace(verdict, reason=reasons.get(name, verdict.reason))
            verdicts[name] = _kept(name, verdict) if name in settings.keep else verdict
    return verdicts


def _kept(name: str, verdict: Verdict) -> Verdict:
    if verdict.role is None:
        raise DataError(
            f"{name!r} cannot be kept: {verdict.reason}.",
            where="--keep (load.keep)",
            hint=f"Turn it into a number in the source (an age in days, say), or leave out --keep {shlex.quote(name)}.",
        )
    return replace(verdict, reason=None)


def is_copy(name: str, column: pa.ChunkedArray, target: pd.Series[Any]) -> bool:
    """Tell whether a column that is named like a target repeats the target, value for value."""
    if plain(name) not in SPEAKING_NAMES | USUAL_NAMES or pa.types.is_nested(column.type):
        return False
    codes, values = pd.factorize(decoded(column).to_pandas(), use_na_sentinel=False)
    pairs = pd.DataFrame({"value": codes, "target": target}).drop_duplicates()
    return len(values) == len(pairs) == target.nunique()


def key_values(column: pa.ChunkedArray, word: str, name: str) -> pd.Series[Any]:
    """Give the values of a column that the split needs; texts that order rows in time become timestamps.

    Raises
    ------
    DataError
        When values are missing, or when a time is neither a number, a date, nor an ISO 8601 text.
    """
    where = f"preprocess.split.{word}"
    missing = pc.sum(pc.is_null(column, nan_is_null=True)).as_py()
    if missing:
        hint = "Fill them in the source, or split without this column."
        raise DataError(f"{missing:,} rows have no value in {name!r}.", where=where, hint=hint)
    column = decoded(column)
    values: pd.Series[Any] = column.to_pandas()
    if word != "time" or not is_text(column.type):
        return values
    try:
        return pd.to_datetime(values, format="ISO8601", utc=True)
    except ValueError as error:
        hint = "Write them like 2026-03-31 or 2026-03-31T12:00:00, or as numbers."
        raise DataError(f"The texts in {name!r} are not dates in ISO 8601.", where=where, hint=hint) from error
