"""What is said of many rows beside their probability: verdicts, rules, reasons in words, STIX indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.documents.verdicts import OwnRule
from phishcli.serving.verdicts import DECISIONS, Judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.serving.log_many import Recorder
    from phishcli.serving.rows import Rows
    from phishcli.serving.stix import Stix

UNREADABLE = "the row cannot be read"
Said = dict[str, pa.Array]
"""Columns of n rows: ``verdict``, ``rule``, ``why``, ``reason_1`` and so on, ``indicator``."""


@dataclass(frozen=True)
class Sayer:
    """Says what is wanted of rows: verdicts by ``judge``, the ``reasons`` strongest reasons, indicators, a log."""

    judge: Judge
    reasons: int = 0
    stix: Stix | None = None
    recorder: Recorder | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the source that this looks at beside those of the model."""
        rules = self.judge.matcher.columns if self.judge.matcher else []
        return (*rules, *([self.stix.column] if self.stix else []))

    def say(self, batch: pa.RecordBatch, read: Rows, probabilities: NDArray[np.float64]) -> Said:
        """Say it of the n rows of a batch, which have been read and scored."""
        judge = self.judge
        rules, strange = judge.rules(batch, batch.num_rows), judge.count_strange(read)
        codes = judge.decisions(probabilities, strange, rules)
        said: Said = {"verdict": pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(DECISIONS))}
        if judge.matcher:
            said["rule"] = pa.array([rule and rule.name for rule in rules], pa.string())
        said["why"] = self._why(read, strange, rules)
        if self.reasons:
            said |= self._reasons(read)
        if self.stix:
            said["indicator"] = self.stix.indicators(batch.column(self.stix.column), said["verdict"], probabilities)
        return said

    def _why(self, read: Rows, strange: NDArray[Any], rules: Sequence[OwnRule | None]) -> pa.Array:
        """Why a verdict is not that of the thresholds; null where it is."""
        unlike = np.flatnonzero(strange > self.judge.most).tolist()
        if not unlike and not rules:
            return pa.nulls(read.n, pa.string())
        words: list[str | None] = [None] * read.n
        for row in unlike:
            words[row] = self.judge.why_unknown(self.judge.details(read, row))
        for row, rule in enumerate(rules):
            if rule is not None:
                words[row] = rule.why or f"rule on {rule.column}"
        return pa.array(words, pa.string())

    def _reasons(self, read: Rows) -> Said:
        bundle = self.judge.bundle
        found = bundle.explainer.reasons(read, bundle.encoder.encode(read), self.reasons) if read.n else []
        return {
            f"reason_{place + 1}": pa.array(
                [each[place].text if len(each) > place else None for each in found], pa.string()
            )
            for place in range(self.reasons)
        }


def spread_out(said: Said, good: NDArray[np.bool_]) -> Said:
    """Put what is said of the good rows among all rows; the others are unknown."""
    places = pa.array(np.cumsum(good) - 1, mask=~good)
    found = {name: values.take(places) for name, values in said.items()}
    codes = pc.fill_null(found["verdict"].indices, pa.scalar(DECISIONS.index("unknown"), pa.int8()))
    found["verdict"] = pa.DictionaryArray.from_arrays(codes, pa.array(DECISIONS))
    lost: Any = pa.array(~good)
    found["why"] = pc.if_else(lost, UNREADABLE, found["why"])
    return found
