"""What the audit takes of one million rows and 16 columns: all checks, against reading the table into pandas.

The checks of the table and of the split, and all that is made for them alone (twins, repeats, groups), by the clock;
imports are not counted, since the pipeline needs them anyway. Each round runs in a process of its own.

    python -m benchmarks.audit [--rows 1_000_000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import ENVIRONMENT, PHISH, PYTHON, Claim, main, spend, tell

ROOT = Path(__file__).parents[1]
FORMATS = {"SQLite": ("db", 3.0), "CSV": ("csv", 3.0), "Parquet": ("parquet", 6.0)}
"""The ending of the file, and the limit: columns of Parquet are hardly more than copied, in an eighth of the time."""
IN_LOAD = {"auditing": ("find_row_keys", "equal_rows", "_repeats")}
"""What ``load`` calls for the audit alone."""
IN_INTERPRETATION = {"reading": ("as_series",)}
"""What brings columns to pandas, the last step of reading."""


def run(options: argparse.Namespace) -> list[Claim]:
    """Write one table in each format, and read and audit it."""
    claims = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (ending, limit) in FORMATS.items():
            path = Path(folder) / f"sample.{ending}"
            tell(f"write {options.rows:,} rows of {name}")
            spend((PHISH, "sample", "--rows", str(options.rows), "-o", str(path)), Path(folder))
            rounds = [_measured(path) for _ in range(options.rounds)]
            reading, auditing = (min(each[part] for each in rounds) for part in ("reading", "auditing"))
            tell(f"{name}: read in {reading:.2f} s, audited in {auditing:.2f} s")
            claims.append(Claim(f"audit {options.rows:,} rows", f"reading {name}", auditing / reading, limit))
    return claims


def _measured(path: Path) -> dict[str, float]:
    program = f"from benchmarks.audit import *; measure(Path({str(path)!r}))"
    done = subprocess.run((PYTHON, "-c", program), cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(path: Path) -> None:
    """Read a table, load it, audit a split of it; print the seconds that reading and auditing took."""
    import numpy as np
    import pandas as pd
    import sklearn.ensemble  # noqa: F401 (what preprocess has imported by then)

    from phishcli.audit import registry
    from phishcli.audit.split_audit import audit_split
    from phishcli.audit.table_audit import audit_table
    from phishcli.config.schema import LoadConfig
    from phishcli.features import interpretation
    from phishcli.features import loading as stage
    from phishcli.sources.locate import locate
    from phishcli.tables.memory import MemoryTable

    registry()
    spent = {"reading": 0.0, "auditing": 0.0}

    def timed(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            result = function(*arguments, **named)
            spent[what] += time.perf_counter() - start
            return result

        return call

    for module, functions in ((stage, IN_LOAD), (interpretation, IN_INTERPRETATION)):
        for part, names in functions.items():
            for name in names:
                setattr(module, name, timed(part, getattr(module, name)))
    source = locate(str(path), cache=path.parent)

    def read() -> tuple[MemoryTable, str | None]:
        rows = source.read()
        return MemoryTable.of_batches(rows.schema, rows.batches), rows.table

    table, name = timed("reading", read)()
    loaded = stage.load(LoadConfig(), table, name=name, origin=str(path), synthetic=True)
    findings = timed("auditing", audit_table)({}, loaded)
    parts = np.where(np.random.default_rng(0).random(len(loaded.target)) < 0.2, "test", "train")
    split = pd.DataFrame({"row": np.arange(len(parts)), "part": parts})
    timed("auditing", audit_split)(
        {},
        table=findings,
        features=loaded.features,
        target=loaded.target,
        schema=loaded.schema,
        keys=loaded.keys,
        split=split,
    )
    print(json.dumps(spent))


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, rounds=3))
