"""How fast ``phish`` starts: ``--help``, ``status`` and a run in which nothing is stale, against bare imports.

The baseline imports the four libraries of the command line and does nothing. Processor time counts.

    python -m benchmarks.startup [--rounds 20]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import PHISH, PYTHON, Claim, in_turn, main, show_costs, spend, tell

BASE = "bare imports"
COMMANDS = {
    BASE: (PYTHON, "-c", "import typer, rich, pydantic, yaml"),
    "phish --help": (PHISH, "--help"),
    "phish status": (PHISH, "status"),
    "phish run-all, all cached": (PHISH, "run-all"),
}
LIMITS = {"phish --help": 1.6, "phish status": 2.5, "phish run-all, all cached": 3.0}


def run(options: argparse.Namespace) -> list[Claim]:
    """Fill a cache with the default run, then measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell("fill the cache: phish run-all")
        spend((PHISH, "run-all"), folder)
        programs = {what: partial(spend, command, folder) for what, command in COMMANDS.items()}
        costs = in_turn(programs, options.rounds)
    show_costs(costs, BASE)
    return [Claim(what, f"{BASE}, CPU", costs[what].cpu / costs[BASE].cpu, limit) for what, limit in LIMITS.items()]


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rounds=20))
