"""Scores where a telling value is there are those of these rows alone, at the thresholds of all rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.evaluation.intervals import bootstrap
from phishcli.evaluation.metrics import compute
from phishcli.evaluation.missingness import where_present

HOW: dict[str, Any] = {"n_boot": 200, "confidence": 0.95, "seed": 1}
METRICS = {
    "threshold": 0.4,
    "operating_points": [{"rule": "0.4", "threshold": 0.4}, {"rule": "max_fpr=0.01", "threshold": 0.9}],
}


def predictions(n: int = 2000) -> tuple[pd.DataFrame, np.ndarray]:
    """Half of the positive rows lack the value and score 1; the others are hard to tell."""
    rng = np.random.default_rng(0)
    target = (np.arange(n) % 2).astype(np.int8)
    present = (target == 0) | (np.arange(n) % 4 == 1)
    probability = np.where(present, rng.beta(2 + target, 3), 1.0)
    return pd.DataFrame({"target": target, "probability": probability}), present


def test_all_metrics_are_those_of_the_rows_that_have_the_value() -> None:
    frame, present = predictions()
    found = where_present(frame, METRICS, present, **HOW)
    assert found is not None
    rows = frame[present]
    expected = compute(rows["target"], rows["probability"], 0.4)
    assert (found["n"], found["n_positive"]) == (1500, 500)
    resolved = {name: value for name, value in expected.items() if name != "tpr@fpr=0.001"}
    assert {name: found["metrics"][name]["value"] for name in resolved} == pytest.approx(resolved)
    assert found["metrics"]["tpr@fpr=0.001"] == {"value": None, "low": None, "high": None}
    assert all(
        found["metrics"][name]["low"] <= value <= found["metrics"][name]["high"] for name, value in resolved.items()
    )
    everything = compute(frame["target"], frame["probability"], 0.4)
    assert found["metrics"]["roc_auc"]["high"] < everything["roc_auc"]


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_are_those_of_a_bootstrap_of_these_rows(*, grouped: bool) -> None:
    frame, present = predictions()
    hosts = np.arange(len(frame)) // 5 if grouped else None
    how: dict[str, Any] = {"n_boot": 50, "confidence": 0.7, "seed": 3}
    found = where_present(frame, METRICS, present, groups=hosts, **how)
    assert found is not None
    rows, own = frame[present], None if hosts is None else hosts[present]
    expected = bootstrap(rows["target"], rows["probability"], 0.4, groups=own, **how)
    for name, interval in expected.items():
        assert (found["metrics"][name]["low"], found["metrics"][name]["high"]) == (interval or (None, None)), name


def test_recall_is_told_at_every_threshold() -> None:
    frame, present = predictions()
    positives = np.flatnonzero(present & (frame["target"] == 1))
    frame.loc[positives[:50], "probability"] = 0.9  # exactly at a threshold
    found = where_present(frame, METRICS, present, **HOW)
    assert found is not None
    scores = frame["probability"][present & (frame["target"] == 1)]
    assert found["recall"] == {"0.4": (scores >= 0.4).mean(), "max_fpr=0.01": (scores >= 0.9).mean()}


def test_rows_of_a_group_are_resampled_together() -> None:
    frame, present = predictions()
    alone, together = (
        where_present(frame, METRICS, present, groups=groups, **HOW)
        for groups in (None, (frame["target"] + 2 * (np.arange(len(frame)) % 40 // 2)).to_numpy())
    )
    assert alone is not None
    assert together is not None
    assert alone["metrics"]["accuracy"]["value"] == together["metrics"]["accuracy"]["value"]
    assert alone["metrics"]["accuracy"]["low"] != together["metrics"]["accuracy"]["low"]


@pytest.mark.parametrize("kept", [9, 0])
def test_a_handful_of_rows_is_not_scored(kept: int) -> None:
    frame, _ = predictions()
    assert where_present(frame, METRICS, np.arange(len(frame)) < kept, **HOW) is None


def test_ten_rows_of_both_classes_are_scored() -> None:
    frame, _ = predictions()
    found = where_present(frame, METRICS, np.arange(len(frame)) < 10, **HOW)
    assert found is not None
    assert (found["n"], found["n_positive"]) == (10, 5)


def test_rows_of_one_class_are_not_scored() -> None:
    frame, _ = predictions()
    assert where_present(frame, METRICS, (frame["target"] == 0).to_numpy(), **HOW) is None
