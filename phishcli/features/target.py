"""The target of a table: which column it is, which two labels it holds, and which of them is the positive class."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.tables.arrow import decoded
from phishcli.typed import name_of, option, options
from phishcli.wording import bounded, counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from phishcli.documents.schema import Label

SELF_EXPLANATORY_NAMES = frozenset({"isphishing", "phishing", "isphish", "phish", "isphishingsite", "isphishingurl"})
"""Names, without case and separators, that say what 1 means: the only ones that need no ``positive_label``."""

USUAL_NAMES = frozenset({"label", "labels", "target", "class", "status", "result", "outcome", "y"})
"""Names that targets often have; they name the column but say nothing about which label is phishing."""

YES = frozenset({1.0, "yes"})
NO = frozenset({0.0, "no"})


@dataclass(frozen=True)
class Labels:
    """The two labels of a target as the source stores them, and how many rows have each."""

    positive: Label
    negative: Label
    counts: Mapping[str, int]


def plain_name(name: str) -> str:
    """Give a column's name without case, blanks and separators: ``is_Phishing`` becomes ``isphishing``."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def no_column(wanted: str, names: Sequence[str], *, where: str, use: Callable[[str], str] | None = None) -> DataError:
    """Give the error for a column that the table lacks, naming the nearest ones and how to ask for them."""
    by_plain = {plain_name(name): name for name in names}
    near = [by_plain[match] for match in get_close_matches(plain_name(wanted), list(by_plain), n=3)]
    if not near:
        hint = f"The table has: {bounded([name_of(name) for name in names])}."
    else:
        hint = f"Did you mean {listed(list(map(repr, near)), 'or')}?"
        hint += f" Use {listed(list(map(use, near)), 'or')}." if use else ""
    return DataError(f"There is no column {wanted!r}.", where=where, hint=hint)


def find_target(names: Sequence[str], given: str | None = None) -> str:
    """Name the column that holds the label.

    Parameters
    ----------
    names
        The columns of the table.
    given
        The column that the user named; None to find it by name.

    Raises
    ------
    DataError
        When the given column does not exist, when no column looks like a target, or when several do.
    """
    if given is not None:
        if given not in names:
            raise no_column(given, names, where="the target (--target, load.target)", use=partial(option, "--target"))
        return given
    for known in (SELF_EXPLANATORY_NAMES, USUAL_NAMES):
        found = [name for name in names if plain_name(name) in known]
        if found:
            return _only(found)
    raise DataError(
        "No column looks like the target, the one that holds the label.",
        where=f"columns: {bounded([name_of(name) for name in names], 30)}",
        hint="Name it with --target COLUMN (load.target).",
    )


def _only(found: list[str]) -> str:
    if len(found) > 1:
        raise DataError(
            f"Several columns may be the target: {', '.join(map(name_of, found))}.",
            hint="Name the right one and leave the others out if they repeat the answer: "
            f"{option('--target', found[0])} {options('--drop', found[1:])}",
        )
    return found[0]


def find_labels(
    column: pa.ChunkedArray, name: str, positive: Label | None = None, on_event: OnEvent = ignore
) -> Labels:
    """Find the two labels of the target and decide which one is the positive class.

    Parameters
    ----------
    column
        The values of the target as the source stores them.
    name
        The column's name; ``isPhishing`` and its like with 0/1, booleans or yes/no say the positive class themselves.
    positive
        The label of the positive class, if the user gave it. ``0``, ``"0"``, ``0.0`` and ``False`` all match a stored
        0, and ``"phishing"`` a stored ``" phishing"``, as long as only one label can be meant.

    Raises
    ------
    DataError
        When labels are missing, when there are not exactly two of them, or when the positive one is unknown.
    """
    column = decoded(column)
    _check_complete(column, name)
    occurring = {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}
    counts = dict(sorted(occurring.items(), key=lambda item: (isinstance(item[0], str), item[0])))
    _check_two(counts, name)
    _check_finite(counts, name)
    chosen = _self_explanatory(counts, name) if positive is None else _match(positive, counts, name, on_event)
    (other,) = (label for label in counts if label is not chosen)
    return Labels(chosen, other, {str(label): count for label, count in counts.items()})


def target_frame(column: pa.ChunkedArray, labels: Labels) -> pd.DataFrame:
    """Give ``label`` as in the source (its dtype kept) and ``target`` (int8, 1 = positive class)."""
    label = decoded(column).to_pandas().rename("label")
    return pd.DataFrame({"label": label, "target": (label == labels.positive).astype(np.int8)})


def _check_complete(column: pa.ChunkedArray, name: str) -> None:
    missing = pc.is_null(column, nan_is_null=True).to_numpy()
    if missing.any():
        rows = bounded([int(row) for row in np.flatnonzero(missing)], 5)
        raise DataError(
            f"{missing.sum():,} of {len(column):,} rows have no label.",
            where=f"column {name}, rows (counted from 0) {rows}",
            hint="Label these rows in the source or remove them there; rows are never dropped silently.",
        )


def _check_two(counts: Mapping[Label, int], name: str) -> None:
    if len(counts) == 1:
        raise DataError(
            f"All rows have the same label: {_with_counts(counts)}.",
            where=f"column {name}",
            hint="Two classes are needed to learn from. Is this the right column? --target COLUMN names another.",
        )
    if len(counts) > 2:  # noqa: PLR2004 - binary classification
        raise DataError(
            f"The target has {len(counts):,} different labels where two are needed: {_with_counts(counts)}.",
            where=f"column {name}",
            hint="Name another column with --target COLUMN, or bring the labels down to two in the source.",
        )


def _check_finite(counts: Mapping[Label, int], name: str) -> None:
    if any(isinstance(label, float) and math.isinf(label) for label in counts):
        raise DataError(
            f"A label of the target is infinite: {_with_counts(counts)}.",
            where=f"column {name}",
            hint="Store the labels as words or as finite numbers, such as 0 and 1.",
        )


def _with_counts(counts: Mapping[Label, int]) -> str:
    return bounded([f"{label!r} ({counted(count, 'row')})" for label, count in counts.items()])


def _self_explanatory(counts: Mapping[Label, int], name: str) -> Label:
    meanings = {_key(label): label for label in counts}
    yes = [label for key, label in meanings.items() if key in YES]
    no = [label for key, label in meanings.items() if key in NO]
    if plain_name(name) in SELF_EXPLANATORY_NAMES and len(yes) == len(no) == 1:
        return yes[0]
    raise _unknown_positive(
        f"Which label of {name!r} is phishing, the positive class? It is never guessed.", counts, name
    )


def _match(positive: Label, counts: Mapping[Label, int], name: str, on_event: OnEvent) -> Label:
    exact = [label for label in counts if _kind(label) == _kind(positive) and label == positive]
    found = exact or [label for label in counts if _key(label) == _key(positive)]
    if len(found) > 1:
        raise _unknown_positive(f"The positive label {positive!r} fits more than one label of {name!r}.", counts, name)
    if not found:
        raise _unknown_positive(f"The positive label {positive!r} does not occur in {name!r}.", counts, name)
    if isinstance(found[0], str) and str(positive) != found[0]:
        on_event(Notice(f"The positive label {positive!r} is stored as {found[0]!r} in {name}."))
    return found[0]


def _unknown_positive(what: str, counts: Mapping[Label, int], name: str) -> DataError:
    asked = listed([option("--positive-label", label) for label in counts], "or")
    return DataError(
        what, where=f"column {name} holds {_with_counts(counts)}", hint=f"Add {asked} (load.positive_label)."
    )


def _kind(label: Label) -> str:
    return "number" if isinstance(label, int | float) and not isinstance(label, bool) else type(label).__name__


def _key(label: Label) -> float | str:
    """Bring a label to its meaning, so that 0, "0", 0.0, False and "false" compare as equal."""
    text = str(label).strip().casefold()
    if text in {"true", "false"}:
        return float(text == "true")
    for number_of in (int, float):  # float64 does not tell large integers apart
        with suppress(ValueError):
            number = number_of(text)
            return number if math.isfinite(number) else text
    return text
