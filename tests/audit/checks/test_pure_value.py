"""One value of a column that only one class has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LABEL = np.arange(1000) % 3 == 0


def test_a_similarity_that_is_100_on_every_legitimate_row_is_found(found: Callable) -> None:
    similarity = np.where(LABEL, np.random.default_rng(0).integers(0, 99, 1000), 100)
    (finding,) = found("pure-value", {"URLSimilarityIndex": similarity}, LABEL)
    assert finding.severity == "warning"
    assert finding.numbers == {"value": 100.0, "rows": 666, "of": 666, "label": "legitimate"}
    assert finding.detail == (
        "URLSimilarityIndex = 100 in 666 of 666 rows with the label 'legitimate', and in no other row."
    )
    assert "--drop URLSimilarityIndex" in finding.advice


def test_a_category_of_nearly_the_whole_class_is_found(found: Callable) -> None:
    source = np.where(LABEL & (np.arange(1000) > 60), "PhishTank", np.where(np.arange(1000) % 2, "a", "b"))
    (finding,) = found("pure-value", {"source": source}, LABEL)
    assert finding.numbers == {"value": "PhishTank", "rows": 313, "of": 334, "label": "phishing"}
    assert finding.detail.startswith("source = 'PhishTank' in 313 of 334 rows")


def test_one_other_row_or_a_tenth_without_it_is_no_finding(found: Callable) -> None:
    noise = np.random.default_rng(0).integers(0, 99, 1000)
    one_other = np.where(LABEL, noise, 100)
    one_other[0] = 100
    too_few = np.where(~LABEL & (np.arange(1000) > 120), 100, noise)
    assert not found("pure-value", {"one": one_other, "few": too_few}, LABEL)


def test_a_class_too_small_to_rule_out_chance_is_no_finding(found: Callable) -> None:
    label = np.isin(np.arange(1000), [500, 700])
    assert not found("pure-value", {"a": np.where(np.isin(np.arange(1000) % 50, [0]), 1, 0)}, label)


def test_a_class_of_fewer_than_30_rows_is_no_finding(found: Callable) -> None:
    label = np.arange(1000) < 29
    assert not found("pure-value", {"a": np.where(label, 100, np.arange(1000) % 99)}, label)


def test_all_rows_are_looked_at_before_it_is_called_pure(found: Callable) -> None:
    rows = 100_000
    label = np.arange(rows) % 2
    values = np.where(label, 100, np.arange(rows) % 99)
    values[rows // 2 + 2] = 100
    assert not found("pure-value", {"a": values}, label)


def test_without_columns_there_is_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("pure-value", {"a_Missing": LABEL}, LABEL, indicators={"a_Missing": "a"})
