"""One million rows of SQLite into Arrow and Parquet: our reader, with and without ADBC, against ``pandas.read_sql``.

Every reader runs in a process of its own, in turn, and the best of the rounds counts. Times are those of the processor,
which other programs on the machine hardly touch. Exits with 1 if ours is slower or larger than the limits allow.

    python benchmarks/read_sqlite.py [--rows 1_000_000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMITS = {"pandas": (1.0, 1.0), "sqlite3": (1.0, 0.6), "adbc": (0.7, 0.6)}
"""The longest processor time and the highest peak memory allowed, as shares of what pandas takes."""

WRITE = (
    "import sys, pathlib; from phishcli.data.sample import write_sample;"
    "write_sample(pathlib.Path(sys.argv[1]), rows=int(sys.argv[2]))"
)
"""Run in a process of its own: Linux hands the peak memory of a parent on to its children."""


def with_pandas(path: Path, output: Path) -> int:
    """Read as most scripts do; the number of rows."""
    import pandas as pd

    with sqlite3.connect(path) as connection:
        table = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()[0]
        frame = pd.read_sql(f'SELECT * FROM "{table}"', connection)  # noqa: S608 - the name comes from the database
    frame.to_parquet(output)
    return len(frame)


def with_ours(path: Path, output: Path, *, adbc: bool) -> int:
    """Read as ``load`` does; the number of rows."""
    from pyarrow import parquet

    from phishcli.data import sqlite_reader

    sqlite_reader.ADBC_MIN_BYTES = 0 if adbc else sys.maxsize
    table, _ = sqlite_reader.read_sqlite(path)
    parquet.write_table(table, output)
    return table.num_rows


def measure(reader: str, path: Path) -> None:
    """Run one reader in this process and print its processor seconds, its peak memory in MB, and its rows, as JSON."""
    output = path.with_name(f"{reader}.parquet")
    start = time.process_time()
    rows = with_pandas(path, output) if reader == "pandas" else with_ours(path, output, adbc=reader == "adbc")
    seconds = time.process_time() - start
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(
        json.dumps({"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, "rows": rows})
    )


def best(reader: str, path: Path, rounds: list[dict[str, float]]) -> dict[str, float]:
    """Measure once more and keep the best figures of all rounds."""
    command = [sys.executable, __file__, "--measure", reader, str(path)]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    rounds.append(done)
    return {name: min(figures[name] for figures in rounds) for name in done}


def compare(path: Path, rounds: int) -> bool:
    """Print the table; whether all limits are kept."""
    figures: dict[str, dict[str, float]] = {}
    history: dict[str, list[dict[str, float]]] = {reader: [] for reader in LIMITS}
    for _ in range(rounds):
        for reader in LIMITS:
            figures[reader] = best(reader, path, history[reader])
    base = figures["pandas"]
    kept = True
    print(f"{'reader':<10}{'CPU s':>9}{'ratio':>8}{'limit':>8}{'peak MB':>10}{'ratio':>8}{'limit':>8}{'rows':>12}")
    for reader, found in figures.items():
        longer, larger = found["seconds"] / base["seconds"], found["mb"] / base["mb"]
        slow, big = LIMITS[reader]
        kept = kept and longer <= slow and larger <= big and found["rows"] == base["rows"]
        print(
            f"{reader:<10}{found['seconds']:>9.2f}{longer:>8.2f}{slow:>8.2f}"
            f"{found['mb']:>10.0f}{larger:>8.2f}{big:>8.2f}{found['rows']:>12,}"
        )
    return kept


def main() -> int:
    """Measure all readers on one generated database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], Path(options.measure[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.db"
        subprocess.run([sys.executable, "-c", WRITE, str(path), str(options.rows)], check=True)
        return 0 if compare(path, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
