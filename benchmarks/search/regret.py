"""What the race gives up: its winner against that of the complete search, on tables of different shape.

Few rows (569 x 30, scikit-learn's breast cancer data), many columns (600 x 150, generated), and one positive row in
fifty (8,000 x 20, generated). Each model is searched by several metrics and with several seeds.
All searches of a table share a ledger, so that the complete ones are paid for once. Counted is how often the race ends
with a lower mean score than the complete search, be it by one row, and how much lower.

    python -m benchmarks.search.regret [--trials 30] [--seeds 3] [--database DATABASE] [--only TABLE]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Claim, show_claims, tell
from benchmarks.search.child import data_of, settings
from phishcli.config.schema import MetricName
from phishcli.documents.training import Method, SearchSummary
from phishcli.features.folds import Fold
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.search.paired import sign
from phishcli.search.training import train

MODELS = ("LogisticRegression", "RandomForest", "GradientBoosting", "LightGBM")
FOLDS = 5
RATE = 0.05
"""How often the race may miss the winner."""
METRICS: tuple[MetricName, ...] = ("accuracy", "roc_auc", "pr_auc", "precision", "mcc")
MEAN_REGRET = 0.001


def tables(database: Path | None) -> Iterator[tuple[str, TrainingData]]:
    """The tables with their names."""
    from sklearn.datasets import load_breast_cancer, make_classification

    yield "few rows", folded(*load_breast_cancer(return_X_y=True))
    wide = make_classification(600, 150, n_informative=15, n_redundant=15, flip_y=0.1, random_state=1)
    yield "many columns", folded(*wide)
    rare = make_classification(8_000, 20, n_informative=8, weights=[0.98], flip_y=0.01, class_sep=0.8, random_state=2)
    yield "one in fifty", folded(*rare)
    if database:
        with tempfile.TemporaryDirectory() as name:
            lines = [f"source: {database.resolve()}", "target: label", "positive_label: 0"]
            (Path(name) / "phish.yaml").write_text("load:\n" + "".join(f"  {line}\n" for line in lines), "utf-8")
            yield "phishing database", data_of(Path(name))


def folded(x: Any, y: Any) -> TrainingData:
    """A table in five stratified folds, scaled within each."""
    from sklearn.model_selection import StratifiedKFold
    from sklearn.preprocessing import RobustScaler

    folds = np.zeros(len(y), dtype=np.int8)
    for number, (_, held_out) in enumerate(StratifiedKFold(FOLDS).split(x, y)):
        folds[held_out] = number
    y = np.asarray(y, dtype=np.int8)

    def make_fold(number: int) -> Fold:
        out = folds == number
        scaler = RobustScaler().fit(x[~out])
        inside, outside = (scaler.transform(x[part]).astype(np.float32) for part in (~out, out))
        return Fold(number, inside, y[~out], outside, y[out], np.flatnonzero(out))

    whole = RobustScaler().fit_transform(x).astype(np.float32)
    return TrainingData(whole, y, np.arange(len(y)), folds, make_fold)


def compare(
    data: TrainingData, scoring: MetricName, trials: int, seed: int, ledgers: dict[str, MemoryLedger]
) -> Iterator[tuple[str, float, float]]:
    """Search by both methods; gives the model, what the race gives up, and its share of the fits."""

    def searched(method: Method) -> dict[str, SearchSummary]:
        wanted = [settings(model, method, trials, seed, scoring) for model in MODELS]
        made = train(
            wanted, data, jobs=os.cpu_count() or 1, ledger=lambda model: ledgers.setdefault(model, MemoryLedger())
        )
        return {each.name: each.trained.training.tuned for each in made if each.trained and each.trained.training.tuned}

    random, race = searched("random"), searched("race")
    more_is_better = sign(scoring)
    for model in MODELS:
        given_up = more_is_better * (random[model].best_score - race[model].best_score)
        yield model, given_up, race[model].n_fits / random[model].n_fits


def main() -> int:
    """Measure and print the table; 1 when a claim is not held."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=30, help="default 30")
    parser.add_argument("--seeds", type=int, default=3, help="default 3")
    parser.add_argument("--database", type=Path, help="the phishing database, as one more table")
    parser.add_argument("--only", action="append", metavar="TABLE", help="no table but this; may be repeated")
    given = parser.parse_args()
    found: dict[str, list[float]] = {}
    for table, data in tables(given.database):
        if given.only and table not in given.only:
            continue
        for seed in range(given.seeds):
            ledgers: dict[str, MemoryLedger] = {}
            for scoring in METRICS:
                for model, given_up, share in compare(data, scoring, given.trials, seed, ledgers):
                    name = f"{table:18} {scoring:10} seed {seed}  {model:20}"
                    tell(f"{name} {share:4.0%} of the fits, given up {given_up:.5f}")
                    found.setdefault(scoring, []).append(given_up)
    claims = [
        Claim(f"{metric}: mean regret of the race", "1", float(np.mean(each)), MEAN_REGRET)
        for metric, each in found.items()
    ]
    for kind, regrets in (("the accuracy", found["accuracy"]), ("any metric", np.concatenate([*found.values()]))):
        missed = float(np.mean(np.asarray(regrets) > 1e-9))
        claims.append(Claim(f"winner missed in {len(regrets)} searches by {kind}, be it by one row", "1", missed, RATE))
    print()
    return 0 if show_claims(claims, digits=4) else 1


if __name__ == "__main__":
    sys.exit(main())
