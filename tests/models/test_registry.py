"""Models are discovered, light to import, and say clearly what is wrong with a name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phishcli.models
from phishcli.errors import ConfigError, TrainError, first_line
from phishcli.models import SHARED, get, registry
from phishcli.models.spec import plain

TEN = {
    "GradientBoosting",
    "HistGradientBoosting",
    "KNN",
    "LightGBM",
    "LogisticRegression",
    "NaiveBayes",
    "NeuralNetwork",
    "RandomForest",
    "SVM",
    "XGBoost",
}

PUBLISHED_DEFAULTS = {
    "LogisticRegression": {"max_iter": 1000},
    "GradientBoosting": {"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
    "XGBoost": {"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
}


def between(low: float, high: float, *, log: bool = False) -> dict[str, float | bool]:
    return {"low": low, "high": high, "log": log}


PUBLISHED_SPACES = {
    "LogisticRegression": {
        "C": between(1e-3, 1e2, log=True),
        "solver": ["lbfgs", "liblinear"],
        "max_iter": between(1000, 3000),
    },
    "RandomForest": {
        "n_estimators": between(50, 300),
        "max_depth": [5, 10, 15, 20, None],
        "min_samples_split": between(2, 9),
        "min_samples_leaf": between(1, 4),
        "max_features": ["sqrt", "log2", None],
    },
    "GradientBoosting": {
        "n_estimators": between(50, 300),
        "learning_rate": between(0.01, 0.31),
        "max_depth": between(3, 9),
        "min_samples_split": between(2, 9),
        "min_samples_leaf": between(1, 4),
    },
    "XGBoost": {
        "n_estimators": between(100, 300),
        "learning_rate": between(0.05, 0.2),
        "max_depth": between(3, 6),
        "subsample": between(0.8, 1.0),
        "colsample_bytree": between(0.8, 1.0),
    },
    "LightGBM": {
        "n_estimators": between(50, 300),
        "learning_rate": between(0.01, 0.31),
        "max_depth": between(3, 9),
        "num_leaves": between(20, 99),
        "min_child_samples": between(10, 49),
        "subsample": between(0.6, 1.0),
        "colsample_bytree": between(0.6, 1.0),
    },
}


def test_the_ten_models_are_discovered_in_alphabetical_order() -> None:
    assert set(registry()) >= TEN
    assert list(registry()) == sorted(registry())


def test_every_file_that_is_not_shared_holds_one_model() -> None:
    files = {path.stem for path in Path(phishcli.models.__file__).parent.glob("*.py")}
    assert files >= {"__init__", *SHARED}
    assert len(files - {"__init__", *SHARED}) == len(registry())


def test_the_registry_loads_no_heavy_library() -> None:
    heavy = ["numpy", "scipy", "pandas", "sklearn", "xgboost", "lightgbm", "pyarrow", "joblib", "pydantic"]
    code = (
        f"import sys; from phishcli.models import registry; registry(); print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PUBLISHED_DEFAULTS)
def test_defaults_are_the_published_ones(name: str) -> None:
    assert registry()[name].defaults == PUBLISHED_DEFAULTS[name]


@pytest.mark.parametrize("name", PUBLISHED_SPACES)
def test_spaces_are_the_published_ones(name: str) -> None:
    assert registry()[name].plain_space() == PUBLISHED_SPACES[name]


def test_a_forest_is_bounded_by_its_leaves_whatever_the_number_of_rows() -> None:
    spec = registry()["RandomForest"]
    assert spec.defaults == {"n_estimators": 100, "max_leaf_nodes": 500, "min_samples_leaf": 2}
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6_000, 4)).astype(np.float32)
    forest = spec.build({"n_estimators": 3}, seed=0).fit(x, rng.integers(0, 2, 6_000))  # noise: a tree never ends
    assert [tree.tree_.n_leaves for tree in forest.estimators_] == [500, 500, 500]


@pytest.mark.parametrize(("wrong", "near"), [("xgbost", "XGBoost"), ("randomforest", "RandomForest"), ("svm", "SVM")])
def test_an_unknown_model_is_answered_with_the_nearest_name(wrong: str, near: str) -> None:
    with pytest.raises(ConfigError, match=f"no model '{wrong}'\ntrain.models\nDid you mean {near}"):
        get(wrong)


def test_a_name_that_is_near_nothing_is_answered_with_all_models() -> None:
    with pytest.raises(ConfigError, match=r"The models are: CatBoost, Ensemble, .*, XGBoost"):
        get("transformer of everything")


@pytest.mark.parametrize(
    ("model", "wrong", "near"),
    [
        ("XGBoost", "max_deph", "max_depth"),
        ("LightGBM", "num_leafs", "num_leaves"),
        ("SVM", "gama", "gamma"),
        ("NeuralNetwork", "alfa", "alpha"),
    ],
)
def test_an_unknown_parameter_is_answered_with_the_nearest_name(model: str, wrong: str, near: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s)no parameter '{wrong}'.*train.params.{model}.{wrong}.*mean {near}"):
        get(model).build({wrong: 1}, seed=0)


@pytest.mark.parametrize(("name", "instead"), [("random_state", "train.seed"), ("n_jobs", "run.jobs")])
def test_seed_and_threads_are_set_in_one_place_only(name: str, instead: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} cannot be set here.*\n.*\nUse {instead}"):
        get("XGBoost").build({name: 1}, seed=0)


@pytest.mark.parametrize(("model", "library"), [("XGBoost", "xgboost"), ("LightGBM", "lightgbm"), ("KNN", "sklearn")])
def test_a_missing_library_is_answered_with_its_install_line(
    model: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(TrainError, match=rf"(?s){model} needs a library.*{library}.*pip install .*leave {model} out"):
        get(model).build({}, seed=0)


def test_parameters_override_defaults_and_the_seed_arrives() -> None:
    spec = get("XGBoost")
    found = spec.effective(spec.build({"max_depth": 3}, seed=7))
    assert (found["max_depth"], found["n_estimators"], found["random_state"]) == (3, 100, 7)


@pytest.mark.parametrize("name", sorted(TEN))
def test_effective_parameters_are_json_and_hold_the_defaults_under_their_own_names(name: str) -> None:
    spec = get(name)
    found = spec.effective(spec.build({}, seed=7))
    json.dumps(found, allow_nan=False)
    assert {key: found[key] for key in spec.defaults} == plain(dict(spec.defaults))


@pytest.mark.parametrize("name", sorted(TEN))
def test_every_model_names_the_versions_that_shape_it(name: str) -> None:
    versions = get(name).versions()
    assert versions
    assert all(text and text[0].isdigit() for text in versions.values())


def test_values_json_cannot_say_become_text() -> None:
    assert plain({1: (float("nan"), 2.5, None, True), "a": object}) == {
        "1": ["nan", 2.5, None, True],
        "a": "<class 'object'>",
    }


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert first_line(MemoryError()) == "MemoryError"
    assert first_line(ValueError("\n  first\nsecond")) == "first"


# Rounds.


@pytest.mark.parametrize(
    ("model", "params", "count"),
    [
        ("KNN", {}, None),
        ("XGBoost", {}, 100),
        ("HistGradientBoosting", {"max_iter": 7}, 7),
        ("RandomForest", {"n_estimators": 0}, None),
        ("RandomForest", {"n_estimators": "many"}, None),
        ("RandomForest", {"n_estimators": None}, None),
        ("RandomForest", {"n_estimators": 1.5}, None),
    ],
)
def test_the_number_of_rounds_is_known_where_there_are_rounds(model: str, params: Any, count: int | None) -> None:
    assert get(model).round_count(params) == count


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("GradientBoosting", {"n_iter_no_change": 3}),
        ("HistGradientBoosting", {"early_stopping": True}),
        ("LightGBM", {"boosting_type": "dart"}),
        ("RandomForest", {"class_weight": "balanced"}),
        ("RandomForest", {"oob_score": True}),
        ("XGBoost", {"booster": "gblinear"}),
    ],
)
def test_where_a_longer_fit_does_not_contain_the_shorter_ones_no_rounds_are_counted(model: str, params: Any) -> None:
    get(model).check(params, where="here")
    assert get(model).round_count(params) is None


@pytest.mark.parametrize(
    ("model", "name"),
    [("GradientBoosting", "n_iter_no_change"), ("HistGradientBoosting", "early_stopping"), ("XGBoost", "booster")],
)
def test_with_the_default_of_the_library_a_longer_fit_contains_the_shorter_ones(model: str, name: str) -> None:
    own = get(model).build({}, seed=0).get_params()[name]
    assert get(model).round_count({name: own}) == 100
