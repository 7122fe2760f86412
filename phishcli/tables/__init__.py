"""Tables: rows in batches, by selection or by column, in memory or on disk; splits of rows, and which rows are equal.

`Table` is the protocol that stages work with. `MemoryTable` holds its rows in memory, `ParquetTable` reads them from a
file; `TableView` is a part of another table, and `CachedTable` keeps the columns of another table that were read last.
``tests/tables/test_contract.py`` holds what every table promises.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phishcli.tables.table import Table

SMALL_BYTES = 32 * 2**20
"""A table of at most this size, uncompressed, is faster in memory than read again and again."""


def open(path: Path) -> Table:  # noqa: A001 (read as `tables.open`, like `gzip.open`)
    """Open a Parquet file as a table: a small one is read into memory, a large one is read when it is asked.

    Raises
    ------
    OSError, pyarrow.ArrowInvalid
        When there is no such file, or it is damaged.
    """
    from phishcli.tables.memory import MemoryTable
    from phishcli.tables.parquet import ParquetTable

    table = ParquetTable(path)
    return MemoryTable.of_batches(table.schema, table.batches()) if table.bytes <= SMALL_BYTES else table
