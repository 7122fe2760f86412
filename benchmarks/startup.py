"""How fast ``phish`` starts: ``--help``, ``status`` and a run in which nothing is stale, against bare imports.

One baseline imports the four libraries of the command line and does nothing; the other is a program that uses each of
them once (`least_program.py`), since they import most of what they need only then. Processor time counts.

    python -m benchmarks.startup [--rounds 20]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import PHISH, PYTHON, Claim, in_turn, main, show_costs, spend, tell

BASE, LEAST = "bare imports", "least program"
COMMANDS = {
    BASE: (PYTHON, "-c", "import typer, rich, pydantic, yaml"),
    LEAST: (PYTHON, str(Path(__file__).with_name("least_program.py"))),
    "phish --help": (PHISH, "--help"),
    "phish status": (PHISH, "status"),
    "phish run-all, all cached": (PHISH, "run-all"),
}
LIMITS = {
    ("phish --help", BASE): 1.6,
    ("phish status", BASE): 2.5,
    ("phish run-all, all cached", BASE): 3.0,
    ("phish status", LEAST): 1.3,
    ("phish run-all, all cached", LEAST): 1.5,
}


def run(options: argparse.Namespace) -> list[Claim]:
    """Fill a cache with the default run, then measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell("fill the cache: phish run-all")
        spend((PHISH, "run-all"), folder)
        programs = {what: partial(spend, command, folder) for what, command in COMMANDS.items()}
        costs = in_turn(programs, options.rounds)
    show_costs(costs, BASE)
    return [Claim(what, f"{of}, CPU", costs[what].cpu / costs[of].cpu, limit) for (what, of), limit in LIMITS.items()]


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rounds=20))
