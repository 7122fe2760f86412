"""The program starts with what a command needs, and ends whatever is still running."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main
from typer.testing import CliRunner

from phishcli.cli.app import app, lean

COMMANDS = list(typer.main.get_group(app).commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same_in_the_program_built_for_it(name: str) -> None:
    arguments = [name, "--help"]
    assert CliRunner().invoke(lean(arguments), arguments).output == CliRunner().invoke(app, arguments).output


@pytest.mark.parametrize("arguments", [["--version"], ["cache"], ["stauts"], ["--version", "status"]])
def test_anything_else_gets_the_whole_program(arguments: list[str]) -> None:
    assert lean(arguments) is app


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_the_list_of_commands_is_the_one_of_the_whole_program(arguments: list[str]) -> None:
    listed = CliRunner().invoke(lean(arguments), arguments)
    whole = CliRunner().invoke(app, arguments)
    assert (listed.output, listed.exit_code) == (whole.output, whole.exit_code)
    assert all(f"  {name} " in listed.output for name in COMMANDS)


def test_every_command_that_is_no_group_is_built_alone() -> None:
    alone = [name for name in COMMANDS if lean([name]) is not app]
    assert set(COMMANDS) - set(alone) == {"cache", "config", "features", "models"}
    assert all(len(lean([name]).registered_commands) == 1 for name in alone)


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=100
    )
    return done.stdout


def test_the_commands_are_declared_without_pydantic_rich_and_yaml() -> None:
    heavy = {"pydantic", "rich", "yaml", "importlib.metadata", "numpy"}
    assert run(f"import sys, phishcli.cli.app; print({heavy!r} & set(sys.modules))") == "set()\n"


def test_status_without_a_file_of_settings_imports_no_yaml() -> None:
    program = (
        "import atexit, sys; from phishcli.cli.app import main\n"
        "atexit.register(lambda: print('yaml' in sys.modules)); main()"
    )
    assert run(program, "status", "--quiet", "--set", "train.seed=7") == "False\n"


def test_the_program_ends_without_waiting_for_threads_after_its_exit_functions_and_with_all_its_output() -> None:
    program = (
        "import atexit, threading, time; from phishcli.cli.app import main\n"
        "atexit.register(print, 'the end'); threading.Thread(target=time.sleep, args=(1000,)).start(); main()"
    )
    assert run(program, "--version").splitlines()[1:] == ["the end"]
