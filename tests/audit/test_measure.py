"""How well one column tells the classes apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from phishcli.audit.measure import (
    auc,
    auc_of_position,
    beyond_chance,
    holds_codes,
    most_frequent,
    standard_error,
    strength,
)

RANDOM = np.random.default_rng(0)
LABEL = RANDOM.random(500) < 0.3


def test_the_auc_is_that_of_scikit_learn_with_ties_and_missing_values_below_all() -> None:
    values = RANDOM.integers(0, 6, 500).astype(float)
    assert auc(values, LABEL) == pytest.approx(roc_auc_score(LABEL, values))
    values[::7] = np.nan
    assert auc(values, LABEL) == pytest.approx(roc_auc_score(LABEL, np.nan_to_num(values, nan=-1)))
    assert auc_of_position(LABEL) == pytest.approx(roc_auc_score(LABEL, np.arange(500)))


def test_with_one_class_it_is_one_half() -> None:
    assert auc([1.0, 2.0], np.array([True, True])) == auc_of_position(np.zeros(3, dtype=bool)) == 0.5


def test_the_standard_error_is_what_shuffling_gives() -> None:
    areas = [auc_of_position(RANDOM.permutation(LABEL)) for _ in range(5_000)]
    n_positive = int(LABEL.sum())
    assert np.std(areas) == pytest.approx(standard_error(n_positive, 500 - n_positive), rel=0.03)


def test_what_beyond_chance_would_hardly_happen_by_chance() -> None:
    label = np.arange(200) % 2 == 0
    clear = 0.5 + 5.001 * standard_error(100, 100)
    assert beyond_chance(clear, label)
    assert beyond_chance(1 - clear, label)
    assert not beyond_chance(clear, label, far=0.3)
    assert not beyond_chance(1.0, np.arange(20) < 2)
    low = RANDOM.normal(size=100)
    assert not any(
        beyond_chance(auc(np.r_[low, RANDOM.normal(size=100)], np.arange(200) < 100), label) for _ in range(300)
    )
    assert mannwhitneyu(low, low + 1).pvalue < 1e-7  # a difference that is


def test_the_strength_of_a_number_is_that_of_its_best_ranking() -> None:
    values = RANDOM.normal(size=500) + LABEL
    area = roc_auc_score(LABEL, values)
    assert strength(pd.Series(values), LABEL) == pytest.approx(area)
    assert strength(pd.Series(-values), LABEL) == pytest.approx(area)
    middle = pd.Series(np.where(LABEL, 0, RANDOM.choice([-9.0, 9.0], 500)) + RANDOM.normal(size=500))
    assert abs(auc(middle, LABEL) - 0.5) < 0.1
    assert strength(middle, LABEL) > 0.99


def test_the_strength_of_a_category_is_judged_on_rows_that_did_not_set_its_share() -> None:
    telling = pd.Series(np.where(LABEL, "a", RANDOM.choice(["b", "c"], 500))).astype("category")
    assert strength(telling, LABEL) == 1
    alone = pd.Series([f"row {row}" for row in range(500)]).astype("category")
    assert strength(alone, LABEL) == 0.5
    rare = pd.Series([f"row {row // 2}" for row in RANDOM.permutation(500)]).astype("category")
    assert strength(rare, LABEL) < 0.6


@pytest.mark.parametrize("values", [[np.nan] * 4, [1.0] * 4])
def test_a_column_that_says_nothing_has_no_strength(values: list[float]) -> None:
    assert strength(pd.Series(values), np.array([True, False, True, False])) == 0.5
    nothing = pd.Series(pd.Categorical([None] * 4, ["a"]))
    assert strength(nothing, np.array([True, False, True, False])) == 0.5


def test_the_most_frequent_value_comes_with_its_share_of_all_rows() -> None:
    assert most_frequent(pd.Series([1.0, 1.0, np.nan, 2.0])) == (1.0, 0.5)
    assert most_frequent(pd.Series(pd.Categorical(["a", None], ["a", "b"]))) == ("a", 0.5)
    assert most_frequent(pd.Series([np.nan])) == (None, 0.0)
    assert most_frequent(pd.Series(pd.Categorical([None], ["a"]))) == (None, 0.0)


@pytest.mark.parametrize(
    ("values", "expected"), [([-1, 0, 1], True), ([-1, 1, None], True), ([0, 1], False), ([-1, 0, 2], False)]
)
def test_a_code_holds_minus_1_and_nothing_but_0_and_1_beside(values: list[float], expected: bool) -> None:
    assert holds_codes(pd.Series(values)) is expected
