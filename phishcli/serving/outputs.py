"""The files that answers are written to: Parquet, CSV, JSON lines."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.errors import ConfigError
from phishcli.serving.stix import write_bundle

if TYPE_CHECKING:
    import pyarrow as pa


class Output(msgspec.Struct, frozen=True):
    """One format of answers.

    Parameters
    ----------
    suffix
        Of its files.
    encode
        Gives the bytes of a part of the answers; those of the first part may begin with a header.
    join
        Writes one file of the parts that were written one after another.
    streams
        Whether parts make up a file simply by following one another.
    """

    suffix: str
    encode: Callable[[pa.Table, bool], bytes]
    join: Callable[[Sequence[Path], Path], None]
    streams: bool = True


def _arrow(table: pa.Table, first: bool) -> bytes:  # noqa: ARG001, FBT001 (as the others)
    """Parts of Parquet are of Arrow, which costs nothing to write: they are encoded once, in the end."""
    import pyarrow as pa

    file = BytesIO()
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def _csv(table: pa.Table, first: bool) -> bytes:  # noqa: FBT001 (of one kind with the others)
    from pyarrow import csv

    file = BytesIO()
    csv.write_csv(table.cast(plain_schema(table.schema)), file, csv.WriteOptions(include_header=first))
    return file.getvalue()


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The same columns, with texts in place of dictionaries of texts."""
    import pyarrow as pa

    fields = [each.with_type(each.type.value_type) if pa.types.is_dictionary(each.type) else each for each in schema]
    return pa.schema(fields)


def _jsonl(table: pa.Table, first: bool) -> bytes:  # noqa: ARG001, FBT001 (as the others)
    encode = msgspec.json.Encoder().encode
    return b"".join(encode(row) + b"\n" for row in table.to_pylist())


def _indicators(table: pa.Table, first: bool) -> bytes:  # noqa: ARG001, FBT001 (as the others)
    texts = table.column("indicator").drop_null().to_pylist()
    return "".join(f"{text}\n" for text in texts).encode()


def _concatenate(parts: Sequence[Path], target: Path) -> None:
    with target.open("wb") as whole:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)


def _is_common(schema: pa.Schema) -> bool:
    """Whether Parquet keeps all types by itself; then dictionaries of texts are read as texts."""
    import pyarrow as pa

    common = (pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.date32())
    return all(each.type in common for each in plain_schema(schema))


def _join_parquet(parts: Sequence[Path], target: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    with pa.memory_map(str(parts[0])) as first:
        schema = pa.ipc.open_file(first).schema
    repeating = [name for name in schema.names if name != "probability"]  # a dictionary of it would be given up
    packed = {name: "none" if name == "probability" else "zstd" for name in schema.names}  # it hardly gets smaller
    options = {"compression": packed, "use_dictionary": repeating, "store_schema": not _is_common(schema)}
    with target.open("wb") as file, parquet.ParquetWriter(file, schema, **options) as writer:
        for part in parts:
            with pa.memory_map(str(part)) as mapped:
                writer.write_table(pa.ipc.open_file(mapped).read_all())


OUTPUTS = {
    "parquet": Output(".parquet", _arrow, _join_parquet, streams=False),
    "csv": Output(".csv", _csv, _concatenate),
    "jsonl": Output(".jsonl", _jsonl, _concatenate),
    "stix": Output(".stix.json", _indicators, write_bundle, streams=False),
}
ALIASES = {".pq": "parquet", ".ndjson": "jsonl"}


def output_of(path: Path, asked: str | None = None) -> str:
    """The name of the format of a file, by its suffix unless it is asked for.

    Raises
    ------
    ConfigError
        When neither names one.
    """
    if asked is not None:
        return asked
    if path.name.lower().endswith(OUTPUTS["stix"].suffix):
        return "stix"
    suffix = path.suffix.lower()
    known = {each.suffix: name for name, each in OUTPUTS.items()} | ALIASES
    if suffix not in known:
        what = f"The format of {path.name} is not clear from its suffix"
        raise ConfigError(what, hint=f"Name it {', '.join(sorted(known))}, or add --format")
    return known[suffix]
