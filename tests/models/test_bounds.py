"""Bounds of models over boxes, against all points of small grids."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from phishcli.fits.worker import fit
from phishcli.models import get
from phishcli.models.bounds import NoBounds, _found, bounds_of
from phishcli.models.mean import MeanOfModels
from phishcli.models.own_format import PositiveClass
from phishcli.models.view import with_view

TREES = ("XGBoost", "LightGBM", "HistGradientBoosting", "GradientBoosting", "RandomForest", "ExtraTrees")
WIDTH = 4
RNG = np.random.default_rng(3)
X = RNG.integers(0, 6, (400, WIDTH)).astype(np.float32)
Y = ((X[:, 0] * X[:, 1] + 3 * RNG.normal(size=400)) > 7).astype(np.int8)
GRID = np.array(list(product(range(6), repeat=WIDTH)), dtype=np.float32)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other cost more than these few rows."""
    with threadpool_limits(1):
        yield


def fitted(name: str, **params: Any) -> PositiveClass:
    spec = get(name)
    return PositiveClass(fit(spec, params, 0, X, Y), spec.in_blocks)


@pytest.mark.parametrize("name", ["RandomForest", "ExtraTrees"])
def test_forests_score_as_scikit_learn_does_and_in_threads_without_warnings(name: str) -> None:
    score = fitted(name, n_estimators=30)
    expected = score.estimator.predict_proba(GRID)[:, 1]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(score, [GRID] * 40):
            np.testing.assert_array_equal(found, expected)
    odd = np.array([[np.finfo(np.float32).max, -1e30, 0, 1]] * 2, dtype=np.float32)
    np.testing.assert_array_equal(score(odd), score.estimator.predict_proba(odd)[:, 1])
    assert score(GRID[:0]).shape == (0,)


def boxes(n: int = 12) -> tuple[np.ndarray, np.ndarray]:
    one, other = RNG.integers(0, 6, (n, WIDTH)), RNG.integers(0, 6, (n, WIDTH))
    free = RNG.random((n, WIDTH)) < 0.5
    low = np.where(free, np.minimum(one, other), one)
    return low.astype(np.float32), np.where(free, np.maximum(one, other), one).astype(np.float32)


def true_range(score: Any, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    inside = GRID[((low <= GRID) & (high >= GRID)).all(axis=1)]
    found = score(inside)
    return float(found.min()), float(found.max())


@pytest.mark.parametrize("name", [*TREES, "LogisticRegression"])
def test_no_point_of_a_box_lies_beyond_its_bounds(name: str) -> None:
    score = fitted(name)
    bounds = bounds_of(score, WIDTH)
    low, high = boxes()
    least, most = bounds(low, high)
    for place in range(len(low)):
        lowest, highest = true_range(score, low[place], high[place])
        assert least[place] <= lowest <= highest <= most[place]
        if name == "LogisticRegression":  # exact, but for rounding
            assert (least[place], most[place]) == pytest.approx((lowest, highest), abs=3e-6)


@pytest.mark.parametrize("name", [*TREES, "LogisticRegression"])
def test_a_box_of_one_point_has_its_probability(name: str) -> None:
    score = fitted(name)
    least, most = bounds_of(score, WIDTH)(GRID[::7], GRID[::7])
    assert least == pytest.approx(score(GRID[::7]), abs=1e-4)
    assert most == pytest.approx(least, abs=2e-4)


def test_one_tree_has_exact_bounds() -> None:
    score = fitted("GradientBoosting", n_estimators=1, max_depth=3)
    low, high = boxes()
    least, most = bounds_of(score, WIDTH)(low, high)
    found = [true_range(score, *box) for box in zip(low, high, strict=True)]
    assert np.column_stack([least, most]) == pytest.approx(np.array(found), abs=3e-6)


def test_the_mean_of_models_has_the_mean_of_their_bounds() -> None:
    members = [fitted(name).estimator for name in ("XGBoost", "LogisticRegression")]
    score = PositiveClass(MeanOfModels(["XGBoost", "LogisticRegression"], members, [0.25, 0.75]))
    low, high = boxes()
    least, most = bounds_of(score, WIDTH)(low, high)
    parts = [bounds_of(fitted(name), WIDTH)(low, high) for name in ("XGBoost", "LogisticRegression")]
    assert least == pytest.approx(0.25 * parts[0][0] + 0.75 * parts[1][0], abs=3e-6)
    for place in range(len(low)):
        lowest, highest = true_range(score, low[place], high[place])
        assert least[place] <= lowest <= highest <= most[place]


@pytest.mark.parametrize("weights", [[1.6, -0.7], [1.0, -1.0], [0.4, 1.1]])
def test_a_second_level_has_the_bounds_of_its_sum_whatever_the_signs_of_its_weights(weights: list[float]) -> None:
    members = [fitted(name).estimator for name in ("GradientBoosting", "LogisticRegression")]
    score = PositiveClass(MeanOfModels(["GradientBoosting", "LogisticRegression"], members, weights, -0.2))
    low, high = boxes()
    least, most = _found(score, WIDTH)(low, high)
    for place in range(len(low)):
        lowest, highest = true_range(score, low[place], high[place])
        assert least[place] <= lowest <= highest <= most[place]
    assert np.any(least > 0.01)


def test_a_model_that_sees_some_columns_has_its_own_bounds_alone_and_in_a_mean() -> None:
    spec = get("LightGBM")
    seen = fit(spec, {}, 0, X[:, [2, 0]], Y)
    viewed, low, high = with_view(seen, [2, 0]), *boxes()
    own = bounds_of(PositiveClass(seen), 2)(low[:, [2, 0]], high[:, [2, 0]])
    mean = PositiveClass(MeanOfModels(["LightGBM"] * 2, [viewed, viewed], [0.5, 0.5]))
    for score in (PositiveClass(viewed), mean):
        for one, other in zip(bounds_of(score, WIDTH)(low, high), own, strict=True):
            assert one == pytest.approx(other, abs=3e-6)


def test_trees_that_ask_for_categories_have_none() -> None:
    labels = np.isin(X[:, 0], [1, 4]).astype(np.int8)
    model = fit(get("LightGBM"), {}, 0, X, labels, codes=[0])
    with pytest.raises(NoBounds, match="no order"):
        bounds_of(PositiveClass(model), WIDTH)


def test_a_missing_value_may_go_either_way() -> None:
    gaps = np.where(RNG.random(X.shape) < 0.2, np.nan, X).astype(np.float32)
    spec = get("LightGBM")
    score = PositiveClass(fit(spec, {}, 0, gaps, Y))
    least, most = bounds_of(score, WIDTH)(gaps, gaps)
    found = score(gaps)
    assert np.all((least <= found) & (found <= most))


@pytest.mark.parametrize("name", ["LightGBM", "XGBoost"])
def test_a_model_read_from_a_release_has_the_same_bounds(name: str) -> None:
    score, own = fitted(name), get(name).own_format
    assert own is not None
    read = own.read(own.write(score.estimator))
    low, high = boxes()
    for one, other in zip(bounds_of(score, WIDTH)(low, high), bounds_of(read, WIDTH)(low, high), strict=True):
        assert one == pytest.approx(other, abs=1e-9)


@pytest.mark.parametrize("name", ["KNN", "NaiveBayes"])
def test_other_models_have_none(name: str) -> None:
    with pytest.raises(NoBounds, match="there are none for"):
        bounds_of(fitted(name), WIDTH)
