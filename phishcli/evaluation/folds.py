"""Cross-validated scores from out-of-fold probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.metrics import FoldScores
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.metrics import METRICS, undefined, values_of
from phishcli.wording import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cross_validated(
    target: NDArray[np.generic], probability: NDArray[np.float64], folds: NDArray[np.int8], threshold: float = 0.5
) -> dict[str, FoldScores]:
    """Score each fold on its own.

    Parameters
    ----------
    target, probability, folds
        Shape (n,): 1 for the positive class, its out-of-fold probability, and the number of the fold (0, 1, ...).
    threshold
        Probability from which a row counts as positive.

    Returns
    -------
    dict
        Every metric by name. A fold that does not define a metric (it has one class only, say, or too few negative
        rows) has no score by it and does not count in the mean.
    """
    parts = [folds == number for number in range(int(folds.max()) + 1)]
    scores = [_measured(ScoredRows.validated(target[part], probability[part], threshold)) for part in parts]
    return {each.name: _over([score[each.name] for score in scores]) for each in METRICS}


def _measured(rows: ScoredRows) -> dict[str, float | None]:
    lost = undefined(rows.confusion)
    return {name: None if name in lost else value for name, value in values_of(rows).items()}


def _over(values: Sequence[float | None]) -> FoldScores:
    """Mean and standard deviation, divided by the number of folds as in scikit-learn, over the folds with a value."""
    known = [value for value in values if value is not None]
    mean, std = (float(np.mean(known)), float(np.std(known))) if known else (None, None)
    return FoldScores(mean=mean, std=std, n_folds=len(known), n_all=len(values), folds=tuple(values))


def fold_notes(cv: Mapping[str, FoldScores]) -> Iterator[str]:
    """Say in a sentence which means are over some of the folds only, and which metrics no fold defines."""
    by_number: dict[tuple[int, int], list[str]] = {}
    for each in METRICS:
        found = cv[each.name]
        if found.n_folds < found.n_all and not each.least_negatives:  # too few negative rows: see `resolution`
            by_number.setdefault((found.n_folds, found.n_all), []).append(each.label)
    for (number, total), labels in by_number.items():
        if number:
            yield f"{listed(labels)}: cross-validated over the {number} of {total} folds that define them."
        else:
            yield f"{listed(labels)}: no cross-validated score, as no fold defines them."
