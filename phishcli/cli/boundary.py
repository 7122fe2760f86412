"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from phishcli.address import without_secrets
from phishcli.cli import console
from phishcli.errors import CheckFailed, ExitCode, PhishError

if TYPE_CHECKING:
    from rich.text import Text

KEPT = "Interrupted; finished work is kept. Run the same command again to resume."


@contextmanager
def boundary(*, verbose: bool = False, as_json: bool = False) -> Iterator[None]:
    """Turn an exception into a message and the exit code of its kind.

    The traceback is printed with ``verbose``; the log file of a run always has it.
    """
    try:
        yield
    except PhishError as error:
        _leave(error, error.exit_code, verbose=verbose, as_json=as_json)
    except (typer.Exit, typer.BadParameter, typer.Abort):
        raise
    except KeyboardInterrupt as interrupt:
        ignore_interrupts()
        console.note(str(interrupt) or KEPT, "yellow")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        raise typer.Exit(ExitCode.DONE) from None  # the reader of a pipe (head, less) has quit: not an error
    except Exception as error:  # noqa: BLE001 (the last resort: no user should see a bare traceback)
        unexpected = PhishError(
            f"Unexpected error: {type(error).__name__}: {error}",
            hint="Run again with -v to see the traceback",
        )
        unexpected.__cause__ = error
        _leave(unexpected, ExitCode.UNEXPECTED, verbose=verbose, as_json=as_json)


def ignore_interrupts() -> None:
    """Ignore Ctrl-C from now on: the program is about to end anyway."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(error: PhishError, code: ExitCode, *, verbose: bool, as_json: bool) -> None:
    if as_json and not isinstance(error, CheckFailed):  # a failed check has printed its document already
        document = {"what": error.what, "where": error.where, "hint": error.hint, "exit_code": int(code)}
        console.show_json({"error": document})
    if verbose:
        sys.stderr.write(without_secrets("".join(traceback.format_exception(error))))
    console.notes().print(message(error), soft_wrap=True)
    raise typer.Exit(code)


def message(error: PhishError) -> Text:
    """Format an error: what happened, where, what to do next."""
    from rich.text import Text

    text = Text.assemble(("error: ", "bold red"), (error.what, "bold"))
    for label, part in (("where", error.where), ("next", error.hint)):
        if part:
            indented = part.replace("\n", "\n         ")
            text.append(f"\n  {label:>5}: ", "dim").append(indented)
    return text
