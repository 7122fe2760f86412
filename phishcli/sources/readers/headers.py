"""Whether the first row of a table holds the names of its columns, by what stands below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.typed import setting
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config.schema import CsvConfig

NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?\s*%?\s*")
ABSENT = frozenset({"", "?", "-", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None"})
MOST = 0.9
SHOWN = 40


@dataclass(frozen=True)
class Header:
    """The names of the columns, and whether they are a row of the file."""

    names: tuple[str, ...]
    in_file: bool
    notice: str = ""

    def above(self) -> Header:
        """The same, taken from a comment above the table."""
        return replace(self, in_file=False, notice="")


def is_number(text: str) -> bool:
    """Whether a text is a number in one of the usual ways to write it."""
    return NUMBER.fullmatch(text) is not None


def find_header(rows: Sequence[Sequence[str]], given: CsvConfig, where: str, width: int) -> Header:
    """Find the names of the columns.

    Parameters
    ----------
    rows
        The first rows of the table.
    given
        The settings, which decide where they say something.
    where
        The file, for messages.
    width
        The number of values that most rows have.

    Raises
    ------
    DataError
        When it is not certain whether the first row is one of names, or when names are not fit.
    """
    in_file = _has_header(rows, where) if given.header is None else given.header
    width = len(rows[0]) if in_file else width
    names = tuple(given.names) or (
        _named(rows[0]) if in_file else tuple(f"column_{number}" for number in range(1, width + 1))
    )
    if len(names) != width:
        what = f"load.csv.names has {counted(len(names), 'name')}, but the table has {counted(width, 'column')}."
        raise DataError(what, where=where, hint="Give every column a name.")
    _check_distinct(names, where)
    notice = "" if in_file or given.names or given.header is not None else _without_names(names)
    return Header(names, in_file, notice)


def _without_names(names: Sequence[str]) -> str:
    called = f"{names[0]} to {names[-1]}" if len(names) > 1 else names[0]
    return f"The file has no header line; its columns are called {called} (load.csv.names renames them)."


def _named(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(name or f"Unnamed: {position}" for position, name in enumerate(row))


def _check_distinct(names: Sequence[str], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"Several columns have the same name: {', '.join(twice[:10])}.",
            where=where,
            hint=f"Rename them; if the file has no header line: {setting('load.csv.header', False)}",
        )


def _has_header(rows: Sequence[Sequence[str]], where: str) -> bool:
    first, body = rows[0], rows[1:]
    filled = [value for value in first if value.strip()]
    if filled and all(map(is_number, filled)):
        return _numbered(first, filled, where)
    against = [at for at, value in enumerate(first) if _is_like_below(value, _below(body, at))]
    in_favor = [at for at, value in enumerate(first) if _stands_out(value, _below(body, at))]
    return bool(in_favor) or not against


def _numbered(first: Sequence[str], filled: Sequence[str], where: str) -> bool:
    """Whether a row of numbers is one of names: yes for 0, 1, 2 ...; no for values; years may be both."""
    if filled == [str(position) for position in range(len(filled))]:
        return True
    if len(set(filled)) < len(filled) or not all(value.strip().isdigit() for value in filled):
        return False
    raise DataError(
        f"The first line holds numbers instead of column names: {','.join(first)[:SHOWN]}",
        where=where,
        hint=f"If they are values: {setting('load.csv.header', False)}\n"
        f"If they are names: {setting('load.csv.header', True)}",
    )


def _below(body: Sequence[Sequence[str]], at: int) -> list[str]:
    return [row[at] for row in body if len(row) > at and row[at].strip() not in ABSENT]


def _is_like_below(value: str, below: Sequence[str]) -> bool:
    """Whether a value is one of its column: a number above numbers, or a text that comes again."""
    if not below or value.strip() in ABSENT:
        return False
    return _mostly_numbers(below) if is_number(value) else value in below


def _stands_out(value: str, below: Sequence[str]) -> bool:
    """Whether a value is a word above numbers."""
    return bool(below) and value.strip() not in ABSENT and not is_number(value) and _mostly_numbers(below)


def _mostly_numbers(values: Sequence[str]) -> bool:
    return sum(map(is_number, values)) >= MOST * len(values)
