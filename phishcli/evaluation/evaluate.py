"""The evaluate stage, model by model: score one trained model on the test part, which it has not seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.config.schema import MaxFpr
from phishcli.documents.calibration import Calibration, CalibrationMap
from phishcli.documents.columns import FOLD, LABEL, PREDICTION, PROBABILITY, ROW, TARGET
from phishcli.documents.metrics import Metrics, OperatingPoint, ThresholdRule
from phishcli.documents.timing import Timing
from phishcli.errors import EvaluateError
from phishcli.evaluation.calibration import cross_fitted, curve, fit_map
from phishcli.evaluation.calibration_map import apply_map
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.curves import counts_by_threshold, curves
from phishcli.evaluation.delong import delong
from phishcli.evaluation.folds import cross_validated, fold_notes
from phishcli.evaluation.intervals import intervals_of, with_intervals, without_width
from phishcli.evaluation.metrics import notes, resolution, unresolvable, values_of
from phishcli.evaluation.prediction import predict
from phishcli.evaluation.resampling import Resampling, resample
from phishcli.evaluation.thresholds import Rule, choose, upper_bound
from phishcli.events import Notice, ignore

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from sklearn.base import BaseEstimator

    from phishcli.config.schema import EvaluateConfig
    from phishcli.evaluation.resampling import Resamples
    from phishcli.events import OnEvent
    from phishcli.tables.table import Table

USUAL: tuple[Rule, ...] = (0.5, "max_f1", "youden", *(MaxFpr(max_fpr=limit) for limit in (0.1, 0.01, 0.001)))
"""Rules whose thresholds are shown beside the one in use."""


@dataclass(frozen=True)
class Evaluated:
    """What ``evaluate`` gives for one model.

    ``predictions`` has ``row`` int64, ``label``, ``target`` int8, ``probability`` float64, ``prediction`` int8;
    ``resamples`` has one line per resample of the bootstrap and one column per metric.
    """

    predictions: pd.DataFrame
    metrics: Metrics
    resamples: pd.DataFrame
    timing: Timing


@dataclass(frozen=True)
class Scored:
    """What is known of a model when models are compared: what ``evaluate`` gave, and its out-of-fold predictions."""

    metrics: Metrics
    predictions: pd.DataFrame
    resamples: pd.DataFrame
    oof: pd.DataFrame


def evaluate(
    settings: EvaluateConfig,
    model: BaseEstimator,
    name: str,
    test: Table,
    *,
    oof: pd.DataFrame,
    rows: ArrayLike,
    labels: pd.Series,
    groups: pd.Series | None = None,
    in_blocks: int = 0,
    on_event: OnEvent = ignore,
) -> Evaluated:
    """Score one model on the test part.

    Parameters
    ----------
    settings
        Threshold, calibration, and the settings of the bootstrap.
    model
        A fitted classifier with ``predict_proba`` whose class 1 is the positive one.
    name
        The model's name, for results and messages.
    test
        n rows of processed features and ``target`` (1 = positive).
    oof
        Out-of-fold predictions of the training part: ``fold``, ``target``, ``probability``. Calibration and threshold
        are learned on them.
    rows
        Shape (n,), positions of the test rows in the table.
    labels
        Length n, the labels as in the source, in the order of ``test``.
    groups
        Length n, what the split keeps together, if it does: such rows are resampled together, too.
    in_blocks
        The size of the blocks that the model predicts, as of `phishcli.models.spec.ModelSpec`.
    on_event
        Receives the number of rows predicted so far, and a warning for each metric that is not defined on the rows.

    Raises
    ------
    EvaluateError
        When the test part is empty, the model cannot predict it, a probability is NaN or outside [0, 1], or there are
        too few training rows to certify the threshold.
    """
    where = f"evaluate/{name}"
    if not test.rows:
        raise EvaluateError(
            "The test part has no rows.", where=where, hint="Use a larger one: --set preprocess.split.test_size=0.2"
        )
    target = test.column(TARGET).to_numpy()
    started = time.perf_counter()
    raw = predict(model, name, test, on_event, size=in_blocks)
    timing = Timing(predict=time.perf_counter() - started, rows=len(target))
    scores = ScoredRows.validated(target, raw, where=where).scores
    held_out = _OutOfFold.of(settings, oof, where)
    rule = choose(settings.threshold, held_out.calibrated)
    scored = ScoredRows(target == 1, apply_map(held_out.map, scores), rule.threshold)
    how = Resampling.of(settings, None if groups is None else groups.to_numpy())
    resamples = resample(scored, how)
    metrics = _metrics(name, scored, resamples, how, held_out, rule)
    about_folds = set(fold_notes(metrics.cv))  # the same for all models; preprocess has reported such folds
    for sentence in (each for each in metrics.notes if each not in about_folds):
        on_event(Notice(f"{name}: {sentence}", "warning", "end"))
    return Evaluated(_predictions(scored, rows, labels), metrics, pd.DataFrame(resamples), timing)


@dataclass(frozen=True)
class _OutOfFold:
    """Out-of-fold rows, shape (n,), with two kinds of scores.

    ``calibrated`` has those of the map that the model is used with, to choose a threshold. ``unbiased`` has those that
    can be scored: each fold is calibrated with a map that was learned on the other folds.
    """

    calibrated: ScoredRows
    unbiased: NDArray[np.float64]
    folds: NDArray[np.int8]
    map: CalibrationMap | None

    @classmethod
    def of(cls, settings: EvaluateConfig, oof: pd.DataFrame, where: str) -> _OutOfFold:
        """Calibrate them if the settings say so."""
        folds = oof[FOLD].to_numpy()
        raw = ScoredRows.validated(oof[TARGET], oof[PROBABILITY], where=where)
        if settings.calibrate == "none":
            return cls(raw, raw.scores, folds, None)
        fitted = fit_map(settings.calibrate, raw.positive, raw.scores)
        unbiased = cross_fitted(settings.calibrate, raw.positive, raw.scores, folds)
        return cls(ScoredRows(raw.positive, apply_map(fitted, raw.scores)), unbiased, folds, fitted)


def _predictions(scored: ScoredRows, rows: ArrayLike, labels: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            ROW: np.asarray(rows, dtype=np.int64),
            LABEL: labels.array,
            TARGET: scored.positive.astype(np.int8),
            PROBABILITY: scored.scores,
            PREDICTION: (scored.scores >= scored.threshold).astype(np.int8),
        }
    )


def _metrics(
    name: str,
    scored: ScoredRows,
    resamples: Resamples,
    how: Resampling,
    held_out: _OutOfFold,
    rule: ThresholdRule,
) -> Metrics:
    matrix, values, intervals = scored.confusion, values_of(scored), intervals_of(scored, resamples, how)
    positive, folds = held_out.calibrated.positive, held_out.folds
    cv = cross_validated(positive, held_out.unbiased, folds, threshold=rule.threshold)
    exact = intervals["roc_auc"] is not None and how.groups is None
    return Metrics(
        model=name,
        n=len(scored),
        n_positive=int(matrix.positives),
        n_negative=int(matrix.negatives),
        threshold=scored.threshold,
        bootstrap=how.document(len(scored)),
        confusion=matrix.matrix(),
        metrics=with_intervals(values, intervals, lost=unresolvable(matrix)),
        delong=delong(scored.positive, scored.scores, how.confidence) if exact else None,
        notes=(*notes(matrix, values), *without_width(values, intervals), *fold_notes(cv)),
        resolution=resolution(matrix),
        curves=curves(scored.by_score),
        counts_by_threshold=counts_by_threshold(scored),
        cv=cv,
        threshold_rule=rule,
        operating_points=tuple(_operating_points(how.confidence, rule, held_out.calibrated, scored)),
        calibration=Calibration(map=held_out.map, curve=tuple(curve(scored.positive, scored.scores, how.confidence))),
    )


def _operating_points(
    confidence: float, in_use: ThresholdRule, held_out: ScoredRows, scored: ScoredRows
) -> Iterator[OperatingPoint]:
    """The threshold in use, and those of the usual rules that the training rows can certify."""
    found = {in_use.rule: in_use}
    for rule in USUAL:
        try:
            point = choose(rule, held_out)
        except EvaluateError:  # too few negative rows to certify so low a rate
            continue
        found.setdefault(point.rule, point)
    for point in found.values():
        matrix = scored.at(point.threshold).confusion.matrix()
        yield OperatingPoint(
            threshold=point.threshold,
            rule=point.rule,
            why=point.why,
            in_use=point is in_use,
            confusion=matrix,
            fpr_upper=float(upper_bound(matrix.fp, matrix.negatives, confidence)),
        )
