"""The command line: ``phish``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from typing import Annotated

import typer
from typer.models import CommandInfo

from phishcli.cli import (
    audit,
    cache,
    completion,
    config,
    doctor,
    evasion,
    export,
    features,
    gate,
    init,
    inspect,
    interrupts,
    models,
    operate,
    predict,
    replay,
    runs,
    sample,
    scan,
    serve,
    stages,
    update,
    verify,
)
from phishcli.cli.boundary import ignore_interrupts
from phishcli.cli.console import tolerate_encodings
from phishcli.cli.usage import Program
from phishcli.errors import ExitCode

STARTUP_THRESHOLD = 100_000
"""Allocations between two collections of garbage while the program starts; see `phishcli.cli.stages.run_goals`."""

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


def _version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it with the value of the option)
    if wanted:
        from phishcli.versions import library_versions

        typer.echo(f"phish {library_versions(['phishcli'])['phishcli']}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Turn a table of labeled websites into a phishing detector you can trust."""


stages.register(app)
for module in (init, doctor, audit, evasion, operate, gate, predict, export, verify, serve, scan, replay, update, runs):
    module.register(app)
inspect.register(app)
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.add_typer(models.app, name="models")
app.add_typer(features.app, name="features")
app.command()(sample.sample)


def main() -> None:
    """Run the program ``phish``."""
    gc.set_threshold(STARTUP_THRESHOLD)
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
    """Give the program with only the command asked for: building the others takes a tenth of `phish status`.

    The list of all commands needs their names and first lines, and none of their options.
    """
    completed = completion.asked_for()
    if completed is not None:
        arguments = completed[:1] if len(completed) > 1 else []
    if list(arguments) in ([], ["-h"], ["--help"]):
        return _listing()
    asked = [
        command
        for command in app.registered_commands
        if command.callback and (command.name or command.callback.__name__.replace("_", "-")) in arguments[:1]
    ]
    if not asked:
        return app
    program = copy(app)
    program.registered_commands, program.registered_groups = asked, []
    return program


def _listing() -> typer.Typer:
    program = copy(app)
    program.registered_commands = [_bare(command) for command in app.registered_commands]
    program.registered_groups = [copy(group) for group in app.registered_groups]
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
    os._exit(code)
