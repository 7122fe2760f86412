"""Two runs of the history side by side: what was set, what the data were, and whether the scores differ by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.runs import differences, unpaired

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.artifacts import Workspace

PAIRED = (
    "Same test rows: intervals of the paired differences over the same resamples (of the recall at an FPR and the "
    "calibration error, which resamples get wrong: as of independent samples)."
)
UNPAIRED = "Intervals as of independent samples: other test rows or resamples, or artifacts no longer in the cache."
MARKS = "Each mark is for one score alone: among twenty that differ by chance, one is marked."

MISLED = {"ece", *(metric.name for metric in METRICS if metric.max_fpr is not None)}
"""Metrics whose resamples are not spread as the metric is; see `phishcli.evaluation.intervals`."""

Record = Mapping[str, Any]


def compare(old: Record, new: Record, workspace: Workspace) -> dict[str, Any]:
    """Say how two runs differ.

    Scores on the same test rows are compared resample by resample, as long as the artifacts of both are in the cache;
    else as if they were independent, which makes the intervals wider.

    Parameters
    ----------
    old, new
        Records of runs, as `phishcli.artifacts.runs.Runs` gives them.
    workspace
        Where the artifacts of both may lie.

    Returns
    -------
    dict
        What `phishcli.evaluation.runs.differences` gives, ``scores`` (model -> metric -> ``old``, ``new``,
        ``difference``, ``low``, ``high``), and ``method``, a sentence.
    """
    found = differences(old, new)
    scores: dict[str, Any] = {}
    paired = bool(found["models"]["both"])
    for model in found["models"]["both"]:
        before, after = (run["models"][model]["metrics"] for run in (old, new))
        scores[model] = {metric: unpaired(before, after, metric) for metric in after if metric in before}
        drawn = _resamples(old, new, model, workspace)
        if drawn is None:
            paired = False
        else:
            level = new["config"]["evaluate"]["confidence"]
            scores[model] = {metric: _paired(each, metric, *drawn, level) for metric, each in scores[model].items()}
    return {**found, "scores": scores, "method": f"{PAIRED if paired else UNPAIRED} {MARKS}"}


def _resamples(old: Record, new: Record, model: str, workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The resampled scores of a model in two runs on the same rows, where both were drawn alike and are still there."""
    if old["sha256"] != new["sha256"] or _drawing(old) != _drawing(new):
        return None
    before, after = (_scored(run, model, workspace) for run in (old, new))
    if before is None or after is None:
        return None
    (rows, resamples), (other_rows, other_resamples) = before, after
    return (resamples, other_resamples) if rows.equals(other_rows) else None


def _scored(run: Record, model: str, workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The test rows of a run with their truth, and the resampled scores of a model on them."""
    from phishcli.artifacts import Damaged

    step = f"evaluate/{model}"
    try:
        entry = workspace.find(step, run["fingerprints"][step])
        if entry is None:
            return None
        rows: pd.DataFrame = entry.read("predictions.parquet")[["row", "target"]]
        return rows, entry.read("resamples.parquet")
    except Damaged:
        return None


def _drawing(run: Record) -> tuple[Any, ...]:
    """What decides which rows a resample holds, and what is made of it."""
    drawn = tuple(run["config"]["evaluate"][key] for key in ("n_boot", "seed", "confidence"))
    return (*drawn, run["config"]["preprocess"]["split"]["group"])


def _paired(found: Record, metric: str, old: pd.DataFrame, new: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """The interval of a difference over the resamples that both runs drew, where these do not mislead."""
    import numpy as np

    if found["difference"] is None or metric not in old or metric not in new:
        return dict(found)
    drawn = new[metric].to_numpy() - old[metric].to_numpy()
    if metric in MISLED and drawn.any():
        return dict(found)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {**found, "low": float(low), "high": float(high)}
