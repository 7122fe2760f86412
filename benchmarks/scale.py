"""A large table through ``load`` and ``preprocess``: peak memory against the matrix it ends in, and time against rows.

The matrix is what the models see: every row, 35 features, four bytes each. Each size runs in a folder of its own.

    python -m benchmarks.scale [--rows 1_000_000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import PHISH, Claim, Cost, in_turn, main, show_costs, spend, tell

FEATURES, BYTES = 35, 4
MEMORY = 6.0
PART = 4
"""The smaller table has a quarter of the rows."""
LINEAR = PART * 1.3


def run(options: argparse.Namespace) -> list[Claim]:
    """Write both tables, bring each up to ``preprocess``, and measure that."""
    sizes = {f"{rows:,} rows": rows for rows in (options.rows // PART, options.rows)}
    small, large = sizes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, rows in sizes.items():
            tell(f"write {what}")
            spend((PHISH, "sample", "--rows", str(rows), "-o", str(folder / f"{rows}.db")), folder)
        programs = {what: _preprocessed(folder / f"{rows}.db") for what, rows in sizes.items()}
        costs = in_turn(programs, options.rounds)
    show_costs(costs, small)
    matrix_mb = options.rows * FEATURES * BYTES / 1e6
    return [
        Claim(f"load and preprocess of {large}, peak", "float32 matrix", costs[large].peak_mb / matrix_mb, MEMORY),
        Claim(f"load and preprocess of {large}, CPU", small, costs[large].cpu / costs[small].cpu, LINEAR),
    ]


def _preprocessed(source: Path):
    def program() -> Cost:
        with tempfile.TemporaryDirectory(dir=source.parent) as folder:
            return spend((PHISH, "preprocess", "--source", str(source)), Path(folder))

    return program


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, rounds=1))
