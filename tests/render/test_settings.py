"""`config show` says every key, its value and its origin."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from phishcli.config import Resolved
from phishcli.render.settings import settings_document, settings_table
from phishcli.settings import load_config


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Resolved:
    monkeypatch.chdir(tmp_path)
    return load_config(environ={}, sets=["train.seed=7", "load.positive_label='0'"])


def shown(settings: Resolved, width: int = 100, *, color: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=color, color_system="standard" if color else None)
    console.print(settings_table(settings))
    return file.getvalue()


def test_each_key_stands_below_its_section_with_its_value_and_its_origin(settings: Resolved) -> None:
    lines = [line.split() for line in shown(settings).splitlines()]
    train = lines[lines.index(["train"]) : lines.index(["train.tune"])]
    assert ["seed", "7", "--set"] in train
    assert ["positive_label", "'0'", "--set"] in lines
    assert ["source", "sample", "default"] in lines


def test_each_section_stands_there_once(settings: Resolved) -> None:
    headings = [line.strip() for line in shown(settings).splitlines() if not line.startswith(" ")]
    assert headings == [
        *(
            "load",
            "load.clean",
            "load.csv",
            "load.limits",
            "preprocess.split",
            "preprocess",
            "preprocess.numeric",
            "preprocess.categorical",
            "preprocess.select",
            "audit",
            "train",
        ),
        *("train.early_stopping", "train.tune", "train.ensemble"),
        *("evaluate", "evasion", "operation", "verdicts", "report", "persist", "run"),
    ]


def test_nothing_is_cut_off_in_a_narrow_terminal(settings: Resolved) -> None:
    text = "".join(shown(settings, width=56).split())
    assert "HistGradientBoosting" in text
    assert "\N{HORIZONTAL ELLIPSIS}" not in text


def test_what_is_no_default_stands_out_where_there_is_colour(settings: Resolved) -> None:
    text = shown(settings, color=True)
    assert "\x1b[2m  source" in text
    assert re.search(r"\n  seed +7 ", text)


def test_the_json_form_names_value_and_origin_of_each_key(settings: Resolved) -> None:
    document = json.loads(json.dumps(settings_document(settings)))
    assert document["train.seed"] == {"value": 7, "origin": "--set"}
    assert document["load.positive_label"]["value"] == "0"
    assert document["train.models"]["value"][0] == "LogisticRegression"
