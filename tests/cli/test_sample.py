"""``phish sample`` writes a table that ``phish run-all`` reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


def test_a_sample_of_any_size_is_written_and_the_next_command_is_named(phish: Callable) -> None:
    said = phish("sample", "--rows", "1_500", "-o", "big.db", "--seed", "7")
    assert said.out == "Wrote 1,500 synthetic rows to big.db; try: phish run-all --source big.db\n"
    with sqlite3.connect("big.db") as connection:
        assert connection.execute("select count(*) from phishing_data").fetchone() == (1500,)


def test_a_written_sample_needs_no_options_to_be_loaded(phish: Callable) -> None:
    phish("sample", "--rows=500", "-o", "s.parquet")
    assert phish("load", "--source", "s.parquet").code == 0


def test_json_says_what_was_written_and_quiet_nothing(phish: Callable) -> None:
    assert phish("sample", "--rows=200", "-o", "s.csv", "--json").document["rows"] == 200
    assert phish("sample", "--rows=200", "-o", "t.csv", "-q").out == ""
    assert pd.read_csv("s.csv").equals(pd.read_csv("t.csv"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "there.db"], "--force"),
        (["-o", "s.xlsx"], ".parquet"),
        (["-o", "s.db", "--rows=0"], "--rows"),
    ],
)
def test_what_cannot_be_written_is_a_clear_error(phish: Callable, arguments: list[str], message: str) -> None:
    Path("there.db").write_text("mine")
    said = phish("sample", *arguments)
    assert said.code == 2
    assert message in said.err
    assert Path("there.db").read_text() == "mine"


def test_rows_that_are_no_number_are_a_usage_error(phish: Callable) -> None:
    assert phish("sample", "--rows", "many").code == 2
