"""The first sets of a portfolio against as many that are drawn: the log loss of the best on rows it was not chosen by.

python -m benchmarks.portfolio [--database phishing.db] [--models LightGBM ...] [--first 4] [--draws 3] [--rows 2000]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from benchmarks.automl.tables import MADE, TARGET, table
from benchmarks.distill import encoded
from phishcli.fits.worker import fit
from phishcli.models import get
from phishcli.search.candidates import drawn

MODELS = ("LightGBM", "XGBoost", "ExtraTrees", "LogisticRegression")


def main() -> int:
    """Print for each table and model the log loss of the best set, and the paired difference over all of them."""
    options = _options()
    differences = []
    for name in (*(["phishing"] if options.database else []), *MADE):
        whole = table(name, options.database)
        some = whole.sample(min(len(whole), options.rows), random_state=0).reset_index(drop=True)
        x, y = encoded(some, some.head(2))[0], some[TARGET].to_numpy()
        for model in options.models:
            ours, random = _compared(model, x, y, options)
            differences.append(ours - random)
            print(f"{name:10} {model:20} portfolio {ours:.4f}  drawn {random:.4f}  {ours - random:+.4f}", flush=True)
    found = np.array(differences)
    p = wilcoxon(found).pvalue if len(found) > 1 else float("nan")
    print(f"{(found < 0).sum()} of {len(found)} better, mean {found.mean():+.4f}, Wilcoxon p = {p:.3f}")
    return 0 if found.mean() < 0 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portfolio", description=__doc__)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--first", type=int, default=4, help="sets that are tried")
    parser.add_argument("--draws", type=int, default=3, help="random searches that are averaged")
    parser.add_argument("--rows", type=int, default=2_000)
    return parser.parse_args()


def _compared(model: str, x: NDArray[Any], y: NDArray[Any], options: argparse.Namespace) -> tuple[float, float]:
    spec = get(model)
    sets = [{}, *spec.portfolio][: options.first]
    draws = [drawn(spec.space, options.first, seed) for seed in range(options.draws)]
    return _best(model, sets, x, y), float(np.mean([_best(model, each, x, y) for each in draws]))


def _best(model: str, sets: Sequence[Mapping[str, Any]], x: NDArray[Any], y: NDArray[Any]) -> float:
    """The log loss on a fifth of the rows of the set that has the lowest on another fifth, over five rotations."""
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold

    folds = [rows for _, rows in StratifiedKFold(5, shuffle=True, random_state=1).split(x, y)]
    found = []
    for place, judge in enumerate(folds):
        choose = folds[place - 1]
        learn = np.setdiff1d(np.arange(len(y)), np.r_[judge, choose])
        scored = [fit(get(model), params, 0, x[learn], y[learn]).predict_proba for params in sets]
        best = min(scored, key=lambda predict: log_loss(y[choose], predict(x[choose])[:, 1]))
        found.append(log_loss(y[judge], best(x[judge])[:, 1]))
    return float(np.mean(found))


if __name__ == "__main__":
    sys.exit(main())
