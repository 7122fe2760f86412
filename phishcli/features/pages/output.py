"""The table of pages as a file, written batch by batch: Parquet, CSV or JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.errors import ConfigError
from phishcli.files import appearing_file

if TYPE_CHECKING:
    import pyarrow as pa

Write = Callable[["pa.Table"], None]
FORMATS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def check_name(path: Path) -> str:
    """The format of a file by its suffix.

    Raises
    ------
    ConfigError
        When it has none of those that are known.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        what = f"The format of {path.name} is not clear from its suffix"
        raise ConfigError(what, hint=f"Name it {', '.join(sorted(FORMATS))}")
    return found


@contextmanager
def table_file(path: Path, schema: pa.Schema) -> Iterator[Write]:
    """Write a table batch by batch; the file appears when it is complete."""
    kind = check_name(path)
    with appearing_file(path) as unfinished, _writer(kind, unfinished, schema) as write:
        yield write


@contextmanager
def _writer(kind: str, path: Path, schema: pa.Schema) -> Iterator[Write]:
    from pyarrow import csv, parquet

    if kind == "parquet":
        with parquet.ParquetWriter(path, schema, compression="zstd") as rows:
            yield rows.write_table
    elif kind == "csv":
        with csv.CSVWriter(path, schema) as lines:
            yield lines.write_table
    else:
        encode = msgspec.json.Encoder().encode
        with path.open("wb") as file:
            yield lambda table: file.writelines(encode(row) + b"\n" for row in table.to_pylist())
