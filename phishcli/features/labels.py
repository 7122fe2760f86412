"""The labels of a target, and which of them make up the positive and the negative class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.label_match import REST, Match, label_key, similar_labels, unclear, with_counts
from phishcli.features.target import NO, SELF_EXPLANATORY_NAMES, YES, plain_name
from phishcli.tables.arrow import decoded
from phishcli.typed import setting
from phishcli.wording import bounded, counted, listed, plural

if TYPE_CHECKING:
    from phishcli.documents.schema import Label

LEAVE_OUT = setting("load.unlabelled", "drop")
MOST_NAMED = 3
"""Labels that the name of a class lists."""


@dataclass(frozen=True)
class Labels:
    """The two classes of a target.

    Parameters
    ----------
    positive, negative
        The label of a class as the source stores it; a name for a class of several labels.
    counts
        How many rows have each of the two.
    merged
        For a class of several labels its name, and how many rows have each of them.
    positives
        The labels of the positive class.
    """

    positive: Label
    negative: Label
    counts: Mapping[str, int]
    merged: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    positives: tuple[Label, ...] = ()


def labelled_rows(
    column: pa.ChunkedArray, name: str, *, drop: bool = False, missing_words: Iterable[str] = ()
) -> np.ndarray | None:
    """Find the rows that have a label; None if all have one.

    Parameters
    ----------
    column, name
        The target.
    drop
        Whether rows without a label are left out; otherwise they are an error.
    missing_words
        The texts that the reader of the source took as missing.

    Raises
    ------
    DataError
        When rows have no label and are not to be left out, or when none has one.
    """
    missing = pc.is_null(decoded(column), nan_is_null=True).to_numpy()
    if not missing.any():
        return None
    if drop and not missing.all():
        return np.flatnonzero(~missing)
    words = [word for word in missing_words if word.strip()]
    texts = f" A text such as {listed(_familiar(words), 'or')} counts as missing in this file." if words else ""
    cure = " If it is a label, give it another name in the source." if words else ""
    raise DataError(
        f"{missing.sum():,} of {len(column):,} rows have no label.{texts}",
        where=f"column {name}, rows (counted from 0) {bounded([int(row) for row in np.flatnonzero(missing)], 5)}",
        hint="Is this the right column? --target COLUMN names another."
        if missing.all()
        else f"Label these rows in the source, or leave them out with {LEAVE_OUT}.{cure}",
    )


def _familiar(words: Sequence[str]) -> list[str]:
    """The words for missing values that are most likely to be meant as labels."""
    known = [word for word in ("None", "NA", "null") if word in words]
    return known or list(words[:3])


def find_labels(
    column: pa.ChunkedArray,
    name: str,
    positive: Label | Sequence[Label] | None = None,
    on_event: OnEvent = ignore,
    *,
    negative: Label | Sequence[Label] | None = None,
) -> Labels:
    """Find the labels of the target and decide which ones are the positive class.

    Parameters
    ----------
    column
        The values of the target as the source stores them, none of them missing.
    name
        The column's name; ``isPhishing`` and its like with 0/1, booleans or yes/no say the positive class themselves.
    positive
        The label or labels of the positive class, if the user gave them. ``0``, ``"0"``, ``0.0`` and ``False`` all
        match a stored 0, and ``"phishing"`` a stored ``" phishing"``, as long as only one label can be meant. ``rest``
        stands for all labels that are not negative, unless a label has this name.
    on_event
        Receives how labels are stored, which ones are similar, and which ones make up a class.
    negative
        The same for the negative class; needed only where more than two labels leave it open.

    Raises
    ------
    DataError
        When there are not two classes, or when it is not clear which labels belong to the positive one.
    """
    occurring = {entry["values"]: entry["counts"] for entry in pc.value_counts(as_labels(column)).to_pylist()}
    counts = dict(sorted(occurring.items(), key=lambda item: (isinstance(item[0], str), item[0])))
    if len(counts) == 1:
        raise DataError(
            f"All rows have the same label: {with_counts(counts)}.",
            where=f"column {name}",
            hint="Two classes are needed to learn from. Is this the right column? --target COLUMN names another.",
        )
    _tell_similar(counts, name, on_event)
    match = Match(counts, name, on_event)
    asked = {True: match.all(positive, "positive"), False: match.all(negative, "negative")}
    if asked[True] == asked[False] == ():
        asked[True] = (_self_explanatory(counts, name),)
    classes = _completed(asked, counts, name)
    return _described(classes, counts, {side for side, labels in asked.items() if labels in (REST, ())}, name, on_event)


def _completed(
    asked: Mapping[bool, tuple[Label, ...] | str], counts: Mapping[Label, int], name: str
) -> dict[bool, tuple[Label, ...]]:
    """Both classes: what was named, and the other labels where they can belong to one class only."""
    named = {side: labels if isinstance(labels, tuple) else () for side, labels in asked.items()}
    if both := [label for label in named[True] if label in named[False]]:
        raise unclear(f"The label {both[0]!r} is named for both classes.", counts, name)
    left = tuple(label for label in counts if label not in named[True] + named[False])
    for side in (False, True):
        several = len(left) > 1 and len(named[not side]) <= 1
        if asked[side] == REST or (not named[side] and asked[not side] != REST and not several):
            named[side] += left
            left = ()
    if left:
        raise _too_many(left, named, counts, name)
    if not (named[True] and named[False]):
        word = "positive" if named[False] else "negative"
        raise unclear(f"No label of {name!r} is left for the {word} class.", counts, name, word)
    return named


def _described(
    classes: Mapping[bool, tuple[Label, ...]],
    counts: Mapping[Label, int],
    rest: set[bool],
    name: str,
    on_event: OnEvent,
) -> Labels:
    names = {side: _name(labels, counts, is_rest=side in rest) for side, labels in classes.items()}
    merged = {
        str(names[side]): {str(label): counts[label] for label in labels}
        for side, labels in classes.items()
        if len(labels) > 1
    }
    for one, parts in merged.items():
        listed_parts = bounded([f"{label!r} ({counted(rows, 'row')})" for label, rows in parts.items()])
        on_event(
            Notice(f"{counted(len(parts), 'label')} of {name} make up the class {one!r}: {listed_parts}.", when="end")
        )
    rows = {names[side]: sum(counts[label] for label in labels) for side, labels in classes.items()}
    ordered = names.values() if merged else [label for label in counts if label in rows]
    return Labels(names[True], names[False], {str(label): rows[label] for label in ordered}, merged, classes[True])


def _name(labels: Sequence[Label], counts: Mapping[Label, int], *, is_rest: bool) -> Label:
    if len(labels) == 1:
        return labels[0]
    if is_rest:
        return next(name for name in (REST, "other labels", "all other labels") if name not in counts)
    more = f" or {counted(len(labels) - MOST_NAMED, 'more label')}" if len(labels) > MOST_NAMED else ""
    return " or ".join(map(str, labels[:MOST_NAMED])) + more


def as_labels(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give labels as they can be stored and typed: dates, times and infinite numbers become texts."""
    column = decoded(column)
    infinite = pa.types.is_floating(column.type) and pc.any(pc.is_inf(column)).as_py()
    if not infinite and not pa.types.is_temporal(column.type):
        return column
    return pa.chunked_array(
        [pa.array(map(str, chunk.to_pylist()), pa.string()) for chunk in column.chunks], pa.string()
    )


def target_frame(column: pa.ChunkedArray, labels: Labels) -> pd.DataFrame:
    """Give ``label`` as in the source (its dtype kept) and ``target`` (int8, 1 = positive class).

    Where a class has several labels, ``label`` is the name of the class.
    """
    label = as_labels(column).to_pandas().rename("label")
    target = label.isin(labels.positives or (labels.positive,))
    if labels.merged:
        label = pd.Series(np.where(target, str(labels.positive), str(labels.negative)), name="label", dtype="str")
    return pd.DataFrame({"label": label, "target": target.astype(np.int8)})


def _tell_similar(counts: Mapping[Label, int], name: str, on_event: OnEvent) -> None:
    """Warn of labels that differ only in case or blanks; they stay different labels."""
    for similar in similar_labels(counts):
        with_rows = listed([f"{label!r} ({counted(counts[label], 'row')})" for label in similar])
        on_event(Notice(f"The labels {with_rows} of {name} differ only in case or blanks.", "warning", "end"))


def _self_explanatory(counts: Mapping[Label, int], name: str) -> Label:
    meanings = {label_key(label): label for label in counts}
    yes = [label for key, label in meanings.items() if key in YES]
    no = [label for key, label in meanings.items() if key in NO]
    if plain_name(name) in SELF_EXPLANATORY_NAMES and len(counts) == 2 and len(yes) == len(no) == 1:  # noqa: PLR2004 (two classes)
        return yes[0]
    if len(counts) == 2:  # noqa: PLR2004 (binary classification)
        raise unclear(f"Which label of {name!r} is phishing, the positive class? It is never guessed.", counts, name)
    raise DataError(
        f"The target has {len(counts):,} different labels where two are needed: {with_counts(counts)}.",
        where=f"column {name}",
        hint="Name those to detect with --positive-label LABEL, once for each, and count all others as negative with "
        "--negative-label rest; or name another column with --target COLUMN.",
    )


def _too_many(
    left: Sequence[Label], named: Mapping[bool, Sequence[Label]], counts: Mapping[Label, int], name: str
) -> DataError:
    word = "positive" if named[False] and not named[True] else "negative"
    belong = plural(len(left), "belongs", "belong")
    return DataError(
        f"The target has {len(counts):,} different labels, and {bounded(list(map(repr, left)), 5)} {belong} to neither "
        "class.",
        where=f"column {name} holds {with_counts(counts)}",
        hint=f"Count all others as {word} with --{word}-label rest, name more of them with --positive-label or "
        "--negative-label, or name another column with --target COLUMN.",
    )
