"""The best score that anything can reach on the test part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

LABEL = np.arange(200) % 2


def test_only_the_rows_of_the_test_count(found: Callable) -> None:
    a = np.arange(200.0)
    a[[1, 3]] = a[[0, 2]]  # two conflicts in the test
    a[[101, 103, 105]] = a[[100, 102, 104]]  # three in the training part
    (finding,) = found("score-ceiling", {"a": a, "b": a}, LABEL, test=np.arange(200) < 50)
    assert finding.severity == "warning"
    assert finding.numbers == {
        "accuracy": 0.96,
        "roc_auc": pytest.approx(1 - 2 / (25 * 25)),
        "vectors": 2,
        "lost": 2,
    }
    assert finding.detail == (
        "The best accuracy that any function of these features can reach on the test part is 0.9600, the best ROC-AUC "
        "0.9968: 2 feature vectors carry both labels, so that 2 rows must be misclassified."
    )


def test_a_ceiling_close_to_1_is_a_note(found: Callable) -> None:
    a = np.r_[0.0, np.arange(999.0)]
    (finding,) = found("score-ceiling", {"a": a}, np.arange(1000) % 2, test=np.arange(1000) < 900)
    assert finding.severity == "note"
    assert "1 feature vector carries both labels, so that 1 row must" in finding.detail


def test_a_test_without_conflicts_is_no_finding(found: Callable) -> None:
    a = np.arange(200.0)
    a[1] = a[0]
    assert not found("score-ceiling", {"a": a}, LABEL, test=np.arange(200) >= 1)


def test_without_a_test_there_is_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("score-ceiling", {"a": LABEL}, LABEL)
    assert not applies("score-ceiling", {"a": LABEL}, LABEL, test=np.zeros(200, dtype=bool))
