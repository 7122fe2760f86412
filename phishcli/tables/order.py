"""The rows of a table in another order, on disk: two passes in sequence instead of a jump for every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from phishcli.artifacts.codecs import write_batches
from phishcli.tables.memory import MemoryTable
from phishcli.tables.parquet import ParquetTable
from phishcli.tables.table import BATCH_ROWS, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.disk import Disk
    from phishcli.tables.table import Table

PLACE = "\0place"
"""A column that no source has: where a row goes."""
MOST_PARTS = 64
"""Files that are written at once."""


def in_order(table: Table, rows: NDArray[np.intp], disk: Disk) -> Table:
    """Give some rows of a table in an order in which they are then read in sequence.

    What there is no room for in memory is first divided into parts of consecutive places, so that each part can be
    sorted alone (the distribution pass of an external sort: Knuth, The Art of Computer Programming 3, 5.4).

    Parameters
    ----------
    table
        The rows; they are gone through once.
    rows
        Positions of rows, each at most once, in the order of the result.
    disk
        Room for a table, and where larger ones wait.
    """
    check_rows(rows, table.rows)
    parts = 1 + _bytes(table) * len(rows) // disk.room
    if parts == 1:
        return MemoryTable(table.select(rows), len(rows))
    folder, size = disk.folder(), -(-len(rows) // min(parts, MOST_PARTS))
    files = [folder / f"part-{number}.parquet" for number in range(-(-len(rows) // size))]
    _divide(table, rows, files, size)
    write_batches(folder / "ordered.parquet", table.schema, _sorted(files, table.schema))
    return ParquetTable(folder / "ordered.parquet")


def _bytes(table: Table) -> int:
    """The size of a row in memory."""
    first = next(iter(table.batches()), None)
    return 0 if first is None or not first.num_rows else -(-first.nbytes // first.num_rows)


def _divide(table: Table, rows: NDArray[np.intp], files: Sequence[Path], size: int) -> None:
    """Write each row to the file of the part that it belongs to, with its place."""
    places = np.full(table.rows, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    schema = table.schema.append(pa.field(PLACE, pa.int64()))
    with ExitStack() as open_:
        writers = [
            open_.enter_context(parquet.ParquetWriter(file, schema, compression="zstd", compression_level=1))
            for file in files
        ]
        begin = 0
        for batch in table.batches():
            of_batch = places[begin : begin + batch.num_rows]
            placed = batch.append_column(PLACE, pa.array(of_batch))
            for part in np.unique(of_batch[of_batch >= 0] // size):
                inside = (of_batch >= part * size) & (of_batch < (part + 1) * size)
                writers[part].write_batch(placed.filter(pa.array(inside)))
            begin += batch.num_rows


def _sorted(files: Sequence[Path], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Sort one part after the other, and remove its file."""
    for file in files:
        part = parquet.read_table(file).unify_dictionaries()
        order = np.argsort(part.column(PLACE).to_numpy())
        part = part.drop_columns([PLACE]).take(pa.array(order)).cast(schema).combine_chunks()
        file.unlink()
        yield from part.to_batches(BATCH_ROWS)
