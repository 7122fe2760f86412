"""One raw row as the numbers that a model sees, without arrays: what `read_rows` and `MatrixEncoder` do to many."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from ctypes import c_float
from dataclasses import dataclass, field
from typing import NamedTuple

from phishcli.documents.encoder import Encoder, Pair, Scaling, Shares
from phishcli.documents.schema import Column, Schema
from phishcli.features.scalars import number_of, truth_of
from phishcli.features.values import STORED, is_count, read_categories, read_numbers
from phishcli.features.written import plain_text
from phishcli.serving.learned import table_of
from phishcli.serving.rows import Row
from phishcli.wording import bounded

Mark = tuple[int, float, float]
"""An output that marks missing values: its place, what it is for a value, what it is for none."""


class Unusual(Exception):
    """A row with something that only the way for many rows can judge, or refuse with its message."""


@dataclass(slots=True)
class Encoded:
    """One encoded row: the outputs in float64, and the columns without a value and with an unseen category.

    ``numbers`` are those of the numeric columns as they were read, where there is one.
    """

    outputs: list[float]
    numbers: dict[str, float] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


class Output(NamedTuple):
    """What becomes of a number, or of nothing."""

    place: int
    impute: float
    center: float
    scale: float
    shape: Callable[[float], float] | None

    def of(self, value: float | None, limit: float) -> float:
        """The output for a number, None for a missing one."""
        filled = self.impute if value is None else value
        scaled = ((filled if self.shape is None else self.shape(filled)) - self.center) / self.scale
        return scaled if -limit <= scaled <= limit else _limited(scaled, limit)


class NumberColumn(NamedTuple):
    """A numeric column; ``place`` is where its output stands, None where the encoder leaves it out."""

    name: str
    read: Callable[[object], float]
    plain: bool
    """Whether a float is read as itself."""
    lowest: float
    """Smaller values become missing: 0 for counts that cannot be negative."""
    place: int | None
    impute: float
    center: float
    scale: float
    marks: Sequence[Mark]
    shape: Callable[[float], float] | None = None
    """What becomes of an imputed value before it is scaled, where anything does."""
    others: Sequence[Output] = ()
    """Further outputs of the column, for models of another strategy."""


class TextColumn(NamedTuple):
    """A categorical column.

    ``marked`` says where a category has its 1, which the first one has not, and where any other one has it; ``tables``
    have the places of numbers, the number of each category, and that of any other one.
    """

    name: str
    read: Callable[[object], str | None]
    known: frozenset[str]
    marked: Sequence[tuple[Mapping[str | None, int | None], int | None]]
    tables: Sequence[tuple[int, Mapping[str | None, float], float]]
    marks: Sequence[Mark]


class RowEncoder:
    """Encodes one dict at a time; gives the numbers of `MatrixEncoder`, before they are rounded to float32.

    Raises
    ------
    ValueError
        When a column would be divided by zero, or holds texts: only arrays have numbers for that.
    """

    def __init__(self, schema: Schema, encoder: Encoder) -> None:
        if other := [column.name for column in schema.given() if column.role not in ("numeric", "categorical")]:
            raise ValueError(f"texts, dates and names of many values take arrays: {bounded(other)}")
        if any(float(each.scale) == 0 for each in encoder.numeric):
            raise ValueError("a column is divided by zero")
        self._limit = encoder.limit
        self._blank = [0.0] * _width(encoder)
        self._kept = encoder.kept
        self._pairs = _pairs(schema, encoder)
        marks = _marks(schema, encoder)
        columns = schema.given()
        self._numbers = [_number(each, schema, encoder, marks) for each in columns if each.role == "numeric"]
        self._texts = [_text(each, schema, encoder, marks) for each in columns if each.role == "categorical"]

    def encode(self, row: Row) -> Encoded:
        """Encode a row.

        Raises
        ------
        Unusual
            When a column is missing, or a value cannot be read.
        """
        encoded = Encoded(self._blank[:])
        try:
            self._put_numbers(encoded, row)
            self._put_texts(encoded, row)
        except KeyError:
            raise Unusual from None
        self._put_pairs(encoded)
        if self._kept is not None:
            encoded.outputs = [encoded.outputs[place] for place in self._kept]
        return encoded

    def refused(self, row: Row) -> list[str]:
        """Name the columns that are missing or whose value cannot be read."""
        columns: list[NumberColumn | TextColumn] = [*self._numbers, *self._texts]
        return [column.name for column in columns if not _readable(column, row)]

    def _put_numbers(self, encoded: Encoded, row: Row) -> None:
        outputs, numbers, limit = encoded.outputs, encoded.numbers, self._limit
        for name, read, plain, lowest, place, impute, center, scale, marks, shape, others in self._numbers:
            raw = row[name]
            value: float = raw if plain and type(raw) is float else read(raw)
            here = lowest <= value < math.inf and value != -math.inf  # NaN is none of these
            if here:
                numbers[name] = value
            else:
                encoded.missing.append(name)
            if place is not None:
                filled = value if here else impute
                scaled = ((filled if shape is None else shape(filled)) - center) / scale
                outputs[place] = scaled if -limit <= scaled <= limit else _limited(scaled, limit)
            for mark in marks:
                outputs[mark[0]] = mark[1] if here else mark[2]
            for other in others:
                outputs[other.place] = other.of(value if here else None, limit)

    def _put_pairs(self, encoded: Encoded) -> None:
        numbers, limit = encoded.numbers, self._limit
        for pair, output in self._pairs:
            value = _paired(numbers.get(pair.left), numbers.get(pair.right), pair.how)
            encoded.outputs[output.place] = output.of(value, limit)

    def _put_texts(self, encoded: Encoded, row: Row) -> None:
        outputs = encoded.outputs
        for name, read, known, marked, tables, marks in self._texts:
            text = read(row[name])
            if text is None:
                encoded.missing.append(name)
            elif text not in known:
                encoded.unseen.append(name)
            for places, other in marked:
                if (place := places.get(text, other)) is not None:
                    outputs[place] = 1.0
            for place, numbers, number in tables:
                outputs[place] = numbers.get(text, number)
            for mark in marks:
                outputs[mark[0]] = mark[2] if text is None else mark[1]


def _readable(column: NumberColumn | TextColumn, row: Row) -> bool:
    try:
        column.read(row[column.name])
    except (KeyError, Unusual):
        return False
    return True


def _limited(value: float, limit: float) -> float:
    if math.isnan(value):  # infinity minus infinity
        raise Unusual
    return math.copysign(limit, value)


def _marks(schema: Schema, encoder: Encoder) -> dict[str, list[Mark]]:
    """The outputs that mark missing values, by the column whose values they are."""
    of = {column.name: column.indicator_of for column in schema.columns if column.indicator_of is not None}
    found: dict[str, list[Mark]] = {}
    for place, each in enumerate(encoder.numeric):
        if each.column in of:
            mark = place, _scaled(0.0, each, encoder.limit), _scaled(1.0, each, encoder.limit)
            found.setdefault(of[each.column], []).append(mark)
    return found


def _scaled(value: float, by: Scaling, limit: float) -> float:
    shape = _shape(by)
    scaled = ((value if shape is None else shape(value)) - float(by.center)) / float(by.scale)
    return scaled if -limit <= scaled <= limit else _limited(scaled, limit)


def _shape(by: Scaling) -> Callable[[float], float] | None:
    """What becomes of a value before it is scaled; an array of one, so that it is the same as among others."""
    if by.is_plain:
        return None
    import numpy as np

    from phishcli.serving.encoder import shaped

    return lambda value: float(shaped(np.array([value]), by)[0])


def _number(column: Column, schema: Schema, encoder: Encoder, marks: Mapping[str, Sequence[Mark]]) -> NumberColumn:
    places = [place for place, each in enumerate(encoder.numeric) if each.column == column.name and each.pair is None]
    place = places[0] if places else None
    by = encoder.numeric[place] if place is not None else Scaling(column=column.name, impute=0, center=0, scale=1)
    return NumberColumn(
        name=column.name,
        read=_number_reader(column, schema),
        plain=column.dtype not in STORED,
        lowest=0.0 if schema.clean.negative_counts and is_count(column.name) else -math.inf,
        place=place,
        impute=float(by.impute),
        center=float(by.center),
        scale=float(by.scale),
        marks=marks.get(column.name, ()),
        shape=_shape(by),
        others=[_output(each, encoder.numeric[each]) for each in places[1:]],
    )


def _output(place: int, by: Scaling) -> Output:
    return Output(place, float(by.impute), float(by.center), float(by.scale), _shape(by))


def _number_reader(column: Column, schema: Schema) -> Callable[[object], float]:
    """Give a function that reads one value as `read_numbers` reads many."""
    words, written, truths = frozenset(schema.missing_words), column.written, column.dtype == "bool"
    single = column.dtype == "float"

    def read(raw: object) -> float:
        plain = plain_text(raw, written) if written is not None and isinstance(raw, str) else raw
        value = number_of(plain)
        if value is None and isinstance(raw, str):
            value = math.nan if raw.strip() in words else truth_of(raw) if truths else None
        if value is None:
            raise Unusual
        return c_float(value).value if single else value

    def read_by_array(raw: object) -> float:
        numbers = read_numbers([raw], name="", dtype=column.dtype, missing_words=words, written=written)
        if numbers.refused:
            raise Unusual
        return float(numbers.floats[0])

    return read_by_array if column.dtype in STORED and column.dtype != "float" else read


def _text(column: Column, schema: Schema, encoder: Encoder, marks: Mapping[str, Sequence[Mark]]) -> TextColumn:
    return TextColumn(
        name=column.name,
        read=_text_reader(column, schema),
        known=frozenset(column.categories),
        marked=list(_marked(column.name, encoder)),
        tables=list(_tables(column.name, encoder)),
        marks=marks.get(column.name, ()),
    )


def _marked(name: str, encoder: Encoder) -> Iterator[tuple[Mapping[str | None, int | None], int | None]]:
    start = len(encoder.numeric)
    for each in encoder.categorical:
        if each.column == name:
            places = {category: start + place - 1 if place else None for category, place in each.places().items()}
            yield places, start + each.other - 1 if each.other and each.width else None
        start += each.width


def _tables(name: str, encoder: Encoder) -> Iterator[tuple[int, Mapping[str | None, float], float]]:
    start = _width(encoder) - len(encoder.learned)
    for place, each in enumerate(encoder.learned, start):
        if each.column == name and isinstance(each, Shares):
            center, scale, limit = float(each.center), float(each.scale), encoder.limit
            numbers = {text: _within((value - center) / scale, limit) for text, value in table_of(each).items()}
            yield place, numbers, _within((float(each.other) - center) / scale, limit)


def _within(value: float, limit: float) -> float:
    return value if math.isnan(value) else max(-limit, min(value, limit))


def _width(encoder: Encoder) -> int:
    """The number of outputs before some are left out."""
    return len(encoder.numeric) + sum(each.width for each in encoder.categorical) + len(encoder.learned)


def _pairs(schema: Schema, encoder: Encoder) -> list[tuple[Pair, Output]]:
    derived = {column.name for column in schema.columns} - {column.name for column in schema.given()}
    found = []
    for place, by in enumerate(encoder.numeric):
        if by.pair is not None:
            if {by.pair.left, by.pair.right} & derived:
                raise ValueError("products and ratios of derived columns take arrays")
            found.append((by.pair, _output(place, by)))
    return found


def _paired(left: float | None, right: float | None, how: str) -> float | None:
    """The product or ratio of two numbers as `phishcli.features.pair_values` has it; None where there is none."""
    if left is None or right is None or (how == "ratio" and right == 0):
        return None
    value = left * right if how == "product" else left / right
    return value if math.isfinite(value) else None


def _text_reader(column: Column, schema: Schema) -> Callable[[object], str | None]:
    """Give a function that reads one value as `read_categories` reads many; what is no text is left to that."""
    words, strip, known = frozenset(schema.missing_words), schema.clean.strip_categories, column.categories

    def read(raw: object) -> str | None:
        if raw is None:
            return None
        if type(raw) is str:
            return None if raw in words else raw.strip() if strip else raw
        found = read_categories([raw], known=known, strip=strip, missing_words=words)
        if found.refused:
            raise Unusual
        return None if found.codes[0] < 0 else found.names[found.codes[0]]

    return read
