"""What the pipeline costs beyond its work: ``phish run-all`` in an empty folder against the same work in one script.

``straight_script.py`` is the baseline: the same fits, predictions, scores and imports, and none of the pipeline. The
run also draws the sample, audits it, compares the models, writes and hashes artifacts, and makes the report. What the
script has no counterpart of, explanations of five models and charts, is left out for the first claim, and in for the
second. Time on the clock counts, since all use all cores.

    python -m benchmarks.cold_run [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import PHISH, PYTHON, Claim, Cost, in_turn, main, show_costs, spend, tell

SCRIPT = Path(__file__).with_name("straight_script.py")
BASE = "straight script"
SAME_WORK = ("--set", "evaluate.explain=false", "--set", "report.charts=false")
COLD = "phish run-all, cold, without explanations and charts"
WHOLE = "phish run-all, cold"
LIMITS = {COLD: 1.25, WHOLE: 1.7}


def run(options: argparse.Namespace) -> list[Claim]:
    """Measure all in turn."""
    stages: dict[str, float] = {}

    def cold(*settings: str) -> Cost:
        with tempfile.TemporaryDirectory() as folder:
            cost = spend((PHISH, "run-all", *settings), Path(folder))
            stages.update(seconds_of_stages(Path(folder)))
        return cost

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = folder / "sample.db"
        spend((PHISH, "sample", "-o", str(table)), folder)
        script = (PYTHON, "-W", "ignore", str(SCRIPT), str(table))
        programs = {BASE: lambda: spend(script, folder), COLD: lambda: cold(*SAME_WORK), WHOLE: cold}
        costs = in_turn(programs, options.rounds)
    show_costs(costs, BASE)
    tell(f"\nstages of the last run: {', '.join(f'{stage} {seconds:.2f} s' for stage, seconds in stages.items())}")
    return [Claim(name, f"{BASE}, wall", costs[name].wall / costs[BASE].wall, limit) for name, limit in LIMITS.items()]


def seconds_of_stages(folder: Path) -> dict[str, float]:
    """Add up by stage what the manifests of a run say."""
    stages: dict[str, float] = {}
    for path in sorted((folder / ".cache").glob("**/manifest.json"), key=lambda path: path.stat().st_mtime):
        if path.parent.name != "latest":
            manifest = json.loads(path.read_text(encoding="utf-8"))
            stage = manifest["step"].partition("/")[0]
            stages[stage] = stages.get(stage, 0) + manifest["seconds"]
    return stages


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rounds=3))
