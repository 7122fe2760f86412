"""How fast the search is, against ``RandomizedSearchCV(n_jobs=-1)`` in the same run, and what it gives up for that.

The spaces, 50 trials and 5 folds are those of the published runs on the phishing database; on the built-in sample the
proportions are much the same. Takes about forty minutes on two cores, so it is not among the benchmarks that run by
default. ``--only`` selects parts; ``pruning``, which measures what the pruning of fits that grow saves, has to be asked
for.

    python -m benchmarks.search [DATABASE] [--trials 50] [--only published,default,random,single,pruning]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import ENVIRONMENT, PYTHON, Claim, show_claims, tell

PUBLISHED = ("LogisticRegression", "RandomForest", "GradientBoosting", "XGBoost")
DEFAULT = ("LogisticRegression", "RandomForest", "HistGradientBoosting", "XGBoost", "LightGBM")
PARTS = ("published", "default", "random", "single")
REGRET = 0.001
SEEDS = (42, 7, 1)

Found = dict[str, Any]


def search(method: str, folder: Path, trials: int, *models: str, options: Sequence[str] = ()) -> Found:
    """Run one search in a process of its own."""
    tell(f"{method}: {', '.join(models)}")
    command = [PYTHON, "-m", "benchmarks.search.child", method, str(folder), str(trials), *models, *options]
    said = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True)
    found: Found = json.loads(said.stdout)
    for model, line in found["models"].items():
        tell(f"  {model:22} {line['score']:.4f} after {line['at']:.1f} s{fits(line)}")
    return found


def fits(line: Found) -> str:
    """``, 97 fits``, where they were counted."""
    return f", {line['fits']} fits" if "fits" in line else ""


def published(folder: Path, trials: int) -> list[Claim]:
    """All four models in one run: the time of the race, and what it gives up."""
    base, race = search("sklearn", folder, trials, *PUBLISHED), search("race", folder, trials, *PUBLISHED)
    ratio = race["seconds"] / base["seconds"]
    return [
        Claim("race, the four published models: time", "RandomizedSearchCV", ratio, 0.25),
        *(
            Claim(f"race, {model}: CV accuracy below", "RandomizedSearchCV", below(base, race, model), REGRET)
            for model in PUBLISHED
        ),
    ]


def below(base: Found, found: Found, model: str) -> float:
    """By how much the best score of a model is below the baseline's."""
    return float(base["models"][model]["score"] - found["models"][model]["score"])


def random(folder: Path, trials: int) -> list[Claim]:
    """All four models by the method that does the same work."""
    base, ours = search("sklearn", folder, trials, *PUBLISHED), search("random", folder, trials, *PUBLISHED)
    ratio = ours["seconds"] / base["seconds"]
    return [Claim("random, the four published models: time", "RandomizedSearchCV", ratio, 1.0)]


def single(folder: Path, trials: int) -> list[Claim]:
    """Each model alone, by the method that does the same work."""
    claims = []
    for model in PUBLISHED:
        base, ours = search("sklearn", folder, trials, model), search("random", folder, trials, model)
        claims.append(
            Claim(f"random, {model} alone: time", "RandomizedSearchCV", ours["seconds"] / base["seconds"], 1 / 0.9)
        )
    return claims


def default(folder: Path, trials: int) -> list[Claim]:
    """The default models: the whole time, and the time until there is a model as good as the best of the baseline."""
    base, race = search("sklearn", folder, trials, *DEFAULT), search("race", folder, trials, *DEFAULT)
    best = max(line["score"] for line in base["models"].values())
    reached = [line["at"] for line in race["models"].values() if line["score"] >= best - REGRET]
    claims = [Claim("race, the default models: time", "RandomizedSearchCV", race["seconds"] / base["seconds"], 1 / 3)]
    soonest = min(reached, default=float("inf"))
    return [
        *claims,
        Claim("race: time to a score as good as the baseline's best", "the same", soonest / base["seconds"], 1 / 8),
    ]


def pruning(folder: Path, trials: int) -> list[Claim]:
    """What the pruning of fits that grow saves of the processor time of a race, and whether it changes the winner."""
    claims = []
    for title, models in (("published", PUBLISHED), ("default", DEFAULT)):
        for seed in SEEDS:
            options = ("--jobs=1", f"--seed={seed}")
            whole, pruned = (search(method, folder, trials, *models, options=options) for method in ("whole", "race"))
            what = f"race, the {title} models, seed {seed}: processor time"
            claims.append(Claim(what, "without pruning of fits", pruned["cpu"] / whole["cpu"], 0.95))
            claims += [
                Claim(f"race, {model}, seed {seed}: CV accuracy below", "the same", below(whole, pruned, model), REGRET)
                for model in models
            ]
    return claims


def main() -> int:
    """Measure and print the table; 1 when a claim is not held."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("database", type=Path, nargs="?", help="the phishing database; the sample without it")
    parser.add_argument("--trials", type=int, default=50, help="default 50")
    parser.add_argument("--only", default=",".join(PARTS), help=f"default {','.join(PARTS)}")
    given = parser.parse_args()
    parts = {"published": published, "default": default, "random": random, "single": single, "pruning": pruning}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.database:
            lines = [f"source: {given.database.resolve()}", "target: label", "positive_label: 0"]
            (folder / "phish.yaml").write_text("load:\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8")
        claims = [claim for part in given.only.split(",") for claim in parts[part](folder, given.trials)]
    print()
    return 0 if show_claims(claims, digits=4) else 1


if __name__ == "__main__":
    sys.exit(main())
