"""Scaling: its numbers by hand and by scikit-learn, and which different values survive float32."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.preprocessing import RobustScaler, StandardScaler

from phishcli.documents.features import Impute, NumericScale, Strategy
from phishcli.features.scaling import LEARNED, learn_number, learn_scaling

FLOATS = st.floats(allow_nan=True, allow_infinity=False, allow_subnormal=True)
RANDOM = np.random.default_rng(0)
MINUTES = 1_700_000_000_000 + 60_000.0 * np.arange(400)
"""Times of one day in milliseconds."""


def scaled(values: NDArray[np.float64], how: NumericScale = "robust") -> NDArray[np.float32]:
    learned = learn_scaling(values, how)
    with np.errstate(over="ignore"):
        exact = (np.where(np.isnan(values), learned.impute, values) - learned.center) / learned.scale
    return exact.clip(-3e38, 3e38).astype(np.float32)


def test_a_usual_column_is_scaled_as_by_robust_scaler() -> None:
    values = RANDOM.normal(40, 7, 501)
    expected = RobustScaler().fit(values.reshape(-1, 1))
    found = learn_scaling(values, "robust")
    assert (found.center, found.scale) == (expected.center_[0], expected.scale_[0])


def test_a_missing_value_counts_as_the_median() -> None:
    assert learn_scaling(np.array([0.0, 1, 2, 3, 4, np.nan]), "robust") == (2, 2, 1.5)  # 0 1 2 2 3 4: 1.25 to 2.75


@pytest.mark.parametrize("far", [0.2, 1e9])
def test_where_quartiles_are_equal_the_standard_deviation_serves(far: float) -> None:
    values = np.array([0.0] * 9 + [far])
    assert learn_scaling(values, "robust") == pytest.approx((0, 0, 0.3 * far))  # variance: 0.1 x 0.9 far^2
    assert learn_scaling(values, "published") == (0, 0, 1)


def test_a_quartile_distance_that_is_tiny_beside_the_deviation_counts_as_none() -> None:
    values = np.append(np.linspace(-1e-6, 1e-6, 80), np.linspace(-500, 500, 20))
    assert learn_scaling(values, "robust").scale == pytest.approx(values.std())
    assert learn_scaling(values, "published").scale == pytest.approx(1.25e-6, rel=0.1)


def test_the_standard_scale_is_that_of_standard_scaler() -> None:
    values = RANDOM.normal(40, 7, 501)
    expected = StandardScaler().fit(values.reshape(-1, 1))
    found = learn_scaling(values, "standard")
    assert (found.center, found.scale) == pytest.approx((expected.mean_[0], expected.scale_[0]), rel=1e-12)


@pytest.mark.parametrize("how", LEARNED)
def test_a_column_without_any_value_or_difference_is_zero(how: NumericScale) -> None:
    assert learn_scaling(np.full(3, np.nan), how) == (0, 0, 1)
    assert not scaled(np.full(5, 1.7), how).any()


def test_rounding_noise_is_not_blown_up() -> None:
    noise = np.array([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2])
    assert learn_scaling(noise, "robust").scale == 1
    assert len(np.unique(scaled(noise))) == 2


@pytest.mark.parametrize("how", ["robust", "standard"])
@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.append(np.zeros(1600), MINUTES), id="times, mostly unknown"),
        pytest.param(np.append(np.zeros(1600), 2**30 + np.arange(400)), id="identifiers, mostly unknown"),
        pytest.param(np.append(np.full(400, np.nan), MINUTES), id="times, half of them missing"),
        pytest.param(1e-310 * RANDOM.normal(size=500), id="denormal"),
        pytest.param(1e-16 * RANDOM.normal(size=500), id="tiny"),
        pytest.param(1.7e308 * RANDOM.uniform(-1, 1, 500), id="huge"),
        pytest.param(1.7e308 * np.resize([-1.0, 1.0], 500), id="the ends"),
        pytest.param(1e15 + np.arange(500.0), id="narrow and far"),
        pytest.param(np.append(np.arange(50.0), [1e300, -1e300]), id="far out"),
    ],
)
def test_different_values_stay_different(values: NDArray[np.float64], how: NumericScale) -> None:
    present = ~np.isnan(values)
    assert len(np.unique(scaled(values, how)[present])) == len(np.unique(values[present]))


def test_the_published_scale_merges_them() -> None:
    assert len(np.unique(scaled(np.append(np.zeros(1600), MINUTES), "published"))) < 300


@given(st.lists(FLOATS, min_size=1, max_size=40), st.sampled_from(LEARNED))
def test_any_column_is_scaled_in_its_order_to_finite_numbers(given_values: list[float], how: NumericScale) -> None:
    values = np.array(given_values)
    found = scaled(values, how)
    assert np.isfinite(learn_scaling(values, how)).all()
    assert learn_scaling(values, how).scale > 0
    assert np.isfinite(found).all()
    present = ~np.isnan(values)
    in_order = found[present][np.argsort(values[present])]
    assert (in_order[1:] >= in_order[:-1]).all()  # a difference may overflow


@given(st.lists(FLOATS.filter(np.isfinite), min_size=2, max_size=30))
def test_the_deviation_is_the_exact_one(given_values: list[float]) -> None:
    exact = [Fraction(value) for value in given_values]
    mean = sum(exact) / len(exact)
    variance = sum((value - mean) ** 2 for value in exact) / len(exact)
    found = Fraction(learn_scaling(np.array(given_values), "standard").scale)
    noise = max(map(abs, exact)) / 10**6  # float64 keeps too few digits of what is smaller still
    close = abs(found**2 - variance) <= variance / 10**9 or abs(found - Fraction(5e-324)) <= Fraction(5e-324)
    low, high = np.percentile(given_values, [25, 75])
    apart = found == Fraction(high - low)  # which serves where the deviation would merge values in float32
    assert close or apart or variance <= noise**2


@pytest.mark.parametrize("impute", ["mean", "none"])
@pytest.mark.parametrize("scale", ["robust", "standard", "minmax", "quantile", "none"])
def test_the_mean_of_values_whose_sum_no_float_can_hold(impute: Impute, scale: NumericScale) -> None:
    values = np.array([1.7e308, 1.5e308, 1.6e308, np.nan, 1.6e308])
    found = learn_number(values, Strategy(impute=impute, scale=scale)).scaling
    expected = float(sum(map(Fraction, values[[0, 1, 2, 4]])) / 4) if impute == "mean" else np.nan
    assert found.impute == pytest.approx(expected, rel=1e-15, nan_ok=True)
    assert np.isfinite([found.center, found.scale]).all()
