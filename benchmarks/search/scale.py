"""A search on a large table: the peak memory of all its processes, against the float32 matrix of the training part.

HistGradientBoosting, XGBoost and LightGBM with ten trials each. Memory is sampled (Linux only): the proportional set
size of the program and the processes it has started, so that what they share counts once.

    python -m benchmarks.search.scale [--rows 1_000_000] [--trials 10] [--budget 0]

With a ``--budget`` of seconds the search ends after that time; the peak is reached with the first large fits.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, PHISH, Claim, main, tell
from phishcli.documents.training import Training

MODELS = ("HistGradientBoosting", "XGBoost", "LightGBM")
FEATURES, BYTES, TRAINING = 35, 4, 0.8
LIMIT = 25.0
INTERVAL = 0.5


def run(options: argparse.Namespace) -> list[Claim]:
    """Write the table, bring it up to ``preprocess``, then search and watch."""
    with tempfile.TemporaryDirectory() as name:
        table = Path(name) / "large.db"
        subprocess.run([PHISH, "sample", "--rows", str(options.rows), "-o", table], check=True, env=ENVIRONMENT)
        given = ("--source", str(table), "--tune", f"--set=train.tune.n_iter={options.trials}")
        budget = (f"--time-budget={options.budget}s",) if options.budget else ()
        models = f"--set=train.models=[{','.join(MODELS)}]"
        subprocess.run([PHISH, "preprocess", *given, models, "-q"], check=True, env=ENVIRONMENT, cwd=name)
        start = time.perf_counter()
        with subprocess.Popen([PHISH, "train", *given, models, *budget], env=ENVIRONMENT, cwd=name) as search:
            peak_mb = watch(search)
        wall = time.perf_counter() - start
        for model in MODELS:
            plain = json.loads((Path(name) / f".cache/train/{model}/latest/training.json").read_text("utf-8"))
            training = Training.of_plain(plain)
            if found := training.tuned:
                seconds = training.seconds.search
                tell(f"{model:22} {found.best_score:.4f}, {found.n_fits} fits, {seconds:.0f} s in fits")
    matrix_mb = TRAINING * options.rows * FEATURES * BYTES / 1e6
    tell(f"{wall:.0f} s, peak {peak_mb:,.0f} MB, training matrix {matrix_mb:,.0f} MB")
    return [Claim(f"search on {options.rows:,} rows", "float32 training matrix, peak", peak_mb / matrix_mb, LIMIT)]


def watch(process: subprocess.Popen[bytes]) -> float:
    """The largest memory of a program and its descendants until it ends, in 10^6 bytes."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(memory(number) for number in family(process.pid)))
        time.sleep(INTERVAL)
    return peak


def family(root: int) -> Iterator[int]:
    """A process and all that it has started, directly or not."""
    yield root
    for path in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = path.read_text("ascii").split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def memory(number: int) -> float:
    """The proportional set size of a process without what it maps from files, in 10^6 bytes; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return sizes.get("Pss_Anon", sizes["Pss"]) * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, trials=10, budget=0))
