"""The types that hold the columns of several files, or how the files differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 12
"""Lines of a difference at most."""
ONE_TABLE = "Name files of one table with a pattern, such as 'data/part-*.parquet'."


def common_schema(schemas: Sequence[pa.Schema], paths: Sequence[Path], names: Sequence[str]) -> pa.Schema:
    """Find the types for the values of all files; those of the first file come first.

    Parameters
    ----------
    schemas, paths, names
        Of each file its columns, where it is, and how it is called.

    Raises
    ------
    DataError
        When a file has other columns than the first one, or values that no type holds together with those before.
    """
    import pyarrow as pa

    for schema, name in zip(schemas, names, strict=True):
        if set(schema.names) != set(schemas[0].names):
            raise _different(schemas[0], schema, names[0], name)
    if all(schema.equals(schemas[0]) for schema in schemas):
        return schemas[0]
    fields = [_field(each.name, schemas, paths, names) for each in schemas[0]]
    return pa.schema(fields)


def _field(column: str, schemas: Sequence[pa.Schema], paths: Sequence[Path], names: Sequence[str]) -> pa.Field:
    """One column; files in which it has no value at all say nothing about its type."""
    import pyarrow as pa

    first = schemas[0].field(column).type
    found, where = first, names[0]
    for at, schema in enumerate(schemas):
        kind = schema.field(column).type
        if kind == found:
            continue
        together = _together(found, kind)
        if together is None and _is_empty(column, paths[at]):
            continue
        if together is None and found == first and where == names[0] and _is_empty(column, paths[0]):
            together = kind
        if together is None:
            raise _mixed(column, (found, where), (kind, names[at]))
        found, where = together, names[at]
    return pa.field(column, found)


def _together(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """The type for values of both."""
    import pyarrow as pa

    schemas = [pa.schema([pa.field("", kind)]) for kind in (one, other)]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return None


def _is_empty(column: str, path: Path) -> bool:
    """Whether a Parquet file has no value in a column: readers give such a column as float64."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            at = file.schema_arrow.get_field_index(column)
            return at >= 0 and bool(pa.types.is_null(file.schema_arrow.field(at).type))
    except (pa.ArrowException, OSError):
        return False


def _different(first: pa.Schema, other: pa.Schema, first_name: str, name: str) -> DataError:
    lines = [f"- {field.name} ({field.type})" for field in first if field.name not in set(other.names)]
    lines += [f"+ {field.name} ({field.type})" for field in other if field.name not in set(first.names)]
    return DataError(
        f"The files hold different columns:\n{_bounded(lines)}",
        where=f"{name} (+), against {first_name} (-)",
        hint=ONE_TABLE,
    )


def _mixed(column: str, one: tuple[pa.DataType, str], other: tuple[pa.DataType, str]) -> DataError:
    lines = [f"- {column} ({one[0]})", f"+ {column} ({other[0]})"]
    return DataError(
        f"A column holds values of different kinds:\n{_bounded(lines)}",
        where=f"{other[1]} (+), against {one[1]} (-)",
        hint="Write the column with one type, or leave files out with a pattern.",
    )


def _bounded(lines: Collection[str]) -> str:
    shown = [f"  {line}" for line in list(lines)[:SHOWN]]
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([f"  and {counted(more, 'column')} more"] if more else [])])
