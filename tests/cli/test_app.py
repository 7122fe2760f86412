"""The program that is built for one command is the whole program, as far as that command goes."""

from __future__ import annotations

import pytest
import typer.main
from typer.testing import CliRunner

from phishcli.cli.app import app, lean

COMMANDS = list(typer.main.get_group(app).commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same_in_the_program_built_for_it(name: str) -> None:
    arguments = [name, "--help"]
    assert CliRunner().invoke(lean(arguments), arguments).output == CliRunner().invoke(app, arguments).output


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["cache"], ["stauts"], ["--version", "status"]])
def test_anything_else_gets_the_whole_program(arguments: list[str]) -> None:
    assert lean(arguments) is app


def test_every_command_that_is_no_group_is_built_alone() -> None:
    alone = [name for name in COMMANDS if lean([name]) is not app]
    assert set(COMMANDS) - set(alone) == {"cache", "config"}
    assert all(len(lean([name]).registered_commands) == 1 for name in alone)
