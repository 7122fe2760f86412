"""From probabilities to verdicts: block, review, allow, and unknown where a row is unlike training.

A column of a row is strange if its value is missing while hardly a training row lacked one, if its category was not in
training, or if its number lies outside of the training range. More than a share of strange columns, and two at least,
make a row unknown: on the built-in sample three of 14 turn one label in five (``docs/serving.md``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.schema import Label
from phishcli.documents.verdicts import Bands, Decision, OwnRule, OwnRules
from phishcli.errors import DataError
from phishcli.serving.own_rules import Matcher
from phishcli.serving.rows import Rows, columns_of, read_rows
from phishcli.wording import bounded, exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.serving.bundle import Bundle
    from phishcli.serving.rows import RawRows

DECISIONS: tuple[Decision, ...] = ("allow", "review", "block", "unknown")
"""The verdicts; `Judge.decisions` gives their places."""
MOST_OF_BYTE = 255
HARDLY = 0.05
"""Up to this share of missing values in training, a missing value is strange."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with a row.

    ``score`` is the model's own, ``probability`` the calibrated one, ``label`` the class at the model's threshold;
    neither depends on ``rule``, the name of the rule that gave the verdict (None: the model did).
    """

    verdict: Decision
    label: Label
    probability: float
    score: float
    rule: str | None
    reason: str


@dataclass(frozen=True)
class Strange:
    """What in a row is unlike training, by column name."""

    missing: Sequence[str] = ()
    unseen: Sequence[str] = ()
    outside: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.missing) + len(self.unseen) + len(self.outside)

    def __str__(self) -> str:
        kinds = {"without a value": self.missing, "never seen": self.unseen, "outside the range": self.outside}
        return "; ".join(f"{kind}: {bounded(names, SHOWN)}" for kind, names in kinds.items() if names)


class Judge:
    """Gives verdicts; made once for a bundle and rules. ``bands`` are those of the bundle unless others are given."""

    def __init__(self, bundle: Bundle, rules: OwnRules | None = None, bands: Bands | None = None) -> None:
        self.bundle = bundle
        self.matcher = Matcher(rules) if rules and rules.rules else None
        self.bands = bands = bands or bundle.metadata.bands
        self._block = bands.block.threshold if bands and bands.block else None if bands else bundle.threshold
        self._review = bands.review.threshold if bands and bands.review else None
        self._columns = len(bundle.metadata.columns)
        self.most = _most(self._columns, bands.max_strange) if bands else self._columns
        self._complete, self._ranges = _expectations(bundle)
        self._given = {column.name for column in bundle.schema.given()}

    def verdicts(self, rows: RawRows) -> list[Verdict]:
        """Judge n raw rows."""
        bundle = self.bundle
        rows = list(rows) if _once(rows) else rows
        read = read_rows(rows, bundle.schema)
        if not read.n:
            return []
        scores = bundle.scores(read)
        probabilities = bundle.calibrated(scores)
        number, rules = self.count_strange(read), self.rules(rows, read.n)
        return [
            self.verdict(
                float(probability),
                float(scores[row]),
                rules[row] if rules else None,
                self.details(read, row) if number[row] > self.most else Strange(),
            )
            for row, probability in enumerate(probabilities)
        ]

    def rules(self, rows: RawRows, n: int) -> Sequence[OwnRule | None]:
        """Give the rule that fits each of n raw rows."""
        if self.matcher is None:
            return []
        if isinstance(rows, list):
            return [self.matcher.of(row) for row in rows]
        if isinstance(rows, Mapping):
            given = {name: rows[name] for name in self.matcher.columns if name in rows}
            return self.matcher.of_columns({name: _several(value) for name, value in given.items()}, n)
        _, columns = _looked_at(rows, self.matcher.columns)
        return self.matcher.of_columns({name: _objects(values) for name, values in columns.items()}, n)

    def count_strange(self, read: Rows) -> NDArray[Any]:
        """Count the strange columns of each row, shape (n,)."""
        number: NDArray[Any] = np.zeros(read.n, dtype=np.uint8 if self._columns <= MOST_OF_BYTE else np.intp)
        for name, (low, high) in self._ranges.items():
            floats = read.numbers[name].floats
            number += (floats < low) | (floats > high)
        for name, column in read.categories.items():
            if name in self._given and "unknown" in column.counts:
                number += column.codes >= column.known
        for name in self._complete:
            number += read.columns[name].missing
        return number

    def decisions(
        self, probabilities: NDArray[np.float64], strange: NDArray[Any], rules: Sequence[OwnRule | None] = ()
    ) -> NDArray[np.int8]:
        """Give the verdicts of n rows as places in `DECISIONS`, shape (n,)."""
        found = np.zeros(len(probabilities), dtype=np.int8)
        if self._review is not None:
            np.putmask(found, probabilities >= self._review, DECISIONS.index("review"))
        if self._block is not None:
            np.putmask(found, probabilities >= self._block, DECISIONS.index("block"))
        np.putmask(found, strange > self.most, DECISIONS.index("unknown"))
        for row, rule in enumerate(rules):
            if rule is not None:
                found[row] = DECISIONS.index(rule.verdict)
        return found

    def verdict(
        self, probability: float, score: float, rule: OwnRule | None = None, strange: Strange | None = None
    ) -> Verdict:
        """Give the verdict of one row whose values are all known."""
        decision, reason = self.decided(probability, strange or Strange(), rule)
        name = None if rule is None else rule.name
        return Verdict(decision, self.label(probability), probability, score, name, reason)

    def why_unknown(self, strange: Strange) -> str:
        """Say what makes a row unknown."""
        return f"{len(strange):,} of {self._columns} columns unlike training; {strange}"

    def decided(self, probability: float, strange: Strange, rule: OwnRule | None = None) -> tuple[Decision, str]:
        """Give verdict and reason of one row, without anything else."""
        if rule is not None:
            return rule.verdict, rule.why or f"rule on {rule.column}"
        if len(strange) > self.most:
            return "unknown", self.why_unknown(strange)
        return self._by_model(probability)

    def strange_of(self, numbers: Mapping[str, float], missing: Sequence[str], unseen: Sequence[str]) -> Strange:
        """Tell what is strange in one row, from its numbers and its columns without a value and with unseen ones."""
        ranges = self._ranges.items()
        outside = [name for name, (low, high) in ranges if name in numbers and not low <= numbers[name] <= high]
        return Strange([name for name in self._complete if name in missing], unseen, outside)

    def label(self, probability: float) -> Label:
        """Give the class at the model's threshold."""
        schema = self.bundle.schema
        return schema.positive_label if probability >= self.bundle.threshold else schema.negative_label

    def reason_of(self, decision: Decision) -> str:
        """Say which threshold of the model leads to block, review or allow."""
        at = {"block": self._block, "review": self._review}.get(decision)
        return self._by_model(0.0 if at is None else at)[1]

    def _by_model(self, probability: float) -> tuple[Decision, str]:
        if self._block is not None and probability >= self._block:
            return "block", f"probability from {_short(self._block)} on"
        if self._review is not None and probability >= self._review:
            upper = "" if self._block is None else f" and below {_short(self._block)}"
            return "review", f"probability from {_short(self._review)} on{upper}"
        limits = [each for each in (self._review, self._block) if each is not None]
        return "allow", f"probability below {_short(min(limits))}" if limits else "no threshold is set"

    def details(self, read: Rows, row: int) -> Strange:
        """Tell what is strange in one of the rows."""
        columns = read.columns
        missing = [name for name in self._complete if columns[name].missing[row]]
        given = {name: each for name, each in read.categories.items() if name in self._given}
        unseen = [name for name, each in given.items() if each.codes[row] >= each.known]
        numbers = {name: float(read.numbers[name].floats[row]) for name in self._ranges}
        return self.strange_of({name: each for name, each in numbers.items() if not np.isnan(each)}, missing, unseen)


def _most(columns: int, share: float) -> int:
    """Strange columns that a row may have; a single one never makes it unknown, unless it is the only one."""
    return min(max(1, int(columns * share + 1e-9)), columns - 1) if share < 1 else columns


def _expectations(bundle: Bundle) -> tuple[tuple[str, ...], dict[str, tuple[float, float]]]:
    """The columns of the source that hardly a training row lacked, and the ranges of numbers in training."""
    profile, rows = bundle.profile, bundle.schema.rows
    if profile is None:
        return (), {}
    given = {column.name: column for column in bundle.schema.given()}
    shares = {name: column.missing / rows for name, column in given.items() if column.kind}
    shares |= {name: each.missing for name, each in profile.numeric.items() if name in given}
    shares |= {name: each.missing for name, each in profile.categorical.items() if name in given}
    ranges = {name: each.range for name, each in profile.numeric.items() if name in given and each.range is not None}
    return tuple(name for name, share in shares.items() if share <= HARDLY), ranges


def _looked_at(rows: RawRows, columns: Sequence[str]) -> tuple[int, Mapping[str, Any]]:
    try:
        return columns_of(rows, columns)
    except DataError as error:
        hint = "Give these columns, too, or leave the rules out."
        raise DataError(
            f"Rules look at columns that the rows lack. {error.what}", where=error.where, hint=hint
        ) from error


def _several(value: Any) -> Sequence[object]:
    """Give the values of a dict of columns, or the one value of a row."""
    return [value] if isinstance(value, str | bytes) or not hasattr(value, "__len__") else list(value)


def _objects(values: Any) -> list[object]:
    """The values of a column as Python has them; Arrow has its own."""
    return list(values.to_pylist() if hasattr(values, "to_pylist") else values)


def _once(rows: RawRows) -> bool:
    """Whether rows can be gone through once only."""
    return hasattr(rows, "__next__")


@cache
def _short(threshold: float) -> str:
    return exact(float(f"{threshold:.4g}"))
