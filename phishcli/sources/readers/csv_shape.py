"""The shape of a text file: what separates values, where the table begins, and what its columns are called."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.sources.readers.headers import Header, find_header, is_number
from phishcli.wording import plural

if TYPE_CHECKING:
    from pathlib import Path

    from phishcli.config.schema import CsvConfig
    from phishcli.sources.source import Reading

DELIMITERS = ",;\t|"
BLANKS = "blanks"
"""The word for a run of blanks as delimiter."""
COMMENTS = ("#", "%", "//")
SAMPLE_CHARACTERS = 1 << 20
LONGEST_SAMPLE = 1 << 26
SAMPLE_ROWS = 300
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
THIRD = 1 / 3

Row = tuple[int, int, list[str]]
"""The first and the last line of a row, from 1, and its values."""


@dataclass(frozen=True)
class Shape:
    """How a text file is written.

    ``skip`` is the number of lines before the first row of values, ``names`` what the columns are called, ``notices``
    what was detected and is unusual.
    """

    delimiter: str
    skip: int
    names: tuple[str, ...]
    comment: str | None = None
    notices: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether a CSV reader understands the file as it is."""
        return len(self.delimiter) == 1 and self.delimiter != " " and self.comment is None


@dataclass(frozen=True)
class _Candidate:
    """The sample as a delimiter splits it: rows from the first of the table on, and how many of them agree."""

    delimiter: str
    rows: list[Row]
    width: int
    lead: int
    agreement: float
    titles: list[Row] = field(default_factory=list)


def find_shape(path: Path, asked: Reading) -> Shape:
    """Find out how a text file, in UTF-8, is written.

    Raises
    ------
    DataError
        When it holds no table, or something is not certain: then with the setting that makes it so.
    """
    lines = _sample(path)
    given = asked.csv
    start = given.skip_rows or 0
    notices = []
    delimiter, comment = given.delimiter, given.comment
    if start < len(lines) and (found := SEPARATOR_LINE.fullmatch(lines[start])) and not delimiter:
        delimiter, start = found[1], start + 1
    if comment is None and (found_comment := _comment(lines[start:])):
        mark, number = found_comment
        notices.append(f"The first {number} {plural(number, 'line is a comment', 'lines are comments')} ({mark}).")
        above, start = lines[start + number - 1], start + number
    else:
        mark, above = "", ""
    best = _best(lines, start, delimiter, comment)
    if best is None:
        raise DataError("The file holds no text.", where=str(path), hint="Export it again.")
    notices += _notices_of(best)
    header = _header(best, given, path, above.removeprefix(mark).strip())
    notices += [header.notice] if header.notice else []
    skip = best.rows[0][1] if header.in_file else best.rows[0][0] - 1
    return Shape(best.delimiter, skip, header.names, comment, tuple(notices))


def _notices_of(best: _Candidate) -> Iterator[str]:
    if best.titles:
        last = best.rows[0][0] - 1
        yield f"The table begins on line {last + 1}; what is above it is skipped (load.csv.skip_rows={last})."
    if best.delimiter == BLANKS:
        yield "Values are separated by blanks (load.csv.delimiter)."


def _sample(path: Path) -> list[str]:
    """Read the first lines: so many characters, and more where that is not even two lines."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read(SAMPLE_CHARACTERS)
        while text.count("\n") + text.count("\r") < 2 and len(text) < LONGEST_SAMPLE:  # noqa: PLR2004 - a header and a row
            if not (more := file.read(SAMPLE_CHARACTERS)):
                break
            text += more
        ended = not file.read(1)
    lines = list(io.StringIO(text, newline=""))
    return lines if ended or len(lines) == 1 else lines[:-1]


def _comment(lines: Sequence[str]) -> tuple[str, int] | None:
    """Find comment lines at the top, and how many there are; blank lines between them count."""
    first = next((line for line in lines if line.strip()), "")
    mark = next((mark for mark in COMMENTS if first.startswith(mark)), None)
    if mark is None:
        return None
    number = 0
    for line in lines:
        if line.strip() and not line.startswith(mark):
            break
        number += 1
    return (mark, number) if number < len(lines) else None


def rows_of(lines: Iterable[str], delimiter: str, comment: str | None, skip: int = 0) -> Iterator[Row]:
    """Split lines into rows; those without any text are left out.

    Parameters
    ----------
    lines
        Lines with their ends.
    delimiter
        A character, or `BLANKS`.
    comment
        What begins a line that is not a row.
    skip
        Lines to pass over first.
    """
    numbered = iter(lines)
    passed = sum(1 for _ in islice(numbered, skip))
    mark, blanks = (" ", True) if delimiter == BLANKS else (delimiter, False)
    reading = _Uncommented(numbered, comment, blanks=blanks)
    while True:
        first = reading.number + 1
        row = next(csv.reader(reading, delimiter=mark, skipinitialspace=blanks), None)
        if row is None:
            return
        if row:
            yield passed + max(first, reading.first), passed + reading.number, row


class _Uncommented:
    """Lines without comments, counted."""

    def __init__(self, lines: Iterator[str], comment: str | None, *, blanks: bool) -> None:
        self._lines, self._comment, self._blanks = lines, comment, blanks
        self.number = self.first = 0

    def __iter__(self) -> _Uncommented:
        self.first = 0
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        while self._comment is not None and line.startswith(self._comment):
            line = next(self._lines)
            self.number += 1
        self.first = self.first or self.number
        return _one_blank(line) if self._blanks else line


def _one_blank(line: str) -> str:
    """Trim a line, with blanks for its tabs."""
    text = line.rstrip("\r\n")
    return text.replace("\t", " ").strip() + line[len(text) :]


def _best(lines: Sequence[str], start: int, delimiter: str | None, comment: str | None) -> _Candidate | None:
    """Split the sample in every way, and take the one in which most rows agree."""
    if delimiter:
        return _candidate(lines, start, delimiter, comment)
    tried = [_candidate(lines, start, each, comment) for each in DELIMITERS]
    found = [each for each in tried if each and each.width > 1]
    best = max(found, key=lambda each: (each.agreement, -each.lead, each.width), default=None)
    if best and best.agreement == 1:
        return best
    blanks = _candidate(lines, start, BLANKS, comment)
    if blanks and blanks.width > 1 and blanks.agreement == 1 and not blanks.lead and _many_numbers(blanks):
        return blanks
    return best or tried[0]


def _candidate(lines: Sequence[str], start: int, delimiter: str, comment: str | None) -> _Candidate | None:
    rows = list(islice(rows_of(lines, delimiter, comment, start), SAMPLE_ROWS))
    if len(rows) > 1 and rows[-1][0] < rows[-1][1] >= len(lines):
        rows.pop()  # the sample may end within a quoted value
    if not rows:
        return None
    width = Counter(len(row) for _, _, row in rows).most_common(1)[0][0]
    lead = _lead(rows, width)
    table = rows[lead:]
    agreement = sum(len(row) == width for _, _, row in table) / len(table)
    return _Candidate(delimiter, table, width, lead, agreement, rows[:lead])


def _lead(rows: Sequence[Row], width: int) -> int:
    """How many rows are titles above the table: one value each, where the table has three columns or more."""
    number = 0
    while number < len(rows) and _is_title(rows[number], width):
        number += 1
    after_a_gap = 0 < number < len(rows) and rows[number][0] > rows[number - 1][1] + 1
    padded = any(len(row) == width for _, _, row in rows[:number])
    if number == len(rows) or not (width > 2 or after_a_gap):  # noqa: PLR2004 - two words are no proof
        return 0
    return 0 if padded and not _all_words(rows[number][2]) else number


def _is_title(row: Row, width: int) -> bool:
    """Whether a row has nothing but its first value, be it padded to the width of the table (three columns or more)."""
    values = row[2]
    if len(values) == width:
        return width > 2 and bool(values[0].strip()) and not any(map(str.strip, values[1:]))  # noqa: PLR2004 - as above
    return width > 1 and sum(bool(value.strip()) for value in values) <= 1


def _all_words(row: list[str]) -> bool:
    return all(value.strip() and not is_number(value) for value in row)


def _many_numbers(candidate: _Candidate) -> bool:
    values = [value for _, _, row in candidate.rows[1:] for value in row]
    return bool(values) and sum(map(is_number, values)) >= THIRD * len(values)


def _header(best: _Candidate, given: CsvConfig, path: Path, above: str) -> Header:
    """Decide what the columns are called; a comment right above the table may say it."""
    header = find_header([row for _, _, row in best.rows], given, str(path), best.width)
    if header.in_file or given.names or not above:
        return header
    split = next(rows_of([above], best.delimiter, None), None)
    if split and len(split[2]) == best.width:
        return find_header([split[2], *(row for _, _, row in best.rows)], given, str(path), best.width).above()
    return header
