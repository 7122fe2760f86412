"""Tables too small to say much."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.mark.parametrize(("rows", "positives", "width"), [(199, 99, 0.22), (1000, 49, 0.31), (4, 2, 0.5)])
def test_it_says_how_little_a_test_would_know(found: Callable, rows: int, positives: int, width: float) -> None:
    (finding,) = found("few-rows", {}, np.arange(rows) < positives)
    assert finding.severity == "warning"
    assert finding.numbers["rows"] == rows
    assert finding.numbers["rarer"] == positives
    assert finding.numbers["half_width"] == pytest.approx(width, abs=0.005)
    assert finding.detail.startswith(f"{rows:,} rows, {positives} of the rarer class: ")
    assert f"only to within {width:.2f}" in finding.detail


def test_enough_rows_of_both_classes_are_no_finding(found: Callable) -> None:
    assert not found("few-rows", {}, np.arange(200) < 50)
