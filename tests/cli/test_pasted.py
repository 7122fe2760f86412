"""Options that take a label, a column or a file are literal text, and what a message proposes works when pasted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ODD = (
    *(" >50K", "null", "~", "#x", "- x", "1e3", "007", "yes", "[a]", "{b}", "a: b", '"q"', "it's", "a ", " ", "None"),
    *(
        "$HOME",
        "`id`",
        "-x",
        "--drop",
        "naïve",
        "a\\b",
        "a\nb",
        "a\tb",
        "a\u00a0b",
        "!x",
        "*",
        "a,b",
        "rest",
        "inf",
        "nan",
    ),
)
RNG = np.random.default_rng(3)
OPTION = re.compile(r"--(?:positive-label|target|drop|keep|source|set|tune-method)[ =](?:'(?:[^']|'\"'\"')*'|[^\s'])+")


def table(labels: tuple[object, object], target: str = "verdict", extra: str | None = None) -> str:
    """A file of 60 rows, 20 of them with the second label; a Parquet file changes no text."""
    marks = np.arange(60) % 3 == 0
    columns = {"a": RNG.normal(size=60) + marks, "b": RNG.normal(size=60)}
    if extra is not None:
        columns[extra] = RNG.normal(size=60)
    columns[target] = [labels[int(mark)] for mark in marks]
    pd.DataFrame(columns).to_parquet("t.parquet", index=False)
    return "--source=t.parquet"


def proposed(message: str) -> list[str]:
    """The options that a message proposes, as they stand in it."""
    return [found.rstrip(".,;)?") for found in OPTION.findall(message)]


def schema(phish: Callable) -> dict[str, object]:
    folder = Path(".cache/load/latest").resolve()
    import json

    return json.loads((folder / "schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("label", ODD)
def test_a_label_is_literal_text_and_its_hint_works_when_pasted(phish: Callable, label: str) -> None:
    data = (table(("other", label)), "--target=verdict")
    asked = phish("load", *data).err
    hints = [hint for hint in proposed(asked) if "other" not in hint]
    assert len(hints) == 1, asked
    assert phish("load", *data, *shlex.split(hints[0])).code == 0
    assert schema(phish)["positive_label"] == label
    assert phish("load", *data, "--positive-label", label).code == 0
    assert schema(phish)["label_counts"][label] == 20


@pytest.mark.parametrize("name", ODD)
def test_a_column_is_literal_text_for_every_option(phish: Callable, name: str) -> None:
    data = (table(("good", "bad"), extra=name), "--target=verdict", "--positive-label=bad")
    assert phish("load", *data, f"--drop={name}").code == 0
    assert [column["name"] for column in schema(phish)["columns"]] == ["a", "b"]
    data = (table(("good", "bad"), target=name), "--positive-label=bad")
    assert phish("load", *data, "--target", name).code == 0
    assert schema(phish)["target"] == name


@pytest.mark.parametrize(
    "name", [" Class", "the class", "class's", "$class", "-class", '"class"', "[class]", "class\n"]
)
def test_a_similar_column_is_shown_with_its_blanks_and_an_option_to_paste(phish: Callable, name: str) -> None:
    data = (table(("good", "bad"), target=name), "--positive-label=bad")
    said = phish("load", *data, "--target=clas")
    assert f"Did you mean {name!r}? Use " in said.err
    (hint,) = proposed(said.err)
    assert phish("load", *data, *shlex.split(hint)).code == 0
    assert schema(phish)["target"] == name


@pytest.mark.parametrize("label", [" >50K", "it's", "-1", "a\nb"])
def test_the_labels_of_a_second_run_are_those_of_the_first(phish: Callable, label: str) -> None:
    """The settings of the last run are kept as YAML."""
    assert phish("load", table(("other", label)), "--target=verdict", "--positive-label", label).code == 0
    assert phish("load").code == 0
    assert schema(phish)["positive_label"] == label


def test_more_than_two_labels_from_the_command_line_to_the_report(phish: Callable) -> None:
    kinds = np.array(["benign", "phishing", "malware", None], dtype=object)[np.arange(120) % 4]
    pd.DataFrame({"a": RNG.normal(size=120), "kind": kinds}).to_parquet("k.parquet", index=False)
    data = ("--source=k.parquet", "--target=kind", "--set=train.models=[NaiveBayes]", "--set=report.charts=false")
    said = phish("report", *data)
    assert "30 of 120 rows have no label" in said.err
    (hint,) = proposed(said.err)
    said = phish("report", *data, *shlex.split(hint), "--positive-label=phishing")
    (rest,) = re.findall(r"--negative-label rest", said.err)
    said = phish("report", *data, *shlex.split(hint), "--positive-label=phishing", *shlex.split(rest))
    assert said.code == 0, said.err
    assert schema(phish)["label_counts"] == {"phishing": 30, "rest": 60}
    assert schema(phish)["unlabelled"] == 30
    text = Path("results/classification_report.txt").read_text(encoding="utf-8")
    assert re.search(r"Labels of rest +benign \(30 rows\), malware \(30 rows\)", text)
    assert re.search(r"Without a label +30 rows, left out", text)
