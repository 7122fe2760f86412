"""A CSV file into Arrow: every column gets the narrowest type that keeps each of its values as written."""

from __future__ import annotations

import csv
from collections import Counter
from math import isinf
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from phishcli.errors import DataError
from phishcli.events import Notice, Progress, ignore
from phishcli.sources.readers.chunks import EXACT_LIMIT, joined
from phishcli.sources.readers.csv_text import DAMAGE, compression, delimiter_of, explained, lines_of
from phishcli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from phishcli.events import OnEvent

MISSING = (
    *("", "#N/A", "#N/A N/A", "#NA", "<NA>", "N/A", "NA", "n/a"),
    *("NULL", "null", "NaN", "nan", "-NaN", "-nan", "None"),
)
"""What counts as missing: the spellings that pandas takes by default."""
TRUTH_WORDS = pa.array(["true", "True", "TRUE", "false", "False", "FALSE"])
BLOCK_BYTES = 4 * 2**20
PROBE_ROWS = 64
"""Tried first, because Arrow words an error for every value of a column that is not made of numbers."""
NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
CODE = r"^\s*[+-]?0[0-9xX]"
"""A number with leading zeros (007), or in hexadecimal: a code, not a count."""
BLANK_EDGE = r"^\s|\s$"
EXAMPLE_LENGTH = 40


def read_csv(path: Path, *, on_event: OnEvent = ignore) -> pa.Table:
    """Read a CSV file, plain or gzipped, with the delimiter that its header shows (comma, semicolon, tab or bar).

    A column is int64, float64 or bool if all its values are, else string: text among numbers (with a warning), numbers
    with leading zeros, integers that no type holds exactly. Dates stay text. `MISSING` lists what counts as missing.

    Parameters
    ----------
    path
        The file, in UTF-8, with column names on its first line.
    on_event
        Receives rows read, and columns of mixed content.

    Returns
    -------
    pyarrow.Table
        All rows; columns of int64, float64, bool or string. A column without a name is called ``Unnamed: <position>``.

    Raises
    ------
    DataError
        If the file is not UTF-8, has no usable header, or has lines of another width.
    """
    try:
        names = _names(path)
        columns = _columns(path, names, on_event)
    except (*DAMAGE, csv.Error, pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise explained(path, error) from error
    for name, column in columns.items():
        if column.type == pa.string() and (notice := _among_numbers(name, column)):
            on_event(notice)
    return pa.table(columns)


def _names(path: Path) -> list[str]:
    """Read the column names and refuse those that cannot be."""
    with lines_of(path) as file:
        if not (header := file.readline()).strip():
            raise DataError("The first line is empty.", where=str(path), hint="It must hold the column names.")
    given = _batches(path, delimiter_of(header), None).schema.names
    twice = [name for name, count in Counter(filter(None, given)).items() if count > 1]
    if twice:
        raise DataError(
            f"Several columns have the same name: {', '.join(twice)}.",
            where=str(path),
            hint="Rename them; if the file has no line of column names, add one.",
        )
    if _numbers_only([name for name in given if name]):
        raise DataError(
            f"The first line holds numbers instead of column names: {header.strip()[:EXAMPLE_LENGTH]}",
            where=str(path),
            hint="Add a line of column names at the top.",
        )
    return [name or f"Unnamed: {position}" for position, name in enumerate(given)]


def _numbers_only(names: list[str]) -> bool:
    """Whether these are values rather than names; 0, 1, 2 and so on are what pandas calls columns without names."""
    return all(map(_is_number, names)) and names != [str(position) for position in range(len(names))]


def _is_number(text: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(text), NUMBER).as_py())


def _batches(
    path: Path, delimiter: str, names: list[str] | None, include: Sequence[str] = ()
) -> arrow_csv.CSVStreamingReader:
    """Stream the file; with ``names``, every column as text."""
    return arrow_csv.open_csv(
        pa.input_stream(str(path), compression=compression(path)),
        arrow_csv.ReadOptions(block_size=BLOCK_BYTES, column_names=names, skip_rows_after_names=1 if names else 0),
        arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names or (), pa.string()),
            null_values=list(MISSING),
            strings_can_be_null=True,
            include_columns=list(include),
        ),
    )


def _columns(path: Path, names: list[str], on_event: OnEvent) -> dict[str, pa.ChunkedArray]:
    """Read typed chunks; columns whose chunks have no type in common are read once more, as text."""
    with lines_of(path) as file:
        delimiter = delimiter_of(file.readline())
    chunks: dict[str, list[pa.Array]] = {name: [] for name in names}
    done = 0
    for batch in _batches(path, delimiter, names):
        for name, text in zip(names, batch.columns, strict=True):
            chunks[name].append(_typed(text))
        done += batch.num_rows
        on_event(Progress(f"read {path.name}", done, None, "rows"))
    columns = {name: joined(chunks[name]) for name in names}
    if mixed := [name for name, column in columns.items() if column is None]:
        text = _batches(path, delimiter, names, mixed).read_all()
        columns.update({name: text[name] for name in mixed})
    return columns


def _typed(text: pa.Array) -> pa.Array:
    """Give the values of a chunk a type that shows each as it is written, or leave them as text.

    Blanks around numbers do not count; blanks around words stay.
    """
    typed = _parsed(text)
    if typed.type != pa.string() or not pc.any(pc.match_substring_regex(text, BLANK_EDGE)).as_py():
        return typed
    trimmed = pc.utf8_trim_whitespace(text)
    parsed = _parsed(pc.if_else(pc.is_in(trimmed, pa.array(MISSING)), pa.scalar(None, pa.string()), trimmed))
    return text if parsed.type == pa.string() or parsed.null_count == len(parsed) else parsed


def _parsed(text: pa.Array) -> pa.Array:
    for kind in (pa.int64(), pa.float64()):
        try:
            text.slice(length=PROBE_ROWS).cast(kind)
            numbers = text.cast(kind)
        except pa.ArrowInvalid:
            continue
        return numbers if _faithful(text, numbers) else text
    if pc.all(pc.is_in(text.drop_null(), TRUTH_WORDS)).as_py():
        return pc.utf8_lower(text).cast(pa.bool_())
    return text


def _faithful(text: pa.Array, numbers: pa.Array) -> bool:
    """Whether the numbers lose nothing: no leading zeros, no integers beyond their type, no overflow."""
    if pc.any(pc.match_substring_regex(text, CODE)).as_py():
        return False
    if numbers.type == pa.int64():
        return True
    large = pc.greater_equal(pc.abs(numbers), EXACT_LIMIT)
    return all(map(_same, text.filter(large).to_pylist(), numbers.filter(large).to_pylist()))


def _same(text: str, number: float) -> bool:
    if isinf(number):
        return "inf" in text.lower()
    return not text.lstrip("+-").isdigit() or int(text) == int(number)


def _among_numbers(name: str, column: pa.ChunkedArray) -> Notice | None:
    """Announce a text column of which half or more are numbers: something keeps it from being numeric."""
    is_number = pc.match_substring_regex(column, NUMBER)
    numbers = pc.sum(is_number).as_py() or 0
    others = len(column) - column.null_count - numbers
    if numbers < max(others, 1):
        return None
    if not others:
        return Notice(
            f"Column {name!r} is read as text, which keeps its numbers unchanged (leading zeros, many digits)."
        )
    example = column.filter(pc.invert(is_number))[0].as_py()[:EXAMPLE_LENGTH]
    return Notice(
        f"Column {name!r} holds {counted(others, 'text value')} (for example {example!r}) among "
        f"{counted(numbers, 'number')}; all are read as text.",
        "warning",
    )
