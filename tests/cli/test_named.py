"""Tables and models that are named by their position, and lists of models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import QUICK

DATA = ("--positive-label=phishing", *QUICK)


def steps(said: object) -> list[str]:
    return [stage["step"] for stage in said.document["stages"]]


def test_every_command_takes_the_table_by_its_position(phish: Callable, sites: Path) -> None:
    fast = (*DATA, "--models=NaiveBayes", "--json")
    for command in ("run-all", "load", "preprocess", "audit", "train", "evaluate", "explain", "report", "persist"):
        said = phish(command, "sites.csv", *fast)
        assert said.code == 0, said.err
        assert said.document["source"]["origin"] == "sites.csv", command
    for command in ("status", "operate", "gate --require accuracy>=0.1"):
        name, *more = command.split()
        assert phish(name, "sites.csv", *more, *fast).document["source"]["origin"] == "sites.csv", command


def test_two_different_tables_are_an_error(phish: Callable, sites: Path) -> None:
    for arguments in (["load", "sites.csv", "--source=b.csv"], ["train", "sites.csv", "b.csv"]):
        said = phish(*arguments)
        assert said.code == 2
        assert "Two sources are named: sites.csv and b.csv" in said.err
    assert phish("load", "sites.csv", "--source=sites.csv", *DATA, "-q").code == 0


def test_train_takes_models_and_trains_only_these(phish: Callable, sites: Path) -> None:
    models = "--models=NaiveBayes,LogisticRegression"
    said = phish("train", "naivebayes", "sites.csv", *DATA, models, "--json")
    assert steps(said) == ["train/NaiveBayes"]
    assert steps(phish("train", "train/LogisticRegression", "--json")) == ["train/LogisticRegression"]
    assert phish("config", "show", "--json").document["train.models"]["value"] == ["NaiveBayes", "LogisticRegression"]
    assert steps(phish("explain", "NaiveBayes", "--json")) == ["explain/NaiveBayes"]


def test_a_model_that_is_trained_by_name_joins_the_others(phish: Callable, sites: Path) -> None:
    phish("train", "sites.csv", *DATA, "--models=NaiveBayes", "-q")
    assert steps(phish("train", "KNN", "--json")) == ["train/KNN"]
    assert phish("config", "show", "--json").document["train.models"]["value"] == ["NaiveBayes", "KNN"]


@pytest.mark.parametrize("typed", ["XGBost", "xgbost", "XGBOOOST"])
def test_a_model_that_does_not_exist_names_the_nearest(phish: Callable, sites: Path, typed: str) -> None:
    for arguments in (["train", typed], ["run-all", "sites.csv", f"--models=KNN,{typed}"]):
        said = phish(*arguments)
        assert said.code == 2
        assert "id you mean XGBoost?" in said.err


@pytest.mark.parametrize(
    "options", [["--models=knn,XGBoost"], ["--models", "KNN", "--models", "xgboost"], ["--models=KNN, XGBoost,"]]
)
def test_models_are_a_list_with_commas_in_any_case(phish: Callable, options: list[str]) -> None:
    shown = phish("config", "show", "--json", *options).document["train.models"]
    assert shown == {"value": ["KNN", "XGBoost"], "origin": "--models"}


@pytest.mark.parametrize("options", [["--models="], ["--models=,"], ["--models=KNN,knn"]])
def test_an_empty_list_and_one_with_a_model_twice_are_errors(phish: Callable, options: list[str]) -> None:
    said = phish("config", "check", *options)
    assert said.code == 2
    assert "--models" in said.err


def test_version_has_a_short_option(phish: Callable) -> None:
    assert phish("-V").out == phish("--version").out
