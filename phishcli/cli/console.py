"""The two streams of a command: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLAIN_WIDTH = 120
"""Width of tables in columns where there is no terminal."""


def results() -> Console:
    """The console for results."""
    return _console(stderr=False)


def notes() -> Console:
    """The console for progress, notices and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    # Text is printed verbatim: a path may contain what looks like markup, and the emoji table takes time to load.
    return Console(stderr=stderr, width=width, soft_wrap=False, highlight=False, markup=False, emoji=False)


def show(renderable: RenderableType) -> None:
    """Print a result."""
    results().print(renderable)


def show_json(document: Any) -> None:
    """Print one JSON document to stdout, and nothing else."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")


def note(message: str, style: str = "") -> None:
    """Print one line to stderr."""
    from rich.text import Text

    notes().print(Text(message, style=style), soft_wrap=True)
