"""Rows that somebody gives on the command line: JSON as text, or a file of JSON or of JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from phishcli.errors import DataError
from phishcli.files import read_bounded

LARGEST_FILE = 100_000_000
"""Bytes."""
EXAMPLE = """Write one row as {"column": value, ...}, several as a list, or one per line"""


def given_rows(given: str) -> list[dict[str, Any]]:
    """Read rows from a text that starts with ``{`` or ``[``, or else from the file of that name.

    Raises
    ------
    DataError
        When the file cannot be read, or when it is no JSON object, list of objects, or an object a line. No value is
        repeated in the message.
    """
    if given.lstrip()[:1] in ("{", "["):
        return rows_of(given, "the row")
    try:
        text = read_bounded(Path(given), LARGEST_FILE).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text, or too large"
        raise DataError(f"The file of rows cannot be read: {reason}", where=given, hint=EXAMPLE) from error
    return rows_of(text, given)


def rows_of(text: str, where: str) -> list[dict[str, Any]]:
    """Read rows from the text of a file; see `given_rows`."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.splitlines() if line.strip()]
        found = [_line(line, f"{where}, line {number}" if lines[1:] else where) for number, line in enumerate(lines, 1)]
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise DataError("This is JSON, but not a row.", where=where, hint=EXAMPLE)
    return rows


def _line(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(
            f"This is not JSON: {error.msg}", where=f"{where}, character {error.pos + 1}", hint=EXAMPLE
        ) from None
    except (ValueError, RecursionError):
        raise DataError("This JSON has numbers that are too long, or is nested too deeply.", where=where) from None
