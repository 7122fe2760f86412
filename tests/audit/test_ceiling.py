"""The score ceiling, against brute force over all functions and against models that remember everything."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from phishcli.audit.ceiling import Ceiling, ceiling
from phishcli.tables.equal_rows import equal_rows
from phishcli.tables.memory import MemoryTable


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
    best = ceiling(equal_rows(MemoryTable.of_frame(pd.DataFrame(x))), y)
    tree = DecisionTreeClassifier(random_state=0).fit(x, y)
    assert best.accuracy == pytest.approx(tree.score(x, y), abs=1e-12)
    assert best.roc_auc == pytest.approx(roc_auc_score(y, tree.predict_proba(x)[:, 1]), abs=1e-12)
    assert 0.5 < best.accuracy < 1


def test_without_conflicts_everything_can_be_reached() -> None:
    best = ceiling(np.array([3, 3, 9]), np.array([True, True, False]))
    assert best == Ceiling(accuracy=1.0, roc_auc=1.0, mixed=0, mixed_rows=0, lost=0)
