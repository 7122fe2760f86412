"""Whether a classifier can tell test rows from training rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

ROWS = 1_500
LABEL = np.arange(ROWS) % 2
TEST = np.random.default_rng(1).random(ROWS) < 0.2


def table(shift: float) -> dict[str, Any]:
    random = np.random.default_rng(0)
    category = np.where(random.random(ROWS) < 0.5, "a", "b")
    gaps = np.where(random.random(ROWS) < 0.2, np.nan, random.normal(size=ROWS))
    return {
        "other": random.normal(size=ROWS),
        "moved": random.normal(size=ROWS) + shift * TEST,
        "c": category,
        "g": gaps,
    }


@pytest.mark.parametrize(("shift", "severity", "auc"), [(3.0, "warning", 0.97), (1.0, "note", 0.66)])
def test_parts_that_differ_are_found_with_the_column_that_tells(
    found: Callable, shift: float, severity: str, auc: float
) -> None:
    (finding,) = found("split-drift", table(shift), LABEL, test=TEST)
    assert finding.severity == severity
    assert finding.numbers == {"auc": pytest.approx(auc, abs=0.05), "column": "moved"}
    assert f"with an AUC of {finding.numbers['auc']:.3f} (0.5 is chance), mostly by moved" in finding.detail


def test_a_category_that_only_the_test_has_is_found(found: Callable) -> None:
    (finding,) = found("split-drift", {**table(0), "host": np.where(TEST, "new", "old")}, LABEL, test=TEST)
    assert finding.numbers == {"auc": 1.0, "column": "host"}


def test_random_parts_are_no_finding(found: Callable) -> None:
    for seed in range(10, 20):
        assert not found("split-drift", table(0), LABEL, test=np.random.default_rng(seed).random(ROWS) < 0.2)


def test_a_column_that_is_empty_but_for_a_few_rows_does_no_harm(found: Callable) -> None:
    rare = np.where(np.arange(ROWS) < 2, 1.0, np.nan)
    assert not found("split-drift", {**table(0), "rare": rare}, LABEL, test=TEST)


@pytest.mark.parametrize("test", [None, np.arange(ROWS) < 49, np.arange(ROWS) >= 49])
def test_without_a_split_or_with_few_rows_of_a_part_there_is_nothing_to_look_at(applies: Callable, test: Any) -> None:
    assert not applies("split-drift", table(9), LABEL, test=test)
