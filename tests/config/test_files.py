"""The configurations that come with the project say what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from phishcli.config import Config, Resolved
from phishcli.config.key_paths import all_keys
from phishcli.config.yaml import parse
from phishcli.models import registry
from phishcli.settings import load_config

CONFIGS = Path(__file__).parents[2] / "configs"


def load(name: str) -> Resolved:
    return load_config(CONFIGS / f"{name}.yaml", environ={})


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_is_valid(path: Path) -> None:
    assert load_config(path, environ={}).file == path


def test_the_default_file_changes_nothing() -> None:
    assert load("default").config == Config()


def test_the_default_file_lists_every_key_with_a_comment() -> None:
    path = CONFIGS / "default.yaml"
    text = path.read_text(encoding="utf-8")
    lines = parse(text, where=str(path)).lines
    assert [".".join(key) for key in lines] == list(all_keys())
    rows = text.splitlines()
    assert [rows[line - 1] for line in lines.values() if " # " not in rows[line - 1]] == []


def test_the_reference_is_the_published_procedure() -> None:
    config = load("reference").config
    assert (config.load.target, config.load.positive_label) == ("label", 0)
    assert (config.preprocess.split.test_size, config.preprocess.split.seed, config.preprocess.folds) == (0.2, 42, 5)
    assert config.train.models == ("LogisticRegression", "RandomForest", "GradientBoosting", "XGBoost")
    assert config.train.params == {
        "LogisticRegression": {"max_iter": 1000},
        "RandomForest": {"n_estimators": 100, "max_depth": 10},
        "GradientBoosting": {"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
        "XGBoost": {"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
    }
    tune = config.train.tune
    assert (tune.enabled, tune.method, tune.n_iter, tune.scoring, tune.seed) == (False, "random", 50, "accuracy", 42)
    assert config.evaluate.select_on == "test"
    assert not any(config.load.clean.model_dump().values())


def test_the_reference_searches_the_published_spaces() -> None:
    assert load("reference").config.train.tune.spaces == {
        "LogisticRegression": {
            "C": {"low": 0.001, "high": 100.0, "log": True},
            "solver": ["lbfgs", "liblinear"],
            "max_iter": {"low": 1000, "high": 3000},
        },
        "RandomForest": {
            "n_estimators": {"low": 50, "high": 300},
            "max_depth": [5, 10, 15, 20, None],
            "min_samples_split": {"low": 2, "high": 9},
            "min_samples_leaf": {"low": 1, "high": 4},
            "max_features": ["sqrt", "log2", None],
        },
        "GradientBoosting": {
            "n_estimators": {"low": 50, "high": 300},
            "learning_rate": {"low": 0.01, "high": 0.31},
            "max_depth": {"low": 3, "high": 9},
            "min_samples_split": {"low": 2, "high": 9},
            "min_samples_leaf": {"low": 1, "high": 4},
        },
        "XGBoost": {
            "n_estimators": {"low": 100, "high": 300},
            "learning_rate": {"low": 0.05, "high": 0.2},
            "max_depth": {"low": 3, "high": 6},
            "subsample": {"low": 0.8, "high": 1.0},
            "colsample_bytree": {"low": 0.8, "high": 1.0},
        },
    }


def test_the_file_for_the_database_names_its_target_and_its_phishing_label() -> None:
    config = load("phishing-db").config
    assert (config.load.target, config.load.positive_label) == ("label", 0)
    assert (config.preprocess, config.train, config.evaluate) == (
        Config().preprocess,
        Config().train,
        Config().evaluate,
    )


def test_the_best_is_every_model_tuned_on_clean_data() -> None:
    config = load("best").config
    assert sorted(config.train.models) == sorted(registry())
    assert config.train.tune.enabled
    assert all(config.load.clean.model_dump().values())
    assert config.evaluate.select_on == "cv"


def test_the_quick_one_has_few_models_and_few_resamples() -> None:
    config = load("quick").config
    assert len(config.train.models) <= 3
    assert config.evaluate.n_boot <= 200
    assert not config.train.tune.enabled
