"""Rows as they come over the wire: JSON, read strictly by a structure made from the schema of a release.

Messages name the field, the problem and what is expected, and never a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from phishcli.documents.schema import Column, Schema

NUMBER = re.compile(r"u?int\d*|float|double|halffloat|decimal.*")
"""Arrow types of numbers."""
PLACE = re.compile(r"(?P<what>.*?)(?: - at `\$(?:\[(?P<row>\d+)\])?(?:\.(?P<field>.*))?`)?", re.DOTALL)
LACKING = re.compile(r"Object missing required field `(?P<field>.*)`", re.DOTALL)
GOT = re.compile(r"Expected .*, got `(?P<kind>\w+)`", re.DOTALL)
KINDS = {
    "bool": "is true or false",
    "str": "is a text",
    "int": "is a number",
    "float": "is a number",
    "array": "is a list",
    "object": "is an object",
    "null": "is null",
}
ANY = str | float | bool | None | msgspec.UnsetType
"""What a column may hold that no schema describes."""
NOT_JSON = "The body is not valid JSON in UTF-8."


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one field; ``row`` counts from 0, None for the only row."""

    problem: str
    expected: str
    field: str | None = None
    row: int | None = None


class Malformed(ValueError):
    """A body that is no JSON, or not the JSON that is expected; ``faults`` says where."""

    def __init__(self, what: str, *faults: Fault) -> None:
        super().__init__(what)
        self.faults = faults


@dataclass(frozen=True)
class Given:
    """The rows of a request, and whether it was a single one by itself."""

    rows: list[dict[str, Any]]
    single: bool


class Envelope(msgspec.Struct):
    """Several rows: ``{"rows": [...]}``."""

    rows: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class RowReader:
    """Reads the rows of one schema; of other columns only those in ``also``, where a row has them."""

    def __init__(self, schema: Schema, also: Sequence[str] = ()) -> None:
        columns = schema.given()
        self.names = [column.name for column in columns]
        self.expected = {column.name: expected(column) for column in columns}
        self._also = [name for name in also if name not in self.expected]
        fields: list[Any] = [(f"f{place}", accepted(column)) for place, column in enumerate(columns)]
        fields += [(f"f{len(columns) + place}", ANY, msgspec.UNSET) for place in range(len(self._also))]
        self._fields = [*self.names, *self._also]
        rename = {f"f{place}": name for place, name in enumerate(self._fields)}
        self.kind = msgspec.defstruct("Row", fields, rename=rename, frozen=True)
        self._one = msgspec.json.Decoder(self.kind)
        self._many = msgspec.json.Decoder(list[self.kind])  # type: ignore[name-defined]  # made at run time
        self._envelope = msgspec.json.Decoder(Envelope)

    def read(self, body: bytes) -> Given:
        """Read one row, or ``{"rows": [...]}``.

        Raises
        ------
        Malformed
            When it is something else.
        """
        try:
            rows = self._envelope.decode(body).rows
            if isinstance(rows, msgspec.Raw) and ("rows" not in self.expected or bytes(rows).lstrip()[:1] == b"["):
                return Given([self._plain(row) for row in self._many.decode(rows)], single=False)
            return Given([self._plain(self._one.decode(body))], single=True)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._malformed(error) from None

    def convert(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Check rows that are Python objects already, as strictly.

        Raises
        ------
        Malformed
            When a value has another type.
        """
        try:
            return [self._plain(row) for row in msgspec.convert(rows, list[self.kind])]  # type: ignore[name-defined]  # made at run time
        except msgspec.ValidationError as error:
            raise self._malformed(error) from None

    def _plain(self, row: msgspec.Struct) -> dict[str, Any]:
        plain = dict(zip(self._fields, msgspec.structs.astuple(row), strict=True))
        for name in self._also:
            if plain[name] is msgspec.UNSET:
                del plain[name]
        return plain

    def _malformed(self, error: Exception) -> Malformed:
        if not isinstance(error, msgspec.ValidationError):
            return Malformed(NOT_JSON)
        found = PLACE.fullmatch(str(error))
        what, row, field = (found["what"], found["row"], found["field"]) if found else ("", None, None)
        if lacking := LACKING.fullmatch(what):
            field, problem = lacking["field"], "is missing"
        else:
            got = GOT.fullmatch(what)
            problem = KINDS.get(got["kind"], "has another type") if got else "is out of range"
        known = self.expected.get(field or "", 'an object with a value for each column, or {"rows": [...]}')
        fault = Fault(problem, known, field if field in self.expected else None, int(row) if row else None)
        return Malformed("A row cannot be read.", fault)


def accepted(column: Column) -> Any:
    """The JSON types that a column takes: those that it had in training, and null for a missing value."""
    if column.kind is not None:
        return str | None
    if column.dtype == "bool":
        return bool | str | None if column.role != "numeric" else bool | None
    if NUMBER.fullmatch(column.dtype):
        return float | str | None if column.role != "numeric" else float | None
    return float | str | None if column.role == "numeric" else str | None


def kind_of(column: Column) -> str:
    """How values of a column are stored: ``number``, ``truth``, or ``text`` where both texts and numbers occur."""
    if column.role != "numeric":
        return "text"
    return "truth" if column.dtype == "bool" else "number" if NUMBER.fullmatch(column.dtype) else "text"


def kinds_of(schema: Schema) -> dict[str, str]:
    """How the values of each column of the source are stored in the log."""
    return {column.name: kind_of(column) for column in schema.given()}


def expected(column: Column) -> str:
    """Say what a column takes."""
    if column.kind is not None:
        return "a text or null"
    if column.dtype == "bool":
        return "true, false or null"
    if NUMBER.fullmatch(column.dtype):
        return "a number or null"
    return "a number, its text, or null" if column.role == "numeric" else "a text or null"
