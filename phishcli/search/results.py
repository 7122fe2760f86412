"""What came of a search: its winner, and what is to be told of every trial."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from phishcli.errors import TrainError
from phishcli.fits.fit import FoldFit, Params
from phishcli.models.spec import plain
from phishcli.search.scoreboard import Board

SHOWN = 5
"""Trials that are told in ``training.json``."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Parameters
    ----------
    params
        Those of the winner.
    fits
        The winner's fits, one per fold; nothing of them has to be fitted again.
    warnings
        The warnings of each of these fits.
    seconds
        Summed over all fits of the search.
    trials
        One row per candidate, see `trials_of`.
    summary
        For ``training.json``.
    """

    params: Params
    fits: tuple[FoldFit, ...]
    warnings: tuple[tuple[str, ...], ...]
    seconds: float
    trials: pd.DataFrame
    summary: dict[str, Any]


def conclude(board: Board, model: str) -> Found:
    """Name the winner.

    Raises
    ------
    TrainError
        When no trial is complete, with the reason of the first that failed.
    """
    if board.best is None:
        failed = len({trial for trial, _ in board.errors})
        all_ = failed == len(board.candidates)
        told = f"All {failed} trials of {model} failed" if all_ else f"No trial of {model} is complete, {failed} failed"
        raise TrainError(
            f"{told}; the first: {board.errors[min(board.errors)]}",
            where=f"train.tune.spaces.{model}",
            hint="Narrow the space to values that the model accepts",
        )
    folds = range(board.n_folds)
    trials = trials_of(board)
    return Found(
        params=board.candidates[board.best],
        fits=tuple(board.fits[board.best][fold] for fold in folds),
        warnings=tuple(board.warnings[board.best, fold] for fold in folds),
        seconds=float(board.seconds.sum()),
        trials=trials,
        summary=_summary(board, board.best, trials),
    )


def trials_of(board: Board) -> pd.DataFrame:
    """One row per candidate.

    Columns: ``trial``, ``params`` (JSON text), ``fold_0`` ... (NaN where not made), ``mean`` over the folds made,
    ``std`` (divided by their number), ``status`` (``complete``, ``dropped``, ``failed``, ``unfinished``),
    ``folds`` (how many have a score; for a dropped one those it took to drop it), ``rank`` (1 is best: complete
    trials by mean, then by folds and mean), ``behind`` (for complete trials: how far behind the best one, in
    standard errors of the paired differences on the folds), ``fit_seconds``, ``error``, ``warnings``.
    """
    count = len(board.candidates)
    folds = np.isfinite(board.scores).sum(axis=1)
    with np.errstate(invalid="ignore"):
        filled = np.where(np.isfinite(board.scores), board.scores, 0)
        means = np.where(folds > 0, filled.sum(axis=1) / np.maximum(folds, 1), np.nan)
        spread = np.where(np.isfinite(board.scores), board.scores - means[:, None], 0)
        deviations = np.where(folds > 0, np.sqrt((spread**2).sum(axis=1) / np.maximum(folds, 1)), np.nan)
    status = [_status(board, trial) for trial in range(count)]
    return pd.DataFrame(
        {
            "trial": range(count),
            "params": [json.dumps(plain(params), sort_keys=True) for params in board.candidates],
            **{f"fold_{fold}": board.scores[:, fold] for fold in range(board.n_folds)},
            "mean": means,
            "std": deviations,
            "status": pd.Series(status, dtype="str"),
            "folds": folds.astype(np.int32),
            "rank": _ranks(board, status, folds, means),
            "behind": [_behind(board, trial) for trial in range(count)],
            "fit_seconds": board.seconds.sum(axis=1),
            "error": pd.Series([_first_error(board, trial) for trial in range(count)], dtype="str"),
            "warnings": pd.Series([_warned(board, trial) for trial in range(count)], dtype="str"),
        }
    )


def _status(board: Board, trial: int) -> str:
    if board.failed(trial):
        return "failed"
    if board.is_complete(trial):
        return "complete"
    return "dropped" if trial in board.dropped else "unfinished"


def _ranks(board: Board, status: Sequence[str], folds: Any, means: Any) -> Any:
    """Complete before dropped before failed, more folds before fewer, then by mean; equal ones share a rank."""
    order = {"complete": 0, "dropped": 1, "unfinished": 1, "failed": 2}
    keys = [
        (order[state], -int(count) if state != "failed" else 0, -board.sign * mean if state != "failed" else 0.0)
        for state, count, mean in zip(status, folds, np.nan_to_num(means), strict=True)
    ]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return rankdata([places[key] for key in keys], method="min").astype(np.int32)


def _behind(board: Board, trial: int) -> float:
    """The margin of the best trial over this one; NaN where the two do not share all folds."""
    if board.best is None or not board.is_complete(trial):
        return float("nan")
    margins = board.sign * (board.scores[board.best] - board.scores[trial])
    error = margins.std(ddof=1) / np.sqrt(board.n_folds)
    return float(margins.mean() / error) if error else 0.0 if not margins.any() else float("inf")


def _first_error(board: Board, trial: int) -> str | None:
    return next((board.errors[trial, fold] for fold in range(board.n_folds) if (trial, fold) in board.errors), None)


def _warned(board: Board, trial: int) -> str | None:
    texts = [text for fold in range(board.n_folds) for text in board.warnings.get((trial, fold), ())]
    return "; ".join(dict.fromkeys(texts)) or None


def _summary(board: Board, best: int, trials: pd.DataFrame) -> dict[str, Any]:
    counts = trials["status"].value_counts()
    ranked = trials[trials["status"] == "complete"].sort_values(["rank", "trial"])
    return {
        "scoring": board.scoring,
        "n_trials": len(board.candidates),
        "n_fits": board.ended,
        **{f"n_{status}": int(counts.get(status, 0)) for status in ("complete", "dropped", "failed", "unfinished")},
        "best_trial": best,
        "best_score": float(board.scores[best].mean()),
        "n_within_error": within_error(ranked["behind"].tolist()),
        "params": plain(board.candidates[best]),
        "best_trials": [_line(board, int(trial)) for trial in ranked["trial"].head(SHOWN)],
    }


def _line(board: Board, trial: int) -> dict[str, Any]:
    behind = _behind(board, trial)
    return {
        "trial": trial,
        "score": float(board.scores[trial].mean()),
        "behind": behind if np.isfinite(behind) else None,
        "params": plain(board.candidates[trial]),
    }


def within_error(behind: Sequence[float]) -> int:
    """How many trials, from the best one down, lie within one standard error of it; itself included."""
    count = 0
    for margin in behind:
        if margin > 1:
            break
        count += 1
    return count
