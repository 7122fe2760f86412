"""The draws behind the intervals: both classes independently, at sizes and counts that a plain loop gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike

from phishcli.evaluation import resampling
from phishcli.evaluation.counts import ScoredRows, score_levels
from phishcli.evaluation.intervals import percentile
from phishcli.evaluation.metrics import METRICS, compute
from phishcli.evaluation.resampling import Resamples, Resampling

RATES_OF_POSITIVES = ("recall", "f1", "fnr", "balanced_accuracy", "mcc", "roc_auc", "pr_auc")


def resample(
    y: ArrayLike,
    proba: ArrayLike,
    threshold: float = 0.5,
    *,
    n_boot: int,
    seed: int = 42,
    groups: ArrayLike | None = None,
) -> Resamples:
    how = Resampling(n_boot=n_boot, seed=seed, groups=None if groups is None else np.asarray(groups))
    return resampling.resample(ScoredRows.validated(y, proba, threshold), how)


@pytest.mark.parametrize(("n_positive", "n_negative"), [(40, 40), (40, 80), (80, 40)])
def test_the_two_classes_are_drawn_independently(n_positive: int, n_negative: int) -> None:
    """Both classes have the same scores in the same order: equal random numbers would pick equal ones."""
    y = np.repeat([1, 0], [n_positive, n_negative])
    proba = np.concatenate([np.linspace(0.1, 0.9, n_positive), np.linspace(0.1, 0.9, n_negative)])
    drawn = resample(y, proba, n_boot=2_000)
    correlation = np.corrcoef(drawn["recall"], drawn["fpr"])[0, 1]
    assert abs(correlation) < 0.1  # four and a half standard errors
    spread = drawn["recall"].std() ** 2 + drawn["fpr"].std() ** 2
    assert (drawn["recall"] - drawn["fpr"]).var() == pytest.approx(spread, rel=0.1)


def test_resamples_are_those_of_a_plain_loop_over_the_same_draws() -> None:
    y = np.array([1, 0, 1, 1, 0, 0, 1, 0, 0])
    proba = np.array([0.9, 0.8, 0.8, 0.4, 0.4, 0.3, 0.3, 0.1, 0.05])
    positives, negatives = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    streams = [np.random.default_rng(seed) for seed in np.random.SeedSequence(7).spawn(2)]
    rows = [
        of[stream.integers(len(of), size=(25, len(of)))]
        for stream, of in zip(streams, (positives, negatives), strict=True)
    ]
    plain = [compute(y[both], proba[both], 0.35) for both in np.hstack(rows)]
    drawn = resample(y, proba, 0.35, n_boot=25, seed=7)
    assert set(drawn) == {metric.name for metric in METRICS if not metric.max_fpr}  # five negative rows
    for name, values in drawn.items():
        assert values == pytest.approx([each[name] for each in plain]), name


def test_resamples_of_groups_are_those_of_a_plain_loop_over_the_same_draws() -> None:
    y = np.array([1, 0, 1, 1, 0, 0, 1, 0])
    proba = np.array([0.9, 0.8, 0.7, 0.4, 0.45, 0.3, 0.2, 0.1])
    hosts = np.array(["c", "a", "a", "b", "b", "b", "c", "d"])
    order = ["c", "a", "b", "d"]  # as they come
    picks = np.random.default_rng(3).integers(4, size=(40, 4))
    drawn = resample(y, proba, groups=hosts, n_boot=40, seed=3)
    for place, pick in enumerate(picks):
        rows = np.concatenate([np.flatnonzero(hosts == order[each]) for each in pick])
        plain = compute(y[rows], proba[rows]) | ({} if (proba[rows] >= 0.5).any() else {"precision": math.nan})
        plain |= dict.fromkeys(RATES_OF_POSITIVES, math.nan) if not y[rows].any() else {}
        assert {name: values[place] for name, values in drawn.items()} == pytest.approx(
            {name: plain[name] for name in drawn}, nan_ok=True
        )


def test_what_the_rows_do_not_define_is_not_resampled() -> None:
    assert resample([1, 0], [0.9, 0.1], n_boot=0) == {}
    assert resample([], [], n_boot=5) == {}
    assert set(resample([0, 0], [0.9, 0.1], n_boot=5)) == {
        *("accuracy", "precision", "specificity", "fpr", "log_loss", "brier", "ece")
    }


def test_a_resample_of_one_class_has_no_value_that_needs_both() -> None:
    """Two groups of one class each: a quarter of the resamples holds the negative one twice, half hold both."""
    drawn = resample([1, 0], [0.9, 0.1], groups=["a", "b"], n_boot=400)
    assert set(drawn["accuracy"]) == {1}
    for name, defined, value in (("recall", 0.75, 1), ("fpr", 0.75, 0), ("roc_auc", 0.5, 1), ("mcc", 0.5, 1)):
        known = drawn[name][np.isfinite(drawn[name])]
        assert set(known) == {value}
        assert abs(len(known) / 400 - defined) < 0.1


def test_an_interval_is_over_the_resamples_that_define_the_metric_if_nearly_all_do() -> None:
    how = Resampling(n_boot=100)
    drawn = np.arange(100.0)
    some, many = drawn.copy(), drawn.copy()
    some[:4], many[:6] = np.nan, np.nan
    found = percentile({"recall": some, "precision": many}, how)
    assert found["recall"] == pytest.approx(tuple(np.quantile(drawn[4:], [0.025, 0.975])))
    assert found["precision"] is None


def test_score_levels_are_numbered_from_the_highest_down() -> None:
    level, distinct = score_levels(np.array([0.2, 0.9, 0.2, 0.5]))
    assert level.tolist() == [2, 0, 2, 1]
    assert distinct.tolist() == [0.9, 0.5, 0.2]
