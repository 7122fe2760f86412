"""The evaluate stage: score each trained model on the test part, then compare the models and select one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.errors import EvaluateError
from phishcli.evaluation.counts import Confusion, checked, confusion, curves, ladder
from phishcli.evaluation.folds import cross_validated
from phishcli.evaluation.intervals import bootstrap, without_width
from phishcli.evaluation.metrics import METRICS, evaluate_all, notes
from phishcli.evaluation.selection import Scores, best, select
from phishcli.events import Notice, Progress, ignore
from phishcli.types import Compared, Evaluated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray
    from sklearn.base import BaseEstimator

    from phishcli.config.schema import EvaluateConfig
    from phishcli.events import OnEvent

BLOCK_ROWS = 50_000
"""Rows that are predicted at once: bounds the memory of kernels and neighbours."""

RETRAIN = "Train the model again (phish train --force), or leave it out of train.models."


def evaluate(
    settings: EvaluateConfig,
    model: BaseEstimator,
    name: str,
    test: pd.DataFrame,
    *,
    oof: pd.DataFrame,
    rows: ArrayLike,
    labels: pd.Series,
    on_event: OnEvent = ignore,
) -> Evaluated:
    """Score one model on the test part, which it has not seen.

    Parameters
    ----------
    settings
        Threshold, and the settings of the bootstrap.
    model
        A fitted classifier with ``predict_proba`` whose class 1 is the positive one.
    name
        The model's name, for results and messages.
    test
        n rows of processed features and ``target`` (1 = positive).
    oof
        Out-of-fold predictions of the training part: ``fold``, ``target``, ``probability``.
    rows
        Shape (n,), positions of the test rows in the table.
    labels
        Length n, the labels as in the source, in the order of ``test``.
    on_event
        Told the rows predicted so far, and a warning for each metric that the rows do not define.

    Returns
    -------
    Evaluated
        ``predictions``: ``row`` int64, ``label``, ``target`` int8, ``probability`` float64, ``prediction`` int8.
        ``metrics``: plain values for ``metrics.json``, none of them NaN; ``cv`` has the scores over the folds.

    Raises
    ------
    EvaluateError
        When the test part is empty, the model cannot predict it, or a probability is NaN or outside of [0, 1].
    """
    where = f"evaluate/{name}"
    if test.empty:
        raise EvaluateError(
            "The test part has no rows.", where=where, hint="Ask for more: --set preprocess.split.test_size=0.2"
        )
    target = test["target"].to_numpy(np.int8)
    probability = _predict(model, name, test.drop(columns="target"), on_event)
    _, probability = checked(target, probability, where=where)
    predictions = pd.DataFrame(
        {
            "row": np.asarray(rows, dtype=np.int64),
            "label": labels.array,
            "target": target,
            "probability": probability,
            "prediction": (probability >= settings.threshold).astype(np.int8),
        }
    )
    folds = oof["target"].to_numpy(), oof["probability"].to_numpy(), oof["fold"].to_numpy()
    cv = cross_validated(*folds, threshold=settings.threshold)
    metrics = {"model": name, **_measure(settings, target, probability), "cv": cv}
    for sentence in metrics["notes"]:
        on_event(Notice(f"{name}: {sentence}", "warning"))
    return Evaluated(predictions, metrics)


def compare(settings: EvaluateConfig, metrics: Mapping[str, Mapping[str, Any]]) -> Compared:
    """Put the models side by side and select one of them.

    Parameters
    ----------
    settings
        ``select_on`` says whether the folds or the test set select.
    metrics
        Per model its ``metrics.json``, in the order shown.

    Returns
    -------
    Compared
        ``results``: one line per model and metric (``value``, ``low``, ``high``, ``cv_mean``, ``cv_std``; NaN where
        there is no interval). ``selection``: what `select` gives, and ``table`` (test), ``best`` (models per metric)
        and ``cv`` as plain values.

    Raises
    ------
    EvaluateError
        When there is no model.
    """
    if not metrics:
        raise EvaluateError("There is no evaluated model to compare.", hint="See why the models failed: phish train -v")
    cv: dict[str, dict[str, dict[str, float]]] = {
        model: {each.name: _moments(metrics[model]["cv"][each.name]) for each in METRICS} for model in metrics
    }
    table: dict[str, Scores] = {
        model: {each.name: metrics[model]["metrics"][each.name]["value"] for each in METRICS} for model in metrics
    }
    if settings.select_on == "cv":
        scores = {model: {name: each["mean"] for name, each in values.items()} for model, values in cv.items()}
        chosen = select(scores, "cv", {model: values["accuracy"]["std"] for model, values in cv.items()})
    else:
        chosen = select(table, "test", {model: _half_width(metrics[model]["metrics"]["accuracy"]) for model in metrics})
    selection = {**chosen, "table": table, "best": best(table), "cv": cv}
    return Compared(pd.DataFrame(_lines(metrics, cv)), selection)


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


def _measure(settings: EvaluateConfig, target: NDArray[np.int8], probability: NDArray[np.float64]) -> dict[str, Any]:
    positive = target == 1
    matrix, ranking = confusion(positive, probability, settings.threshold), ladder(positive, probability)
    values = {name: float(value) for name, value in evaluate_all(matrix, ranking).items()}
    intervals = bootstrap(
        target,
        probability,
        settings.threshold,
        n_boot=settings.n_boot,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    return {
        "n": int(matrix.rows),
        "n_positive": int(matrix.positives),
        "n_negative": int(matrix.negatives),
        "threshold": settings.threshold,
        "bootstrap": settings.model_dump(include={"n_boot", "confidence", "seed"}),
        "confusion": _cells(matrix),
        "metrics": {name: _with_interval(value, intervals[name]) for name, value in values.items()},
        "notes": [*notes(matrix, values), *without_width(values, intervals)],
        "curves": curves(ranking),
    }


def _cells(matrix: Confusion) -> dict[str, int]:
    return {cell: int(getattr(matrix, cell)) for cell in ("tn", "fp", "fn", "tp")}


def _with_interval(value: float, interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {"value": value, "low": low, "high": high}


def _moments(scores: Mapping[str, Any]) -> dict[str, float]:
    return {"mean": scores["mean"], "std": scores["std"]}


def _half_width(scores: Mapping[str, float | None]) -> float | None:
    low, high = scores["low"], scores["high"]
    return None if low is None or high is None else (high - low) / 2


def _lines(
    metrics: Mapping[str, Mapping[str, Any]], cv: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> Iterator[dict[str, Any]]:
    """The tidy long form; None becomes NaN."""
    for model, document in metrics.items():
        for each in METRICS:
            scores, folds = document["metrics"][each.name], cv[model][each.name]
            bounds = {bound: float("nan") if scores[bound] is None else scores[bound] for bound in ("low", "high")}
            yield {
                "model": model,
                "metric": each.name,
                "value": scores["value"],
                **bounds,
                "cv_mean": folds["mean"],
                "cv_std": folds["std"],
            }
