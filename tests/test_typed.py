"""What a hint shows is what a shell and the program read back."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.config.assignments import from_sets
from phishcli.typed import name_of, option, options, setting

ODD = (
    *(" >50K", "null", "~", "#x", "- x", "1e3", "007", "yes", "[a]", "{b}", "a: b", '"q"', "'", "a'b", "a ", "", " "),
    *("$HOME", "`id`", "-x", "--drop", "é", "a\\b", "a\nb", "\t", "a\u00a0b", "\U0001f600", "!x", "*", "a,b", "\\n"),
)


@pytest.mark.parametrize("text", ODD)
def test_a_shell_reads_the_text_back(text: str) -> None:
    words = shlex.split(option("--other", text))
    assert words in ([f"--other={text}"], ["--other", text])


@pytest.mark.parametrize("text", [*ODD, "true", "True", "NULL", "x"])
@pytest.mark.parametrize("key", ["load.target", "load.positive_label", "preprocess.split.group"])
def test_a_setting_is_read_back_as_the_same_text(text: str, key: str) -> None:
    _is_read_back(text, key)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_any_text_is_read_back(text: str) -> None:
    _is_read_back(text, "load.positive_label")


def _is_read_back(text: str, key: str) -> None:
    flag, said = shlex.split(setting(key, text))
    (assignment,) = from_sets([said])
    assert (flag, assignment.value) == ("--set", text)
    assert "\n" not in setting(key, text)


@pytest.mark.parametrize(("value", "said"), [(9, "--set preprocess.folds=9"), (0.5, "--set preprocess.folds=0.5")])
def test_numbers_stay_numbers(value: float, said: str) -> None:
    assert setting("preprocess.folds", value) == said


def test_a_text_that_cannot_be_seen_is_set_with_escapes() -> None:
    assert option("--drop", "a\nb") == "--set 'load.drop=[\"a\\U0000000ab\"]'"
    (assignment,) = from_sets([shlex.split(option("--drop", "a\nb"))[1]])
    assert assignment.value == ["a\nb"]


def test_several_values_take_several_options() -> None:
    assert options("--drop", ["a b", "-c"]) == "--drop 'a b' --drop=-c"


@pytest.mark.parametrize(
    ("name", "said"), [("Lines", "Lines"), ("Unnamed: 0", "Unnamed: 0"), (" Class", "' Class'"), ("a,b", "'a,b'")]
)
def test_a_name_is_quoted_where_it_would_be_unclear(name: str, said: str) -> None:
    assert name_of(name) == said
