"""Two runs of the history side by side: settings, data, and whether the scores differ by more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from phishcli.documents.base import Part, recast
from phishcli.documents.run import Run
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.runs import RunComparison, ScoreDifference, differences, unpaired
from phishcli.stages import evaluate

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.artifacts import Workspace

PAIRED = (
    "Same test rows: intervals of the paired differences over the same resamples (for recall at a fixed FPR and "
    "calibration error, which resamples distort, as of independent samples)."
)
UNPAIRED = "Intervals as of independent samples: other test rows or resamples, or artifacts no longer in the cache."
MARKS = "Each score is tested on its own: of twenty that differ by chance alone, about one is marked."

DISTORTED = {"ece", *(metric.name for metric in METRICS if metric.max_fpr is not None)}
"""Metrics whose resamples are not spread as the metric is; see `phishcli.evaluation.intervals`."""

Scores = Mapping[str, ScoreDifference]


def compare(old: Run, new: Run, workspace: Workspace) -> RunComparison:
    """Find out how two runs differ.

    Scores on the same test rows are compared resample by resample, as long as the artifacts of both are in the cache;
    otherwise as if the runs were independent, which makes the intervals wider.

    Parameters
    ----------
    workspace
        Where the artifacts of both may be.
    """
    found, paired = differences(old, new), True
    scores: dict[str, Scores] = {}
    for model in found.models.both:
        before, after = old.models[model].metrics, new.models[model].metrics
        single = {name: unpaired(before[name], score) for name, score in after.items() if name in before}
        resamples = _resamples(old, new, model, workspace)
        paired = paired and resamples is not None
        scores[model] = _paired(single, *resamples, new.resampling.confidence) if resamples else single
    method = PAIRED if paired and scores else UNPAIRED
    return recast(RunComparison, found, scores=scores, method=f"{method} {MARKS}")


def _resamples(old: Run, new: Run, model: str, workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The resampled scores of a model in two runs on the same rows, if both were drawn alike and are still there."""
    if old.sha256 != new.sha256 or _drawing(old) != _drawing(new):
        return None
    before, after = (_scored(run, model, workspace) for run in (old, new))
    if before is None or after is None:
        return None
    (rows, resamples), (other_rows, other_resamples) = before, after
    return (resamples, other_resamples) if rows.equals(other_rows) else None


def _scored(run: Run, model: str, workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The test rows of a run with their classes, and the resampled scores of a model on them."""
    from phishcli.artifacts import Damaged

    step = f"{evaluate.STAGE.name}/{model}"
    predictions, resamples = evaluate.PREDICTIONS, evaluate.RESAMPLES
    try:
        entry = workspace.find(step, run.fingerprints[step]) if step in run.fingerprints else None
        if entry is None:
            return None
        rows = predictions.load(entry, predictions.file)[["row", "target"]]
        return rows, resamples.load(entry, resamples.file)
    except Damaged:
        return None


def _drawing(run: Run) -> tuple[Part, str | None]:
    """What decides which rows a resample holds."""
    return run.resampling, run.split.group


def _paired(scores: Scores, old: pd.DataFrame, new: pd.DataFrame, confidence: float) -> Scores:
    """Replace intervals by those over the resamples that both runs drew, where these are not distorted."""
    return {
        name: _over_resamples(each, name, old, new, confidence) if name in old and name in new else each
        for name, each in scores.items()
    }


def _over_resamples(
    score: ScoreDifference, name: str, old: pd.DataFrame, new: pd.DataFrame, confidence: float
) -> ScoreDifference:
    import numpy as np

    drawn = new[name].to_numpy() - old[name].to_numpy()
    if score.difference is None or (name in DISTORTED and drawn.any()):
        return score
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return msgspec.structs.replace(score, low=float(low), high=float(high))
