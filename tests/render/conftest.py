"""A small run as its artifacts tell it, and the report made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from phishcli.config.schema import ReportConfig
from phishcli.evaluation.metrics import METRICS, compute
from phishcli.evaluation.selection import best, select
from phishcli.stages.report import assemble
from phishcli.types import Provenance, ReportData, SplitFacts

CONFUSIONS = {  # tp, fn, fp, tn
    "LogisticRegression": (70, 20, 15, 95),
    "HistGradientBoosting": (76, 14, 18, 92),
    "XGBoost": (75, 15, 14, 96),
}

Make = Callable[..., ReportData]


def metrics_document(name: str, *, bounds: bool) -> dict[str, Any]:
    tp, fn, fp, tn = CONFUSIONS[name]
    scores = compute([1] * (tp + fn) + [0] * (fp + tn), [0.9] * tp + [0.2] * fn + [0.8] * fp + [0.1] * tn)
    return {
        "model": name,
        "n": tp + fn + fp + tn,
        "n_positive": tp + fn,
        "n_negative": fp + tn,
        "threshold": 0.5,
        "bootstrap": {"n_boot": 1000 if bounds else 0, "confidence": 0.95, "seed": 42},
        "confusion": {"tn": tn, "fp": fp, "fn": fn, "tp": tp},
        "metrics": {
            metric: {"value": value, "low": value - 0.03 if bounds else None, "high": value + 0.02 if bounds else None}
            for metric, value in scores.items()
        },
        "notes": [],
        "cv": cv_scores(name),
        "curves": {
            "roc": {"fpr": [0.0, fp / (fp + tn), 1.0], "tpr": [0.0, tp / (tp + fn), 1.0]},
            "pr": {"recall": [0.0, tp / (tp + fn), 1.0], "precision": [1.0, tp / (tp + fp), 0.45]},
        },
    }


def cv_scores(name: str) -> dict[str, Any]:
    mean = {"LogisticRegression": 0.81, "HistGradientBoosting": 0.84, "XGBoost": 0.85}[name]
    folds = [mean - 0.01, mean + 0.01]
    return {metric.name: {"mean": mean, "std": 0.01, "folds": folds} for metric in METRICS}


def training_document(name: str) -> dict[str, Any]:
    return {
        "model": name,
        "params": {"max_depth": 5, "subsample": None, "learning_rate": 0.1},
        "seed": 42,
        "cv": {},
        "seconds": {"fit": 0.42, "cv": 125.0, "search": 0.0},
        "warnings": [],
        "n_train": 800,
        "n_features": 3,
        "libraries": {"xgboost": "3.2.0"},
        "tuned": None,
    }


def selection_document(metrics: dict[str, Any], on: str) -> dict[str, Any]:
    cv = {name: document["cv"] for name, document in metrics.items()}
    table = {n: {metric: score["value"] for metric, score in m["metrics"].items()} for n, m in metrics.items()}
    means = {name: {metric: score["mean"] for metric, score in scores.items()} for name, scores in cv.items()}
    chosen = select(table if on == "test" else means, on)  # type: ignore[arg-type] # a plain string in a test
    return {**chosen, "table": table, "best": best(table), "cv": cv}


SCHEMA: dict[str, Any] = {
    "synthetic": False,
    "table": None,
    "rows": 1000,
    "target": "isPhishing",
    "positive_label": 1,
    "negative_label": 0,
    "label_counts": {"1": 450, "0": 550},
    "columns": [
        {"name": "Lines", "role": "numeric", "dtype": "float64", "missing": 7, "categories": [], "indicator_of": None},
        {
            "name": "Host",
            "role": "categorical",
            "dtype": "str",
            "missing": 0,
            "categories": ["a"],
            "indicator_of": None,
        },
    ],
    "set_aside": {"URL": "free text"},
    "clean": {"strip_categories": False},
    "cleaned": {"drop_duplicates": 4},
}


@pytest.fixture
def make() -> Make:
    """Give a function that assembles a report; its arguments replace parts of the documents."""

    def made(
        *,
        on: str = "cv",
        bounds: bool = True,
        charts: bool = True,
        title: str = "Phishing detection",
        schema: dict[str, Any] | None = None,
        training: dict[str, Any] | None = None,
        evaluation: dict[str, Any] | None = None,
        **others: Any,
    ) -> ReportData:
        metrics = {name: metrics_document(name, bounds=bounds) | (evaluation or {}) for name in CONFUSIONS}
        trained = {name: training_document(name) | (training or {}) for name in CONFUSIONS}
        given: dict[str, Any] = {
            "origin": "data/sites.csv",
            "audit": [],
            "split": SplitFacts(800, 200, 3),
            "provenance": Provenance("ab" * 32, {"train": {"seed": 42, "params": {}}}, {"xgboost": "3.2.0"}),
        }
        return assemble(
            ReportConfig(title=title, charts=charts),
            schema=SCHEMA | (schema or {}),
            selection=selection_document(metrics, on),
            metrics=metrics,
            training=trained,
            **(given | others),
        )

    return made


@pytest.fixture
def data(make: Make) -> ReportData:
    """Give the report of the small run."""
    return make()
