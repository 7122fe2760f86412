"""Errors of sources name the options of ``phish predict``."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from phishcli.serving.options import in_options
from phishcli.typed import setting


@pytest.mark.parametrize("name", ["sites", "a b", 'q"x', "it's", "load.table", "a,b", "ü.é", "--x"])
def test_any_name_of_a_table_comes_through(name: str) -> None:
    said = in_options(f"Choose one, for example {setting('load.table', name)}, or give load.query.")
    option = said.removeprefix("Choose one, for example ").removesuffix(", or give --query.")
    assert shlex.split(option) == [f"--table={name}"]


def test_other_settings_stay() -> None:
    hint = "If that is expected: --set load.limits.columns=9"
    assert in_options(hint) == hint


def test_tables_and_queries_of_a_database_are_chosen_by_options(on_sites: Callable, tmp_path: Path) -> None:
    assert on_sites("persist").code == 0
    phish = on_sites.__wrapped__  # type: ignore[attr-defined]  # of a fixture
    with closing(sqlite3.connect(tmp_path / "own.db")) as base:
        base.execute("CREATE TABLE one (Lines REAL, NoOfImage INTEGER, Industry TEXT, label TEXT)")
        rows = [(40.0, 3, "Banking", "phishing"), (None, 7, "eCommerce", None), (400.0, 20, "Banking", "legitimate")]
        base.executemany("INSERT INTO one VALUES (?, ?, ?, ?)", rows)
        base.execute("CREATE TABLE two AS SELECT * FROM one")
        base.commit()
    url = f"sqlite:///{tmp_path}/own.db"
    several = phish("predict", url)
    assert several.code == 3
    assert "--table=one" in several.err
    assert "--set" not in several.err
    all_rows = phish("predict", url, "--table=one")
    some = phish("predict", url, "--query=SELECT * FROM two WHERE Lines > 100")
    assert all_rows.out.splitlines()[3].partition(",")[2] == some.out.splitlines()[1].partition(",")[2]
    assert len(some.out.splitlines()) == 2
    refused = phish("predict", url, "--query=DROP TABLE two")
    assert refused.code == 3
    assert "--query" in refused.err
    assert "load." not in refused.err
    no_database = phish("predict", "sites.csv", "--query=SELECT 1")
    assert no_database.code == 2
    assert "Leave --query out" in no_database.err
