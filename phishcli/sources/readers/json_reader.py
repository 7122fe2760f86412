"""JSON into Arrow: records in an array or line by line, or columns of values."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from phishcli.errors import DataError
from phishcli.events import OnEvent, ignore
from phishcli.sources.readers.csv_faults import check_width
from phishcli.sources.readers.csv_text import as_utf8
from phishcli.sources.readers.objects import Objects, Rows, batched
from phishcli.sources.source import Reading
from phishcli.sources.unpacked import scratch_folder
from phishcli.wording import bounded

WHITE = " \t\r\n"
HINT = "Write an array of records, one record per line, or an object with one list of values per column."


class _NotRecordsError(Exception):
    """What was read is no table; says why."""


def read_json(path: Path, asked: Reading, *, on_event: OnEvent = ignore) -> pa.Table:
    """Read records or columns; a key that a record lacks is a missing value.

    Raises
    ------
    DataError
        If it is not valid JSON, with the place, or if it holds no table.
    """
    with scratch_folder(asked.scratch) as folder:
        text = as_utf8(path, asked, folder, on_event)
        try:
            names = list(dict.fromkeys(key for record in _records(text) for key in record))
            check_width(len(names), asked, path)

            def batches() -> Iterator[Rows]:
                return batched([record.get(name) for name in names] for record in _records(text))

            return Objects(names, batches, str(path), path.name, drop=asked.drop).table(on_event)
        except json.JSONDecodeError as error:
            what = f"The file is not valid JSON: {error.msg}."
            raise DataError(what, where=f"{path}, line {error.lineno}", hint="Export it again.") from error
        except RecursionError as error:
            raise DataError("The JSON is nested too deeply.", where=str(path), hint=HINT) from error
        except UnicodeEncodeError as error:
            half = error.object[error.start].encode("unicode_escape").decode()
            what = f"The JSON holds a text with half of a character: {half}."
            raise DataError(what, where=str(path), hint="Export it again, with texts in UTF-8.") from error
        except ValueError as error:  # of Python, which reads no more digits than this
            what = f"The JSON holds a number of more than {sys.get_int_max_str_digits():,} digits."
            raise DataError(what, where=str(path), hint="Write it as a text, in quotes.") from error
        except _NotRecordsError as error:
            raise DataError(f"The JSON holds no table: {error}.", where=str(path), hint=HINT) from error


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        text = file.read()
    start = _after_white(text, 0)
    values = _of_array(text, start + 1) if text[start : start + 1] == "[" else _one_after_another(text, start)
    first = next(values, None)
    second = next(values, None)
    if isinstance(first, dict) and second is None and text[start] == "{" and (found := _of_columns(first)) is not None:
        yield from found
        return
    rest = [value for value in (first, second) if value is not None]
    for number, value in enumerate((each for part in (rest, values) for each in part), start=1):
        if not isinstance(value, dict):
            raise _NotRecordsError(f"record {number} is {_kind(value)}, not an object")
        yield value


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "missing" if value is None else f"the value {value!r}"[:60]


def _after_white(text: str, at: int) -> int:
    while at < len(text) and text[at] in WHITE:
        at += 1
    return at


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise _NotRecordsError(f"a record has the same key twice: {bounded(twice, 5)}")
    return found


def _of_array(text: str, at: int) -> Iterator[Any]:
    decoder = _decoder()
    at = _after_white(text, at)
    if text[at : at + 1] == "]":
        _check_end(text, at + 1)
        return
    while True:
        value, at = decoder.raw_decode(text, _after_white(text, at))
        yield value
        at = _after_white(text, at)
        if text[at : at + 1] == "]":
            _check_end(text, at + 1)
            return
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("a comma or a closing bracket is missing", text, min(at, len(text)))
        at += 1


def _check_end(text: str, at: int) -> None:
    if (at := _after_white(text, at)) < len(text):
        raise json.JSONDecodeError("something follows the end of the array", text, at)


def _one_after_another(text: str, at: int) -> Iterator[Any]:
    decoder = _decoder()
    while (at := _after_white(text, at)) < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value


def _of_columns(given: Mapping[str, Any]) -> Iterable[Mapping[str, Any]] | None:
    """Read what one object holds as a table: split into columns and data, or columns; None if it is a record."""
    if {"columns", "data"} <= given.keys() <= {"columns", "data", "index"}:
        return _split(given["columns"], given["data"])
    values = list(given.values())
    if len(values) == 1 and isinstance(values[0], list) and all(isinstance(each, dict) for each in values[0]):
        return list(values[0])  # {"data": [{...}, ...]}
    if values and all(isinstance(each, list) for each in values):
        return _of_lists(given)
    if values and all(isinstance(each, dict) for each in values):
        return _of_keyed(given)
    return None


def _split(columns: Any, data: Any) -> list[dict[str, Any]]:
    if not isinstance(columns, list) or not isinstance(data, list):
        raise _NotRecordsError("columns and data are not lists")
    if len(set(map(str, columns))) < len(columns):
        raise _NotRecordsError("several columns have the same name")
    for number, row in enumerate(data, start=1):
        if not isinstance(row, list) or len(row) != len(columns):
            raise _NotRecordsError(f"row {number} does not have {len(columns):,} values")
    return [dict(zip(map(str, columns), row, strict=True)) for row in data]


def _of_lists(given: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    if len({len(values) for values in given.values()}) > 1:
        raise _NotRecordsError("its columns differ in length")
    return [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)]


def _of_keyed(given: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Read columns of ``{row: value}``, as pandas writes them by default; all must name the same rows."""
    rows = list(next(iter(given.values())))
    if any(list(values) != rows for values in given.values()):
        raise _NotRecordsError("its columns do not name the same rows")
    return [{name: values[row] for name, values in given.items()} for row in rows]
