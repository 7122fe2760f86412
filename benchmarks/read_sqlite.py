"""One million rows of SQLite into Arrow and Parquet: our reader, with and without ADBC, against ``pandas.read_sql``.

Every reader runs in a process of its own, which ends in an error when it does not find all rows.

    python -m benchmarks.read_sqlite [--rows 1_000_000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import PHISH, PYTHON, Claim, in_turn, main, show_costs, spend, tell

ROOT = Path(__file__).parents[1]
BASE = "pandas.read_sql"
LIMITS = {"sqlite3": (1.0, 0.6), "adbc": (0.7, 0.6)}
"""Processor time and peak memory allowed, as shares of what pandas takes."""


def with_pandas(path: Path) -> int:
    """Read as most scripts do, and write a Parquet file; the number of rows."""
    import pandas as pd

    with sqlite3.connect(path) as connection:
        table = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()[0]
        frame = pd.read_sql(f'SELECT * FROM "{table}"', connection)  # noqa: S608 - the name comes from the database
    frame.to_parquet(path.with_name("pandas.parquet"))
    return len(frame)


def with_ours(path: Path, *, adbc: bool) -> int:
    """Read as ``load`` does, and write a Parquet file; the number of rows."""
    from pyarrow import parquet

    from phishcli.sources.readers import sqlite_reader

    sqlite_reader.ADBC_MIN_BYTES = 0 if adbc else sys.maxsize
    table, _ = sqlite_reader.read_sqlite(path)
    parquet.write_table(table, path.with_name("ours.parquet"))
    return table.num_rows


READERS = {BASE: with_pandas, "sqlite3": partial(with_ours, adbc=False), "adbc": partial(with_ours, adbc=True)}


def run(options: argparse.Namespace) -> list[Claim]:
    """Measure all readers on one generated database."""
    readers = [name for name in READERS if name != "adbc" or find_spec("adbc_driver_sqlite")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.db"
        tell(f"write {options.rows:,} rows")
        spend((PHISH, "sample", "--rows", str(options.rows), "-o", str(path)), Path(folder))
        costs = in_turn(
            {name: partial(spend, _command(name, path, options.rows), ROOT) for name in readers}, options.rounds
        )
    show_costs(costs, BASE)
    base = costs.pop(BASE)
    claims = []
    for name, cost in costs.items():
        longest, largest = LIMITS[name]
        claims.append(Claim(f"read SQLite by {name}", f"{BASE}, CPU", cost.cpu / base.cpu, longest))
        claims.append(Claim(f"read SQLite by {name}", f"{BASE}, peak", cost.peak_mb / base.peak_mb, largest))
    return claims


def _command(reader: str, path: Path, rows: int) -> tuple[str, ...]:
    program = f"from benchmarks.read_sqlite import *; sys.exit(READERS[{reader!r}](Path({str(path)!r})) != {rows})"
    return PYTHON, "-c", program


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, rounds=3))
