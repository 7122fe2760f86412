"""What a table seems to be about, for a person to check: its target, the class to detect, columns that are no features.

Nothing of this is used by a run, which never guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

from phishcli.features.column_choice import most_categories
from phishcli.features.column_decision import IDENTIFIES
from phishcli.features.roles import decide_role, numbers_rows
from phishcli.features.target import SELF_EXPLANATORY_NAMES, USUAL_NAMES, YES, no_column, plain_name
from phishcli.tables.arrow import decoded

if TYPE_CHECKING:
    from phishcli.documents.schema import Label
    from phishcli.tables.table import Table

THREATS = frozenset(
    {"attack", "bad", "dangerous", "fake", "fraud", "fraudulent", "intrusion", "malicious", "malware", "phish"}
    | {"phishing", "scam", "spam", "suspicious", "threat", "unsafe"}
)
"""Labels, and names of targets, that say what is to be detected."""
HARMLESS = frozenset({"benign", "clean", "genuine", "good", "ham", "harmless", "legit", "legitimate", "normal", "safe"})
"""Labels that say what is not."""
FEW = 10
"""A column of more labels is no target for a proposal."""


@dataclass(frozen=True)
class Target:
    """A column that may be the target, its labels with the rows of each, most of them first, and the one to detect.

    ``why`` says how the column was found, ``because`` how the label was; None where nothing says it.
    """

    name: str
    why: str
    labels: Mapping[Label, int]
    missing: int
    positive: Label | None = None
    because: str | None = None


def propose_target(table: Table, given: str | None = None) -> Target | None:
    """Find the column that is most likely the target: by its name or its labels, or the only one with two values.

    Raises
    ------
    DataError
        When the column that was given does not exist.
    """
    names = table.schema.names
    if given is not None:
        if given not in names:
            raise no_column(given, names, where="the target (--target, load.target)")
        return _described(table, given, "as given")
    for known in (SELF_EXPLANATORY_NAMES, USUAL_NAMES, THREATS):
        found = [name for name in names if plain_name(name).removeprefix("is") in known or plain_name(name) in known]
        two = [name for name in found if len(_labels(table, name)) == 2]  # noqa: PLR2004 (classes)
        if found:
            return _described(table, (two or found)[-1], "found by its name")
    for name in table.schema.names:
        words = [_words(label) for label in _labels(table, name)]
        if any(each & THREATS for each in words) and any(each & HARMLESS for each in words):
            return _described(table, name, "found by its labels")
    binary = candidates(table)
    if len(binary) == 1 or (binary and binary[-1] == names[-1]):
        why = "the only column with two values" if len(binary) == 1 else "the last column, which has two values"
        return _described(table, binary[-1], why)
    return None


def candidates(table: Table) -> list[str]:
    """Name the columns with exactly two values."""
    return [name for name in table.schema.names if len(_labels(table, name)) == 2]  # noqa: PLR2004 (classes)


def propose_drops(table: Table, target: str, *, max_categories: int | Literal["auto"]) -> dict[str, str]:
    """Find columns without use, each with the reason: row numbers, one value only, a different text in every row."""
    found = {}
    for name in table.schema.names:
        if name == target:
            continue
        column = table.column(name)
        reason = decide_role(name, column, max_categories=most_categories(max_categories, len(column))).set_aside
        if reason is not None and (
            reason.startswith(IDENTIFIES) or numbers_rows(name, column) or _tells_nothing(column)
        ):
            found[name] = reason
    return found


def _tells_nothing(column: pa.ChunkedArray) -> bool:
    """Whether a column has one value, or another one in every row."""
    try:
        distinct = pc.count_distinct(decoded(column)).as_py()
    except pa.ArrowNotImplementedError:  # a type that no model takes
        return False
    return bool(distinct <= 1 or distinct == len(column) - column.null_count)


def _described(table: Table, name: str, why: str) -> Target:
    labels = _labels(table, name)
    missing = int(pc.sum(pc.is_null(decoded(table.column(name)), nan_is_null=True)).as_py() or 0)
    positive, because = _positive(name, labels)
    return Target(name, why, labels, missing, positive, because)


def _labels(table: Table, name: str) -> dict[Label, int]:
    """The values of a column with their rows, most of them first; none if there are many."""
    column = decoded(table.column(name)).drop_null()
    try:
        if pc.count_distinct(column).as_py() > FEW:
            return {}
        counts = pc.value_counts(column).to_pylist()
    except pa.ArrowNotImplementedError:
        return {}
    usual = (each for each in counts if isinstance(each["values"], bool | int | float | str))
    return {each["values"]: each["counts"] for each in sorted(usual, key=lambda each: -each["counts"])}


def _positive(name: str, labels: Mapping[Label, int]) -> tuple[Label | None, str | None]:
    """Find the label to detect by what the labels say, or by what a yes to the name of the target says."""
    threats = [label for label in labels if _words(label) & THREATS]
    others = [label for label in labels if not _words(label) & HARMLESS]
    if len(threats) == 1:
        return threats[0], "its name says so"
    if len(labels) == 2 and len(others) == 1:  # noqa: PLR2004 (classes)
        return others[0], "the other one is harmless by its name"
    yes = [label for label in labels if _meaning(label) in YES]
    if _names_threat(name) and len(labels) == 2 and len(yes) == 1:  # noqa: PLR2004 (two classes)
        return yes[0], f"{name} says what it stands for"
    return None, None


def _names_threat(name: str) -> bool:
    return plain_name(name) in SELF_EXPLANATORY_NAMES or plain_name(name).removeprefix("is") in THREATS


def _words(label: Label) -> set[str]:
    return set(str(label).casefold().replace("-", " ").replace("_", " ").split()) if isinstance(label, str) else set()


def _meaning(label: Label) -> float | str:
    text = str(label).strip().casefold()
    return {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}.get(text, text)
