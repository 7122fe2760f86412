"""What `phish predict` costs around the model, and its memory on many rows of Parquet and CSV.

Processor time for each row, in one thread, against the bare model on a ready matrix (`benchmarks.predict_bare`) in the
same round; peak memory against 1 GB.

    python -m benchmarks.predict [--rows 5_000_000] [--rounds 2]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, PHISH, PYTHON, Claim, Cost, main, spend, tell

ROOT = Path(__file__).parents[1]
SETTINGS = ("--set=evaluate.n_boot=0", "--set=evaluate.explain=false", "--set=report.charts=false")
WITHOUT_LABELS = """
import sys
from pyarrow import csv, parquet
if sys.argv[1] == "csv":
    batches, writer = csv.open_csv("labelled.csv"), csv.CSVWriter
    schema = batches.schema
else:
    file, writer = parquet.ParquetFile("labelled.parquet"), parquet.ParquetWriter
    batches, schema = file.iter_batches(), file.schema_arrow
with writer(f"rows.{sys.argv[1]}", schema.remove(schema.get_field_index("isPhishing"))) as out:
    for batch in batches:
        out.write_batch(batch.drop_columns(["isPhishing"]))
"""
"""New rows have no label; with one, there would be metrics with intervals to compute."""
LEAST = {"LightGBM": 0.85, "XGBoost": 0.65}
"""Model: rows a second at least, as a share of those of the bare model."""
MOST_MB = 1_000
ONE_THREAD = ("-j", "1", "-q")


def run(options: argparse.Namespace) -> list[Claim]:
    """Make a release and tables, then measure in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell("make a release and tables")
        models = f"--models={','.join(LEAST)}"
        spend((PHISH, "run-all", "--persist", "--source", "sample", models, *SETTINGS), folder)
        for suffix in ("parquet", "csv"):
            spend((PHISH, "sample", "-o", f"labelled.{suffix}", f"--rows={options.rows}", "-q"), folder)
            spend((PYTHON, "-c", WITHOUT_LABELS, suffix), folder)
        claims = [_claim(folder, model, options) for model in LEAST]
        return [*claims, *(_memory(folder, suffix) for suffix in ("parquet", "csv"))]


def _claim(folder: Path, model: str, options: argparse.Namespace) -> Claim:
    rounds = [(_bare(folder, model), _predict(folder, model, "rows.parquet").cpu) for _ in range(options.rounds)]
    bare = min(bare for bare, _ in rounds) * options.rows
    whole = min(whole for _, whole in rounds)
    tell(f"{model}: bare {options.rows / bare:,.0f} rows a second, phish predict {options.rows / whole:,.0f}")
    return Claim(f"{model}, {options.rows:,} rows", "bare predict_proba, CPU", whole / bare, 1 / LEAST[model])


def _bare(folder: Path, model: str) -> float:
    release = folder / "results" / "artifacts" / "latest"
    command = (PYTHON, "-m", "benchmarks.predict_bare", str(release), model, str(folder / "rows.parquet"))
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["seconds"])


def _predict(folder: Path, model: str, source: str) -> Cost:
    tell(f"{model}: phish predict {source}")
    return spend((PHISH, "predict", source, "--model", f"latest:{model}", "-o", "out.parquet", *ONE_THREAD), folder)


def _memory(folder: Path, suffix: str) -> Claim:
    cost = spend((PHISH, "predict", f"rows.{suffix}", "--model", "latest:XGBoost", "-o", "out.parquet", "-q"), folder)
    tell(f"{suffix}: {cost.peak_mb:.0f} MB, {cost.wall:.1f} s")
    return Claim(f"peak memory, {suffix}", "1 GB", cost.peak_mb / MOST_MB, 1.0)


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=5_000_000, rounds=2))
