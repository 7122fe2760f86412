"""``phish init`` and ``--save``: what is proposed for a table, and that what is written and printed works as it is."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from phishcli.config.yaml import parse
from tests.conftest import QUICK, small_table

FAST = (*QUICK, "--set=train.models=[NaiveBayes]")


def settings() -> dict[str, object]:
    return parse(Path("phish.yaml").read_text(), where="phish.yaml").value["load"]


def test_a_table_of_words_gets_all_it_needs_and_the_next_line_works(phish: Callable, sites: Path) -> None:
    said = phish("init", "sites.csv")
    assert said.code == 0
    assert "label (found by its name): legitimate (146 rows) or phishing (94 rows)" in said.out
    assert settings() == {
        "source": "sites.csv",
        "target": "label",
        "positive_label": "phishing",
        "drop": ["Unnamed: 0"],
    }
    line = said.out.splitlines()[-1].strip()
    assert line == "phish run-all"
    done = phish(*shlex.split(line)[1:], *FAST, "--json")
    assert done.code == 0
    assert done.document["source"]["origin"] == "sites.csv"


@pytest.mark.parametrize(
    ("name", "labels", "positive"),
    [
        ("label", (0, 1), None),
        ("label", ("a", "b"), None),
        ("label", ("ham", "spam"), "spam"),
        ("label", ("good", "other"), "other"),
        ("label", ("good", "bad-site"), "bad-site"),
        ("is_malicious", (False, True), True),
        ("fraud", (0, 1), 1),
        ("label", ("no", "yes"), None),
        ("label", (" <=50K", " >50K"), None),
        ("label", ("null", "~"), None),
        ("label", ("- x", "#x"), None),
        ("label", ("-x", "it's"), None),
    ],
)
def test_the_class_to_detect_is_proposed_only_where_words_say_it(
    phish: Callable, name: str, labels: tuple[object, object], positive: object
) -> None:
    table = small_table().rename(columns={"label": name})
    table[name] = table[name].map({"legitimate": labels[0], "phishing": labels[1]})
    table.to_parquet("t.parquet")
    said = phish("init", "t.parquet", "--json")
    assert said.code == 0, said.err
    assert said.document["positive_label"] == positive
    assert settings().get("positive_label") == positive
    following = said.document["next"]
    if positive is None:
        assert len(following) == 2
        assert phish("load", "-q").code == 3  # nothing is guessed
    for line in following if positive is None else []:
        said = phish(*shlex.split(line)[1:], "--json")
        assert said.code == 0, line
        assert said.document["next"] == "phish run-all"
        assert said.document["positive_label"] == settings()["positive_label"]
    assert phish("run-all", *FAST, "-q").code == 0


def test_a_name_that_says_it_all_gives_the_label(phish: Callable, sites: Path) -> None:
    table = small_table()
    table.assign(label=(table["label"] == "phishing").astype(int)).rename(columns={"label": "isPhishing"}).to_csv(
        "s.csv", index=False
    )
    said = phish("init", "s.csv", "--json")
    assert said.document["positive_label"] == 1
    assert said.document["next"] == "phish run-all"
    assert phish("load", "-q").code == 0


def test_what_is_of_no_use_is_dropped_with_its_reason_and_nothing_else(phish: Callable) -> None:
    table = small_table().assign(
        constant=1, empty=None, code=[f"x{number}" for number in range(240)], day=["2024-01-02", "2024-01-03"] * 120
    )
    table.to_csv("t.csv", index=False)
    found = phish("init", "t.csv", "--json").document["drop"]
    assert list(found) == ["Unnamed: 0", "constant", "empty", "code"]
    assert phish("load", "-q").code == 0


def test_formats_and_tables_are_read_as_a_run_reads_them(phish: Callable) -> None:
    table = small_table()
    with sqlite3.connect("two.db") as database:
        table.to_sql("sites", database, index=False)
        table.to_sql("others", database, index=False)
    database.close()
    assert phish("init", "two.db").code == 3
    assert not Path("phish.yaml").exists()
    assert phish("init", "two.db", "--set", "load.table=sites").code == 0
    assert settings()["table"] == "sites"
    assert phish("load", "-q").code == 0


def test_a_file_that_is_there_is_kept_unless_force_is_given(phish: Callable, sites: Path) -> None:
    Path("phish.yaml").write_text("train: {seed: 7}\n")
    said = phish("init", "sites.csv")
    assert said.code == 2
    assert str(Path("phish.yaml").absolute()) in said.err
    assert Path("phish.yaml").read_text() == "train: {seed: 7}\n"
    assert phish("run-all", "sites.csv", "--save").code == 2
    assert not Path(".cache").exists()
    assert phish("init", "sites.csv", "--force").code == 0
    assert parse(Path("phish.yaml").read_text(), where="").value.keys() == {"load"}


def test_options_become_settings(phish: Callable, sites: Path) -> None:
    said = phish("init", "sites.csv", "--models", "knn,XGBoost", "--drop=Lines", "--positive-label=legitimate", "-q")
    assert (said.code, said.out) == (0, "")
    assert settings()["positive_label"] == "legitimate"
    assert set(settings()["drop"]) == {"Unnamed: 0", "Lines"}
    assert phish("config", "show", "--json").document["train.models"]["value"] == ["KNN", "XGBoost"]


def test_without_a_target_nothing_is_written_and_the_lines_to_try_are_listed(phish: Callable) -> None:
    table = small_table().rename(columns={"label": "kind"}).assign(flag=[0, 1] * 120, last=range(240))
    table["kind"] = table["kind"].str[:1]
    table.to_csv("t.csv", index=False)
    said = phish("init", "t.csv")
    assert said.code == 3
    assert "phish init t.csv --target kind" in said.err
    assert not Path("phish.yaml").exists()
    assert phish("init", "t.csv", "--target", "kind", "-q").code == 0
    table.assign(kind=["benign", "phishing", "malware"] * 80).drop(columns="flag").to_csv("three.csv", index=False)
    said = phish("init", "three.csv", "--force")
    assert said.code == 3
    assert "kind does not have two labels: benign (80 rows), phishing (80 rows) or malware (80 rows)" in said.err
    pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}).to_csv("none.csv", index=False)
    assert phish("init", "none.csv", "--force").code == 3


def test_names_that_yaml_would_misread_come_back_as_they_are(phish: Callable) -> None:
    odd = {"Lines": "a: #b", "NoOfImage": "line\nbreak", "Industry": "null", "Unnamed: 0": "- x"}
    small_table().rename(columns=odd).assign(**{"ünï {": 1}).to_parquet("it's #1.parquet")
    assert phish("init", "it's #1.parquet", "-q").code == 0
    assert settings()["source"] == "it's #1.parquet"
    assert set(settings()["drop"]) == {"- x", "ünï {"}
    assert phish("load", "-q").code == 0


def test_init_without_a_file_keeps_the_settings_of_the_last_run(phish: Callable, sites: Path) -> None:
    assert phish("init").code == 2
    first = phish("run-all", "sites.csv", "--positive-label=phishing", *FAST)
    assert first.err.splitlines()[-1] == (
        "The next commands in this folder use these settings as well; `phish init` writes them to phish.yaml."
    )
    assert "phish init" not in phish("run-all", "sites.csv", "--positive-label=phishing", *FAST).err
    before = phish("config", "show", "--json").document
    assert phish("init").code == 0
    after = phish("config", "show", "--json").document
    assert {key: each["value"] for key, each in after.items()} == {key: each["value"] for key, each in before.items()}
    assert "last run" not in json.dumps(after)
    assert {stage["state"] for stage in phish("run-all", "--json").document["stages"]} == {"cached"}


def test_save_writes_what_the_run_was_asked_for_once_it_has_succeeded(phish: Callable, sites: Path) -> None:
    assert phish("run-all", "sites.csv", "--save", *FAST).code == 3
    assert not Path("phish.yaml").exists()
    assert phish("run-all", "--positive-label=phishing", "--save", *FAST, "-q").code == 0
    assert settings() == {"source": "sites.csv", "positive_label": "phishing"}
    assert phish("gate", "--require=accuracy>=0.1", "--json").document["source"]["origin"] == "sites.csv"


def test_a_token_is_not_written(phish: Callable) -> None:
    from phishcli.cli.saving import write_settings
    from phishcli.settings import load_config

    write_settings(load_config(overrides={"load.source": ("http://me:pw@127.0.0.1/s.csv?t=x", "")}).config)
    text = Path("phish.yaml").read_text()
    assert "pw" not in text
    assert "PHISH_LOAD__SOURCE" in text


@pytest.mark.parametrize("options", [(), ("--set=train.params.KNN.n_neighbors=3", "--models=KNN", "--drop=Lines")])
def test_what_config_show_prints_as_yaml_is_read_back_to_the_same_settings(
    phish: Callable, sites: Path, options: tuple[str, ...]
) -> None:
    options = (*options, "--source=sites.csv", "--set=evaluate.threshold={max_fpr: 0.1}", "--positive-label=phishing")
    text = phish("config", "show", "--yaml", *options).out
    Path("mine.yaml").write_text(text)
    values = {key: each["value"] for key, each in phish("config", "show", "--json", *options).document.items()}
    again = phish("config", "show", "--json", "-c", "mine.yaml").document
    assert {key: each["value"] for key, each in again.items()} == values
