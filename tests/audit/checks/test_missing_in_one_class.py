"""Whether the absence of a value gives the label away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

LABEL = np.arange(400) % 2


def gaps(where: np.ndarray) -> np.ndarray:
    return np.where(where, np.nan, np.arange(400.0))


def test_values_missing_in_one_class_alone_are_counted(found: Callable) -> None:
    (finding,) = found("missing-in-one-class", {"lines": gaps((LABEL == 1) & (np.arange(400) < 200))}, LABEL)
    assert finding.severity == "warning"
    assert finding.column == "lines"
    assert finding.numbers == {"rows": 100, "hits": 100, "label": "phishing", "share": 0.5}
    assert finding.detail == (
        "All 100 rows without lines have the label 'phishing', against 50.0% of all rows. This may come from how the "
        "data were collected."
    )
    assert "--drop lines" in finding.advice


def test_an_exception_in_twenty_is_told(found: Callable) -> None:
    missing = ((LABEL == 0) & (np.arange(400) < 76)) | np.isin(np.arange(400), [1, 3])
    (finding,) = found("missing-in-one-class", {"lines": gaps(missing)}, LABEL)
    assert finding.detail.startswith("38 of 40 rows without lines have the label 'legitimate'")


def test_few_rows_of_a_large_table_are_a_note(found: Callable) -> None:
    rows = 10_000
    missing = np.where(np.isin(np.arange(rows), np.arange(0, 60, 2)), np.nan, 1.0)
    (finding,) = found("missing-in-one-class", {"lines": missing}, np.arange(rows) % 2)
    assert finding.severity == "note"
    assert finding.numbers["rows"] == 30


def test_missing_categories_count_as_well(found: Callable) -> None:
    (finding,) = found("missing-in-one-class", {"a": pd.Categorical(np.where(LABEL, None, "x"))}, LABEL)
    assert finding.numbers["rows"] == 200


@pytest.mark.parametrize("missing", [np.arange(400) % 8 < 3, np.isin(np.arange(400), np.arange(1, 21, 2))])
def test_values_missing_in_both_classes_or_in_so_few_rows_are_chance(found: Callable, missing: np.ndarray) -> None:
    columns = {"a": gaps(missing), "b": gaps(np.arange(400) < 40)}
    assert not found("missing-in-one-class", columns, LABEL)


def test_where_nearly_all_rows_have_a_label_those_without_a_value_may_have_it_too(found: Callable) -> None:
    assert not found("missing-in-one-class", {"a": gaps(np.arange(400) % 2 == 0)}, np.arange(400) < 396)


def test_a_hundred_columns_with_gaps_at_random_are_no_finding(found: Callable) -> None:
    random = np.random.default_rng(0)
    columns = {f"a{number}": gaps(random.random(400) < 0.03) for number in range(100)}
    assert not found("missing-in-one-class", columns, random.integers(0, 2, 400))


def test_a_complete_table_is_nothing_to_look_at(applies: Callable) -> None:
    columns = {"a": LABEL, "a_Missing": gaps(LABEL == 1)}
    assert not applies("missing-in-one-class", columns, LABEL, indicators={"a_Missing": "a"})
