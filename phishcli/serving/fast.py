"""One raw row to its probability in microseconds: a release compiled into plain arithmetic and tree inference.

`Bundle.predict_proba` is made for many rows: on one, what surrounds the model takes a hundred times the model's own
time. `compile_row` gives the same probability within 1e-6 without that. A row that only the other way can judge (or
refuse, with its message) takes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phishcli.evaluation.calibration_map import apply_to_one
from phishcli.serving.one_row import Encoded, RowEncoder, Unusual
from phishcli.serving.one_score import ScoreOne, score_one
from phishcli.serving.rows import Row, read_rows

if TYPE_CHECKING:
    from phishcli.models.own_format import Score
    from phishcli.serving.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Judged:
    """The probability of a row, the model's own score, its numbers as they were read, and what is to be said about it.

    ``missing`` names the columns without a value, ``unseen`` those with a category that training has not seen.
    """

    probability: float
    score: float
    numbers: Mapping[str, float]
    missing: Sequence[str]
    unseen: Sequence[str]


@dataclass(frozen=True)
class FastRow:
    """From one raw row to its probability.

    ``exact`` says whether the model has a fast path that gives the probabilities of `Bundle.predict_proba` within
    1e-6; ``way`` names it. Where there is none, ``why_slow`` gives the reason, and rows take the slow one.
    """

    bundle: Bundle
    encoder: RowEncoder | None
    score: ScoreOne | None
    way: str
    why_slow: str | None = None
    many: Score | None = None

    @property
    def exact(self) -> bool:
        """Whether there is a fast path."""
        return self.why_slow is None

    def __call__(self, row: Row) -> float:
        """Give the probability of the positive class.

        Raises
        ------
        DataError
            When a column is missing or a value cannot be read.
        """
        return self.judge(row).probability

    def judge(self, row: Row) -> Judged:
        """Give the probability, and what is to be said about the row.

        Raises
        ------
        DataError
            When a column is missing or a value cannot be read.
        """
        if self.encoder is None or self.score is None:
            return self._slowly(row)
        try:
            encoded = self.encoder.encode(row)
        except (Unusual, TypeError):
            return self._slowly(row)
        return self._judged(self.score(encoded.outputs), encoded)

    def judge_many(self, rows: Sequence[Row]) -> list[Judged]:
        """Give the same for several rows, with one call of the model.

        Raises
        ------
        DataError
            When a column is missing or a value cannot be read.
        """
        if self.encoder is None:
            return [self._slowly(row) for row in rows]
        try:
            encoded = [self.encoder.encode(row) for row in rows]
        except (Unusual, TypeError):
            return [self.judge(row) for row in rows]
        score = self.many or self.bundle.score
        scores = score(np.array([each.outputs for each in encoded], dtype=np.float32)) if rows else []
        return [self._judged(float(score), each) for score, each in zip(scores, encoded, strict=True)]

    def refused(self, row: Row) -> list[str]:
        """Name the columns of a row whose values cannot be read."""
        return self.encoder.refused(row) if self.encoder else []

    def _judged(self, score: float, encoded: Encoded) -> Judged:
        probability = apply_to_one(self.bundle.metadata.calibration, score)
        return Judged(probability, score, encoded.numbers, encoded.missing, encoded.unseen)

    def _slowly(self, row: Row) -> Judged:
        bundle = self.bundle
        read = read_rows([row], bundle.schema)
        score = float(bundle.score(bundle.encoder.encode(read))[0])
        columns = read.columns
        missing = [name for name in bundle.metadata.columns if columns[name].missing[0]]
        numbers = {name: float(each.floats[0]) for name, each in read.numbers.items() if not each.missing[0]}
        probability = apply_to_one(bundle.metadata.calibration, score)
        return Judged(probability, score, numbers, missing, list(read.unknown))


def compile_row(bundle: Bundle) -> FastRow:
    """Compile a bundle for single rows; takes some milliseconds.

    Parameters
    ----------
    bundle
        An open release.
    """
    try:
        encoder = RowEncoder(bundle.schema, bundle.encoder.encoder)
    except ValueError as error:
        return FastRow(bundle, None, None, "arrays", why_slow=str(error))
    found = score_one(bundle.score, bundle.encoder.width)
    return FastRow(bundle, encoder, found.score, found.way, found.why_slow, found.many)
