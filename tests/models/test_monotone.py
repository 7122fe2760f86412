"""Models that are held to be monotone, by trying."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from phishcli.fits.worker import fit
from phishcli.models import get, registry
from phishcli.models.monotone import signs_of
from phishcli.models.own_format import PositiveClass

ABLE = [name for name, spec in registry().items() if spec.monotone]
RNG = np.random.default_rng(5)
X = RNG.normal(size=(500, 4)).astype(np.float32)
Y = (X[:, 0] + np.sin(3 * X[:, 1]) - X[:, 2] + RNG.normal(size=500) > 0).astype(np.int8)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other cost more than these few rows."""
    with threadpool_limits(1):
        yield


def test_the_boosters_and_forests_are_able() -> None:
    assert {"XGBoost", "LightGBM", "HistGradientBoosting", "CatBoost"} <= set(ABLE)
    assert "LogisticRegression" not in ABLE


@pytest.mark.parametrize("name", ABLE)
def test_the_probability_moves_one_way_with_each_column_that_is_held(name: str) -> None:
    spec = get(name)
    params = {spec.monotone.parameter: {"0": 1, "1": -1, "2": "data"}}
    model = fit(spec, params, 0, X, Y)
    score = PositiveClass(model)
    assert signs_of(name, model, 4).tolist() == [1, -1, -1, 0]  # positive rows have the lower values in column 2
    for column, sign in ((0, 1), (1, -1), (2, -1)):
        rows = np.repeat(X[:60], 25, axis=0)
        rows[:, column] = np.tile(np.linspace(-4, 4, 25), 60)
        steps = np.diff(np.asarray(score(rows), dtype=float).reshape(60, 25), axis=1)
        assert (sign * steps >= -1e-7).all()


def test_constraints_that_a_library_ignores_are_not_relied_on() -> None:
    spec = get("XGBoost")
    model = spec.build({"booster": "gblinear", "monotone_constraints": (1, 1, 1, 1)}, 0)
    assert signs_of("XGBoost", model, 4).tolist() == [0, 0, 0, 0]


def test_a_linear_model_goes_by_its_weights() -> None:
    model = fit(get("LogisticRegression"), {}, 0, X, Y)
    assert signs_of("LogisticRegression", model, 4).tolist() == np.where(model.coef_[0] >= 0, 1, -1).tolist()
