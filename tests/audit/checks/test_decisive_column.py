"""A single column that (almost) decides the label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

LABEL = np.arange(400) % 2


def test_an_id_that_parts_the_classes_is_an_error(found: Callable) -> None:
    numbers = np.random.default_rng(0).permutation(200)
    (finding,) = found("decisive-column", {"id": numbers.repeat(2) + 1000 * (1 - LABEL)}, LABEL)
    assert finding.severity == "error"
    assert finding.numbers == {"auc": 1.0}
    assert finding.detail == "id alone has an AUC of 1.0000: it decides the label."
    assert finding.advice.endswith("leave it out with --drop id.")


def test_a_column_that_errs_a_little_is_a_warning(found: Callable) -> None:
    noise = np.random.default_rng(0).normal(size=400)
    (finding,) = found("decisive-column", {"site score": LABEL * 3.8 + noise}, LABEL)
    assert finding.severity == "warning"
    assert finding.numbers["auc"] == pytest.approx(roc_auc_score(LABEL, LABEL * 3.8 + noise))
    assert 0.99 <= finding.numbers["auc"] < 0.999
    assert "it almost decides the label" in finding.detail
    assert "--drop 'site score'" in finding.advice


def test_a_column_that_decides_part_by_part_is_found_though_it_neither_rises_nor_falls(found: Callable) -> None:
    position = np.arange(2000)
    label = position // 500 % 2
    assert abs(roc_auc_score(label, position) - 0.5) < 0.3
    (finding,) = found("decisive-column", {"id": position}, label)
    assert finding.numbers["auc"] > 0.99


def test_a_category_that_decides_is_found(found: Callable) -> None:
    (finding,) = found("decisive-column", {"source": np.where(LABEL, "PhishTank", "Tranco")}, LABEL)
    assert finding.severity == "error"


def test_missing_values_are_a_value_too(found: Callable) -> None:
    (finding,) = found("decisive-column", {"lines": np.where(LABEL, np.nan, np.arange(400.0))}, LABEL)
    assert finding.severity == "error"


def test_strong_but_honest_columns_are_no_finding(found: Callable) -> None:
    random = np.random.default_rng(0)
    category = np.where(random.random(400) < 0.3, "other", np.where(LABEL, "a", "b"))
    columns = {"a": LABEL * 2 + random.normal(size=400), "b": category, "c": [f"name {row}" for row in range(400)]}
    assert not found("decisive-column", columns, LABEL)


def test_labels_that_take_turns_do_not_make_a_category_look_telling(found: Callable) -> None:
    category = np.random.default_rng(0).choice(list("abc"), 400)
    assert not found("decisive-column", {"a": category}, LABEL)


def test_a_large_table_is_judged_by_a_sample_and_says_so(found: Callable) -> None:
    label = np.arange(50_000) % 2
    (finding,) = found("decisive-column", {"a": label * 10}, label)
    assert finding.detail == "a alone has an AUC of 1.0000 (on 20,000 rows): it decides the label."


@pytest.mark.parametrize("label", [np.arange(20) < 1, np.arange(30) < 10, np.zeros(400)])
def test_too_few_rows_of_a_class_can_be_parted_by_chance(applies: Callable, found: Callable, label: np.ndarray) -> None:
    assert not applies("decisive-column", {"a": label}, label)
    assert not found("decisive-column", {"a": label}, label)


def test_indicators_are_told_by_their_column(found: Callable) -> None:
    columns = {"a": np.where(LABEL, np.nan, 1.0), "a_Missing": LABEL}
    assert [each.column for each in found("decisive-column", columns, LABEL, indicators={"a_Missing": "a"})] == ["a"]
