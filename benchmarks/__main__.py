"""Run the benchmarks, each in a process of its own, and print one table; exits with 1 when a claim is not held.

python -m benchmarks [NAME...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Claim, show_claims, tell

NAMES = ("startup", "cold_run", "scale", "read_sqlite", "read_csv", "audit", "serving", "serve", "predict")
ROOT = Path(__file__).parents[1]


def claims_of(name: str) -> list[Claim]:
    """Run one benchmark; what it says meanwhile goes to stderr."""
    tell(f"\n{name}")
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SystemExit(f"The benchmark {name} failed with exit code {done.returncode}.")
    return [Claim(**claim) for claim in json.loads(done.stdout)]


def main() -> int:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all by default")
    names = parser.parse_args().names
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there is {', '.join(NAMES)}")
    claims = [claim for name in names or NAMES for claim in claims_of(name)]
    print()
    return 0 if show_claims(claims) else 1


if __name__ == "__main__":
    sys.exit(main())
