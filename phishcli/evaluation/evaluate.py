"""The evaluate stage, model by model: score one trained model on the test part, which it has not seen."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.errors import EvaluateError
from phishcli.evaluation.calibration import Map, apply_map, cross_fitted, curve, fit_map
from phishcli.evaluation.counts import Confusion, checked, confusion, curves, ladder
from phishcli.evaluation.delong import delong
from phishcli.evaluation.folds import cross_validated
from phishcli.evaluation.intervals import intervals_of, with_intervals, without_width
from phishcli.evaluation.metrics import evaluate_all, notes, resolution, unresolvable
from phishcli.evaluation.resampling import resample
from phishcli.evaluation.thresholds import Chosen, Rule, choose, upper_bound
from phishcli.events import Notice, Progress, ignore
from phishcli.types import Evaluated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from sklearn.base import BaseEstimator

    from phishcli.config.schema import EvaluateConfig
    from phishcli.events import OnEvent

BLOCK_ROWS = 50_000
"""Rows that are predicted at once: bounds the memory of kernels and neighbours."""

RETRAIN = "Train the model again (phish train --force), or leave it out of train.models."

GRID = 1_001
"""Thresholds at which rows are counted for the slider of the report, evenly spaced from 0 to 1."""

USUAL: tuple[Rule, ...] = (
    0.5,
    "max_f1",
    "youden",
    *({"max_fpr": budget, "confidence": 0.95} for budget in (0.1, 0.01, 0.001)),
)
"""Rules whose thresholds are shown beside the one in use."""


def evaluate(
    settings: EvaluateConfig,
    model: BaseEstimator,
    name: str,
    test: pd.DataFrame,
    *,
    oof: pd.DataFrame,
    rows: ArrayLike,
    labels: pd.Series,
    groups: pd.Series | None = None,
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
        are learnt on them.
    rows
        Shape (n,), positions of the test rows in the table.
    labels
        Length n, the labels as in the source, in the order of ``test``.
    groups
        Length n, what the split keeps together, if it does: such rows are resampled together, too.
    on_event
        Told the rows predicted so far, and a warning for each metric that the rows do not define.

    Returns
    -------
    Evaluated
        ``predictions``: ``row`` int64, ``label``, ``target`` int8, ``probability`` float64, ``prediction`` int8.
        ``metrics``: plain values for ``metrics.json``, none of them NaN; ``cv`` has the scores over the folds.
        ``resamples``: one line per resample of the bootstrap, one column per metric. ``timing``: seconds.

    Raises
    ------
    EvaluateError
        When the test part is empty, the model cannot predict it, a probability is NaN or outside of [0, 1], or the
        rule of the threshold asks for more than the training rows can certify.
    """
    where = f"evaluate/{name}"
    if test.empty:
        raise EvaluateError(
            "The test part has no rows.", where=where, hint="Ask for more: --set preprocess.split.test_size=0.2"
        )
    target = test["target"].to_numpy(np.int8)
    started = time.perf_counter()
    raw = _predict(model, name, test.drop(columns="target"), on_event)
    seconds = time.perf_counter() - started
    _, raw = checked(target, raw, where=where)
    held_out = _HeldOut.of(settings, oof, where)
    probability = apply_map(held_out.map, raw)
    chosen = choose(_rule(settings), held_out.y, held_out.mapped)
    predictions = pd.DataFrame(
        {
            "row": np.asarray(rows, dtype=np.int64),
            "label": labels.array,
            "target": target,
            "probability": probability,
            "prediction": (probability >= chosen.value).astype(np.int8),
        }
    )
    drawn = resample(target, probability, chosen.value, groups=groups, n_boot=settings.n_boot, seed=settings.seed)
    metrics = {
        "model": name,
        **_measure(settings, target, probability, chosen, drawn, groups),
        "cv": cross_validated(held_out.y, held_out.judged, held_out.folds, threshold=chosen.value),
        "threshold_rule": chosen.to_json(),
        "operating_points": list(_operating_points(settings, chosen, held_out, target == 1, probability)),
        "calibration": {
            "map": held_out.map,
            "curve": curve(target == 1, probability, settings.confidence),
        },
    }
    for sentence in metrics["notes"]:
        on_event(Notice(f"{name}: {sentence}", "warning"))
    return Evaluated(predictions, metrics, pd.DataFrame(drawn), {"predict": seconds, "rows": len(target)})


class _HeldOut:
    """Out-of-fold scores: as they are used to choose a threshold, and as they may be judged."""

    def __init__(self, y: Any, folds: Any, fitted: Map | None, mapped: Any, judged: Any) -> None:
        self.y, self.folds, self.map, self.mapped, self.judged = y, folds, fitted, mapped, judged

    @classmethod
    def of(cls, settings: EvaluateConfig, oof: pd.DataFrame, where: str) -> _HeldOut:
        """Calibrate them where that is asked for; a fold is judged by a map that was learnt on the others."""
        y, folds = oof["target"].to_numpy(), oof["fold"].to_numpy()
        positive, scores = checked(y, oof["probability"].to_numpy(), where=where)
        if settings.calibrate == "none":
            return cls(y, folds, None, scores, scores)
        fitted = fit_map(settings.calibrate, positive, scores)
        judged = cross_fitted(settings.calibrate, positive, scores, folds)
        return cls(y, folds, fitted, apply_map(fitted, scores), judged)


def _rule(settings: EvaluateConfig) -> Rule:
    rule = settings.threshold
    return rule if isinstance(rule, float | str) else rule.model_dump()


def _operating_points(
    settings: EvaluateConfig,
    chosen: Chosen,
    held_out: _HeldOut,
    positive: NDArray[np.bool_],
    probability: NDArray[np.float64],
) -> Iterator[dict[str, Any]]:
    """The threshold in use, and those of the usual rules that the training rows can tell."""
    found = {chosen.rule: chosen}
    for rule in USUAL:
        try:
            point = choose(rule, held_out.y, held_out.mapped)
        except EvaluateError:  # too few negative rows to certify so small a share
            continue
        found.setdefault(point.rule, point)
    for point in found.values():
        matrix = confusion(positive, probability, point.value)
        bound = upper_bound(matrix.fp, int(matrix.negatives), settings.confidence)
        yield {**point.to_json(), "in_use": point is chosen, "confusion": _cells(matrix), "fpr_upper": float(bound)}


def _predict(model: BaseEstimator, name: str, features: pd.DataFrame, on_event: OnEvent) -> NDArray[np.float64]:
    """Probabilities of class 1, shape (n,), computed block by block."""
    blocks = []
    for start in range(0, len(features), BLOCK_ROWS):
        block = features.iloc[start : start + BLOCK_ROWS].to_numpy(np.float32)
        blocks.append(_predict_block(model, name, block))
        on_event(Progress(name, start + len(block), len(features), "rows"))
    return np.concatenate(blocks)


def _predict_block(model: BaseEstimator, name: str, block: NDArray[np.float32]) -> NDArray[np.float64]:
    try:
        column = list(model.classes_).index(1)
        return np.asarray(model.predict_proba(block), dtype=np.float64)[:, column]
    except Exception as error:
        # A model is foreign code: whatever it raises concerns this model and leaves the others alone.
        reason = (str(error) or type(error).__name__).splitlines()[0]
        what = f"{name} cannot predict the test part: {reason}"
        raise EvaluateError(what, where=f"evaluate/{name}", hint=RETRAIN) from error


def _measure(
    settings: EvaluateConfig,
    target: NDArray[np.int8],
    probability: NDArray[np.float64],
    chosen: Chosen,
    drawn: Mapping[str, NDArray[np.float64]],
    groups: pd.Series | None,
) -> dict[str, Any]:
    positive = target == 1
    matrix, ranking = confusion(positive, probability, chosen.value), ladder(positive, probability)
    values = {name: float(value) for name, value in evaluate_all(matrix, ranking).items()}
    how = settings.model_dump(include={"n_boot", "confidence", "seed"})
    intervals = intervals_of(positive, probability, chosen.value, drawn, groups=groups, **how)
    scores: dict[str, Any] = with_intervals(values, intervals, lost=unresolvable(matrix))
    if intervals["roc_auc"] is not None and groups is None:
        scores["roc_auc"]["delong"] = list(delong(positive, probability, settings.confidence) or ()) or None
    return {
        "n": int(matrix.rows),
        "n_positive": int(matrix.positives),
        "n_negative": int(matrix.negatives),
        "threshold": chosen.value,
        "bootstrap": {**how, "groups": None if groups is None else int(groups.nunique())},
        "confusion": _cells(matrix),
        "metrics": scores,
        "notes": [*notes(matrix, values), *without_width(values, intervals)],
        "resolution": resolution(matrix),
        "curves": curves(ranking),
        "steps": _steps(positive, probability),
    }


def _steps(positive: NDArray[np.bool_], probability: NDArray[np.float64]) -> dict[str, list[int]]:
    """Rows of either class with at least a probability of 0, 0.001, ... 1."""
    grid = np.linspace(0, 1, GRID)
    counts = {"tp": np.sort(probability[positive]), "fp": np.sort(probability[~positive])}
    return {
        cell: (len(scores) - np.searchsorted(scores, grid, side="left")).tolist() for cell, scores in counts.items()
    }


def _cells(matrix: Confusion) -> dict[str, int]:
    return {cell: int(getattr(matrix, cell)) for cell in ("tn", "fp", "fn", "tp")}
