"""Which columns of a table are features: what the user asked for, otherwise what their values allow."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.features.column_decision import ColumnDecision
from phishcli.features.derive import part_named, parts_of
from phishcli.features.roles import as_asked, decide_role
from phishcli.features.target import SELF_EXPLANATORY_NAMES, USUAL_NAMES, no_column, plain_name
from phishcli.tables.arrow import decoded, is_text
from phishcli.tables.equal_rows import codes
from phishcli.typed import name_of, option, setting
from phishcli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from phishcli.config.schema import CsvConfig, LoadConfig
    from phishcli.tables.table import Table

SPLIT_REASONS = {"group": "it is the group of the split", "time": "it orders the rows of the split in time"}
ON_REQUEST = "it was dropped on request"
REPEATS = "it repeats the target"
GLANCE, HEAD = 50, 1_000
"""Rows by which nearly every column is seen not to repeat the target."""
COPIED = 20
"""Rows of either label from which a column of any name that repeats the target is a copy of it, and no chance."""
FEWEST, MOST, ROWS_PER_CATEGORY = 50, 250, 10
"""What ``load.max_categories: auto`` allows: a value for every so many rows, and the bounds of that."""
LIKE_A_LABEL = "it is named like a label and used as a feature: a leak if it says the same as the target ({})"


def check_choices(settings: LoadConfig, names: Sequence[str], target: str, split_by: Mapping[str, str]) -> None:
    """Check that every column named in the settings exists and that no two settings contradict each other.

    Raises
    ------
    DataError
        At the first name that does not exist (with the nearest ones) or that cannot be used as asked for.
    """
    indicators = settings.indicators if isinstance(settings.indicators, tuple) else ()
    asked: list[tuple[str, Sequence[str], Callable[[str], str] | None]] = [
        ("--drop (load.drop)", settings.drop, partial(option, "--drop")),
        ("--keep (load.keep)", settings.keep, partial(option, "--keep")),
        ("load.indicators", indicators, None),
        ("--role (load.roles)", tuple(settings.roles), None),
    ]
    for word, column in split_by.items():
        key = f"preprocess.split.{word}"
        asked.append((key, (column,), partial(setting, key)))
    for where, columns, use in asked:
        for column in columns:
            if column not in names and not (where.startswith("preprocess.split.") and part_named(column, names)):
                raise no_column(column, names, where=where, use=use)
            if column == target:
                raise DataError(
                    f"{column!r} is the target and cannot be named here.",
                    where=where,
                    hint=f"Leave {name_of(column)} out there.",
                )
    both = set(settings.drop) & set(settings.keep)
    if both:
        raise DataError(f"{', '.join(sorted(both))} cannot be both dropped and kept.", where="load.drop, load.keep")


def choose_columns(
    settings: LoadConfig, table: Table, target_name: str, target: pd.Series[Any], split_by: Mapping[str, str]
) -> dict[str, ColumnDecision]:
    """Decide for every column except the target whether it is a feature, and its role.

    Parameters
    ----------
    settings
        ``drop`` and ``keep`` overrule what the values say, ``max_categories`` limits categories.
    table, target_name, target
        The source, its target column, and the 0/1 target (only used to find copies of it). Columns are read one at a
        time.
    split_by
        The columns of the split: they are no features unless they are kept.
    """
    reasons = {column: SPLIT_REASONS[word] for word, column in split_by.items()}
    decide = partial(_decide, settings, target=target)
    names = [name for name in table.schema.names if name != target_name and name not in settings.drop]
    decisions = {name: decide(name, table.column(name), csv=settings.csv) for name in names}
    if mark := _decimal_mark(decisions.values()):
        csv = settings.csv.model_copy(update={"decimal": mark})
        for name in names:
            if is_text(table.column(name).type):
                decisions[name] = _better(decisions[name], decide(name, table.column(name), csv=csv))
    for name, decision in decisions.items():
        decided = replace(decision, set_aside=reasons.get(name, decision.set_aside))
        decisions[name] = _kept(name, decided) if name in settings.keep else decided
        _check_clear(name, decisions[name])
    in_order = {name: decisions.get(name, ColumnDecision(None, ON_REQUEST)) for name in table.schema.names}
    return {name: decision for name, decision in in_order.items() if name != target_name}


def _decimal_mark(decisions: Iterable[ColumnDecision]) -> Literal[",", "."] | None:
    """The decimal mark that the columns show which can be read in one way only; None where they show none, or both."""
    written = [decision.written for decision in decisions if decision.written]
    commas = any(each.decimal == "," for each in written)
    points = any(each.thousands == "," for each in written)
    return None if commas == points else "," if commas else "."


def _better(alone: ColumnDecision, with_others: ColumnDecision) -> ColumnDecision:
    """The decision that knows the decimal mark of the other columns, where the column can be read with it."""
    return with_others if with_others.written else alone


def _check_clear(name: str, decision: ColumnDecision) -> None:
    if decision.unclear is None or decision.feature_role is None:
        return
    raise DataError(
        f"{name!r} holds numbers like {decision.unclear!r}, which can be read in two ways.",
        where=f"column {name}",
        hint=f"Say what the comma is: {setting('load.csv.decimal', ',')} or {setting('load.csv.thousands', ',')}, "
        f"or leave the column out with {option('--drop', name)}.",
    )


def _decide(
    settings: LoadConfig, name: str, column: pa.ChunkedArray, target: pd.Series[Any], csv: CsvConfig
) -> ColumnDecision:
    most = most_categories(settings.max_categories, len(column))
    if name in settings.roles:
        decision = as_asked(name, column, settings.roles[name], csv)
    else:
        decision = decide_role(name, column, max_categories=most, csv=csv)
    named = _named_like_a_target(name)
    if (named or _hardly_by_chance(target)) and repeats_target(column, target):
        return replace(decision, set_aside=REPEATS)
    if named and decision.set_aside is None and name not in settings.keep:
        return replace(decision, warning=LIKE_A_LABEL.format(option("--drop", name)))
    return decision


def most_categories(setting: int | Literal["auto"], rows: int) -> int:
    """How many different texts a category may have: as asked, or by the number of rows (see decision 0037)."""
    return min(max(FEWEST, rows // ROWS_PER_CATEGORY), MOST) if setting == "auto" else setting


def _hardly_by_chance(target: pd.Series[Any]) -> bool:
    """Whether rows are so many that no column but a copy has one value for each label."""
    rarer = int(min(target.sum(), len(target) - target.sum()))
    return rarer >= COPIED and len(target) - rarer >= COPIED


def _kept(name: str, decision: ColumnDecision) -> ColumnDecision:
    if decision.role is None:
        raise DataError(
            f"{name!r} cannot be kept: {decision.set_aside}.",
            where="--keep (load.keep)",
            hint=f"Turn it into a number in the source (an age in days, say), or leave out {option('--keep', name)}.",
        )
    return replace(decision, set_aside=None)


def _named_like_a_target(name: str) -> bool:
    return plain_name(name) in SELF_EXPLANATORY_NAMES | USUAL_NAMES


def repeats_target(column: pa.ChunkedArray, target: pd.Series[Any]) -> bool:
    """Whether a column has one value where the target is 0 and another one where it is 1."""
    if pa.types.is_nested(column.type) or _varies(column):
        return False
    return all(_repeats(column.slice(0, rows), target.iloc[:rows]) for rows in (HEAD, len(target)))


def _varies(column: pa.ChunkedArray) -> bool:
    """Whether a glance shows that a column has more than two values and missing ones: so it is with nearly all."""
    plain = pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or is_text(column.type)
    return plain and len(pc.unique(column.slice(0, GLANCE))) > 4  # noqa: PLR2004 (null and NaN are missing)


def _repeats(column: pa.ChunkedArray, target: pd.Series[Any]) -> bool:
    pairs = pd.DataFrame({"value": codes(column), "target": target}).drop_duplicates()
    return pairs["value"].nunique() == len(pairs) == target.nunique()


def split_column(table: Table, name: str) -> pa.ChunkedArray:
    """The column that the split needs, or the part of one that its name means: ``url.tenant``."""
    meant = None if name in table.schema.names else part_named(name, table.schema.names)
    if meant is None:
        return table.column(name)
    column, kind, part = meant
    texts = decoded(table.column(column)).cast(pa.string()).combine_chunks().dictionary_encode()
    parts = parts_of(kind, [*texts.dictionary.to_pylist(), None], None)[part]
    places = pc.fill_null(texts.indices, len(parts) - 1).to_numpy(zero_copy_only=False)
    return pa.chunked_array([pa.array(parts[places].tolist())])


def split_values(column: pa.ChunkedArray, word: str, name: str) -> pd.Series[Any]:
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
        raise DataError(f"{counted(missing, 'row')} without a value in {name!r}.", where=where, hint=hint)
    column = decoded(column)
    values: pd.Series[Any] = column.to_pandas()
    if word != "time" or not is_text(column.type):
        return values
    try:
        return pd.to_datetime(values, format="ISO8601", utc=True)
    except ValueError as error:
        hint = "Write them like 2026-03-31 or 2026-03-31T12:00:00, or as numbers."
        raise DataError(f"The texts in {name!r} are not dates in ISO 8601.", where=where, hint=hint) from error
