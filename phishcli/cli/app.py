"""The command line: ``phish``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Sequence
from copy import copy
from typing import Annotated

import typer

from phishcli.cli import audit, cache, config, gate, inspect, operate, runs, sample, stages

FITS = "fit"
"""The name of the threads that make fits; see `phishcli.fits.local`."""

app = typer.Typer(
    name="phish",
    help="From a table of labelled websites to a phishing detector that one can defend.",
    epilog="Start with: phish run-all",
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
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """From a table of labelled websites to a phishing detector that one can defend."""


stages.register(app)
for module in (audit, operate, gate, runs):
    module.register(app)
inspect.register(app)
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.command()(sample.sample)


def main() -> None:
    """Run the program ``phish``."""
    # Pydantic would look for plugins in the metadata of every installed package, at each start ...
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    # ... and Python for cycles among all that was ever imported, several times, at each end: a sixth of `phish status`.
    atexit.register(gc.freeze)
    try:
        lean(sys.argv[1:])()
    except SystemExit as end:
        _leave_fits(end)
        raise


def lean(arguments: Sequence[str]) -> typer.Typer:
    """The program with nothing but the command asked for: building the others takes a tenth of `phish status`."""
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


def _leave_fits(end: SystemExit) -> None:
    """After a second Ctrl-C fits still run in threads, which cannot be broken off: leave without waiting for them."""
    if any(thread.name == FITS and thread.is_alive() for thread in threading.enumerate()):
        atexit._run_exitfuncs()  # noqa: SLF001 (what an exit does, but for waiting and taking the interpreter down)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
