"""Equal feature vectors with both labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


def test_it_counts_the_vectors_and_their_rows_and_gives_the_ceiling(found: Callable) -> None:
    a = np.r_[np.repeat(np.arange(10.0), 3), np.arange(100.0, 170.0)]
    label = np.r_[[0, 0, 1] * 8, [1] * 6, np.arange(70) % 2]
    (finding,) = found("conflicting-labels", {"a": a, "b": a}, label)
    assert finding.severity == "warning"
    auc = finding.numbers.pop("roc_auc")
    assert finding.numbers == {"vectors": 8, "rows": 24, "lost": 8, "accuracy": 0.92}
    assert auc == pytest.approx(1 - (8 * 16 / 2) / (label.sum() * (100 - label.sum())))
    assert finding.detail == (
        "8 feature vectors (24 rows) carry both labels: the best accuracy that any function of these features can "
        "reach on this table is 0.9200, the best ROC-AUC 0.9743."
    )


def test_a_single_conflict_among_many_rows_is_a_note(found: Callable) -> None:
    (finding,) = found("conflicting-labels", {"a": np.r_[0.0, np.arange(999.0)]}, np.arange(1000) % 2)
    assert finding.severity == "note"
    assert finding.detail.startswith("1 feature vector (2 rows) carries both labels")


def test_a_ceiling_below_1_is_never_rounded_up_to_it(found: Callable) -> None:
    rows = 100_000
    (finding,) = found("conflicting-labels", {"a": np.r_[0.0, np.arange(rows - 1.0)]}, np.arange(rows) % 2)
    assert finding.detail.endswith("is 0.99999, the best ROC-AUC 0.9999999998.")


def test_columns_so_coarse_that_most_rows_have_twins_by_chance_are_a_note(found: Callable) -> None:
    random = np.random.default_rng(0)
    columns = {f"has{number}": random.integers(0, 2, 1000) for number in range(4)}
    (finding,) = found("conflicting-labels", columns, random.integers(0, 2, 1000))
    assert finding.severity == "note"
    assert finding.numbers["vectors"] == 16


def test_twins_of_one_label_are_no_conflict(found: Callable) -> None:
    assert not found("conflicting-labels", {"a": [1, 1, 2, 2], "b": [None, None, 3.0, 3.0]}, [0, 0, 1, 1])


def test_a_table_without_features_has_no_ceiling_to_speak_of(applies: Callable) -> None:
    assert not applies("conflicting-labels", {}, [0, 1])
