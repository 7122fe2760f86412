"""Different values that become one in the matrix."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from phishcli.documents.features import Feature


def feature(distinct: int, kept: int) -> Feature:
    return Feature(name="id", column="id", role="numeric", kind="value", distinct=distinct, kept=kept)


@pytest.mark.parametrize(("kept", "severity"), [(201, "warning"), (380, "note")])
def test_it_tells_how_many_values_are_left(found: Callable, kept: int, severity: str) -> None:
    (finding,) = found("merged-values", {"id": [1, 2]}, [0, 1], test=[True, False], processed=(feature(399, kept),))
    assert (finding.column, finding.severity) == ("id", severity)
    assert (finding.numbers["before"], finding.numbers["after"]) == (399, kept)
    assert f"id has 399 different values in the training part, but only {kept} different ones" in finding.detail


@pytest.mark.parametrize(
    ("distinct", "kept"),
    [(399, 399), (399, 400), (0, 1), (1_000_000, 970_000), (1, 1)],  # a median filled in; a million continuous values
)
def test_values_that_stay_apart_are_no_finding(found: Callable, distinct: int, kept: int) -> None:
    assert not found("merged-values", {"id": [1, 2]}, [0, 1], test=[True, False], processed=(feature(distinct, kept),))


def test_categories_and_indicators_are_not_counted(found: Callable) -> None:
    mark = Feature(name="id_Missing", column="id", role="numeric", kind="indicator")
    assert not found("merged-values", {"id": [1, 2]}, [0, 1], test=[True, False], processed=(mark,))
