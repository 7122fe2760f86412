"""How rare the rarer class is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.mark.parametrize(("positives", "severity", "label"), [(50, "note", "phishing"), (995, "warning", "legitimate")])
def test_it_says_how_rare_the_rarer_class_is(found: Callable, positives: int, severity: str, label: str) -> None:
    (finding,) = found("class-imbalance", {}, np.arange(1000) < positives)
    rarer = min(positives, 1000 - positives)
    assert finding.severity == severity
    assert finding.numbers == {"share": rarer / 1000, "rows": rarer, "label": label}
    assert finding.detail == (
        f"Only {rarer} of 1,000 rows have the label '{label}': always predicting the other class has an accuracy of "
        f"{1 - rarer / 1000:.4f}."
    )


def test_the_accuracy_of_the_other_answer_is_never_rounded_to_1(found: Callable) -> None:
    (finding,) = found("class-imbalance", {}, np.arange(30_000) < 1)
    assert finding.detail.endswith("an accuracy of 0.99996.")


@pytest.mark.parametrize("positives", [100, 500, 900])
def test_a_tenth_is_enough(found: Callable, positives: int) -> None:
    assert not found("class-imbalance", {}, np.arange(1000) < positives)
