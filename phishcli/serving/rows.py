"""Raw rows of any form as columns that the schema has read; no library of tables is imported for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from phishcli.documents.schema import Schema
from phishcli.errors import DataError
from phishcli.features.values import Categories, Numbers, RawValues, read_categories, read_numbers, shown_value
from phishcli.sources.missing_words import MISSING_WORDS
from phishcli.wording import bounded, counted

Row = Mapping[str, object]
RawRows = Row | Iterable[Row] | Any
"""One dict, several, a dict of columns, or a table whose columns are reached by name: pandas, Arrow, Polars, NumPy."""
SHOWN = 5
SURELY_KNOWN = 5
"""From so many values on, a column with unknown categories only is an error; a row or two may well be news."""


@dataclass(frozen=True)
class Rows:
    """``n`` rows as the model needs them: columns by name, indicators of missing values among the numbers."""

    n: int
    numbers: Mapping[str, Numbers]
    categories: Mapping[str, Categories]

    @property
    def counts(self) -> dict[str, Mapping[str, int]]:
        """What was found in each column: ``infinite``, ``negative``, ``blanks``, ``unknown``; only what occurs."""
        return {name: column.counts for name, column in _columns(self).items() if column.counts}

    @property
    def unknown(self) -> dict[str, tuple[str, ...]]:
        """The categories, by column, that training has not seen."""
        return {name: column.unknown for name, column in self.categories.items() if column.unknown}


def _columns(rows: Rows) -> dict[str, Numbers | Categories]:
    return {**rows.numbers, **rows.categories}


def read_rows(rows: RawRows, schema: Schema) -> Rows:
    """Read raw rows exactly as the table was read that the model was trained on.

    Parameters
    ----------
    rows
        n rows with the columns of the source, by name and in any order; other columns are ignored. A dict of single
        values is one row.
    schema
        What is known about the table.

    Raises
    ------
    DataError
        When columns are missing or doubled, or hold what they did not hold in training.
    """
    sources = [column for column in schema.columns if column.indicator_of is None]
    n, raw = columns_of(rows, [column.name for column in sources])
    words = frozenset(schema.missing_words)
    numbers = {
        column.name: read_numbers(
            raw[column.name],
            name=column.name,
            dtype=column.dtype,
            negative_counts=schema.clean.negative_counts,
            missing_words=words,
            written=column.written,
        )
        for column in sources
        if column.role == "numeric"
    }
    categories = {
        column.name: read_categories(
            raw[column.name], known=column.categories, strip=schema.clean.strip_categories, missing_words=words
        )
        for column in sources
        if column.role == "categorical"
    }
    found = Rows(n, numbers, categories)
    _check_values(found)
    _check_known(found)
    read = _columns(found)
    for column in schema.columns:
        if column.indicator_of is not None:
            numbers[column.name] = Numbers(read[column.indicator_of].missing.astype(np.float64), {})
    return found


def _check_values(rows: Rows) -> None:
    refused = [f"column {name}: {column.refused}" for name, column in _columns(rows).items() if column.refused]
    if refused:
        raise DataError(
            f"{counted(len(refused), 'column')} {'holds' if len(refused) == 1 else 'hold'} values that cannot be read.",
            where="\n".join([*refused[:SHOWN], *([f"and {len(refused) - SHOWN:,} more"] if refused[SHOWN:] else [])]),
            hint="Correct them, or leave them empty: an empty value counts as missing.",
        )


def _check_known(rows: Rows) -> None:
    """Refuse a column in which no value is known: it holds something else than in training, or is written otherwise."""
    strange = {name: column for name, column in rows.categories.items() if _all_unknown(column)}
    if strange:
        raise DataError(
            f"No value of {counted(len(strange), 'column')} is among the categories seen in training.",
            where="\n".join(
                f"column {name}: found {_quoted(column.unknown)}; known are {_quoted(column.names[: column.known])}"
                for name, column in list(strange.items())[:SHOWN]
            ),
            hint="Give the values as they are written in the table that the model was trained on.",
        )


def _quoted(texts: Sequence[str]) -> str:
    return bounded([*map(shown_value, texts[:SHOWN]), *texts[SHOWN:]], SHOWN)


def _all_unknown(column: Categories) -> bool:
    filled = int(np.count_nonzero(~column.missing))
    return bool(column.known) and filled >= SURELY_KNOWN and column.counts.get("unknown", 0) == filled


def notices(rows: Rows) -> list[str]:
    """Say what in the rows may not be what was meant: unknown categories, missing values that may have been texts."""
    return [*_unknown(rows), *_perhaps_texts(rows)]


def _unknown(rows: Rows) -> Iterator[str]:
    for name, unknown in rows.unknown.items():
        number = rows.categories[name].counts["unknown"]
        yield (
            f"{name}: {number:,} of {counted(rows.n, 'row')} with a category that was not in training "
            f"({_quoted(unknown)}); it counts as the first category"
        )


def _perhaps_texts(rows: Rows) -> Iterator[str]:
    for name, column in rows.categories.items():
        words = [text for text in column.names[: column.known] if text in MISSING_WORDS]
        if words and (missing := int(np.count_nonzero(column.missing))):
            yield (
                f"{name}: {missing:,} of {counted(rows.n, 'row')} without a value, while {_quoted(words)} is a "
                "category of this column. Did a reader of files take it as missing (pandas: keep_default_na=False)?"
            )


def columns_of(rows: RawRows, needed: Sequence[str]) -> tuple[int, dict[str, RawValues]]:
    """Give the number of rows and the raw values of the columns that are needed.

    Raises
    ------
    DataError
        When a column is missing, when there are several of its name, or when columns differ in length.
    """
    if isinstance(rows, Mapping):
        return _of_mapping(rows, needed)
    names = _names(rows)
    if names is not None:
        table: Any = rows
        _check_names(names, needed)
        return _same_length({name: _array(table[name]) for name in needed})
    return _of_rows(list(rows), needed)


def _of_mapping(given: Mapping[str, Any], needed: Sequence[str]) -> tuple[int, dict[str, RawValues]]:
    _check_names(list(given), needed)
    columns = {name: given[name] for name in needed}
    if not any(map(_is_column, columns.values())):
        return 1, {name: [value] for name, value in columns.items()}
    if single := [name for name, value in columns.items() if not _is_column(value)]:
        raise DataError(
            f"Some columns hold one value and some hold several: {bounded(single)} against the others.",
            hint="Give one row as a dict of values, or all columns as lists of the same length.",
        )
    return _same_length({name: _array(value) for name, value in columns.items()})


def _of_rows(rows: Sequence[Row], needed: Sequence[str]) -> tuple[int, dict[str, RawValues]]:
    wanted = set(needed)
    for position, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise DataError(
                f"Row {position} is no dict but {type(row).__name__}.",
                hint="Give a list of dicts, a dict of columns, or a data frame.",
            )
        if not row.keys() >= wanted:
            _check_names(list(row), needed, f"row {position}, ")
    return len(rows), {name: [row[name] for row in rows] for name in needed}


def _names(rows: Any) -> list[str] | None:
    """Give the column names of a table, or None for what has none."""
    for attribute in ("column_names", "columns"):  # Arrow; pandas and Polars
        if (names := getattr(rows, attribute, None)) is not None:
            return list(names)
    names = getattr(getattr(rows, "dtype", None), "names", None)  # a structured array
    return None if names is None else list(names)


def _check_names(names: Sequence[str], needed: Sequence[str], where: str = "") -> None:
    times = Counter(names)
    if missing := [name for name in needed if name not in times]:
        raise DataError(
            f"The rows lack {len(missing)} of {counted(len(needed), 'column')}: {bounded(missing)}.",
            where=f"{where}columns given: {bounded(names, 30)}",
            hint="Give the columns of the table that the model was trained on; values may be missing, columns may not.",
        )
    if doubled := [name for name in needed if times[name] > 1]:
        raise DataError(f"The rows hold columns of the same name: {bounded(doubled)}.", hint="Give each column once.")


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes) and getattr(value, "ndim", 1) > 0


def _array(column: Any) -> RawValues:
    """Give a column as an array, or as the sequence of Python objects that it is."""
    if isinstance(column, list | tuple):
        return column
    # Chunks with dictionaries of their own would be read by the first one's.
    whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    return np.asarray(whole)


def _same_length(columns: dict[str, RawValues]) -> tuple[int, dict[str, RawValues]]:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = bounded([f"{name} ({length:,})" for name, length in lengths.items()])
        raise DataError(f"The columns differ in length: {shown}.", hint="Give every column as many values.")
    return next(iter(lengths.values()), 0), columns
