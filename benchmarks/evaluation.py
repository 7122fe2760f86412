"""What knowing costs: evaluation, explanation and report, against the training of the same models.

The sample has the size and the shape of the phishing database. Every model of the default run is trained untuned; the
seconds of the stages are those of their manifests. On a large table, with models that can be trained there in minutes,
memory is what counts: the peak of the process that evaluates, explains and draws, against 4 GB.

    python -m benchmarks.evaluation [--rounds 3] [--rows 1_000_000]

With ``--rows 0`` the large table is left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.cold_run import seconds_of_stages
from benchmarks.measure import PHISH, Claim, main, spend, tell

KNOWING = ("evaluate", "explain", "report")
LIMIT = 1.5
LARGE_MODELS = ("LogisticRegression", "NaiveBayes", "HistGradientBoosting", "XGBoost", "LightGBM")
MEMORY_MB = 4_000.0


def run(options: argparse.Namespace) -> list[Claim]:
    """Measure the time on the sample, then the memory on the large table."""
    rounds = [_shares() for _ in range(options.rounds)]
    training, knowing = (min(each[part] for each in rounds) for part in range(2))
    tell(f"training {training:.2f} s, evaluation, explanation and report {knowing:.2f} s")
    claims = [Claim("evaluate, explain and report", "training the same models, wall", knowing / training, LIMIT)]
    if options.rows:
        claims.append(Claim(f"the same, {options.rows:,} rows", "4 GB, peak", _peak(options.rows), 1.0))
    return claims


def _shares() -> tuple[float, float]:
    """Seconds of training, and of what follows it."""
    with tempfile.TemporaryDirectory() as name:
        spend((PHISH, "run-all"), Path(name))
        stages = seconds_of_stages(Path(name))
    return stages["train"], sum(stages[stage] for stage in KNOWING)


def _peak(rows: int) -> float:
    """The peak of ``report`` on a table of that many rows whose models are trained."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spend((PHISH, "sample", "--rows", str(rows), "-o", "large.db"), folder)
        given = ("--source", "large.db", f"--set=train.models=[{','.join(LARGE_MODELS)}]")
        trained = spend((PHISH, "train", *given), folder)
        tell(f"{rows:,} rows: training {trained.wall:.0f} s, peak {trained.peak_mb:,.0f} MB")
        reported = spend((PHISH, "report", *given), folder)
        tell(f"{rows:,} rows: evaluation and so on {reported.wall:.0f} s, peak {reported.peak_mb:,.0f} MB")
    return reported.peak_mb / MEMORY_MB


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rounds=3, rows=1_000_000))
