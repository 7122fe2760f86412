"""Large tables through the stages at bounded memory: peak against ``run.memory``, time against rows, and equality.

The sample is written as Parquet in several sizes, each four times the one before, and goes through ``load``,
``preprocess``, ``audit`` and, with ``--train 1``, ``train`` (logistic regression, LightGBM, XGBoost, two folds) and
``evaluate``, each in a process of its own. The peak is the memory of the process tree that the system cannot take back
(anonymous and shared pages): files that are mapped stay as long as there is room for them and no longer. Time is that
of the processor; that of a small table, which goes into starting and importing, is taken off, and what is left may grow
by the power 1.05 of the rows at most.

With ``--equal 1`` the smallest table also goes through with more memory than it needs: schema, split, findings,
preprocessor, matrices and logistic regression must be the same, and the ROC-AUC of boosters must agree within 0.0005.

    python -m benchmarks.scale [--rows 1_000_000] [--sizes 2] [--memory 600] [--equal 1] [--train 0]

``--rows 100_000_000 --sizes 4 --memory 4_000 --train 1`` takes 120 GB of disk
for the matrices of the folds, and a night.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, PHISH, Claim, Cost, main, show_costs, spend, tell

SMALL = 10_500
GROWTH = 4
EXPONENT = 1.05
AGREE = 0.0005
LEAST = 1.0
"""Processor seconds beyond the start below which nothing is said of growth: the table is too small."""
MODELS = ("LogisticRegression", "LightGBM", "XGBoost")
EXACT = ("load/schema.json", "load/features.parquet", "load/keys.parquet", "load/audit.json", "audit/audit.json")
EXACT += ("preprocess/split.parquet", "preprocess/train.parquet", "preprocess/preprocessor.joblib")
PLENTY = "100GB"


def run(options: argparse.Namespace) -> list[Claim]:
    """Send tables of several sizes through the stages, and the smallest one once more in memory."""
    sizes = [options.rows // GROWTH**step for step in reversed(range(options.sizes))]
    stages = ("load", "preprocess", "audit", *(("train", "evaluate") if options.train else ()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        costs = {rows: _through(folder, rows, stages, f"{options.memory}MB") for rows in (SMALL, *sizes)}
        same = list(_equality(folder, sizes[0], stages, options)) if options.equal else []
    for stage in stages:
        tell(f"\n{stage}")
        show_costs({f"{rows:,} rows": found[stage] for rows, found in costs.items()}, f"{SMALL:,} rows")
    return [*_peaks(costs, sizes, options.memory), *_growth(costs, sizes), *same]


def _through(folder: Path, rows: int, stages: tuple[str, ...], memory: str) -> dict[str, Cost]:
    source = folder / f"{rows}.parquet"
    if not source.exists():
        tell(f"write {rows:,} rows")
        spend((PHISH, "sample", "--rows", str(rows), "-o", str(source)), folder)
    place = folder / f"{rows}-{memory}"
    place.mkdir()
    options = ("--source", str(source), "--models", ",".join(MODELS), "--set", f"run.memory={memory}")
    options += ("--set", "preprocess.folds=2", "--quiet")
    found = {}
    for stage in stages:
        tell(f"{rows:,} rows, {memory}: {stage}")
        found[stage] = _watched((PHISH, stage, *options), place)
    return found


def _watched(command: tuple[str, ...], folder: Path) -> Cost:
    """Run a program; the peak is that of its process tree, looked at twenty times a second."""
    import resource

    import psutil

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None:
        try:
            tree = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        except psutil.Error:
            break
        peak = max(peak, sum(map(_kept, tree)))
        time.sleep(0.05)
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}\n{said.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - start, peak / 1e6)


def _kept(process: int) -> float:
    """Bytes of a process that are not pages of a file."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(1024.0 * int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _peaks(costs: dict[int, dict[str, Cost]], sizes: list[int], memory: int) -> Iterator[Claim]:
    for rows in sizes:
        for stage, cost in costs[rows].items():
            yield Claim(f"{stage} {rows:,} rows, peak", f"run.memory of {memory:,} MB", cost.peak_mb / memory, 1.0)


def _growth(costs: dict[int, dict[str, Cost]], sizes: list[int]) -> Iterator[Claim]:
    """The power of the rows by which the time of all stages grows from one size to the next."""
    total = {rows: sum(cost.cpu for cost in found.values()) for rows, found in costs.items()}
    for fewer, more in pairwise(sizes):
        fewer_took, more_took = (max(total[rows] - total[SMALL], LEAST) for rows in (fewer, more))
        grown = more_took / fewer_took
        yield Claim(f"CPU of {more:,} rows", f"{fewer:,} rows, exponent", math.log(grown) / math.log(GROWTH), EXPONENT)


def _equality(folder: Path, rows: int, stages: tuple[str, ...], options: argparse.Namespace) -> Iterator[Claim]:
    _through(folder, rows, stages, PLENTY)
    streamed, whole = (folder / f"{rows}-{memory}" / ".cache" for memory in (f"{options.memory}MB", PLENTY))
    exact = [*EXACT, *(("train/LogisticRegression/oof.parquet",) if options.train else ())]
    different = [each for each in exact if _digest(streamed, each) != _digest(whole, each)]
    tell(f"\ndifferent from the run in memory: {different or 'nothing'}")
    yield Claim(f"streamed {rows:,} rows", "artifacts that differ", float(len(different)), 0.0)
    for model in MODELS if options.train else ():
        first, second = (_auc(cache, model) for cache in (streamed, whole))
        yield Claim(f"{model}, {rows:,} rows", "ROC-AUC, difference / 0.0005", abs(first - second) / AGREE, 1.0)


def _digest(cache: Path, name: str) -> str:
    step, _, file = name.rpartition("/")
    return hashlib.sha256((cache / step / "latest" / file).read_bytes()).hexdigest()


def _auc(cache: Path, model: str) -> float:
    metrics = json.loads((cache / "evaluate" / model / "latest" / "metrics.json").read_text(encoding="utf-8"))
    return float(metrics["metrics"]["roc_auc"]["value"])


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, sizes=2, memory=600, equal=1, train=0))
