"""Splits that are not what was asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from phishcli.tables.uneven import Uneven

TEST = np.arange(100) % 5 == 0


def test_each_uneven_part_is_a_finding_with_its_numbers(found: Callable) -> None:
    parts = (
        Uneven("The test part holds 9 of 10.", "my host", {"rows": 9, "share": 0.9, "asked": 0.2}),
        Uneven("Fold 1 of 5 holds out rows of one class only.", None, {"folds": [1]}),
    )
    size, fold = found("uneven-split", {}, np.arange(100) % 2, test=TEST, uneven=parts)
    assert (size.severity, size.column, size.detail) == ("warning", "my host", "The test part holds 9 of 10.")
    assert size.numbers == {"rows": 9, "share": 0.9, "asked": 0.2}
    assert size.advice.startswith("Split by a column with more and smaller groups or times")
    assert (fold.column, fold.numbers) == (None, {"folds": [1]})
    assert "preprocess.folds=2" in fold.advice


def test_a_split_as_asked_is_no_finding(found: Callable) -> None:
    assert not found("uneven-split", {}, np.arange(100) % 2, test=TEST)


def test_without_a_split_there_is_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("uneven-split", {}, np.arange(100) % 2)
