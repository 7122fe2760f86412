"""Columns of any Arrow type as numbers, texts, truth values and times, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent
from phishcli.sources.readers.refusal import refused

OFFSET = re.compile(r"[+-]\d{2}:\d{2}")
BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
TEXT = (pa.types.is_string, pa.types.is_large_string)


@dataclass(frozen=True)
class PlainColumns:
    """How the columns of a file are read.

    ``schema`` has their plain types. ``empty`` are the positions of columns that cannot be read and were dropped;
    ``drop`` the columns that may come without a value where a value cannot be read.
    """

    schema: pa.Schema
    empty: frozenset[int]
    drop: Collection[str]
    where: str

    @classmethod
    def of(cls, schema: pa.Schema, drop: Collection[str], where: str, on_event: OnEvent) -> PlainColumns:
        """Decide the type of every column.

        Raises
        ------
        DataError
            When a column holds lists, structures or bytes, and is not dropped.
        """
        kinds = [_plain(field.type) for field in schema]
        for field, kind in zip(schema, kinds, strict=True):
            if kind is None and field.name not in drop:
                raise refused(field.name, f"has the type {field.type}, which no model can use", where)
            if notice := _notice(field, kind):
                on_event(Notice(notice, when="end"))
        fields = [pa.field(each.name, kind or pa.float64()) for each, kind in zip(schema, kinds, strict=True)]
        empty = frozenset(at for at, kind in enumerate(kinds) if kind is None)
        return cls(pa.schema(fields), empty, drop, where)

    def coded(self, names: Collection[str]) -> PlainColumns:
        """The same, with columns of texts as dictionaries."""
        kind = pa.dictionary(pa.int32(), pa.string())
        fields = [each.with_type(kind) if each.name in names else each for each in self.schema]
        return replace(self, schema=pa.schema(fields))

    def batch(self, given: pa.RecordBatch) -> pa.RecordBatch:
        """Bring a batch into the plain types.

        Raises
        ------
        DataError
            When a value cannot be read: text that is not UTF-8, a date beyond the calendar.
        """
        columns = [
            pa.nulls(len(column), field.type) if at in self.empty else self._column(column, field)
            for at, (column, field) in enumerate(zip(given.columns, self.schema, strict=True))
        ]
        return pa.record_batch(columns, schema=self.schema)

    def _column(self, column: pa.Array, field: pa.Field) -> pa.Array:
        try:
            return _cast(column, field.type)
        except (pa.ArrowException, ValueError, OverflowError) as error:
            if field.name in self.drop:
                return pa.nulls(len(column), field.type)
            raise refused(field.name, _reason(field.type), self.where) from error


def _plain(kind: pa.DataType) -> pa.DataType | None:
    """The type to read as, None where there is none."""
    while (inner := _inner(kind)) is not None:
        kind = inner
    if pa.types.is_nested(kind) or pa.types.is_interval(kind) or any(is_it(kind) for is_it in BINARY):
        return None
    if _is_fraction(kind) or pa.types.is_null(kind):  # whole decimals are read as they are, and exactly
        return pa.float64()
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_timestamp(kind) and kind.tz is not None and not _is_zone(kind.tz):
        return pa.timestamp(kind.unit, "UTC")
    return kind


def _is_fraction(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind)) and kind.scale > 0


def _inner(kind: pa.DataType) -> pa.DataType | None:
    """The type of the values of an encoded type."""
    if isinstance(kind, pa.BaseExtensionType):
        return kind.storage_type
    return kind.value_type if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind) else None


def _notice(field: pa.Field, kind: pa.DataType | None) -> str | None:
    if kind is None:
        return None
    if _is_fraction(getattr(field.type, "value_type", field.type)):
        return f"Column {field.name!r} holds decimals ({field.type}); they are read as float64."
    if pa.types.is_timestamp(kind) and kind.tz != getattr(field.type, "tz", kind.tz):
        return f"Column {field.name!r} has the unknown time zone {field.type.tz!r}; its times are read as UTC."
    return None


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        return bool(OFFSET.fullmatch(name) or ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Cast a column, and see that each of its values can be shown."""
    column.validate(full=True)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_run_end_encoded(column.type):
        column = pc.run_end_decode(column)
    found = column if column.type == kind else column.cast(kind)
    if pa.types.is_temporal(kind):
        pc.min_max(found).as_py()
    return found


def _reason(kind: pa.DataType) -> str:
    if any(is_it(kind) for is_it in TEXT):
        return "holds text that is not UTF-8"
    if pa.types.is_temporal(kind):
        return "holds dates or times outside of the years 1 to 9999"
    return f"holds values that are not {kind}"


def damaged(label: str, where: str) -> DataError:
    """Give the error for a file that is not what it was."""
    return DataError(f"The {label} file is damaged or cut short.", where=where, hint="Download or export it again.")
