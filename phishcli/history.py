"""Two runs of the history side by side: what was set, what the data were, and whether the scores differ by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phishcli.evaluation.runs import differences, same_rows, unpaired

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.store import Workspace

PAIRED = "Same test rows: intervals of the paired differences over the same resamples."
UNPAIRED = "Intervals as of independent samples: other test rows or resamples, or artifacts no longer in the cache."

Record = Mapping[str, Any]


def compare(old: Record, new: Record, workspace: Workspace) -> dict[str, Any]:
    """Say how two runs differ.

    Scores on the same test rows are compared resample by resample, as long as the artifacts of both are in the cache;
    else as if they were independent, which makes the intervals wider.

    Parameters
    ----------
    old, new
        Records of runs, as `phishcli.store.runs.Runs` gives them.
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
    paired = same_rows(old, new)
    for model in found["models"]["both"]:
        before, after = (run["models"][model]["metrics"] for run in (old, new))
        scores[model] = {metric: unpaired(before, after, metric) for metric in after if metric in before}
        drawn = _resamples(old, new, model, workspace)
        if drawn is None:
            paired = False
        else:
            level = new["config"]["evaluate"]["confidence"]
            scores[model] = {metric: _paired(each, metric, *drawn, level) for metric, each in scores[model].items()}
    return {**found, "scores": scores, "method": PAIRED if paired else UNPAIRED}


def _resamples(old: Record, new: Record, model: str, workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The resampled scores of a model in two runs on the same rows, where both were drawn alike and are still there."""
    if not same_rows(old, new) or _bootstrap(old) != _bootstrap(new):
        return None
    before, after = (_resampled(run, model, workspace) for run in (old, new))
    return None if before is None or after is None else (before, after)


def _resampled(run: Record, model: str, workspace: Workspace) -> pd.DataFrame | None:
    from phishcli.store import Damaged

    step = f"evaluate/{model}"
    try:
        entry = workspace.find(step, run["fingerprints"][step])
        frame: pd.DataFrame | None = entry.read("resamples.parquet") if entry else None
    except Damaged:
        return None
    return frame


def _bootstrap(run: Record) -> tuple[Any, ...]:
    return tuple(run["config"]["evaluate"][key] for key in ("n_boot", "seed", "confidence"))


def _paired(found: Record, metric: str, old: pd.DataFrame, new: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """The interval of a difference over the resamples that both runs drew."""
    import numpy as np

    if found["difference"] is None or metric not in old or metric not in new:
        return dict(found)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(new[metric].to_numpy() - old[metric].to_numpy(), tails)
    return {**found, "low": float(low), "high": float(high)}
