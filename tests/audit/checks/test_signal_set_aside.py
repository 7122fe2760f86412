"""Columns that are not used although they tell something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

ROWS = 3_000
RANDOM = np.random.default_rng(0)
DISTRICT = RANDOM.integers(0, 300, ROWS)
LABEL = RANDOM.random(ROWS) < np.where(RANDOM.random(300) < 0.5, 0.15, 0.85)[DISTRICT]
MANY = "300 different values (names or codes) are more than load.max_categories (250)"


def told(found: Callable, values: Any, label: np.ndarray = LABEL, reason: str = MANY) -> list[Any]:
    return list(found("signal-set-aside", {}, label, raw={"a": values}, set_aside={"a": reason}))


def test_texts_of_too_many_kinds_that_predict_the_label_are_told_with_the_reason(found: Callable) -> None:
    (finding,) = told(found, [f"district {number}" for number in DISTRICT])
    assert finding.severity == "warning"
    assert 0.75 < finding.numbers["auc"] < 0.85  # 0.85 for one who knows the share of every district
    assert finding.detail == (
        f"a is set aside, but its values predict the label: alone they have an AUC of "
        f"{finding.detail.split(' AUC of ')[1][:6]}. The reason: {MANY}."
    )
    assert "--keep a" in finding.advice


def test_texts_that_decide_the_label_may_be_the_label_in_disguise(found: Callable) -> None:
    (finding,) = told(found, [f"{bad}{number}" for bad, number in zip(LABEL, DISTRICT, strict=True)])
    assert finding.numbers["auc"] >= 0.99
    assert "decide the label" in finding.detail
    assert "in disguise" in finding.advice


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("us")])
def test_times_at_which_one_class_was_collected_are_told(found: Callable, kind: pa.DataType) -> None:
    days = [
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=int(day))
        for day in RANDOM.integers(0, 900, ROWS) + 900 * LABEL
    ]
    (finding,) = told(
        found, pa.array(days, pa.timestamp("us")).cast(kind, safe=False), reason="it holds dates or times"
    )
    assert finding.numbers["auc"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "values",
    [
        [f"district {number}" for number in RANDOM.integers(0, 300, ROWS)],
        [f"name {number}" for number in range(ROWS)],
        [None] * ROWS,
        [b"x"] * ROWS,
        [[number] for number in range(ROWS)],
        RANDOM.normal(size=ROWS),
    ],
    ids=["noise", "all different", "nothing", "bytes", "lists", "numbers"],
)
def test_values_that_tell_nothing_are_no_finding(found: Callable, values: Any) -> None:
    assert not told(found, values)


@pytest.mark.parametrize("reason", ["it was dropped on request", "it repeats the target", "it numbers the rows"])
def test_what_was_left_out_for_good_reason_is_not_told(found: Callable, reason: str) -> None:
    assert not told(found, [f"district {number}" for number in DISTRICT], reason=reason)


def test_no_column_aside_is_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("signal-set-aside", {"a": DISTRICT}, LABEL)
