"""Classes that count alike: against ``class_weight="balanced"``, and rows counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from phishcli.fits.worker import fit
from phishcli.models import EarlyStopping, get, registry
from phishcli.models.balance import chosen_rows, weights_of
from phishcli.models.staged import inner_parts

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(300, 4)).astype(np.float32)
NEW = RANDOM.normal(size=(300, 4)).astype(np.float32)
Y = (X[:, 0] + RANDOM.normal(size=300) > 1.2).astype(np.int8)


def mean_of(name: str, **settings: Any) -> float:
    """The mean probability of rows that the model has not seen."""
    params = {"iterations": 20} if name == "CatBoost" else {}
    return float(fit(get(name), params, 0, X, Y, **settings).predict_proba(NEW)[:, 1].mean())


def test_weights_are_those_of_scikit_learn() -> None:
    x = X.astype(np.float64)
    found = fit(get("LogisticRegression"), {}, 0, X, Y, balance="weights")
    reference = LogisticRegression(max_iter=1000, solver="newton-cholesky", class_weight="balanced").fit(x, Y)
    np.testing.assert_allclose(found.coef_, reference.coef_, rtol=1e-8)
    assert weights_of("weights", Y)[Y == 1].sum() == pytest.approx(150)  # type: ignore[index]  # not None
    assert weights_of("none", Y) is None


@pytest.mark.parametrize(
    ("name", "kind"), [("RandomForest", RandomForestClassifier), ("ExtraTrees", ExtraTreesClassifier)]
)
def test_forests_with_weights_are_those_of_scikit_learn(name: str, kind: Any) -> None:
    found = fit(get(name), {"n_estimators": 9}, 0, X, Y, balance="weights")
    asked = {"n_estimators": 9, "max_leaf_nodes": 500, "min_samples_leaf": 2, "random_state": 0}
    np.testing.assert_allclose(
        found.predict_proba(X), kind(**asked, class_weight="balanced").fit(X, Y).predict_proba(X), atol=1e-12
    )


WEIGHED = [(name, "weights") for name, spec in registry().items() if "weights" in spec.takes]


@pytest.mark.parametrize(("name", "balance"), [*WEIGHED, ("KNN", "over"), ("KNN", "under"), ("LightGBM", "over")])
def test_every_model_counts_both_classes_alike(name: str, balance: Any) -> None:
    assert mean_of(name, balance=balance) > mean_of(name)


@pytest.mark.parametrize("name", sorted(name for name, spec in registry().items() if spec.fit_early))
@pytest.mark.parametrize("balance", ["weights", "under"])
def test_models_that_stop_early_do_so_too(name: str, balance: Any) -> None:
    early = EarlyStopping(5, 0.2, 0, "none" if balance == "weights" else balance)
    if name == "GradientBoosting" and balance != "weights":
        pytest.skip("it holds out rows itself")
    assert mean_of(name, balance=balance, early=early) > mean_of(name, early=EarlyStopping(5, 0.2, 0))


def test_rows_are_repeated_or_left_out_until_classes_are_equal() -> None:
    y = np.array([0] * 11 + [1] * 4, dtype=np.int8)
    over, under = chosen_rows("over", y, 1), chosen_rows("under", y, 1)
    assert over is not None
    assert under is not None
    assert np.bincount(y[over]).tolist() == [11, 11]
    counts = np.bincount(over)
    assert counts[:11].tolist() == [1] * 11
    assert sorted(counts[11:].tolist()) == [2, 3, 3, 3]
    assert np.bincount(y[under]).tolist() == [4, 4]
    assert len(set(under)) == 8
    assert under[-4:].tolist() == [11, 12, 13, 14]
    assert chosen_rows("over", y, 1).tolist() == over.tolist()  # type: ignore[union-attr]  # not None


@pytest.mark.parametrize("y", [[0, 1, 0, 1], [1, 1, 1], [0]])
@pytest.mark.parametrize("balance", ["over", "under", "weights", "none"])
def test_equal_classes_and_a_single_one_stay_as_they_are(y: list[int], balance: Any) -> None:
    assert chosen_rows(balance, np.array(y, dtype=np.int8), 0) is None


def test_no_repeated_row_decides_when_to_stop() -> None:
    x = np.arange(300, dtype=np.float32)[:, None]
    parts = inner_parts(x, Y, EarlyStopping(5, 0.2, 0, "over"))
    assert not set(parts.x.ravel()) & set(parts.x_stop.ravel())
    assert np.bincount(parts.y)[0] == np.bincount(parts.y)[1]
    assert len(parts.x_stop) == 60


@pytest.mark.parametrize("name", sorted(name for name, spec in registry().items() if spec.with_categories))
def test_codes_are_categories_and_not_numbers(name: str) -> None:
    """A model with one split per tree finds the codes 1 and 3 out of five together, which no threshold does."""
    codes = RANDOM.integers(0, 5, 800).astype(np.float32)
    y = np.isin(codes, [1, 3]).astype(np.int8)
    x = np.column_stack([RANDOM.normal(size=800).astype(np.float32), codes])
    x[:10, 1] = np.nan
    params = {
        "LightGBM": {"num_leaves": 2, "n_estimators": 1, "learning_rate": 1.0},
        "HistGradientBoosting": {"max_leaf_nodes": 2, "max_iter": 1, "learning_rate": 1.0},
        "CatBoost": {"depth": 1, "iterations": 30, "learning_rate": 0.5},
    }
    asked = params[name]
    model = fit(get(name), asked, 0, x, y, codes=[1])
    found = model.predict_proba(x[10:])[:, 1]
    assert found[y[10:] == 1].min() > found[y[10:] == 0].max()
    plain = fit(get(name), asked, 0, x, y).predict_proba(x[10:])[:, 1]
    assert name == "CatBoost" or plain[y[10:] == 1].min() <= plain[y[10:] == 0].max()
