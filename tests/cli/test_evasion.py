"""``phish evasion``: the attack on a table, its curve, and what constraints gain and cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from phishcli.errors import ExitCode

MUTABLE = "--set=evasion.mutable={Lines: {direction: down}, NoOfImage: {direction: down}}"


def test_the_curve_falls_and_agrees_with_the_rows(on_sites: Callable) -> None:
    found = on_sites("evasion", "--json", MUTABLE).document["models"]
    rows = pd.read_parquet(".cache/evasion/LogisticRegression/latest/attacked.parquet")
    linear = found[0]
    recalls = [point["recall"] for point in linear["curve"]]
    assert recalls == sorted(recalls, reverse=True)
    for point in linear["curve"]:
        assert point["recall"] == pytest.approx((rows["cost"] > (point["budget"] or 1e9)).mean()) or not point["budget"]
        assert point["low"] <= point["recall"] <= point["high"]
        assert point["certified"] <= point["recall"]
    scores = on_sites("show", "evaluate/LogisticRegression", "--file=metrics.json").document
    assert recalls[0] == pytest.approx(scores["metrics"]["recall"]["value"])
    assert (linear["method"], found[1]["method"]) == ("linear", None)
    assert (rows["change"] != "").sum() == linear["evaded"]


def test_constraints_are_compared_with_none(on_sites: Callable) -> None:
    said = on_sites("evasion", "--monotone", "--json", MUTABLE, models="[NaiveBayes,LightGBM]").document
    assert [each["model"] for each in said["models"]] == ["NaiveBayes", "LightGBM"]
    (constrained,), (defense,) = said["monotone"], said["defense"]
    assert constrained["method"] == "corner"
    # All that can be changed can only be moved down, which now never helps; only a missing value can be filled in.
    left = constrained["curve"][-1]
    assert left["certified"] == pytest.approx(left["recall"])
    assert defense["attacked_after"] == left["recall"] >= defense["attacked_before"]
    assert defense["accuracy"]["low"] <= defense["accuracy"]["value"] <= defense["accuracy"]["high"]


def test_the_report_shows_it_where_it_is_asked_for(on_sites: Callable) -> None:
    page, text = Path("results/report.html"), Path("results/classification_report.txt")
    on_sites("run-all", MUTABLE)
    assert 'id="evasion"' not in page.read_text(encoding="utf-8")
    on_sites("run-all", MUTABLE, "--set=evasion.enabled=true")
    assert 'id="evasion"' in page.read_text(encoding="utf-8")
    assert "Remaining recall under attack" in text.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set=evasion.mutable={Foo: {direction: up}}",), "'Foo' is not a feature of the table"),
        (("--set=evasion.defaults=false",), "No column of the table is known to be mutable"),
        (("--monotone", MUTABLE), "None of the models supports constraints"),
        (("--monotone", "--set=train.monotone=auto"), "cannot have monotone constraints"),
        (("--budget=0.1s", MUTABLE), "No model was attacked"),
        (("--set=evasion.mutable={Lines: {min: 3, max: 2}}",), "min should not be above max"),
        ((MUTABLE, "--set=preprocess.interactions=1"), "Attacks do not support interactions of columns"),
    ],
)
def test_what_cannot_be_is_said(on_sites: Callable, arguments: tuple[str, ...], message: str) -> None:
    said = on_sites("evasion", *arguments)
    assert said.code != 0
    assert message in " ".join(said.err.split())


def test_constraints_of_the_comparison_are_checked_as_those_of_the_settings(on_sites: Callable) -> None:
    """They name columns by their places, which a selection of features moves."""
    said = on_sites("evasion", "--monotone", "--set=preprocess.select.by=variance", MUTABLE, models="[LightGBM]")
    assert said.code == ExitCode.CONFIG
    assert "train.monotone: it needs the same features for all models" in " ".join(said.err.split())
