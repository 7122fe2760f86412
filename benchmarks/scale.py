"""A large table through ``load`` and ``preprocess``: peak memory against the matrix it ends in, and time against rows.

The matrix is what the models see: every row, 35 features, four bytes each. Time is what the rows take: that of a small
table, which goes into starting and importing, is taken off. Each table runs in a folder of its own.

    python -m benchmarks.scale [--rows 1_000_000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import PHISH, Claim, Cost, in_turn, main, show_costs, spend, tell

SMALL = 10_500
FEATURES, BYTES = 35, 4
MEMORY = 6.0
PART = 4
"""The table that the time is compared with has a quarter of the rows."""
LINEAR = PART * 1.3


def run(options: argparse.Namespace) -> list[Claim]:
    """Write the tables, bring each up to ``preprocess``, and measure that."""
    sizes = {f"{rows:,} rows": rows for rows in (SMALL, options.rows // PART, options.rows)}
    small, part, large = sizes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, rows in sizes.items():
            tell(f"write {what}")
            spend((PHISH, "sample", "--rows", str(rows), "-o", str(folder / f"{rows}.db")), folder)
        costs = in_turn({what: _preprocess(folder / f"{rows}.db") for what, rows in sizes.items()}, options.rounds)
    show_costs(costs, part)
    start = costs[small].cpu
    matrix_mb = options.rows * FEATURES * BYTES / 1e6
    return [
        Claim(f"preprocess {large}", "float32 matrix, peak", costs[large].peak_mb / matrix_mb, MEMORY),
        Claim(f"preprocess {large}", f"{part}, CPU", (costs[large].cpu - start) / (costs[part].cpu - start), LINEAR),
    ]


def _preprocess(source: Path) -> Callable[[], Cost]:
    def program() -> Cost:
        with tempfile.TemporaryDirectory(dir=source.parent) as folder:
            return spend((PHISH, "preprocess", "--source", str(source)), Path(folder))

    return program


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, rounds=1))
