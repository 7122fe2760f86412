"""The program starts with what a command needs, and ends whatever is still running."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main
from typer.testing import CliRunner

from phishcli.cli.app import MODULES, lean, whole

COMMANDS = list(typer.main.get_group(whole()).commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same_in_the_program_built_for_it(name: str) -> None:
    arguments = [name, "--help"]
    assert CliRunner().invoke(lean(arguments), arguments).output == CliRunner().invoke(whole(), arguments).output


@pytest.mark.parametrize("arguments", [["--version"], ["stauts"], ["inspect"], ["--version", "status"]])
def test_anything_else_gets_the_whole_program(arguments: list[str]) -> None:
    assert lean(arguments) is whole()


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_the_list_of_commands_is_the_one_of_the_whole_program(arguments: list[str]) -> None:
    listed = CliRunner().invoke(lean(arguments), arguments)
    complete = CliRunner().invoke(whole(), arguments)
    assert (listed.output, listed.exit_code) == (complete.output, complete.exit_code)
    assert all(f"  {name} " in listed.output for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_built_alone(name: str) -> None:
    alone = lean([name])
    assert len(alone.registered_commands) + len(alone.registered_groups) == 1


def test_a_command_needs_no_module_of_another_one() -> None:
    others = {f"phishcli.cli.{module}" for module in MODULES} - {"phishcli.cli.audit", "phishcli.cli.inspect"}
    program = "import sys; from phishcli.cli.app import lean; lean(['status']); print(sorted(set(sys.modules)))"
    assert not [module for module in others if f"'{module}'" in run(program)]


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
