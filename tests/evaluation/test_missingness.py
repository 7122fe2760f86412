"""Scores where a telling value is not missing are those of these rows alone, at the thresholds of all rows."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from phishcli.config.schema import EvaluateConfig
from phishcli.documents.metrics import Metrics, OperatingPoint, Score
from phishcli.evaluation.evaluate import evaluate
from phishcli.evaluation.intervals import bootstrap
from phishcli.evaluation.metrics import compute
from phishcli.evaluation.missingness import score_non_missing
from phishcli.evaluation.resampling import Resampling
from phishcli.tables.memory import MemoryTable

HOW = Resampling(n_boot=200, seed=1)


class Ignorant:
    """A classifier that gives every row the same probability."""

    classes_ = (0, 1)

    def predict_proba(self, block: np.ndarray) -> np.ndarray:
        return np.full((len(block), 2), 0.5)


def at(*thresholds: tuple[str, float]) -> Metrics:
    """The metrics of a model with these rules and thresholds; the first is in use."""
    rows = pd.DataFrame({"number": [0.0, 1.0], "target": [0, 1]})
    oof = pd.DataFrame({"fold": [0, 0], "target": [0, 1], "probability": [0.5, 0.5]})
    model = Ignorant()
    done = evaluate(
        EvaluateConfig(n_boot=0), model, "M", MemoryTable.of_frame(rows), oof=oof, rows=[0, 1], labels=pd.Series([0, 1])
    )  # type: ignore[arg-type]  # all that is asked of it
    matrix = done.metrics.confusion
    points = tuple(
        OperatingPoint(threshold=value, rule=rule, why="", in_use=False, confusion=matrix, fpr_upper=1.0)
        for rule, value in thresholds
    )
    return msgspec.structs.replace(done.metrics, threshold=thresholds[0][1], operating_points=points)


METRICS = at(("0.4", 0.4), ("max_fpr=0.01", 0.9))


def predictions(n: int = 2000) -> tuple[pd.DataFrame, np.ndarray]:
    """Half of the positive rows lack the value and score 1; the others are hard to tell."""
    rng = np.random.default_rng(0)
    target = (np.arange(n) % 2).astype(np.int8)
    non_missing = (target == 0) | (np.arange(n) % 4 == 1)
    probability = np.where(non_missing, rng.beta(2 + target, 3), 1.0)
    return pd.DataFrame({"target": target, "probability": probability}), non_missing


def test_all_metrics_are_those_of_the_rows_that_have_the_value() -> None:
    frame, non_missing = predictions()
    found = score_non_missing(frame, METRICS, non_missing, HOW)
    assert found is not None
    rows = frame[non_missing]
    expected = compute(rows["target"], rows["probability"], 0.4)
    assert (found.n, found.n_positive) == (1500, 500)
    resolved = {name: value for name, value in expected.items() if name != "tpr@fpr=0.001"}
    assert {name: found.metrics[name].value for name in resolved} == pytest.approx(resolved)
    assert found.metrics["tpr@fpr=0.001"] == Score(value=None)
    for name, value in resolved.items():
        low, high = found.metrics[name].low, found.metrics[name].high
        assert low is not None
        assert high is not None
        assert low <= value <= high
    everything = compute(frame["target"], frame["probability"], 0.4)
    assert (found.metrics["roc_auc"].high or 1) < everything["roc_auc"]


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_are_those_of_a_bootstrap_of_these_rows(*, grouped: bool) -> None:
    frame, non_missing = predictions()
    hosts = np.arange(len(frame)) // 5 if grouped else None
    found = score_non_missing(frame, METRICS, non_missing, Resampling(50, 0.7, 3, hosts))
    assert found is not None
    rows, own = frame[non_missing], None if hosts is None else hosts[non_missing]
    expected = bootstrap(rows["target"], rows["probability"], 0.4, groups=own, n_boot=50, confidence=0.7, seed=3)
    for name, interval in expected.items():
        assert (found.metrics[name].low, found.metrics[name].high) == (interval or (None, None)), name


def test_recall_is_given_at_every_threshold() -> None:
    frame, non_missing = predictions()
    positives = np.flatnonzero(non_missing & (frame["target"] == 1))
    frame.loc[positives[:50], "probability"] = 0.9  # exactly at a threshold
    found = score_non_missing(frame, METRICS, non_missing, HOW)
    assert found is not None
    scores = frame["probability"][non_missing & (frame["target"] == 1)]
    assert found.recall == {"0.4": (scores >= 0.4).mean(), "max_fpr=0.01": (scores >= 0.9).mean()}


def test_rows_of_a_group_are_resampled_together() -> None:
    frame, non_missing = predictions()
    alone, together = (
        score_non_missing(frame, METRICS, non_missing, replace(HOW, groups=groups))
        for groups in (None, (frame["target"] + 2 * (np.arange(len(frame)) % 40 // 2)).to_numpy())
    )
    assert alone is not None
    assert together is not None
    assert alone.metrics["accuracy"].value == together.metrics["accuracy"].value
    assert alone.metrics["accuracy"].low != together.metrics["accuracy"].low


@pytest.mark.parametrize("kept", [9, 0])
def test_a_handful_of_rows_is_not_scored(kept: int) -> None:
    frame, _ = predictions()
    assert score_non_missing(frame, METRICS, np.arange(len(frame)) < kept, HOW) is None


def test_ten_rows_of_both_classes_are_scored() -> None:
    frame, _ = predictions()
    found = score_non_missing(frame, METRICS, np.arange(len(frame)) < 10, HOW)
    assert found is not None
    assert (found.n, found.n_positive) == (10, 5)


def test_rows_of_one_class_are_not_scored() -> None:
    frame, _ = predictions()
    assert score_non_missing(frame, METRICS, (frame["target"] == 0).to_numpy(), HOW) is None
