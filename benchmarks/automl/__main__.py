"""``phish run-all --budget`` beside FLAML and AutoGluon: several tables and splits, equal time on the clock.

python -m benchmarks.automl --cache FOLDER [--database phishing.db] [--budget 60] [--splits 5] [--most N]

The folder gets an environment for each system and the result of each run, so that a run that was interrupted, or ended
after ``--most`` runs, goes on. The budget of ours is that of the whole command, from its start to the release; the
others get it for their ``fit`` alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.automl.judge import judged, show
from benchmarks.automl.systems import SYSTEMS, run
from benchmarks.automl.tables import MADE, TARGET, halves, table
from benchmarks.measure import tell


def main() -> int:
    """Run what is missing, and show all."""
    options = _options()
    names = ["phishing", *MADE] if options.database else list(MADE)
    names = [name for name in names if not options.tables or name in options.tables]
    options.cache.mkdir(parents=True, exist_ok=True)
    rest = options.most
    for name, split, system in _cells(names, options):
        if rest and not _file(options, name, split, system).exists():
            rest -= 1
            _run(name, split, system, options)
    found = [_read(_file(options, *cell)) for cell in _cells(names, options) if _file(options, *cell).exists()]
    show(found)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.automl", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder for environments and results")
    parser.add_argument("--database", type=Path, help="the phishing database")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=SYSTEMS)
    parser.add_argument("--tables", nargs="+", help=f"of phishing, {', '.join(MADE)}; all by default")
    parser.add_argument("--most", type=int, default=10_000, help="runs at most")
    return parser.parse_args()


def _cells(names: list[str], options: argparse.Namespace) -> Iterator[tuple[str, int, str]]:
    """All runs; the systems take turns, so that a busy machine concerns all of them."""
    for split in range(options.splits):
        for name in names:
            for system in options.systems:
                yield name, split, system


def _file(options: argparse.Namespace, name: str, split: int, system: str) -> Path:
    cache: Path = options.cache
    return cache / f"{name}-{split}-{system}-{options.budget:g}s.json"


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _run(name: str, split: int, system: str, options: argparse.Namespace) -> None:
    learn, judge = halves(table(name, options.database), split)
    with TemporaryDirectory(prefix="phish-automl-") as place:
        folder = Path(place)
        train, test = folder / "train.csv", folder / "test.csv"
        learn.to_csv(train, index=False)
        judge.to_csv(test, index=False)
        made = run(system, train, test, options.budget, folder, options.cache.resolve())
    result = {"table": name, "split": split, "system": system, "load": os.getloadavg()[0], "n_train": len(learn)}
    result |= judged(judge[TARGET].to_numpy(), made)
    _file(options, name, split, system).write_text(json.dumps(result))
    tell(
        f"{name} {split} {system}: "
        + ", ".join(f"{key} {result[key]:.4f}" for key in ("accuracy", "roc_auc", "seconds"))
    )


if __name__ == "__main__":
    sys.exit(main())
