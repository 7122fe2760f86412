"""How good answers are where the labels are known: the metrics of the evaluation, on rows that are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.schema import Label, Schema
from phishcli.features.label_match import label_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.metrics import Score

MOST_ROWS = 1_000_000
"""Rows from which metrics are computed."""
DRAWN = 100_000_000
"""Rows that are drawn for intervals in all resamples: of many rows, fewer resamples will do."""


@dataclass
class Labelled:
    """Rows whose label is known, and their probabilities.

    ``unknown`` counts rows without a label, or with one that is of neither class. No more than `MOST_ROWS` rows are
    kept; ``n`` counts all.
    """

    schema: Schema
    n: int = 0
    unknown: int = 0
    positive: list[NDArray[np.bool_]] = field(default_factory=list)
    scores: list[NDArray[np.float64]] = field(default_factory=list)

    def add(self, labels: Any, probabilities: NDArray[np.float64]) -> None:
        """Add rows: their labels as an array of Arrow, and their probabilities, NaN where there is none."""
        coded = labels if hasattr(labels, "dictionary") else labels.dictionary_encode()
        classes = np.array([*map(self._class, coded.dictionary.to_pylist()), -1])
        places = coded.indices.fill_null(len(classes) - 1).to_numpy(zero_copy_only=False)
        found = classes[places]
        usable = (found >= 0) & ~np.isnan(probabilities)
        self.n += int(usable.sum())
        self.unknown += int((found < 0).sum())
        if sum(map(len, self.scores)) < MOST_ROWS:
            self.positive.append(found[usable] == 1)
            self.scores.append(probabilities[usable])

    def _class(self, label: Label | None) -> int:
        if label is None:
            return -1
        key = label_key(label)
        for value, name in ((1, self.schema.positive_label), (0, self.schema.negative_label)):
            members: Sequence[Label] = tuple(self.schema.merged.get(str(name), {})) or (name,)
            if key in map(label_key, members):
                return value
        return -1

    def metrics(self, threshold: float) -> dict[str, Score]:
        """All metrics with their 95% intervals; empty where there is not a labelled row."""
        from phishcli.evaluation.counts import ScoredRows
        from phishcli.evaluation.intervals import intervals_of, with_intervals
        from phishcli.evaluation.metrics import undefined, unresolvable, values_of
        from phishcli.evaluation.resampling import Resampling, resample

        if not self.n:
            return {}
        positive, scores = np.concatenate(self.positive), np.concatenate(self.scores)
        rows = ScoredRows(positive[:MOST_ROWS], scores[:MOST_ROWS], threshold)
        how = Resampling(n_boot=min(max(DRAWN // len(rows.scores), 100), 1000))
        found = with_intervals(
            values_of(rows), intervals_of(rows, resample(rows, how), how), unresolvable(rows.confusion)
        )
        return {name: score for name, score in found.items() if name not in undefined(rows.confusion)}
