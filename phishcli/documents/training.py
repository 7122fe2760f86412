"""``training.json``: how a model was trained, and what the search for its parameters found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.features import DEFAULT, Strategy
from phishcli.documents.metrics import FoldScores

Value = bool | int | float | str | list[Any] | dict[str, Any] | None
"""The value of a hyperparameter in JSON."""
Method = Literal["race", "random", "grid", "optuna", "list"]


class Seconds(Part, frozen=True, kw_only=True):
    """Seconds of computing, summed over fits, so that they do not depend on how many ran side by side.

    Parameters
    ----------
    fit
        The final model.
    cv
        The fits on the folds that give the cross-validated scores.
    search
        All fits of the search, those of ``cv`` included; 0 without a search.
    """

    fit: float
    cv: float
    search: float


class TrialSummary(Part, frozen=True, kw_only=True):
    """One of the best trials of a search.

    Parameters
    ----------
    trial
        Its number, in the order of the candidates.
    score
        Its mean over the folds, by the metric of the search.
    behind
        How far it is behind the best trial, in standard errors of the paired differences on the folds; None where it is
        behind by the same amount on every fold.
    params
        Its parameters.
    """

    trial: int
    score: float
    behind: float | None
    params: Mapping[str, Value]


class SearchSummary(Part, frozen=True, kw_only=True):
    """What a hyperparameter search found.

    Parameters
    ----------
    method, scoring
        How candidates were chosen and the metric they were compared by.
    n_trials, n_fits
        Candidates, and fits that ended, with or without success.
    n_complete, n_pruned, n_failed, n_unfinished
        Trials by their status.
    best_trial, best_score, params
        The winner, its mean score over the folds, and its parameters.
    n_within_error
        Trials, counted from the best one down, within one standard error of it; itself included.
    best_trials
        The best complete trials, best first.
    """

    method: Method
    scoring: str
    n_trials: int
    n_fits: int
    n_complete: int
    n_pruned: int
    n_failed: int
    n_unfinished: int
    best_trial: int
    best_score: float
    n_within_error: int
    params: Mapping[str, Value]
    best_trials: tuple[TrialSummary, ...]


class MemberSummary(Part, frozen=True, kw_only=True):
    """One member of an ensemble.

    Parameters
    ----------
    name
        Of the model whose final fit it is, or with the number of the trial that it was made of: ``XGBoost#12``.
    weight
        How much it counts.
    seconds_per_row
        The time that it takes for a row, among many; it varies from run to run.
    params
        Its hyperparameters, for a trial without those that are the defaults.
    """

    name: str
    weight: float
    seconds_per_row: float
    params: Mapping[str, Value]


class CurvePoint(Part, frozen=True, kw_only=True):
    """A point of a learning curve: the scores over the folds of fits on so many ``rows``."""

    rows: int
    cv: Mapping[str, FoldScores]


class Training(Document, frozen=True, kw_only=True):
    """How one model was trained.

    Parameters
    ----------
    model, title
        Its name in the configuration, and for people.
    params
        All its hyperparameters, those that the library sets by itself included.
    seed
        The seed of all its fits.
    cv
        Cross-validated scores by metric, at a threshold of 0.5.
    seconds
        How long it took.
    warnings
        What the libraries warned of and what went wrong in the search, a line each.
    n_train, n_features
        The shape of the training matrix.
    libraries
        The installed version of each library that shapes the predictions; None for one that is not installed.
    tuned
        What the search found; None without a search.
    strategy
        How columns became features for it, and whether classes were balanced.
    members
        Those of an ensemble.
    curve
        Of a model that was trained on a sample: its scores on parts of the sample, and on the whole of it.
    """

    model: str
    title: str
    params: Mapping[str, Value]
    seed: int
    cv: Mapping[str, FoldScores]
    seconds: Seconds
    warnings: tuple[str, ...]
    n_train: int
    n_features: int
    libraries: Mapping[str, str | None]
    tuned: SearchSummary | None
    strategy: Strategy = DEFAULT
    members: tuple[MemberSummary, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
