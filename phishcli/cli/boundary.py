"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from phishcli.address import without_secrets
from phishcli.cli import console, interrupts
from phishcli.errors import CheckFailed, ExitCode, PersistError, PhishError, system_error

if TYPE_CHECKING:
    from rich.text import Text

SQLITE_WORDS = ("disk is full", "readonly database", "unable to open", "disk I/O error")
"""What SQLite says where the cause is the disk, not its content."""
AGAIN = "Run again with -v to see the traceback"


@contextmanager
def boundary(*, verbose: bool = False, as_json: bool = False) -> Iterator[None]:
    """Turn an exception into a message and the exit code of its kind.

    With ``verbose``, an unexpected error shows its traceback; the log file of a run has every one.
    """
    try:
        yield
    except PhishError as error:
        _leave(error, error.exit_code, verbose=verbose, as_json=as_json)
    except (typer.Exit, typer.BadParameter, typer.Abort):
        raise
    except KeyboardInterrupt as interrupt:
        ignore_interrupts()
        interrupts.say_once(console.noting(str(interrupt) or interrupts.KEPT, "yellow"))
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        raise typer.Exit(ExitCode.DONE) from None  # the reader of a pipe (head, less) has quit: not an error
    except Exception as error:  # noqa: BLE001 (the last resort: no user should see a bare traceback)
        translated = _translated(error, verbose=verbose)
        translated.__cause__ = error
        _leave(translated, translated.exit_code, verbose=verbose, as_json=as_json)


def _translated(error: Exception, *, verbose: bool) -> PhishError:
    """Say what an error means that nothing below has turned into a message: most are the system's."""
    system = next(filter(_is_of_the_system, _chain(error)), None)
    if system is not None:
        return system_error(system, "A file or folder cannot be used")
    if type(error).__name__ == "Damaged":  # by its name: artifacts are imported by the commands that need them
        what = f"An artifact was damaged or removed while it was in use: {error}"
        return PersistError(what, hint="Run the command again; what is damaged is rebuilt")
    if isinstance(error, MemoryError):
        return PhishError(
            "There is not enough memory", hint="Ask for fewer fits at once with --jobs, or use fewer rows"
        )
    return PhishError(f"Unexpected error: {type(error).__name__}: {error}", hint=None if verbose else AGAIN)


def _is_of_the_system(error: BaseException) -> bool:
    """Whether it is an error of the system, also by way of SQLite (named by its module: it is not imported here)."""
    return isinstance(error, OSError) or (
        type(error).__module__ == "sqlite3" and any(word in str(error) for word in SQLITE_WORDS)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def ignore_interrupts() -> None:
    """Ignore Ctrl-C from now on: the program is about to end anyway."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        interrupts.usual_termination()


def _leave(error: PhishError, code: ExitCode, *, verbose: bool, as_json: bool) -> None:
    if as_json and not isinstance(error, CheckFailed):  # a failed check has printed its document already
        document = {"what": error.what, "where": error.where, "hint": error.hint, "exit_code": int(code)}
        with suppress(PhishError, BrokenPipeError):  # where that cannot be written, the message below can
            console.show_json({"error": document})
    if verbose and code is ExitCode.UNEXPECTED:
        with suppress(OSError):
            sys.stderr.write(without_secrets("".join(traceback.format_exception(error))))
    console.say_aside(message(error))
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
