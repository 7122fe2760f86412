"""Fits by passes over blocks, against scikit-learn on the same rows in memory; samples that keep shares of classes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from phishcli.fits import worker
from phishcli.fits.worker import fit, stratified
from phishcli.models import get, large
from phishcli.models.abilities import Weight


def rows(kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3_000, 6)).astype(np.float32)
    y = (x @ rng.normal(size=6) + rng.normal(size=3_000) > 1.5).astype(np.int8)
    if kind == "heavy tails":
        x = np.sign(x) * np.exp(np.abs(x) * 4).astype(np.float32)
    elif kind == "twice":
        x[:, 5] = x[:, 4]
        x[:, 3] = 0
    elif kind == "separated":
        x[:, 0] = np.where(y, 10, -10)
    elif kind == "rare":
        y = np.zeros(3_000, dtype=np.int8)
        y[7] = 1
    return x, y


@pytest.mark.parametrize("kind", ["usual", "heavy tails", "twice", "separated", "rare"])
@pytest.mark.parametrize("params", [{}, {"C": 0.01}, {"C": 1e4}, {"fit_intercept": False}])
def test_logistic_regression_by_blocks_is_that_of_scikit_learn(
    kind: str, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = rows(kind)
    expected = LogisticRegression(solver="newton-cholesky", max_iter=1000, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it changes the solver where the Hessian is nearly singular
        expected.fit(x.astype(np.float64), y)
    monkeypatch.setattr(worker, "LARGE", 1)
    monkeypatch.setattr(large, "BLOCK_ROWS", 1_001)
    found = fit(get("LogisticRegression"), params, 42, x, y)
    assert (
        found.get_params() == get("LogisticRegression").build({"solver": "newton-cholesky", **params}, 42).get_params()
    )
    np.testing.assert_allclose(found.predict_proba(x), expected.predict_proba(x), atol=2e-5)
    if kind == "usual":
        np.testing.assert_allclose(found.coef_, expected.coef_, rtol=1e-9)
        assert (found.n_iter_, found.n_features_in_) == (expected.n_iter_, 6)
        np.testing.assert_array_equal(found.classes_, expected.classes_)


def test_a_fit_that_does_not_converge_says_so() -> None:
    x, y = rows("usual")
    with pytest.warns(ConvergenceWarning, match="did not converge in 1 iterations"):
        large.fit_newton(LogisticRegression(solver="newton-cholesky", max_iter=1), x, y)


@pytest.mark.parametrize("kind", ["usual", "heavy tails", "twice", "rare"])
def test_naive_bayes_by_blocks_is_that_of_scikit_learn(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = rows(kind)
    params = {"var_smoothing": 1e-3}
    expected = fit(get("NaiveBayes"), params, 42, x, y)
    monkeypatch.setattr(worker, "LARGE", 1)
    monkeypatch.setattr(large, "BLOCK_ROWS", 1_001)
    found = fit(get("NaiveBayes"), params, 42, x, y)
    np.testing.assert_allclose(found.predict_proba(x), expected.predict_proba(x), rtol=1e-7, atol=1e-12)
    for name in ("theta_", "var_", "class_prior_", "class_count_", "epsilon_"):
        given, wanted = (getattr(each.named_steps["model"], name) for each in (found, expected))
        np.testing.assert_allclose(given, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("model", "params"), [("LogisticRegression", {"solver": "lbfgs"}), ("RandomForest", {})])
def test_what_cannot_be_fitted_by_blocks_is_fitted_as_before(
    model: str, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = rows("usual")
    expected = fit(get(model), params, 42, x, y).predict_proba(x)
    monkeypatch.setattr(worker, "LARGE", 1)
    np.testing.assert_array_equal(fit(get(model), params, 42, x, y).predict_proba(x), expected)


def test_a_sample_keeps_the_share_of_each_class_and_one_row_of_each() -> None:
    y = np.array([0] * 900 + [1] * 99 + [1] + [0] * 100, dtype=np.int8)
    drawn = stratified(y, 110, 1)
    assert np.bincount(y[drawn]).tolist() == [100, 10]
    assert (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(drawn, stratified(y, 110, 1))
    assert np.bincount(y[stratified(np.array([0] * 999 + [1]), 10, 1)]).sum() == 10
    assert set(np.array([0] * 999 + [1])[stratified(np.array([0] * 999 + [1], dtype=np.int8), 10, 1)]) == {0, 1}


@pytest.mark.parametrize(
    ("rows_", "memory", "expected"),
    [(10**6, 10**9, 220_000), (227_000, 10**9, 220_000), (226_000, 10**9, None), (10**4, 10**9, None)],
)
def test_the_size_of_a_sample_follows_from_the_memory(rows_: int, memory: int, expected: int | None) -> None:
    # Half of 1 GB holds 226,244 rows of 10 values: 200 + 10 * 201 = 2,210 bytes each.
    assert Weight(row=200, value=201).most_rows(rows_, 10, memory) == expected
