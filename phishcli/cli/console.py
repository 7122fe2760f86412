"""The two streams of a command: results on stdout, everything else on stderr."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TextIO

from phishcli.errors import system_error

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

PLAIN_WIDTH = 80
"""Width of tables in columns where there is no terminal and COLUMNS does not say."""
IN_ASCII = {"≥": ">=", "≤": "<=", "±": "+/-", "…": "...", "✓": "+", "✗": "x", "·": ".", "→": "->"}
"""How signs are written where the encoding lacks them; other letters become their escapes."""


def results() -> Console:
    """The console for results."""
    return _console(stderr=False)


def notes() -> Console:
    """The console for progress, notices and errors."""
    return _console(stderr=True)


def tolerate_encodings() -> None:
    """Write signs that the encoding of a stream lacks in another way, instead of failing."""
    codecs.register_error("phish", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and (stream.errors == "strict" or not _is_unicode(stream.encoding)):
            stream.reconfigure(errors="phish")


def _replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    written = (IN_ASCII.get(each) or each.encode("ascii", "backslashreplace").decode() for each in letters)
    return "".join(written), error.end


def _is_unicode(encoding: str | None) -> bool:
    return (encoding or "").lower().startswith("utf")


def plain_width() -> int:
    """The width of tables where there is no terminal: what COLUMNS says, else `PLAIN_WIDTH`."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdecimal() and int(asked) else PLAIN_WIDTH


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return _console_of(stream, None if stream.isatty() else plain_width(), stderr)


@lru_cache(maxsize=2)
def _console_of(_: TextIO, width: int | None, stderr: bool) -> Console:  # noqa: FBT001 (a key of the cache)
    """The console of a stream, which is made once."""
    from rich.console import Console

    # Text is printed verbatim: a path may contain what looks like markup, and the emoji table takes time to load.
    return Console(stderr=stderr, width=width, soft_wrap=False, highlight=False, markup=False, emoji=False)


def show(renderable: RenderableType) -> None:
    """Print a result; without blanks at the ends of lines where there is no terminal."""
    console = results()
    with _writing():
        if console.is_terminal:
            console.print(renderable)
            return
        with console.capture() as captured:
            console.print(renderable)
        say("\n".join(line.rstrip() for line in captured.get().removesuffix("\n").split("\n")) + "\n")


def show_json(document: Any) -> None:
    """Print one JSON document to stdout, and nothing else."""
    plain = not _is_unicode(sys.stdout.encoding)
    say(json.dumps(document, indent=2, ensure_ascii=plain, default=str) + "\n")


def say(text: str) -> None:
    """Print a text to stdout as it is.

    Raises
    ------
    PhishError
        When stdout cannot be written: a full disk is noticed here, and not after the command.
    """
    with _writing():
        sys.stdout.write(text)
        sys.stdout.flush()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise system_error(error, "The output cannot be written", where="standard output") from error


def note(message: str, style: str = "") -> None:
    """Print one line to stderr."""
    noting(message, style)()


def noting(message: str, style: str = "") -> Callable[[], None]:
    """Give a function that prints one line to stderr, with everything that takes time done before."""
    from rich.text import Text

    return partial(_print_aside, notes(), Text(message, style=style))


def note_lines(lines: Sequence[tuple[str, str]]) -> None:
    """Print labels and texts to stderr: as columns on a terminal, as unbroken lines for a log."""
    console = notes()
    if not console.is_terminal:
        for label, text in lines:
            note(f"{label}: {text}")
        return
    from phishcli.render.notices import lines_table

    with suppress(OSError):
        console.print(lines_table(lines))


def say_aside(text: Text) -> None:
    """Print a text to stderr, if that can be written: no work is lost because nobody listens."""
    _print_aside(notes(), text)


def _print_aside(to: Console, text: Text) -> None:
    with suppress(OSError):
        to.print(text, soft_wrap=True)
