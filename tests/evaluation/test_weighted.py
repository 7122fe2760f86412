"""Weights of rows in bags give the intervals that drawing rows gives."""

from __future__ import annotations

import numpy as np
import pytest

from phishcli.evaluation import resampling, weighted
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.metrics import compute
from phishcli.evaluation.resampling import Resampling, resample


def scored(rows: int, share: float, seed: int = 0, steps: int | None = None) -> ScoredRows:
    rng = np.random.default_rng(seed)
    positive = rng.random(rows) < share
    scores = 1 / (1 + np.exp(-(rng.normal(size=rows) + np.where(positive, 1.0, -1.0))))
    return ScoredRows(positive, scores if steps is None else np.round(scores * steps) / steps, 0.4)


def of(rows: ScoredRows, monkeypatch: pytest.MonkeyPatch, many: int, seed: int = 5, n_boot: int = 1_000) -> dict:
    monkeypatch.setattr(resampling, "MANY", many)
    return resample(rows, Resampling(n_boot=n_boot, seed=seed))


@pytest.mark.parametrize(("share", "steps"), [(0.4, None), (0.02, None), (0.4, 20)])
def test_intervals_agree_with_those_of_drawn_rows_within_a_tenth_of_their_width(
    share: float, steps: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = scored(20_000, share, steps=steps)
    drawn = of(rows, monkeypatch, 10**9, n_boot=4_000)
    found = of(rows, monkeypatch, 0, n_boot=4_000)
    assert found.keys() == drawn.keys()
    for name, values in drawn.items():
        if name.startswith("tpr@"):  # whose intervals are not made of resamples (`at_max_fpr`)
            continue
        exact, other = (np.nanquantile(each, [0.025, 0.975]) for each in (values, found[name]))
        # Quantiles of 4,000 resamples themselves have a standard error of 0.013 of the width.
        assert np.abs(exact - other).max() <= 0.1 * (exact[1] - exact[0]), name


def test_two_models_are_resampled_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = scored(5_000, 0.3)
    other = ScoredRows(rows.positive, rows.scores**2, 0.16)  # the same order and the same rows flagged
    first, second = of(rows, monkeypatch, 0), of(other, monkeypatch, 0)
    for name in ("accuracy", "recall", "fpr", "mcc"):
        np.testing.assert_allclose(first[name], second[name], rtol=1e-6)
    np.testing.assert_allclose(first["roc_auc"], second["roc_auc"], rtol=1e-5)
    assert not np.array_equal(first["accuracy"], of(rows, monkeypatch, 0, seed=6)["accuracy"])


def test_weights_are_counted_part_by_part_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = scored(3_000, 0.5)
    once = of(rows, monkeypatch, 0, n_boot=70)
    monkeypatch.setattr(weighted, "PART", 3_000)
    np.testing.assert_allclose(once["brier"], of(rows, monkeypatch, 0, n_boot=70)["brier"], rtol=1e-6)
    assert np.median(once["brier"]) == pytest.approx(
        compute(rows.positive, rows.scores, rows.threshold)["brier"], rel=0.02
    )


def test_a_class_of_a_few_rows_and_one_score_for_all_are_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    positive = np.zeros(4_000, dtype=bool)
    positive[:3] = True
    same = of(ScoredRows(positive, np.full(4_000, 0.5)), monkeypatch, 0, n_boot=200)
    assert set(same["recall"][np.isfinite(same["recall"])]) == {1.0}
    assert np.isnan(same["recall"]).mean() == pytest.approx(np.exp(-3), abs=0.06)  # none of the three has a weight
    alone = of(ScoredRows(np.ones(50, dtype=bool), np.linspace(0, 1, 50)), monkeypatch, 0, n_boot=20)
    assert "fpr" not in alone
    assert np.isfinite(alone["recall"]).all()
