"""An open release at work in a service: rows in, answers out; knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from phishcli.documents.schema import Label
from phishcli.documents.verdicts import OwnRules
from phishcli.errors import DataError
from phishcli.serving.bundle import Bundle, load_bundle
from phishcli.serving.fast import FastRow, Judged, compile_row
from phishcli.serving.reasons import Explainer, Reason
from phishcli.serving.rows import Row
from phishcli.serving.verdicts import Judge
from phishcli.serving.wire import Fault, Malformed, RowReader, kinds_of


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said about one row; ``missing`` and ``unseen`` name columns.

    ``score`` is the model's own, ``probability`` the calibrated one, ``rule`` the rule that beat the model (None: none
    did). ``version`` and ``bundle_sha256`` are there where another release than that of the whole answer has judged.
    """

    probability: float | None
    score: float | None
    verdict: str
    label: Label | None
    rule: str | None
    reason: str
    missing: list[str] = msgspec.field(default_factory=list)
    unseen: list[str] = msgspec.field(default_factory=list)
    version: str | None = None
    bundle_sha256: str | None = None


@dataclass(frozen=True)
class Served:
    """One model of a release, opened, compiled and warmed; ``alias`` is what it was asked for by."""

    alias: str
    bundle: Bundle
    fast: FastRow
    reader: RowReader
    judge: Judge

    @classmethod
    def open(
        cls,
        folder: Path,
        alias: str,
        model: str | None = None,
        *,
        rules: OwnRules | None = None,
        public_key: Path | None = None,
    ) -> Served:
        """Open a release, for its selected model or another, and judge one row: the first request need not wait.

        Raises
        ------
        PersistError
            When it cannot be opened.
        """
        bundle = load_bundle(folder, model, require_signature=public_key)
        judge = Judge(bundle, rules)
        reader = RowReader(bundle.schema, judge.matcher.columns if judge.matcher else ())
        served = cls(alias, bundle, compile_row(bundle), reader, judge)
        served.predict([served.example()])
        served.explain([served.example()])
        return served

    @property
    def folder(self) -> Path:
        """The folder of the release."""
        return self.bundle.folder

    @property
    def sha256(self) -> str:
        """The hash of the release."""
        return self.bundle.sha256

    @property
    def version(self) -> str:
        """The version of the release."""
        return self.bundle.metadata.version

    @property
    def quick(self) -> bool:
        """Whether a row takes microseconds, so that it need not leave the thread that serves."""
        return self.fast.exact

    def predict(self, rows: Sequence[Row]) -> list[Prediction]:
        """Score rows.

        Raises
        ------
        Malformed
            Where a text is no number; says in which rows and columns.
        """
        try:
            judged = [self.fast.judge(rows[0])] if len(rows) == 1 else self.fast.judge_many(rows)
        except DataError:
            raise Malformed("A value cannot be read.", *self._faults(rows)) from None
        return [self._prediction(each, row) for each, row in zip(judged, rows, strict=True)]

    def explain(self, rows: Sequence[Row], n: int = 3) -> list[tuple[Reason, ...]]:
        """Give the strongest reasons of each row.

        Raises
        ------
        Malformed
            Where a value cannot be read.
        """
        try:
            return self.explainer.explain(rows, n)
        except DataError:  # of a single row, or of many that have nothing in common with training
            pass
        try:
            return [self.explainer.explain([row], n)[0] for row in rows]
        except DataError:
            raise Malformed("A value cannot be read.", *self._faults(rows)) from None

    @cached_property
    def explainer(self) -> Explainer:
        """Gives reasons, by the quick way to scores."""
        return Explainer(self.bundle, self.fast.many)

    def predict_or_none(self, rows: Sequence[Row]) -> list[Prediction | None]:
        """Score rows; None for those that cannot be read."""
        try:
            return [*self.predict(rows)]
        except Malformed:
            return [self._alone(row) for row in rows]

    def _alone(self, row: Row) -> Prediction | None:
        try:
            return self.predict([row])[0]
        except Malformed:
            return None

    @cached_property
    def kinds(self) -> dict[str, str]:
        """How the values of each column are stored: ``number``, ``truth`` or ``text``."""
        return kinds_of(self.bundle.schema)

    def _prediction(self, judged: Judged, row: Row) -> Prediction:
        rule = self.judge.matcher.of(row) if self.judge.matcher else None
        strange = self.judge.strange_of(judged.numbers, judged.missing, judged.unseen)
        said = self.judge.verdict(judged.probability, judged.score, rule, strange)
        return Prediction(
            probability=said.probability,
            score=said.score,
            verdict=said.verdict,
            label=said.label,
            rule=said.rule,
            reason=said.reason,
            missing=list(judged.missing),
            unseen=list(judged.unseen),
        )

    def _faults(self, rows: Sequence[Row], most: int = 20) -> list[Fault]:
        return [
            Fault("cannot be read", self.reader.expected[name], name, number if len(rows) > 1 else None)
            for number, row in enumerate(rows)
            for name in self.fast.refused(row)
        ][:most]

    def example(self) -> dict[str, Any]:
        """A row of the right types: the medians of the training rows, and the first category of each column."""
        return dict(self._example)

    @cached_property
    def _example(self) -> dict[str, Any]:
        return dict(_examples(self.bundle))


EXAMPLES = {
    "date": "2026-03-31",
    "domain": "www.example.com",
    "email": "someone@example.com",
    "ip": "192.0.2.1",
    "text": "An example",
    "url": "https://www.example.com/path?id=1",
}
"""A value of each kind of column, with names that are reserved for documentation."""


def _examples(bundle: Bundle) -> Iterator[tuple[str, Any]]:
    middle = {each.column: float(each.center) for each in bundle.encoder.encoder.numeric}
    for column in bundle.schema.given():
        if column.role == "numeric":
            value = middle.get(column.name, 0.0)
            yield column.name, value >= 0.5 if column.dtype == "bool" else value  # noqa: PLR2004 (a half)
        else:
            yield column.name, column.categories[0] if column.categories else EXAMPLES.get(column.kind or "")
