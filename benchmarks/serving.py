"""What a bundle costs: import, loading and first prediction, and one more row, against the same work by hand.

By hand: the joblib files of the release, a data frame and scikit-learn, see `benchmarks.serve_row`. Processor time.

    python -m benchmarks.serving [--rounds 3] [--calls 2_000]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import ENVIRONMENT, PHISH, PYTHON, Claim, main, spend, tell

ROOT = Path(__file__).parents[1]
SETTINGS = ("--set=evaluate.n_boot=0", "--set=evaluate.explain=false", "--set=report.charts=false")
LIMITS = {
    "LogisticRegression": (1.25, 1.0, 0.06),
    "RandomForest": (1.25, 1.0, 0.6),
    "HistGradientBoosting": (1.25, 1.0, 0.3),
    "XGBoost": (1.25, 0.4, 0.1),
    "LightGBM": (1.25, 0.4, 0.04),
}
"""Model: limits of the first prediction, of the same in a lean environment, and of one row; shares of those by hand."""
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""Idle threads of OpenMP that wait for work take processor time, too."""
ROW = {
    "LineOfCode": 812.0,
    "LargestLineLength": 2340,
    "NoOfURLRedirect": 0,
    "NoOfSelfRedirect": 0,
    "NoOfPopup": 0,
    "NoOfiFrame": 1,
    "NoOfImage": 12,
    "NoOfSelfRef": 30,
    "NoOfExternalRef": 25,
    "Robots": 0,
    "IsResponsive": 1,
    "Industry": "Food",
    "HostingProvider": "GoDaddy",
    "DomainAgeMonths": 40,
}


def run(options: argparse.Namespace) -> list[Claim]:
    """Make a release of the default models, then measure each all ways in turn."""
    with tempfile.TemporaryDirectory() as name:
        tell("make a release: phish run-all --persist")
        spend((PHISH, "run-all", "--persist", *SETTINGS), Path(name))
        release = Path(name) / "results" / "artifacts" / "latest"
        return [claim for model in LIMITS for claim in _claims(release, model, options)]


def _claims(release: Path, model: str, options: argparse.Namespace) -> list[Claim]:
    calls = {"files": 100, "bundle": options.calls, "lean": 1}
    rounds = [
        {way: _measured(way, release, model, number) for way, number in calls.items()} for _ in range(options.rounds)
    ]
    if len({each["probability"] for ways in rounds for each in ways.values()}) > 1:
        raise SystemExit(f"{model} gives different probabilities.")
    least = {(way, what): min(ways[way][what] for ways in rounds) for way in calls for what in ("first", "row")}
    tell(
        f"{model:<22}"
        + "".join(f"{way:>10} {least[way, 'first']:.2f} s {least[way, 'row'] * 1e6:.0f} us" for way in calls)
    )
    measured = (
        ("import to first prediction", least["bundle", "first"] / least["files", "first"]),
        ("the same, nothing else installed", least["lean", "first"] / least["files", "first"]),
        ("one row", least["bundle", "row"] / least["files", "row"]),
    )
    return [
        Claim(f"{model}, {what}", "by hand, CPU", share, limit)
        for (what, share), limit in zip(measured, LIMITS[model], strict=True)
    ]


def _measured(way: str, release: Path, model: str, calls: int) -> Any:
    command = (PYTHON, "-m", "benchmarks.serve_row", way, str(release), model, json.dumps(ROW), str(calls))
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT | ONE_THREAD, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rounds=3, calls=2_000))
