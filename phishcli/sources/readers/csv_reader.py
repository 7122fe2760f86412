"""A CSV file into Arrow: every column gets the narrowest type that keeps each of its values as written."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from math import isinf
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from phishcli.events import Notice, Progress, ignore
from phishcli.sources.missing_words import MISSING_WORDS
from phishcli.sources.readers.chunks import EXACT_LIMIT, joined
from phishcli.sources.readers.csv_faults import DAMAGE, check_width, explained
from phishcli.sources.readers.csv_rewrite import rewritten
from phishcli.sources.readers.csv_shape import Shape, find_shape
from phishcli.sources.readers.csv_text import as_utf8
from phishcli.sources.source import Batches, Reading
from phishcli.sources.unpacked import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from phishcli.config.schema import CsvConfig
    from phishcli.events import OnEvent

TRUTH_WORDS = pa.array(["true", "True", "TRUE", "false", "False", "FALSE"])
BLOCK_BYTES = 4 * 2**20
SMALL = 1 << 16
"""Blocks of tests; real ones hold any row that the limits allow."""
PROBE_ROWS = 64
"""Tried first, because Arrow words an error for every value of a column that is not made of numbers."""
CODE = r"^\s*[+-]?0[0-9xX]"
"""A number with leading zeros (007), or in hexadecimal: a code, not a count."""
COMMA_NUMBER = r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?\s*%?\s*$"
"""A number whose decimal mark may be a comma."""
DECIMAL_COMMA = r"^\s*[+-]?(\d+,(\d{1,2}|\d{4,})|[\d.]+\.\d{3},\d+)\s*%?\s*$"
"""A number whose decimal mark is a comma for sure: no three digits follow it, or points group its digits."""
GROUPED = r"^\s*[+-]?\d{1,3}(\.\d{3})*\s*$"
HALF = 0.5


def missing_words(given: CsvConfig) -> tuple[str, ...]:
    """The texts that are read as missing values."""
    return tuple(dict.fromkeys((*MISSING_WORDS, *given.missing)))


def read_csv(path: Path, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> pa.Table:
    """Read a text file whose rows are lines; how it is written is found out where the settings do not say it.

    A column is int64, float64 or bool if all its values are, else string: text among numbers, numbers with leading
    zeros, integers that no type holds exactly. Dates stay text.

    Parameters
    ----------
    path
        The file.
    asked
        How it is written, and its limits.
    on_event
        Receives rows read, and what was found out about the file.

    Returns
    -------
    pyarrow.Table
        All rows; columns of int64, float64, bool or string. A column without a name is called ``Unnamed: <position>``.

    Raises
    ------
    DataError
        If its encoding or its shape is not certain, or if it has lines of another width.
    """
    asked = asked or Reading()
    csv.field_size_limit(asked.limits.field)
    with scratch_folder(asked.scratch) as folder:
        text = as_utf8(path, asked, folder, on_event)
        try:
            shape = _shape_of(text, path, asked, on_event)
            return _read(text, path, shape, msgspec.structs.replace(asked, scratch=folder), on_event)
        except (*DAMAGE, csv.Error, pa.ArrowInvalid) as error:
            raise explained(text, path, error, asked) from error


def _shape_of(text: Path, path: Path, asked: Reading, on_event: OnEvent) -> Shape:
    """Find how a text file is written, and say what is not plain."""
    shape = find_shape(text, asked)
    check_width(len(shape.names), asked, path)
    for notice in shape.notices:
        on_event(Notice(f"{path.name}: {notice}", when="end"))
    return shape


def stream_text(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Open a text file for reading in batches, every column as text and missing words as missing values.

    Parameters
    ----------
    path, asked, on_event
        As of `read_csv`; ``asked.scratch`` has to last as long as batches are taken.

    Raises
    ------
    DataError
        As `read_csv` does, also while batches are taken.
    """
    csv.field_size_limit(asked.limits.field)
    folder = asked.scratch or path.parent
    text = as_utf8(path, asked, folder, on_event)
    try:
        shape = _shape_of(text, path, asked, on_event)
        plain, settled = (text, shape) if shape.plain else rewritten(text, shape, folder)
    except (*DAMAGE, csv.Error) as error:
        raise explained(text, path, error, asked) from error
    schema = pa.schema([(name, pa.string()) for name in settled.names])
    lines = _Lines(plain, path.name, settled, asked)
    return Batches(schema, _text_batches(lines, text, path), missing_words=missing_words(asked.csv))


def _text_batches(lines: _Lines, text: Path, path: Path) -> Iterator[pa.RecordBatch]:
    try:
        if _has_rows(lines):
            yield from lines.batches()
    except (*DAMAGE, pa.ArrowInvalid) as error:
        raise explained(text, path, error, lines.asked, lines.shape) from error


def _read(text: Path, path: Path, shape: Shape, asked: Reading, on_event: OnEvent) -> pa.Table:
    try:
        plain, settled = (text, shape) if shape.plain else rewritten(text, shape, asked.scratch or text.parent)
        return pa.table(_columns(_Lines(plain, path.name, settled, asked), on_event))
    except pa.ArrowInvalid as error:
        raise explained(text, path, error, asked, shape) from error


@dataclass(frozen=True)
class _Lines:
    """A text file that Arrow can read; ``title`` is what its user calls it."""

    path: Path
    title: str
    shape: Shape
    asked: Reading

    def batches(self, include: Sequence[str] = ()) -> arrow_csv.CSVStreamingReader:
        """Stream the rows, every column as text."""
        names, words = list(self.shape.names), missing_words(self.asked.csv)
        padded = [f"{left}{word}{right}" for word in self.asked.csv.missing for left, right in ((" ", ""), ("", " "))]
        return arrow_csv.open_csv(
            str(self.path),
            arrow_csv.ReadOptions(
                block_size=max(BLOCK_BYTES, 2 * self.asked.limits.field) if BLOCK_BYTES > SMALL else BLOCK_BYTES,
                column_names=names,
                skip_rows=self.shape.skip,
            ),
            arrow_csv.ParseOptions(delimiter=self.shape.delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[*words, *padded],
                strings_can_be_null=True,
                include_columns=list(include),
            ),
        )


def _columns(lines: _Lines, on_event: OnEvent) -> dict[str, pa.ChunkedArray]:
    """Read typed chunks; columns whose chunks have no type in common are read once more, as text."""
    names = lines.shape.names
    chunks: dict[str, list[pa.Array]] = {name: [] for name in names}
    points = lines.asked.csv.thousands != "." and lines.asked.csv.decimal != ","
    done = 0
    if _has_rows(lines):
        for batch in lines.batches():
            for name, text in zip(names, batch.columns, strict=True):
                chunks[name].append(_typed(text, points=points))
            done += batch.num_rows
            on_event(Progress(f"read {lines.title}", done, None, "rows"))
    typed = {name: joined(chunks[name]) for name in names}
    mixed = [name for name, column in typed.items() if column is None]
    text = lines.batches(mixed).read_all() if mixed else pa.table({})
    columns = {name: text[name] if column is None else column for name, column in typed.items()}
    return columns | _grouped_by_points(lines, columns)


def _grouped_by_points(lines: _Lines, columns: dict[str, pa.ChunkedArray]) -> dict[str, pa.ChunkedArray]:
    """Give the columns in which 2.556 may be two thousand, as text: where another column has decimal commas.

    `phishcli.features.column_choice` decides what they are, by all columns.
    """
    if (lines.asked.csv.decimal, lines.asked.csv.thousands) != (None, None):
        return {}
    floats = [name for name, column in columns.items() if column.type == pa.float64()]
    if not floats or not any(map(_has_decimal_commas, columns.values())):
        return {}
    text = lines.batches(floats).read_all()
    return {name: text[name] for name in floats if _share(text[name], GROUPED) == 1}


def _has_decimal_commas(column: pa.ChunkedArray) -> bool:
    if column.type != pa.string() or _share(column, COMMA_NUMBER) < HALF:
        return False
    return _share(column, DECIMAL_COMMA) > 0


def _share(text: pa.ChunkedArray, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(text.drop_null(), pattern)).as_py() or 0)


def _has_rows(lines: _Lines) -> bool:
    """Whether anything follows the header; Arrow takes an empty rest for an error."""
    with lines.path.open(encoding="utf-8-sig", newline="") as file:
        return any(line.strip("\r\n") for line in islice(file, lines.shape.skip, None))


def _typed(text: pa.Array, *, points: bool = True) -> pa.Array:
    """Give the values of a chunk a type that shows each as it is written, or leave them as text.

    Blanks around numbers do not count; blanks around words stay. ``points`` says whether a point is a decimal mark.
    """
    if not points and pc.any(pc.match_substring(text, ".")).as_py():
        return text
    typed = _parsed(text)
    if typed.type != pa.string():
        return typed
    trimmed = pc.utf8_trim_whitespace(text)
    if not pc.any(pc.not_equal(trimmed, text)).as_py():
        return typed
    parsed = _parsed(pc.if_else(pc.is_in(trimmed, pa.array(MISSING_WORDS)), pa.scalar(None, pa.string()), trimmed))
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
    if pc.any(pc.match_substring_regex(_not_plain(text), CODE)).as_py():
        return False
    if numbers.type == pa.int64():
        return True
    large = pc.greater_equal(pc.abs(numbers), EXACT_LIMIT)
    return all(map(_same, text.filter(large).to_pylist(), numbers.filter(large).to_pylist()))


def _not_plain(text: pa.Array) -> pa.Array:
    """The texts that do not begin with a digit from 1 to 9, but for a single 0: few, and the pattern is slow."""
    return text.filter(pc.and_(pc.less(text, "1"), pc.greater(pc.binary_length(text), 1)))


def _same(text: str, number: float) -> bool:
    if isinf(number):
        return "inf" in text.lower()
    return not text.lstrip("+-").isdigit() or int(text) == int(number)
