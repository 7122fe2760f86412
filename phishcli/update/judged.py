"""Versions of a model on the same held-out rows, compared by paired tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.update import Judgment, PairedTest, Version
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.intervals import intervals_of, with_intervals
from phishcli.evaluation.metrics import unresolvable, values_of
from phishcli.evaluation.resampling import Resampling, defined_in_most, resample
from phishcli.evaluation.significance import Difference, holm, mcnemar, paired_bootstrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.metrics import Score
    from phishcli.evaluation.resampling import Resamples

SHOWN = ("accuracy", "recall", "fpr", "roc_auc", "pr_auc")
"""What is said of the held-out rows of either table."""
RANKING = "roc_auc"


@dataclass(frozen=True)
class Judged:
    """One version on the held-out rows: its name, its scores, and their resamples; ``is_new`` marks rows by table."""

    version: Version
    model: str
    rows: ScoredRows
    resamples: Resamples
    is_new: NDArray[np.bool_]
    how: Resampling
    seconds: float | None = None

    @classmethod
    def of(
        cls,
        version: Version,
        model: str,
        rows: ScoredRows,
        is_new: NDArray[np.bool_],
        how: Resampling,
        seconds: float | None = None,
    ) -> Judged:
        """Score a version; all versions are resampled alike."""
        return cls(version, model, rows, resample(rows, how), is_new, how, seconds)

    def metrics(self) -> dict[str, Score]:
        """All metrics on all held-out rows, with intervals."""
        rows = self.rows
        return with_intervals(
            values_of(rows), intervals_of(rows, self.resamples, self.how), unresolvable(rows.confusion)
        )

    def document(self) -> Judgment:
        """The same as a document."""
        return Judgment(
            version=self.version,
            model=self.model,
            metrics=self.metrics(),
            earlier=_values(self.rows.where(~self.is_new)),
            newer=_values(self.rows.where(self.is_new)),
            seconds=self.seconds,
        )


def _values(rows: ScoredRows) -> dict[str, float]:
    if not len(rows):
        return {}
    values, lost = values_of(rows), unresolvable(rows.confusion)
    return {name: values[name] for name in SHOWN if name not in lost and np.isfinite(values[name])}


def tested(update: Judged, others: Mapping[Version, Judged]) -> tuple[PairedTest, ...]:
    """Compare the update with each other version; p-values are adjusted for their number, test by test."""
    rows = {name: _mcnemar(update, other) for name, other in others.items()}
    ranking = {name: found for name, other in others.items() if (found := _bootstrap(update, other)) is not None}
    p_rows = dict(zip(rows, holm([p for _, _, p in rows.values()]), strict=True))
    p_ranking = dict(zip(ranking, holm([found.p for found in ranking.values()]), strict=True))
    return tuple(_test(name, rows[name], p_rows[name], ranking.get(name), p_ranking.get(name)) for name in others)


def _mcnemar(update: Judged, other: Judged) -> tuple[int, int, float]:
    correct = [(each.rows.scores >= each.rows.threshold) == each.rows.positive for each in (update, other)]
    return mcnemar(*correct)


def _bootstrap(update: Judged, other: Judged) -> Difference | None:
    """The difference of the ROC-AUC; None where a version has none."""
    if any(RANKING not in each.resamples for each in (update, other)):
        return None
    drawn = [each.resamples[RANKING] for each in (update, other)]
    if not defined_in_most(drawn[0] - drawn[1]):
        return None
    values = [values_of(each.rows)[RANKING] for each in (update, other)]
    return paired_bootstrap(values[0], drawn[0], values[1], drawn[1], update.how.confidence)


def _test(
    against: Version, rows: tuple[int, int, float], p: float, found: Difference | None, p_ranking: float | None
) -> PairedTest:
    value, low, high = (found.value, found.low, found.high) if found else (None, None, None)
    return PairedTest(
        against=against, won=rows[0], lost=rows[1], p=p, difference=value, low=low, high=high, p_roc_auc=p_ranking
    )
