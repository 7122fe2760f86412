"""One million rows of CSV into Arrow: our reader against those of pandas, Arrow, DuckDB and Polars.

Every reader runs in a process of its own, which ends in an error when it does not find all rows; then each reads odd
values. Polars takes part where it is installed. See docs/decisions/0035-a-reader-of-our-own-on-arrow.md.

    python -m benchmarks.read_csv [--rows 1_000_000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measure import PHISH, PYTHON, Claim, in_turn, main, show_costs, spend, tell

ROOT = Path(__file__).parents[1]
BASE = "pandas.read_csv"
SLOWEST, LARGEST = 2.0, 1.0
"""Processor time and peak memory allowed, as shares of what pandas takes."""

ODD: dict[str, tuple[list[str], list[Any]]] = {
    "leading zeros": (["007", "7", "08"], ["007", "7", "08"]),
    "integers beyond 2**53": (["9007199254740993", "1", "2"], [9007199254740993, 1, 2]),
    "the same, one missing": (["9007199254740993", "", "2"], [9007199254740993, None, 2]),
    "integers beyond 2**64": (["184467440737095516161", "1", "2"], ["184467440737095516161", "1", "2"]),
    "numbers too large for a float": (["1e400", "1", "2"], ["1e400", "1", "2"]),
    "blanks around words": ([" <=50K", " >50K", " <=50K"], [" <=50K", " >50K", " <=50K"]),
    "truth words": (["TRUE", "false", "True"], [True, False, True]),
    "text after many numbers": ([*["1"] * 30_000, "x"], [*["1"] * 30_000, "x"]),
    "dates": (["2026-01-02", "2026-01-03", "2026-01-04"], ["2026-01-02", "2026-01-03", "2026-01-04"]),
}
"""Values of a column as written, and as they must be read."""
ENCODINGS = ("latin-1", "utf-16")


def with_pandas(path: Path) -> Any:
    """Read as most scripts do."""
    import pandas as pd
    import pyarrow as pa

    return pa.Table.from_pandas(pd.read_csv(path), preserve_index=False)


def with_arrow(path: Path) -> Any:
    """Read with Arrow's own types."""
    from pyarrow import csv

    return csv.read_csv(path)


def with_duckdb(path: Path) -> Any:
    """Read with the dialect and the types that DuckDB sniffs."""
    import duckdb

    return duckdb.connect().execute("SELECT * FROM read_csv(?)", [str(path)]).to_arrow_table()


def with_polars(path: Path) -> Any:
    """Read with the types that Polars infers."""
    import polars as pl

    return pl.read_csv(path).to_arrow()


def with_ours(path: Path) -> Any:
    """Read as ``load`` does."""
    from phishcli.sources.readers.csv_reader import read_csv

    return read_csv(path)


READERS: dict[str, Callable[[Path], Any]] = {
    BASE: with_pandas,
    "pyarrow.csv": with_arrow,
    "duckdb": with_duckdb,
    "polars": with_polars,
    "phish": with_ours,
}


def readers() -> list[str]:
    """The readers that are installed."""
    return [name for name in READERS if name != "polars" or find_spec("polars")]


def changes(name: str, folder: Path) -> list[str]:
    """What a reader does not give as it was written."""
    found = [what for what, (written, right) in ODD.items() if not _keeps(name, folder / "odd.csv", written, right)]
    text = "host,n\ncafé,1\n"
    for encoding in ENCODINGS:
        (folder / "odd.csv").write_bytes(text.encode(encoding))
        if _column(name, folder / "odd.csv", "host") != ["café"]:
            found.append(encoding)
    return found


def _keeps(name: str, path: Path, written: list[str], right: list[Any]) -> bool:
    path.write_text("x,n\n" + "".join(f"{value},{n}.5\n" for n, value in enumerate(written)), encoding="utf-8")
    found = _column(name, path, "x")
    return found == right and [type(value) for value in found] == [type(value) for value in right]


def _column(name: str, path: Path, column: str) -> list[Any] | None:
    try:
        found: list[Any] = READERS[name](path).column(column).to_pylist()
    except Exception as error:  # noqa: BLE001 (whatever a library raises is what is measured)
        tell(f"{name}: {type(error).__name__}")
        return None
    return found


def run(options: argparse.Namespace) -> list[Claim]:
    """Measure all readers on one generated file, and list what they change."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        path = folder / "sample.csv"
        tell(f"write {options.rows:,} rows")
        spend((PHISH, "sample", "--rows", str(options.rows), "-o", str(path)), folder)
        programs = {name: partial(spend, _command(name, path, options.rows), ROOT) for name in readers()}
        costs = in_turn(programs, options.rounds)
        changed = {name: changes(name, folder) for name in readers()}
    show_costs(costs, BASE)
    for name, kinds in changed.items():
        tell(f"{name} changes or refuses: {', '.join(kinds) or 'nothing'}")
    ours, base = costs["phish"], costs[BASE]
    return [
        Claim("read CSV", f"{BASE}, CPU", ours.cpu / base.cpu, SLOWEST),
        Claim("read CSV", f"{BASE}, peak", ours.peak_mb / base.peak_mb, LARGEST),
        Claim("kinds of values changed", "of all kinds", len(changed["phish"]) / (len(ODD) + len(ENCODINGS)), 0.0),
    ]


def _command(reader: str, path: Path, rows: int) -> tuple[str, ...]:
    program = (
        f"from benchmarks.read_csv import *; sys.exit(READERS[{reader!r}](Path({str(path)!r})).num_rows != {rows})"
    )
    return PYTHON, "-c", program


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, rounds=3))
