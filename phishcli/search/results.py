"""The result of a search: its winner, the table of its trials, and a summary."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from phishcli.documents.training import Method, SearchSummary, TrialSummary
from phishcli.errors import TrainError
from phishcli.fits.task import FoldFit, Params
from phishcli.models.spec import plain
from phishcli.search.study import Study

SHOWN = 5
"""Trials in the summary."""


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Parameters
    ----------
    params
        Those of the winner.
    fits
        The winner's fits, one per fold; none of them has to be repeated.
    warnings
        The warnings of each of these fits.
    seconds
        Summed over all fits of the search.
    trials
        One row per trial, see `trials_of`.
    summary
        For ``training.json``.
    others
        The out-of-fold predictions of the other complete trials by their numbers, fold after fold.
    """

    params: Params
    fits: tuple[FoldFit, ...]
    warnings: tuple[tuple[str, ...], ...]
    seconds: float
    trials: pd.DataFrame
    summary: SearchSummary
    others: Mapping[int, NDArray[np.float32]]


def result_of(study: Study, model: str, method: Method) -> SearchResult:
    """Give the winner of a study, and the summary of all trials.

    Raises
    ------
    TrainError
        When no trial is complete, with the reason of the first that failed.
    """
    if study.best is None:
        raise _no_winner(study, model)
    folds = range(study.n_folds)
    trials = trials_of(study)
    return SearchResult(
        params=study.candidates[study.best],
        fits=tuple(study.fits[study.best][fold] for fold in folds),
        warnings=tuple(study.warnings[study.best, fold] for fold in folds),
        seconds=float(study.seconds.sum()),
        trials=trials,
        summary=_summary(study, study.best, trials, method),
        others={trial: study.finished[trial] for trial in sorted(study.finished) if trial != study.best},
    )


def _no_winner(study: Study, model: str) -> TrainError:
    failed = len({trial for trial, _ in study.errors})
    what = f"No trial of {model} is complete, {failed} failed"
    if failed == len(study.candidates):
        what = f"All {failed} trials of {model} failed"
    return TrainError(
        f"{what}; the first: {study.errors[min(study.errors)]}",
        where=f"train.tune.spaces.{model}",
        hint="Narrow the space to values that the model accepts",
    )


def trials_of(study: Study) -> pd.DataFrame:
    """Give one row per trial.

    Columns: ``trial``, ``params`` (JSON text), ``fold_0`` ... (NaN where not made or not defined), ``mean`` over these,
    ``std`` (divided by their number), ``status`` (``complete``, ``pruned``, ``failed``, ``unfinished``),
    ``folds`` (how many were fitted; for a pruned trial those it took to prune it), ``rank`` (1 is best: complete
    trials by mean, then by folds and mean), ``behind`` (for complete trials: how far behind the best one, in
    standard errors of the paired differences on the folds), ``fit_seconds``, ``error``, ``warnings``.
    """
    count = len(study.candidates)
    folds = study.done.sum(axis=1)
    means, deviations = _moments(study.scores, np.isfinite(study.scores).sum(axis=1))
    status = [_status(study, trial) for trial in range(count)]
    return pd.DataFrame(
        {
            "trial": range(count),
            "params": [json.dumps(plain(params), sort_keys=True) for params in study.candidates],
            **{f"fold_{fold}": study.scores[:, fold] for fold in range(study.n_folds)},
            "mean": means,
            "std": deviations,
            "status": pd.Series(status, dtype="str"),
            "folds": folds.astype(np.int32),
            "rank": _ranks(study, status, folds, means),
            "behind": [_behind(study, trial) for trial in range(count)],
            "fit_seconds": study.seconds.sum(axis=1),
            "error": pd.Series([_first_error(study, trial) for trial in range(count)], dtype="str"),
            "warnings": pd.Series([_warnings(study, trial) for trial in range(count)], dtype="str"),
        }
    )


def _moments(scores: Any, folds: Any) -> tuple[Any, Any]:
    """Give mean and standard deviation over the folds that were made, row by row; NaN where none was."""
    made = np.isfinite(scores)
    with np.errstate(invalid="ignore"):
        means = np.where(folds > 0, np.where(made, scores, 0).sum(axis=1) / np.maximum(folds, 1), np.nan)
        spread = np.where(made, scores - means[:, None], 0)
        return means, np.where(folds > 0, np.sqrt((spread**2).sum(axis=1) / np.maximum(folds, 1)), np.nan)


def _status(study: Study, trial: int) -> str:
    if study.failed(trial):
        return "failed"
    if study.is_complete(trial):
        return "complete"
    return "pruned" if trial in study.pruned else "unfinished"


def _ranks(study: Study, status: Sequence[str], folds: Any, means: Any) -> Any:
    """Rank complete before pruned before failed, more folds before fewer, then by mean; equal trials share a rank."""
    order = {"complete": 0, "pruned": 1, "unfinished": 1, "failed": 2}
    keys = [
        (order[state], -int(count) if state != "failed" else 0, -study.sign * mean if state != "failed" else 0.0)
        for state, count, mean in zip(status, folds, np.nan_to_num(means), strict=True)
    ]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return rankdata([places[key] for key in keys], method="min").astype(np.int32)


def _behind(study: Study, trial: int) -> float:
    """Give the margin of the best trial over this one; NaN where the two do not share all folds."""
    if study.best is None or not study.is_complete(trial):
        return float("nan")
    margins = study.sign * (study.scores[study.best] - study.scores[trial])[study.counted]
    error = margins.std(ddof=1) / np.sqrt(len(margins))
    return float(margins.mean() / error) if error else 0.0 if not margins.any() else float("inf")


def _first_error(study: Study, trial: int) -> str | None:
    return next((study.errors[trial, fold] for fold in range(study.n_folds) if (trial, fold) in study.errors), None)


def _warnings(study: Study, trial: int) -> str | None:
    texts = [text for fold in range(study.n_folds) for text in study.warnings.get((trial, fold), ())]
    return "; ".join(dict.fromkeys(texts)) or None


def _summary(study: Study, best: int, trials: pd.DataFrame, method: Method) -> SearchSummary:
    counts = trials["status"].value_counts()
    ranked = trials[trials["status"] == "complete"].sort_values(["rank", "trial"])
    return SearchSummary(
        method=method,
        scoring=study.scoring,
        n_trials=len(study.candidates),
        n_fits=study.n_fits,
        n_complete=int(counts.get("complete", 0)),
        n_pruned=int(counts.get("pruned", 0)),
        n_failed=int(counts.get("failed", 0)),
        n_unfinished=int(counts.get("unfinished", 0)),
        best_trial=best,
        best_score=float(study.scores[best, study.counted].mean()),
        n_within_error=within_error(ranked["behind"].tolist()),
        params=plain(study.candidates[best]),
        best_trials=tuple(_trial_summary(study, int(trial)) for trial in ranked["trial"].head(SHOWN)),
    )


def _trial_summary(study: Study, trial: int) -> TrialSummary:
    behind = _behind(study, trial)
    return TrialSummary(
        trial=trial,
        score=float(study.scores[trial, study.counted].mean()),
        behind=behind if np.isfinite(behind) else None,
        params=plain(study.candidates[trial]),
    )


def within_error(behind: Sequence[float]) -> int:
    """Count the trials, from the best one down, that lie within one standard error of it; itself included."""
    count = 0
    for margin in behind:
        if margin > 1:
            break
        count += 1
    return count
