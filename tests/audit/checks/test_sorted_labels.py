"""Whether the order of the rows knows the label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from phishcli.audit.checks.sorted_labels import _changes_by_chance


@pytest.mark.parametrize(
    ("label", "first"), [(np.arange(400) >= 200, "legitimate"), (np.arange(400) < 200, "phishing")]
)
def test_a_table_sorted_by_label_is_found(found: Callable, label: np.ndarray, first: str) -> None:
    (finding,) = found("sorted-labels", {}, label)
    assert finding.severity == "note"
    assert finding.numbers == {"auc": 1.0, "first": first}
    assert finding.detail == (
        f"Rows with the label '{first}' come first: the position in the table alone has an AUC of 1.0000."
    )


def test_an_order_by_halves_is_measured(found: Callable) -> None:
    label = np.random.default_rng(0).random(2000) < np.where(np.arange(2000) < 1000, 0.2, 0.8)
    (finding,) = found("sorted-labels", {}, label)
    assert finding.numbers["auc"] == pytest.approx(roc_auc_score(label, np.arange(2000)))


def test_labels_in_blocks_are_found(found: Callable) -> None:
    (finding,) = found("sorted-labels", {}, np.arange(1000) // 50 % 2)
    assert finding.numbers == {"changes": 19, "by_chance": 500.0}
    assert finding.detail.endswith(
        "the label changes 19 times from row to row, against about 500 times in random order."
    )


def test_the_spread_of_the_changes_is_what_shuffling_gives() -> None:
    random, label = np.random.default_rng(0), np.arange(60) < 20
    changes = [np.count_nonzero(np.diff(random.permutation(label))) for _ in range(20_000)]
    mean, deviation = _changes_by_chance(60, 20)
    assert np.mean(changes) == pytest.approx(mean, abs=0.1)
    assert np.std(changes) == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize("label", [np.arange(400) % 2, np.arange(8) < 4, np.zeros(400), np.arange(400) == 0])
def test_other_orders_are_no_finding(found: Callable, label: np.ndarray) -> None:
    assert not found("sorted-labels", {}, label)


def test_shuffled_labels_are_no_finding(found: Callable) -> None:
    for seed in range(50):
        assert not found("sorted-labels", {}, np.random.default_rng(seed).random(300) < 0.3)
