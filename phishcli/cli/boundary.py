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

KEPT = "Interrupted; what was finished is kept, and the same command goes on from there."


@contextmanager
def boundary(*, verbose: bool = False, as_json: bool = False) -> Iterator[None]:
    """Turn what is raised inside into a message and the exit code of its kind.

    The traceback goes to the terminal with ``verbose``; the log file of a run has it in any case.
    """
    try:
        yield
    except PhishError as error:
        _leave(error, error.exit_code, verbose=verbose, as_json=as_json)
    except (typer.Exit, typer.BadParameter, typer.Abort):
        raise
    except KeyboardInterrupt as interrupt:
        ignore_interrupts()
        console.tell(str(interrupt) or KEPT, "yellow")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        raise typer.Exit(ExitCode.DONE) from None  # the reader of a pipe (head, less) has left: that is no error
    except Exception as error:  # noqa: BLE001 (the last resort: no user should meet a bare traceback)
        unexpected = PhishError(
            f"Something unexpected happened: {type(error).__name__}: {error}",
            hint="Run again with -v for the traceback",
        )
        unexpected.__cause__ = error
        _leave(unexpected, ExitCode.UNEXPECTED, verbose=verbose, as_json=as_json)


def ignore_interrupts() -> None:
    """Ignore Ctrl-C from now on: the program is about to end anyway."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(error: PhishError, code: ExitCode, *, verbose: bool, as_json: bool) -> None:
    if as_json and not isinstance(error, CheckFailed):  # a check that is not met has shown its document by then
        document = {"what": error.what, "where": error.where, "hint": error.hint, "exit_code": int(code)}
        console.show_json({"error": document})
    if verbose:
        sys.stderr.write(without_secrets("".join(traceback.format_exception(error))))
    console.notes().print(message(error), soft_wrap=True)
    raise typer.Exit(code)


def message(error: PhishError) -> Text:
    """Draw an error: what happened, where, what to do."""
    from rich.text import Text

    text = Text.assemble(("error: ", "bold red"), (error.what, "bold"))
    for label, part in (("where", error.where), ("next", error.hint)):
        if part:
            indented = part.replace("\n", "\n         ")
            text.append(f"\n  {label:>5}: ", "dim").append(indented)
    return text
