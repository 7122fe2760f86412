"""Columns that hold (nearly) one value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def test_it_names_constant_and_nearly_constant_columns_and_those_set_aside(found: Callable) -> None:
    columns = {
        "same": np.ones(2000),
        "nearly": np.arange(2000) < 2,
        "text": ["a"] * 1999 + ["b"],
        "varied": np.arange(2000),
    }
    aside = {
        "all": "every row has the same value, 7",
        "url": "it holds web addresses",
        "no": "it holds no value at all",
    }
    (finding,) = found("constant-column", columns, np.arange(2000) % 2, set_aside=aside)
    assert finding.severity == "note"
    assert finding.column is None
    assert finding.numbers == {"others": {"same": 0, "nearly": 2, "text": 1}, "set_aside": ["all", "no"]}
    assert finding.detail == (
        "One value or none in at least 99.9% of the rows: same, nearly (except 2 rows), text (except 1 row), "
        "all (set aside), no (set aside)."
    )


def test_a_hundredth_of_other_values_is_enough(found: Callable) -> None:
    columns = {"flag": np.arange(2000) < 20, "gaps": np.where(np.arange(2000) < 20, np.nan, 1.0)}
    assert not found("constant-column", columns, np.arange(2000) % 2)


def test_exceptions_that_a_sample_may_miss_are_counted(found: Callable) -> None:
    rows = 200_000
    late = np.arange(rows) >= rows - 201
    assert not found("constant-column", {"late": late}, np.arange(rows) % 2)
    (finding,) = found("constant-column", {"late": np.arange(rows) >= rows - 200}, np.arange(rows) % 2)
    assert finding.numbers["others"] == {"late": 200}


def test_indicators_are_no_columns_of_the_source(found: Callable) -> None:
    columns = {"a": np.arange(2000.0), "a_Missing": np.zeros(2000)}
    assert not found("constant-column", columns, np.arange(2000) % 2, indicators={"a_Missing": "a"})
