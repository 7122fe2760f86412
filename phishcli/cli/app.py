"""The command line: ``phish``."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from functools import cache
from importlib import import_module
from typing import Annotated

import typer
from typer.models import CommandInfo

from phishcli.cli import completion, interrupts
from phishcli.cli.boundary import ignore_interrupts
from phishcli.cli.console import tolerate_encodings
from phishcli.cli.usage import Program
from phishcli.errors import ExitCode

MODULES = (
    "stages",
    "init",
    "doctor",
    "audit",
    "evasion",
    "operate",
    "gate",
    "predict",
    "export",
    "verify",
    "serve",
    "scan",
    "replay",
    "update",
    "runs",
    "inspect",
    "sample",
    "cache",
    "config",
    "models",
    "features",
)
"""The modules of this package that hold commands, in the order of the help; each has ``register(app)``."""
ELSEWHERE = {"run-all": "stages", "status": "inspect", "show": "inspect", "path": "inspect", "compare": "runs"}
"""Commands whose module does not bear their name; those of the stages are all in ``stages``."""


def _version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it with the value of the option)
    if wanted:
        from phishcli.versions import library_versions

        typer.echo(f"phish {library_versions(['phishcli'])['phishcli']}")
        raise typer.Exit


def common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Turn a table of labeled websites into a phishing detector you can trust."""


def program_of(modules: Sequence[str]) -> typer.Typer:
    """Give the program with the commands of some modules."""
    app = typer.Typer(
        name="phish",
        cls=Program,
        help="Turn a table of labeled websites into a phishing detector you can trust.",
        epilog="Start with: phish init FILE, or phish run-all for the built-in sample",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(common)
    for module in modules:
        import_module(f"phishcli.cli.{module}").register(app)
    return app


@cache
def whole() -> typer.Typer:
    """Give the program with all its commands."""
    return program_of(MODULES)


def main() -> None:
    """Run the program ``phish``."""
    interrupts.install()
    tolerate_encodings()
    try:
        lean(sys.argv[1:])()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else ExitCode.UNEXPECTED
        leave(interrupts.code_of(code))
    except KeyboardInterrupt:
        interrupts.end_now()


def lean(arguments: Sequence[str]) -> typer.Typer:
    """Give the program with only the command asked for: with all of them `phish status` takes a fifth longer.

    The list of all commands needs their names and first lines, and none of their options.
    """
    completed = completion.asked_for()
    if completed is not None:
        arguments = completed[:1] if len(completed) > 1 else []
    if list(arguments) in ([], ["-h"], ["--help"]):
        return _listing()
    module = ELSEWHERE.get(arguments[0], arguments[0])
    program = program_of([module]) if module in MODULES else whole()
    return _only(program, arguments[0]) or whole()


def _only(program: typer.Typer, name: str) -> typer.Typer | None:
    """The program with one command or group, None where it has none of that name."""
    if any(group.name == name for group in program.registered_groups):
        return program
    asked = [command for command in program.registered_commands if _name_of(command) == name]
    if not asked:
        return None
    found = copy(program)
    found.registered_commands, found.registered_groups = asked, []
    return found


def _name_of(command: CommandInfo) -> str | None:
    return command.name or (command.callback.__name__.replace("_", "-") if command.callback else None)


def _listing() -> typer.Typer:
    program = copy(whole())
    program.registered_commands = [_bare(command) for command in program.registered_commands]
    program.registered_groups = [copy(group) for group in program.registered_groups]
    for group in program.registered_groups:
        if group.typer_instance is not None:
            group.typer_instance = copy(group.typer_instance)
            group.typer_instance.registered_commands = []
    return program


def _bare(command: CommandInfo) -> CommandInfo:
    def same_words() -> None:
        pass

    if command.callback:
        same_words.__name__, same_words.__doc__ = command.callback.__name__, command.callback.__doc__
    bare = copy(command)
    bare.callback = same_words
    return bare


def leave(code: int) -> None:
    """End the process as Python does, except that the interpreter is not taken down.

    That would take a quarter of `phish status`, and would not survive fits that still run in threads after a second
    Ctrl-C.
    """
    ignore_interrupts()
    atexit._run_exitfuncs()  # noqa: SLF001 (there is no public way to run them before `os._exit`)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):  # the reader has left, or the disk is full: what a command says has been flushed
            stream.flush()
    if interrupts.were_asked_for():
        interrupts.end_children()
    os._exit(code)
