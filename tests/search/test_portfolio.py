"""A search begins with the defaults and a portfolio, as far as the settings allow them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from phishcli.fits.worker import fit
from phishcli.models import get, registry
from phishcli.search.portfolio import first_ones, with_first

XGBOOST = get("XGBoost")


@pytest.mark.parametrize("name", registry())
def test_every_model_takes_its_portfolio_whose_sets_differ(name: str) -> None:
    spec, random = get(name), np.random.default_rng(0)
    x, y = random.normal(size=(120, 3)).astype(np.float32), (np.arange(120) % 2).astype(np.int8)
    assert len(spec.portfolio) >= 3
    assert len({repr(sorted(each.items())) for each in ({}, *spec.portfolio)}) == len(spec.portfolio) + 1
    for params in spec.portfolio:
        rounds = next((key for key in ("n_estimators", "max_iter", "iterations") if key in params), None)
        fit(spec, {**params, **({rounds: 2} if rounds and spec.name != "LogisticRegression" else {})}, 0, x, y)


@pytest.mark.parametrize(
    ("space", "left"),
    [
        ({}, len(XGBOOST.portfolio) + 1),
        ({"max_depth": {"low": 4, "high": 5}}, 4),  # the defaults and three sets with a depth of 4
        ({"max_depth": [2]}, 1),
        ({"max_depth": None}, 1),  # not searched: only the defaults do not set it
        ({"booster": ["dart"]}, 0),  # which none of them sets
    ],
)
def test_what_lies_outside_of_the_space_is_left_out(space: dict[str, Any], left: int) -> None:
    assert len(first_ones(XGBOOST, space, base=XGBOOST.defaults)) == left


def test_candidates_come_once_and_no_more_than_asked_for() -> None:
    assert with_first([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 3}], 3) == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert with_first([{"a": 1}, {"a": 2}], [], 1) == [{"a": 1}]


@pytest.mark.parametrize("method", ["race", "optuna", "list"])
def test_a_search_begins_with_them(method: str, search: Any, settings: Any, data: Any) -> None:
    first = ({"max_depth": 3}, {"max_depth": 1, "criterion": "entropy"})
    space, params = {"max_depth": [1, 2, 3, 4, 5]}, {"n_estimators": 5}
    found = search(settings("ExtraTrees", space, params=params, method=method, n_iter=4, first=first), data)
    tried = found.trials["params"].tolist()
    assert tried[:2] == ['{"max_depth": 3}', '{"criterion": "entropy", "max_depth": 1}']
    assert len(tried) == (2 if method == "list" else 4)


def test_out_of_fold_predictions_of_other_complete_trials_are_kept(search: Any, settings: Any, data: Any) -> None:
    found = search(settings("KNN", {"n_neighbors": [1, 5, 9]}, method="grid"), data)
    best = found.summary.best_trial
    assert set(found.others) == {0, 1, 2} - {best}
    assert all(each.shape == (len(data.y),) for each in found.others.values())
