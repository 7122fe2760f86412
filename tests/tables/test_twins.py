"""Twins and the score ceiling, against brute force over all functions and against models that remember everything."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from phishcli.tables.twins import Ceiling, ceiling, spread, twins_by_chance, twins_of

VALUES = st.tuples(
    st.sampled_from([0.0, -0.0, 1.5, None]), st.integers(0, 2), st.sampled_from(["a", "b", None]), st.booleans()
)


def table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["f", "i", "c", "b"])
    return frame.astype({"f": "float64", "i": "int64", "c": "category", "b": "int8"})


@given(st.lists(VALUES, min_size=1, max_size=60))
def test_twins_are_the_groups_that_pandas_makes(rows: list[tuple[Any, ...]]) -> None:
    frame = table(rows)
    twins = twins_of(frame)
    expected = frame.groupby(list(frame), dropna=False, observed=True).ngroup()
    pairs = pd.DataFrame({"ours": twins, "theirs": expected}).drop_duplicates()
    assert len(pairs) == pairs["ours"].nunique() == pairs["theirs"].nunique()
    assert sorted(set(twins)) == list(range(len(pairs)))


def test_twins_of_many_rows_are_the_groups_that_pandas_makes() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"a{number}": random.integers(0, 3, 20_000) for number in range(8)})
    frame["gaps"] = np.where(random.random(20_000) < 0.5, np.nan, 1.0)
    frame["rare"] = random.random(20_000) < 0.01
    expected = frame.groupby(list(frame), dropna=False).ngroup()
    pairs = pd.DataFrame({"ours": twins_of(frame), "theirs": expected}).drop_duplicates()
    assert len(pairs) == pairs["ours"].nunique() == pairs["theirs"].nunique() > 5_000


def test_without_columns_all_rows_are_twins() -> None:
    assert twins_of(pd.DataFrame(index=range(3))).tolist() == [0, 0, 0]


def best_by_brute_force(twins: list[int], positive: list[bool]) -> tuple[float, float | None]:
    """The best accuracy over all functions from vectors to labels, and the best AUC over all orders of the vectors."""
    codes, vectors = pd.factorize(np.asarray(twins))
    label = np.asarray(positive)
    accuracy = max((np.asarray(given)[codes] == label).mean() for given in product([False, True], repeat=len(vectors)))
    if len(set(positive)) == 1:
        return accuracy, None
    return accuracy, max(roc_auc_score(label, np.asarray(order)[codes]) for order in permutations(range(len(vectors))))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=25))
def test_no_function_of_the_features_is_better_than_the_ceiling_and_one_reaches_it(
    rows: list[tuple[int, bool]],
) -> None:
    twins, positive = [row[0] for row in rows], [row[1] for row in rows]
    best = ceiling(np.asarray(twins), np.asarray(positive))
    accuracy, auc = best_by_brute_force(twins, positive)
    assert best.accuracy == pytest.approx(accuracy)
    assert best.roc_auc == (None if auc is None else pytest.approx(auc))
    assert best.lost == round((1 - accuracy) * len(rows))
    labels = pd.Series(positive).groupby(twins)
    assert best.mixed == (labels.nunique() == 2).sum()
    assert best.mixed_rows == (labels.transform("nunique") == 2).sum()


@pytest.mark.parametrize("columns", [3, 6, 12])
def test_a_tree_that_remembers_every_row_reaches_the_ceiling(columns: int) -> None:
    random = np.random.default_rng(columns)
    x = random.integers(0, 3, (20_000, columns))
    y = random.random(20_000) < 0.2 + 0.2 * x[:, 0]
    best = ceiling(twins_of(pd.DataFrame(x)), y)
    tree = DecisionTreeClassifier(random_state=0).fit(x, y)
    assert best.accuracy == pytest.approx(tree.score(x, y), abs=1e-12)
    assert best.roc_auc == pytest.approx(roc_auc_score(y, tree.predict_proba(x)[:, 1]), abs=1e-12)
    assert 0.5 < best.accuracy < 1


def test_without_conflicts_everything_can_be_reached() -> None:
    best = ceiling(np.array([3, 3, 9]), np.array([True, True, False]))
    assert best == Ceiling(accuracy=1.0, roc_auc=1.0, mixed=0, mixed_rows=0, lost=0)


@pytest.mark.parametrize("columns", [3, 6, 9, 12])
def test_twins_by_chance_are_as_many_as_independent_columns_make(columns: int) -> None:
    random = np.random.default_rng(columns)
    positive = random.random(3_000) < 0.4
    frame = pd.DataFrame({f"a{n}": random.random(3_000) < np.where(positive, 0.7, 0.4) for n in range(columns)})
    for of_a_class, rows in ((False, frame), (True, frame.assign(label=positive))):
        made = rows.duplicated(keep=False).mean()
        assert twins_by_chance(frame, positive, 2_999, of_a_class=of_a_class) == pytest.approx(made, abs=0.03)


def test_columns_of_different_values_make_no_twins_by_chance() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=500)})
    copies = pd.concat([frame.assign(b=random.normal(size=500))] * 2, ignore_index=True)
    for each in (frame, copies):
        assert twins_by_chance(each, np.arange(len(each)) % 2 == 0, len(each) - 1, of_a_class=False) < 0.01


@pytest.mark.parametrize(("n", "most", "expected"), [(5, 10, [0, 1, 2, 3, 4]), (9, 3, [0, 4, 8]), (0, 3, [])])
def test_positions_are_spread_evenly(n: int, most: int, expected: list[int]) -> None:
    assert spread(n, most).tolist() == expected
