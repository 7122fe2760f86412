"""The mistakes that people make: each gets one message that says what to do, and the exit code of its kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = ("--target=label", "--positive-label=phishing")


def write(name: str, text: str) -> str:
    Path(name).write_text(text)
    return name


def database(name: str, *statements: str) -> str:
    with sqlite3.connect(name) as connection:
        for statement in statements:
            connection.execute(statement)
    return name


MISTAKES: dict[str, tuple[Callable[[], tuple[str, ...]], int, str]] = {
    "a file that is not there": (lambda: ("--source=sitse.csv", *DATA), 3, "sites.csv"),
    "a folder instead of a file": (lambda: ("--source=.", *DATA), 3, "folder"),
    "no target named": (lambda: ("--source=" + write("t.csv", "a,b\n1,2\n3,4\n"),), 3, "--target"),
    "a misspelt target": (lambda: ("--source=sites.csv", "--target=lable"), 3, "label"),
    "no positive label": (lambda: ("--source=sites.csv", "--target=label"), 3, "--positive-label"),
    "a label that does not occur": (
        lambda: ("--source=sites.csv", "--target=label", "--positive-label=bad"),
        3,
        "legitimate",
    ),
    "an empty file": (lambda: ("--source=" + write("e.csv", ""), *DATA), 3, "empty"),
    "only a header": (lambda: ("--source=" + write("h.csv", "a,label\n"), *DATA), 3, "no rows"),
    "one class only": (
        lambda: ("--source=" + write("o.csv", "a,label\n1,phishing\n2,phishing\n"), *DATA),
        3,
        "same label",
    ),
    "a column to drop that is not there": (lambda: ("--source=sites.csv", *DATA, "--drop=Linse"), 3, "Lines"),
    "two tables": (
        lambda: ("--source=" + database("d.db", "create table a (x)", "create table b (x)"), *DATA),
        3,
        "load.table",
    ),
    "something else under .db": (lambda: ("--source=" + write("w.db", "<html>not found</html>"), *DATA), 3, "w.db"),
    "a misspelt key": (lambda: ("--source=sites.csv", *DATA, "--set=train.modells=[KNN]"), 2, "train.models"),
    "a misspelt model": (lambda: ("--source=sites.csv", *DATA, "--set=train.models=[XGBost]"), 2, "XGBoost"),
    "a value of the wrong kind": (lambda: ("--source=sites.csv", *DATA, "--set=preprocess.folds=many"), 2, "folds"),
    "no equals sign": (lambda: ("--source=sites.csv", *DATA, "--set=preprocess.folds"), 2, "KEY=VALUE"),
    "a configuration that is not there": (lambda: ("-c", "nothing.yaml"), 2, "nothing.yaml"),
    "a configuration that is no YAML": (lambda: ("-c", write("b.yaml", "train: [")), 2, "b.yaml"),
    "too many folds": (
        lambda: ("--source=sites.csv", *DATA, "--set=preprocess.folds=50", "--set=preprocess.split.test_size=0.9"),
        4,
        "preprocess.folds",
    ),
    "a parameter that a model does not have": (
        lambda: ("--source=sites.csv", *DATA, "--set=train.models=[KNN]", "--set=train.params.KNN.neighbours=3"),
        2,
        "n_neighbors",
    ),
    "a search space that ends before it begins": (
        lambda: ("--source=sites.csv", *DATA, "--set=train.tune.spaces.KNN.n_neighbors={low: 8, high: 3}"),
        2,
        "Swap them".lower(),
    ),
    "an empty time budget": (lambda: ("--source=sites.csv", *DATA, "--time-budget="), 2, "--time-budget is empty"),
    "a column to report scores by that is not there, known before anything is trained": (
        lambda: ("--source=sites.csv", *DATA, "--set=evaluate.by=[Hoster]"),
        3,
        "There is no feature 'Hoster'",
    ),
    "a column to report scores by that was dropped": (
        lambda: ("--source=sites.csv", *DATA, "--drop=Lines", "--set=evaluate.by=[Lines]"),
        3,
        "It was left out of the table",
    ),
    "a budget of false alarms that so few rows cannot certify": (
        lambda: ("--source=sites.csv", *DATA, "--set=evaluate.threshold={max_fpr: 0.0001}"),
        6,
        "It takes 29,956",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message_that_says_what_to_do(mistake: str, phish: Callable, sites: Path) -> None:
    arguments, code, hint = MISTAKES[mistake]
    said = phish("train", *arguments())
    assert hint in said.err, said.err
    assert said.code == code
    assert said.err.count("error: ") == 1
    assert "Traceback" not in said.err
    assert said.out == ""


def test_all_messages_are_the_golden_text(phish: Callable, sites: Path, golden: Callable) -> None:
    said = (f"# {mistake}\n{phish('train', *MISTAKES[mistake][0]()).err}" for mistake in MISTAKES)
    golden("mistakes", "\n".join(said))


WRONG = {
    "run-al": ("There is no command 'run-al'", "Did you mean phish run-all"),
    "run-all --sorce=x": ("There is no option --sorce", "Did you mean --source?"),
    "show": ("The argument STAGE is missing", "`phish show --help`"),
    "run-all -j many": ("--jobs should be a whole number", "`phish run-all --help`"),
    "sample --rows x": ("--rows should be a whole number", "`phish sample --help`"),
    "show load --rows 0": ("--rows should be 1 or more", "`phish show --help`"),
    "gate --require": ("--require needs a value", "`phish gate --help`"),
    "show load 1 other": ("Unexpected argument: other", "`phish show --help`"),
    "cache nope": ("There is no command 'nope'", "`phish cache --help`"),
    "--nope": ("There is no option --nope", "`phish --help`"),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_is_an_error_like_any_other(phish: Callable, line: str) -> None:
    what, hint = WRONG[line]
    said = phish(*line.split())
    assert said.err.startswith(f"error: {what}\n  where: phish")
    assert hint in said.err
    assert (said.code, said.out) == (2, "")


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_with_json_is_a_document_too(phish: Callable, line: str) -> None:
    said = phish("--json", *line.split()) if line == "--nope" else phish(*line.split()[:1], "--json", *line.split()[1:])
    assert said.document["error"]["exit_code"] == said.code == 2
    assert said.err.count("error: ") == 1


def test_no_command_at_all_shows_the_help(phish: Callable) -> None:
    said = phish()
    assert said.code == 2
    assert "run-all" in said.err
