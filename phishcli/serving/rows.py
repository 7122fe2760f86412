"""Raw rows of any form as columns that the schema has read; no library of tables is imported for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.schema import Column, Schema
from phishcli.errors import DataError
from phishcli.features.values import Categories, Numbers, RawValues, read_categories, read_numbers
from phishcli.serving.seen import Seen, SeenColumn
from phishcli.wording import bounded, counted

Row = Mapping[str, object]
RawRows = Row | Iterable[Row] | Any
"""One dict, several, a dict of columns, or a table whose columns are reached by name: pandas, Arrow, Polars, NumPy."""
SHOWN = 5
TEXTS = ("text", "source", "high_cardinality")


@dataclass(frozen=True)
class Rows:
    """``n`` rows as the model needs them: columns by name, indicators of missing values among the numbers.

    ``texts`` are names of many values and texts, all of whose values may be new; ``read_off`` counts those of which
    nothing can be read off.
    """

    n: int
    numbers: Mapping[str, Numbers]
    categories: Mapping[str, Categories]
    texts: Mapping[str, Categories] = field(default_factory=dict)
    read_off: Mapping[str, SeenColumn] = field(default_factory=dict)

    def names(self, column: str) -> Categories:
        """A column of names or texts."""
        return self.texts[column] if column in self.texts else self.categories[column]

    @property
    def columns(self) -> dict[str, Numbers | Categories]:
        """All columns."""
        return {**self.numbers, **self.categories, **self.texts}

    @property
    def counts(self) -> dict[str, Mapping[str, int]]:
        """What was found in each column: ``infinite``, ``negative``, ``blanks``, ``unknown``; only what occurs."""
        return {name: column.counts for name, column in self.columns.items() if column.counts}

    @property
    def unknown(self) -> dict[str, tuple[str, ...]]:
        """The categories, by column, that training has not seen."""
        return {name: column.unknown for name, column in self.categories.items() if column.unknown}

    @property
    def seen(self) -> Seen:
        """What the columns hold beside known categories and readable values."""
        return Seen.of(self.n, self.categories, self.read_off)


def read_rows(rows: RawRows, schema: Schema, *, whole: bool = True) -> Rows:
    """Read raw rows exactly as the table was read that the model was trained on.

    Parameters
    ----------
    rows
        n rows with the columns of the source, by name and in any order; other columns are ignored. A dict of single
        values is one row.
    schema
        What is known about the table.
    whole
        Whether these are all rows, so that a column in which no category is known is refused.

    Raises
    ------
    DataError
        When columns are missing or doubled, or hold what they did not hold in training.
    """
    sources = schema.given()
    n, raw = columns_of(rows, [column.name for column in sources])
    numbers = {each.name: _numbers(raw[each.name], each, schema) for each in sources if each.role == "numeric"}
    categories = {
        each.name: _categories(raw[each.name], each, schema) for each in sources if each.role == "categorical"
    }
    texts = {each.name: _texts(raw[each.name], each, schema) for each in sources if each.role in TEXTS}
    read_off: dict[str, SeenColumn] = {}
    found = Rows(n, numbers, categories, texts, read_off)
    _check_values(found)
    if any(column.derived for column in schema.columns):
        read_off |= _derive(schema, numbers, categories, texts)
    if whole:
        found.seen.check()
    read = found.columns
    for column in schema.columns:
        if column.indicator_of is not None:
            numbers[column.name] = Numbers(read[column.indicator_of].missing.astype(np.float64), {})
    return found


def _numbers(raw: Any, column: Column, schema: Schema) -> Numbers:
    words = frozenset(schema.missing_words)
    if _is_arrow(raw):
        from phishcli.serving.arrow_columns import numbers_of

        raw = numbers_of(raw, dtype=column.dtype, words=words, written=column.written)
    return read_numbers(
        raw,
        name=column.name,
        dtype=column.dtype,
        negative_counts=schema.clean.negative_counts,
        missing_words=words,
        written=column.written,
    )


def _categories(raw: Any, column: Column, schema: Schema) -> Categories:
    words, strip = frozenset(schema.missing_words), schema.clean.strip_categories
    if _is_arrow(raw):
        from phishcli.serving.arrow_columns import categories_of

        return categories_of(raw, known=column.categories, strip=strip, words=words)
    return read_categories(raw, known=column.categories, strip=strip, missing_words=words)


def _texts(raw: Any, column: Column, schema: Schema) -> Categories:
    words = frozenset(schema.missing_words)
    strip = schema.clean.strip_categories and column.role == "high_cardinality"
    if column.kind == "date":
        from phishcli.features.kinds.date import date_text

        values = raw.to_pylist() if _is_arrow(raw) else raw
        return read_categories([date_text(value) for value in values], strip=strip, missing_words=words)
    if _is_arrow(raw):
        from phishcli.serving.arrow_columns import categories_of

        return categories_of(raw, known=None, strip=strip, words=words)
    return read_categories(raw, strip=strip, missing_words=words)


def _derive(
    schema: Schema, numbers: dict[str, Numbers], categories: dict[str, Categories], texts: dict[str, Categories]
) -> dict[str, SeenColumn]:
    """Add the derived columns, and say where there was nothing to read; each different text is read once."""
    from phishcli.features.derive import DAYS, parts_of

    parts = {
        each.name: parts_of(each.kind, [*texts[each.name].names, None], each.form)
        for each in schema.given()
        if each.kind is not None
    }
    for column in schema.columns:
        if column.derived is None:
            continue
        found = [
            parts[name][column.derived.part if column.derived.kind else DAYS][texts[name].codes]
            for name in column.derived.of
        ]
        if column.role == "numeric":
            numbers[column.name] = Numbers(found[0] if column.derived.kind else found[1] - found[0], {})
        elif column.role == "categorical":
            categories[column.name] = read_categories(found[0], known=column.categories)
        else:
            texts[column.name] = read_categories(found[0])
    return {
        each.name: _unread(texts[each.name], parts[each.name], each.kind)
        for each in schema.given()
        if each.kind is not None
    }


def _unread(column: Categories, parts: Mapping[str, NDArray[Any]], kind: str) -> SeenColumn:
    """Count the texts without any part: the rest of a column would count as missing without a word."""
    from phishcli.features import kinds

    lacking = np.all([part != part if part.dtype.kind == "f" else part == None for part in parts.values()], axis=0)  # noqa: E711, PLR0124 (of arrays: NaN, and none)
    lacking[-1] = False  # of a missing text
    examples = tuple(name for name, lacks in zip(column.names, lacking, strict=False) if lacks)
    missing, unread = int(np.count_nonzero(column.missing)), int(np.count_nonzero(lacking[column.codes]))
    return SeenColumn(missing, unread, examples[:SHOWN], expected=kinds.get(kind).title)


def _is_arrow(raw: object) -> bool:
    """Whether a column is of Arrow; by its module, as Arrow is not imported for other rows."""
    return type(raw).__module__.startswith("pyarrow")


def _check_values(rows: Rows) -> None:
    refused = [f"column {name}: {column.refused}" for name, column in rows.columns.items() if column.refused]
    if refused:
        raise DataError(
            f"{counted(len(refused), 'column')} {'holds' if len(refused) == 1 else 'hold'} values that cannot be read.",
            where="\n".join([*refused[:SHOWN], *([f"and {len(refused) - SHOWN:,} more"] if refused[SHOWN:] else [])]),
            hint="Correct them, or leave them empty: an empty value counts as missing.",
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
        check_names(names, needed)
        return _same_length({name: _array(table[name]) for name in needed})
    return _of_rows(list(rows), needed)


def _of_mapping(given: Mapping[str, Any], needed: Sequence[str]) -> tuple[int, dict[str, RawValues]]:
    check_names(list(given), needed)
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
                f"Row {position} is not a dict but {type(row).__name__}.",
                hint="Give a list of dicts, a dict of columns, or a data frame.",
            )
        if not row.keys() >= wanted:
            check_names(list(row), needed, f"row {position}, ")
    return len(rows), {name: [row[name] for row in rows] for name in needed}


def _names(rows: Any) -> list[str] | None:
    """Give the column names of a table, or None for what has none."""
    for attribute in ("column_names", "columns"):  # Arrow; pandas and Polars
        if (names := getattr(rows, attribute, None)) is not None:
            return list(names)
    names = getattr(getattr(rows, "dtype", None), "names", None)  # a structured array
    return None if names is None else list(names)


def check_names(names: Sequence[str], needed: Sequence[str], where: str = "") -> None:
    """Check that each needed column is there once.

    Raises
    ------
    DataError
        When one is missing, or there are several of its name.
    """
    times = Counter(names)
    if missing := [name for name in needed if name not in times]:
        raise DataError(
            f"The rows lack {len(missing):,} of {counted(len(needed), 'column')}: {bounded(missing)}.",
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
    if not _is_arrow(column):
        return np.asarray(column)
    # Chunks with dictionaries of their own would be read by the first one's.
    whole: Any = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    return whole  # type: ignore[no-any-return]  # an array of Arrow, which `_numbers` and `_categories` know


def _same_length(columns: dict[str, RawValues]) -> tuple[int, dict[str, RawValues]]:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = bounded([f"{name} ({length:,})" for name, length in lengths.items()])
        raise DataError(f"The columns differ in length: {shown}.", hint="Give every column as many values.")
    return next(iter(lengths.values()), 0), columns
