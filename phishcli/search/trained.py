"""What training gives for one model: the estimator, its out-of-fold predictions, and how it was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.documents.training import CurvePoint, Seconds, Training
from phishcli.evaluation.folds import cross_validated
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FinalFit, FoldFit
from phishcli.fits.worker import stratified
from phishcli.fits.workload import Workload
from phishcli.models.mean import one_of
from phishcli.models.view import without_view
from phishcli.search.learning_curve import points, sentence

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from phishcli.search.results import SearchResult


@dataclass(frozen=True)
class ModelFits:
    """All fits of a model: on all training rows, on each fold, what the libraries warned of, and the search, if any.

    ``curve`` are further fits on the folds, by the number of rows that they were made on.
    """

    final: FinalFit
    folds: Sequence[FoldFit]
    warnings: tuple[str, ...]
    search: SearchResult | None = None
    curve: Mapping[int, Sequence[FoldFit]] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainedModel:
    """A model that was trained.

    Parameters
    ----------
    model
        The estimator, fitted on all training rows.
    training
        How it was trained: ``training.json``.
    oof
        ``row`` (position in the table), ``fold``, ``target`` and the out-of-fold ``probability`` of the positive class.
    trials
        One row per trial, if there was a search.
    others
        The out-of-fold probabilities of the other complete trials: one column each, named after its number, and the
        rows of ``oof``.
    """

    model: BaseEstimator
    training: Training
    oof: pd.DataFrame
    trials: pd.DataFrame | None = None
    others: pd.DataFrame | None = None


def trained_model(workload: Workload[ModelFits], data: TrainingData, fits: ModelFits) -> TrainedModel:
    """Gather what training gives from the fits of a model."""
    oof = _out_of_fold(data, fits.folds)
    return TrainedModel(
        model=fits.final.model,
        training=_document(workload, data, fits, oof),
        oof=oof,
        trials=fits.search.trials if fits.search else None,
        others=_others(data, fits.search) if fits.search else None,
    )


def _others(data: TrainingData, found: SearchResult) -> pd.DataFrame:
    """Put the predictions of each trial, which come fold after fold, into the order of the rows."""
    order = np.argsort(data.folds, kind="stable")
    columns = {}
    for trial, predicted in found.others.items():
        columns[str(trial)] = np.empty(len(order), dtype=np.float32)
        columns[str(trial)][order] = predicted
    return pd.DataFrame(columns, index=range(len(order)))


def _out_of_fold(data: TrainingData, folds: Sequence[FoldFit]) -> pd.DataFrame:
    probability = np.full(len(data.y), np.nan)
    for fold, fit in enumerate(folds):
        probability[data.folds == fold] = fit.probability
    return pd.DataFrame({"row": data.rows, "fold": data.folds, "target": data.y, "probability": probability})


def _document(workload: Workload[ModelFits], data: TrainingData, fits: ModelFits, oof: pd.DataFrame) -> Training:
    """Describe how the model was trained; the scores are those at a threshold of 0.5."""
    spec, most = workload.spec, workload.most_rows
    cv = cross_validated(data.y, oof["probability"].to_numpy(), data.folds)
    warnings, curve = fits.warnings, tuple[CurvePoint, ...]()
    if most is not None:
        rows = len(stratified(data.y, most, 0))
        curve = points(fits.curve, data, rows, cv)
        warnings = (sentence(rows, len(data.y), curve), *warnings)
    return Training(
        model=spec.name,
        title=spec.title,
        params=spec.effective(without_view(one_of(fits.final.model)).model),
        seed=workload.seed,
        cv=cv,
        seconds=Seconds(
            fit=fits.final.seconds,
            cv=sum(fit.seconds for fit in fits.folds),
            search=fits.search.seconds if fits.search else 0.0,
        ),
        warnings=warnings,
        n_train=len(data.y),
        n_features=data.width(workload.strategy),
        libraries=spec.versions(),
        tuned=fits.search.summary if fits.search else None,
        strategy=workload.strategy,
        curve=curve,
    )
