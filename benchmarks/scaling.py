"""Logistic regression on awkward columns: the default scale against StandardScaler and RobustScaler, cross-validated.

python -m benchmarks.scaling [--database DATABASE]
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Claim, show_claims, tell
from benchmarks.scaling_tables import TABLES, Problem
from phishcli.documents.features import NumericScale

SCALES: tuple[NumericScale, ...] = get_args(NumericScale)
LOSS = 0.01
"""By how much the default may be behind on one table: a table of 150 rows is not known better."""
EVEN = 0.001


def scores(problem: Problem, scale: NumericScale) -> tuple[float, float, int]:
    """Accuracy and ROC-AUC over five folds, and the most iterations that a fit took."""
    from sklearn.metrics import accuracy_score, roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    from phishcli.fits.worker import fit
    from phishcli.models import registry

    (x, y), found = problem, []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, y):
        made = matrix(x, train, scale)
        model = fit(registry()["LogisticRegression"], {}, 0, made[train], y[train])
        score = model.predict_proba(made[test])[:, 1]
        found.append((accuracy_score(y[test], score >= 0.5), roc_auc_score(y[test], score), model.n_iter_[0]))
    return float(np.mean([f[0] for f in found])), float(np.mean([f[1] for f in found])), max(int(f[2]) for f in found)


def matrix(x: NDArray[np.float64], train: NDArray[np.intp], scale: NumericScale) -> NDArray[np.float32]:
    """Scale every column by what its training rows teach."""
    from phishcli.features.scaling import learn_scaling

    made = np.empty(x.shape, dtype=np.float32)
    for number, column in enumerate(x.T):
        learned = learn_scaling(column[train], scale)
        made[:, number] = (np.where(np.isnan(column), learned.impute, column) - learned.center) / learned.scale
    return made


def database(path: Path) -> Problem:
    """The numbers of the phishing database, with its indicator of missing values."""
    import pandas as pd

    with closing(sqlite3.connect(path)) as connection:
        rows = pd.read_sql("select * from phishing_data", connection).drop(columns="Unnamed: 0")
    target = (rows.pop("label") == 0).to_numpy(np.int8)
    numbers = rows.select_dtypes("number").assign(missing=rows["LineOfCode"].isna())
    return numbers.to_numpy(np.float64), target


def measured(tables: Mapping[str, Callable[[], Problem]]) -> list[Claim]:
    """On no table may the default be behind StandardScaler by more than `LOSS`, nor by `EVEN` on average."""
    behind = {}
    for name, make in tables.items():
        found = {scale: scores(make(), scale) for scale in SCALES}
        tell(f"{name:18}" + "".join(f"  {each} {a:.4f} {b:.4f} {n:4}" for each, (a, b, n) in found.items()))
        behind[name] = found["standard"][1] - found["robust"][1]
    claims = [Claim(f"{name}: ROC-AUC behind", "StandardScaler", lost, LOSS) for name, lost in behind.items()]
    return [*claims, Claim("mean ROC-AUC behind", "StandardScaler", float(np.mean(list(behind.values()))), EVEN)]


def main() -> int:
    """Measure every table; 1 when a claim is not held."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", type=Path, help="the phishing database, as a further table")
    path = parser.parse_args().database
    warnings.simplefilter("ignore")
    print()
    tables = {**TABLES, **({"phishing database": lambda: database(path)} if path else {})}
    return 0 if show_claims(measured(tables), digits=4) else 1


if __name__ == "__main__":
    sys.exit(main())
