"""``reference.json`` of a release: training rows, and what models said of them without having seen them."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Part
from phishcli.documents.proof import RawTable, RawValue


class Curve(Part, frozen=True, kw_only=True):
    """Out-of-fold rows of the training part that have a probability from a threshold on, at g thresholds.

    ``thresholds`` descend to the lowest probability of all; ``tp`` and ``fp`` count the rows of the positive and the
    negative class from each on, so that the last ones count all rows. Of very many thresholds some are left out, the
    fewer the higher they are.
    """

    thresholds: tuple[float, ...]
    tp: tuple[int, ...]
    fp: tuple[int, ...]


class ModelReference(Part, frozen=True, kw_only=True):
    """One model: its out-of-fold ``scores`` and calibrated ``probabilities`` of the rows, None where there is none."""

    scores: tuple[float | None, ...]
    probabilities: tuple[float | None, ...]
    curve: Curve


class Reference(RawTable, frozen=True, kw_only=True):
    """n rows of ``training_rows``, evenly spread, to compare later rows and scores with.

    ``places`` are their positions in the table, from 0, and ``positive`` says which are of the positive class.
    """

    training_rows: int
    places: tuple[int, ...]
    positive: tuple[bool, ...]
    models: Mapping[str, ModelReference]

    def row(self, number: int) -> dict[str, RawValue]:
        """One of the rows as a dict, as `Bundle.verdicts` takes it."""
        return dict(zip(self.columns, self.rows[number], strict=True))
