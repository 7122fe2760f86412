"""The configurations that come with the project say what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from phishcli.config import Config, Resolved
from phishcli.config.key_paths import all_keys
from phishcli.config.yaml import parse
from phishcli.errors import ConfigError
from phishcli.models import combined, registry
from phishcli.settings import load_config

CONFIGS = Path(__file__).parents[2] / "configs"


def load(name: str) -> Resolved:
    return load_config(CONFIGS / f"{name}.yaml", environ={})


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_is_valid(path: Path) -> None:
    assert load_config(path, environ={}).files == (path,)


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
    assert config.preprocess.numeric.scale == "published"
    assert config.train.models == ("LogisticRegression", "RandomForest", "GradientBoosting", "XGBoost")
    assert config.train.params == {
        "LogisticRegression": {"max_iter": 1000, "solver": "lbfgs"},
        "RandomForest": {"n_estimators": 100, "max_depth": 10, "max_leaf_nodes": None, "min_samples_leaf": 1},
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
    assert sorted(config.train.models) == sorted([*registry(), *combined()])
    assert config.train.tune.enabled
    assert all(config.load.clean.model_dump().values())
    assert config.evaluate.select_on == "cv"


def test_the_quick_one_has_few_models_and_few_resamples() -> None:
    config = load("quick").config
    assert len(config.train.models) <= 3
    assert config.evaluate.n_boot <= 200
    assert not config.train.tune.enabled


@pytest.mark.parametrize(
    "text",
    [
        "train.models: [KNN]\ntrain: {seed: 7, tune.enabled: true}\npreprocess.split.seed: 3\n",
        "train: {models: [KNN], seed: 7, tune: {enabled: true}}\npreprocess: {split: {seed: 3}}\n",
        "train: {models: [KNN], seed: 7}\ntrain.tune: {enabled: true}\npreprocess: {split.seed: 3}\n",
    ],
)
def test_keys_may_be_nested_dotted_or_both(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    config = load_config(path, environ={}).config
    assert config.train.models == ("KNN",)
    assert (config.train.seed, config.train.tune.enabled, config.preprocess.split.seed) == (7, True, 3)


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("train.seed: 1\ntrain: {seed: 2}\n", "train.seed", (1, 2)),
        ("train:\n  seed: 2\ntrain.seed: 1\n", "train.seed", (2, 3)),
        ("train.params.XGBoost.gamma: 1\ntrain:\n  params: {KNN: {p: 1}}\n", "train.params", (1, 3)),
        ("train:\n  params: {KNN: {p: 1}}\ntrain.params.XGBoost.gamma: 1\n", "train.params.XGBoost.gamma", (2, 3)),
        ("evaluate.threshold.max_fpr: 0.1\nevaluate: {threshold: 0.2}\n", "evaluate.threshold", (1, 2)),
    ],
)
def test_a_key_that_is_set_nested_and_dotted_is_an_error_with_both_places(
    text: str, key: str, lines: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ={})
    assert caught.value.what == f"{key} is set twice"
    assert caught.value.where == f"{path}:{lines[0]} and {path}:{lines[1]}"


def test_dots_in_the_name_of_a_column_are_part_of_the_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("audit.ignore.leak:url.length: known\n")
    expected = {"leak:url.length": "known"}
    from phishcli.config import resolve_config

    assert resolve_config(path, environ={}).config.audit.ignore == expected
    assert resolve_config(sets=["audit.ignore.leak:url.length=known"], environ={}).config.audit.ignore == expected


def test_of_several_files_the_later_one_wins_and_each_value_names_its_own(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("train: {seed: 1, models: [KNN]}\n")
    two.write_text("train.seed: 2\nevaluate.seed: 2\n")
    resolved = load_config((one, two), environ={})
    assert (resolved.config.train.seed, resolved.config.train.models) == (2, ("KNN",))
    assert resolved.files == (one, two)
    assert resolved.origins["train.seed"] == str(two)
    assert resolved.origins["train.models"] == str(one)
    assert load_config((two, one), environ={}).config.train.seed == 1
