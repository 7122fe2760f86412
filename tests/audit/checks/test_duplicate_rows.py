"""Rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

LABEL = np.arange(1000) % 2
NOISE = {"a": np.random.default_rng(0).normal(size=1000)}


@pytest.mark.parametrize(("repeats", "severity"), [(8, "note"), (470, "warning")])
def test_it_counts_the_repeats(found: Callable, repeats: int, severity: str) -> None:
    (finding,) = found("duplicate-rows", NOISE, LABEL, repeats=repeats)
    assert finding.severity == severity
    assert finding.numbers == {"rows": repeats, "share": repeats / 1000, "by_chance": pytest.approx(0, abs=0.01)}
    assert finding.detail == (
        f"{repeats} rows ({repeats / 10:.1f}%) repeat an earlier row in every column but row numbers; they were kept."
    )
    assert "load.clean.drop_duplicates=true" in finding.advice


def test_repeats_that_were_left_out_are_a_note(found: Callable) -> None:
    (finding,) = found("duplicate-rows", NOISE, LABEL, repeats=1000, clean={"drop_duplicates": True})
    assert finding.severity == "note"
    assert finding.numbers["share"] == 0.5
    assert finding.detail.endswith("they were dropped.")


def test_one_row_is_one_row(found: Callable) -> None:
    (finding,) = found("duplicate-rows", NOISE, LABEL, repeats=1)
    assert finding.detail.startswith("1 row (0.1%) repeats an earlier row")


def coarse() -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {f"has{number}": random.integers(0, 2, 1000) for number in range(4)}


def test_repeats_that_coarse_columns_make_by_chance_are_no_flaw(found: Callable) -> None:
    (finding,) = found("duplicate-rows", coarse(), LABEL, repeats=968)
    assert finding.severity == "note"
    assert finding.numbers["by_chance"] > 0.95
    assert "about 100.0% would by chance" in finding.detail


@pytest.mark.parametrize(
    ("aside", "severity"), [({"url": "it holds web addresses"}, "warning"), ({"n": "it numbers the rows"}, "note")]
)
def test_equal_addresses_are_no_chance(found: Callable, aside: dict[str, str], severity: str) -> None:
    (finding,) = found("duplicate-rows", coarse(), LABEL, repeats=968, set_aside=aside)
    assert finding.severity == severity


def test_different_rows_are_no_finding(found: Callable) -> None:
    assert not found("duplicate-rows", NOISE, LABEL, repeats=0)
