"""``phish doctor``: what it finds, and what it says when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from phishcli.cli import checkup
from phishcli.cli.checkup import Finding


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "self_test", lambda: Finding("self-test", "not run"))


def checks(said: object) -> dict[str, dict[str, object]]:
    return {each["name"]: each for each in said.document["checks"]}


def test_a_healthy_place_passes_and_nothing_is_left_in_it(phish: Callable) -> None:
    said = phish("doctor", "--json")
    assert said.code == 0, said.out
    found = checks(said)
    assert said.document["healthy"] is True
    assert found["numpy"]["value"] == version("numpy")
    assert "all stages ran on 400 rows" in found["self-test"]["value"]
    assert found["settings"]["value"] == "the defaults; source sample"
    assert list(Path().iterdir()) == []


def test_a_table_for_people_and_nothing_with_quiet(phish: Callable, no_run: None) -> None:
    said = phish("doctor")
    assert "numpy" in said.out
    assert "self-test" in said.out
    assert phish("doctor", "-q").out == ""


def test_a_folder_that_cannot_be_made_is_a_problem_with_the_option_to_change(phish: Callable, no_run: None) -> None:
    Path("file").write_text("")
    said = phish("doctor", "--json", "--cache-dir", "file/cache")
    assert said.code == 8
    assert said.document["healthy"] is False
    assert checks(said)["cache"]["state"] == "problem"
    assert "--cache-dir" in said.err


def test_settings_that_are_wrong_are_a_problem_and_the_rest_is_checked(phish: Callable, no_run: None) -> None:
    Path("phish.yaml").write_text("train: {sed: 7}\n")
    said = phish("doctor", "--json")
    assert said.code == 8
    found = checks(said)
    assert "did you mean train.seed" in found["settings"]["value"]
    assert found["self-test"]["value"] == "not run"


def test_a_library_that_is_missing_or_too_old_is_named_with_the_line_that_installs_it(
    phish: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = {"numpy": None, "pandas": "2.9.1", "optuna": None}
    real = checkup.library_versions
    monkeypatch.setattr(
        checkup, "library_versions", lambda names: {name: installed.get(name, real([name])[name]) for name in names}
    )
    said = phish("doctor", "--json")
    assert said.code == 8
    found = checks(said)
    assert found["numpy"]["hint"] == 'pip install "numpy>=2.0"'
    assert found["pandas"]["value"] == "2.9.1, older than 3.0"
    assert found["extra optuna"] == {
        "name": "extra optuna",
        "value": "not installed (optuna)",
        "state": "note",
        "hint": 'pip install "phishcli[optuna]"',
    }
    assert "self-test" not in found


def test_a_run_that_fails_is_a_problem(phish: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> str:
        raise ImportError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(checkup, "_run_in", broken)
    said = phish("doctor", "--json")
    assert said.code == 8
    assert "libgomp" in checks(said)["self-test"]["value"]


@pytest.mark.parametrize(
    ("have", "least", "old"), [("1.10", "1.9", False), ("1.8", "1.9", True), ("2.0.0rc1", "2", False)]
)
def test_versions_are_compared_as_numbers(have: str, least: str, *, old: bool) -> None:
    assert (checkup._library("x", have, least).state == "problem") is old
