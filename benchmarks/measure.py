"""What the benchmarks share: the cost of a child process, rounds taken in turn, and claims with their limits."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PYTHON = sys.executable
PHISH = str(Path(sys.executable).with_name("phish"))

# Compiled modules may be written, as installing a package does: the sources are not what is measured.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("PHISH_")
}

Command = Sequence[str]


@dataclass(frozen=True)
class Cost:
    """What a process took: processor seconds (user and system), seconds on the clock, and peak memory in 10^6 bytes."""

    cpu: float
    wall: float
    peak_mb: float


@dataclass(frozen=True)
class Claim:
    """One promise: what is measured, as a share of what, and the limit of that share."""

    what: str
    against: str
    measured: float
    limit: float

    @property
    def held(self) -> bool:
        """Whether the measured share is within the limit."""
        return self.measured <= self.limit


def spend(command: Command, folder: Path) -> Cost:
    """Run a program to its end without its output on the terminal, and say what it took.

    The peak is of the process alone. Linux hands the peak of a parent on to its children, so keep the caller small.

    Raises
    ------
    RuntimeError
        When the program fails.
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}\n{said.read().decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit / 1e6)


def in_turn(programs: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """Run programs in turn; of all rounds keep the least time, since other load only adds, and the largest peak."""
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    for number in range(rounds):
        for name, program in programs.items():
            tell(f"round {number + 1} of {rounds}: {name}")
            costs[name].append(program())
    return {
        name: Cost(min(c.cpu for c in found), min(c.wall for c in found), max(c.peak_mb for c in found))
        for name, found in costs.items()
    }


def tell(line: str) -> None:
    """Say on stderr what goes on."""
    print(line, file=sys.stderr, flush=True)


def show_costs(costs: Mapping[str, Cost], base: str) -> None:
    """Print what was measured on stderr, each figure also as a multiple of the baseline's."""
    width = max(map(len, costs))
    tell(f"\n{'':<{width}}{'CPU s':>9}{'ratio':>7}{'wall s':>9}{'ratio':>7}{'peak MB':>9}{'ratio':>7}")
    for name, cost in costs.items():
        figures = zip(asdict(cost).values(), asdict(costs[base]).values(), (3, 3, 0), strict=True)
        tell(f"{name:<{width}}" + "".join(f"{value:>9.{digits}f}{value / of:>7.2f}" for value, of, digits in figures))


def _row(claim: Claim, digits: int) -> tuple[str, ...]:
    measured, limit = (f"{value:.{digits}f}" for value in (claim.measured, claim.limit))
    return claim.what, claim.against, measured, limit, "held" if claim.held else "NOT HELD"


def show_claims(claims: Sequence[Claim], digits: int = 2) -> bool:
    """Print the table of claims on stdout; whether all are held."""
    rows = [_row(claim, digits) for claim in claims]
    table = [("claim", "as a share of", "measured", "limit", ""), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        texts = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(row[2:4], widths[2:4], strict=True)]
        print("  ".join([*texts, *numbers, row[4]]).rstrip())
    return all(claim.held for claim in claims)


def main(description: str, run: Callable[[argparse.Namespace], list[Claim]], **options: int) -> int:
    """Run one benchmark as a program, with whole-number options by name and ``--json``; gives its exit code."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default:_}")
    parser.add_argument("--json", action="store_true", help="print the claims as JSON")
    given = parser.parse_args()
    claims = run(given)
    if given.json:
        print(json.dumps([asdict(claim) for claim in claims]))
        return 0 if all(claim.held for claim in claims) else 1
    print()
    return 0 if show_claims(claims) else 1
