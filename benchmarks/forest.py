"""Which limits of its trees serve a random forest best by default, over tables of many kinds.

Every candidate is cross-validated on the same folds (five, stratified) with 100 trees: accuracy, ROC-AUC, log loss, the
bytes of a forest fitted on all rows, and the processor time of all fits. The tables are those that come with
scikit-learn, made binary, synthetic ones with noise, a rare class, patterns and rules, the built-in sample, and the
phishing database where it is given.

    python -m benchmarks.forest [DATABASE]
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from benchmarks.measure import Claim, show_claims, tell
from phishcli import Project
from phishcli.models import get

Matrix = tuple[Any, Any]
CANDIDATES: dict[str, dict[str, Any]] = {
    "max_depth 10 (published)": {"max_depth": 10},
    "max_depth 20": {"max_depth": 20},
    "no limit (scikit-learn)": {},
    "min_samples_leaf 2": {"min_samples_leaf": 2},
    "min_samples_leaf 5": {"min_samples_leaf": 5},
    "max_leaf_nodes 500": {"max_leaf_nodes": 500},
    "max_leaf_nodes 500, min_samples_leaf 2": {"max_leaf_nodes": 500, "min_samples_leaf": 2},
    "max_leaf_nodes 1000": {"max_leaf_nodes": 1000},
    "max_leaf_nodes 1000, min_samples_leaf 2": {"max_leaf_nodes": 1000, "min_samples_leaf": 2},
}
PUBLISHED = "max_depth 10 (published)"
SEED = 42


def made(rows: int = 2_000, **given: Any) -> Callable[[], Matrix]:
    """A table by ``make_classification``."""
    return lambda: datasets.make_classification(rows, random_state=SEED, **given)


def split_at(load: Callable[..., Matrix], positive: Callable[[Any], Any]) -> Callable[[], Matrix]:
    """A table that comes with scikit-learn, with a label of two classes."""

    def table() -> Matrix:
        x, y = load(return_X_y=True)
        return x, positive(y).astype(int)

    return table


def rules(rows: int, *, noise: float) -> Callable[[], Matrix]:
    """Eight columns of twenty values; the label follows a tree with 60 leaves, but for a share of noise."""

    def table() -> Matrix:
        rng = np.random.default_rng(SEED)
        x = rng.integers(20, size=(rows, 8)).astype(float)
        tree = DecisionTreeClassifier(max_leaf_nodes=60, random_state=SEED)
        y = tree.fit(x[:, :4], rng.integers(2, size=rows)).predict(x[:, :4])
        return x, np.where(rng.random(rows) < noise, 1 - y, y)

    return table


def kits() -> Matrix:
    """Thirty columns of three values, rows made from 800 patterns with few changes, as sites are made from kits."""
    rng = np.random.default_rng(SEED)
    patterns = rng.integers(3, size=(800, 30))
    odds = (patterns - 1) @ (rng.normal(size=30) * (rng.random(30) < 0.4)) + rng.normal(size=800)
    chosen = rng.integers(800, size=5_000)
    changed = rng.random((5_000, 30)) < 0.02
    x = np.where(changed, rng.integers(3, size=(5_000, 30)), patterns[chosen])
    y = odds[chosen] > 0
    return x.astype(float), np.where(rng.random(5_000) < 0.02, ~y, y).astype(int)


def by_program(source: str | Path, **settings: Any) -> Callable[[], Matrix]:
    """The training part of a table as the program prepares it."""

    def table() -> Matrix:
        with tempfile.TemporaryDirectory() as folder:
            where = {"load.source": str(source), "run.cache_dir": folder, "run.results_dir": folder}
            frame = Project.of({**where, **settings}).run("preprocess").read("preprocess", "train.parquet")
        return frame.drop(columns="target").to_numpy(), frame["target"].to_numpy()

    return table


def tables(database: Path | None) -> dict[str, Callable[[], Matrix]]:
    """All tables by name."""
    settings = {"load.target": "label", "load.positive_label": 0}
    found = {"the phishing database": by_program(database, **settings)} if database else {}
    return found | {
        "the built-in sample": by_program("sample"),
        "rows from 800 patterns": kits,
        "60 rules, 3% of labels noise": rules(5_000, noise=0.03),
        "3% positive": made(4_000, n_informative=6, weights=[0.97], flip_y=0.01),
        "breast cancer": split_at(datasets.load_breast_cancer, lambda y: y == 0),
        "wine, second of three": split_at(datasets.load_wine, lambda y: y == 1),
        "iris, second of three": split_at(datasets.load_iris, lambda y: y == 1),
        "digits, odd": split_at(datasets.load_digits, lambda y: y % 2 == 1),
        "diabetes, above the median": split_at(datasets.load_diabetes, lambda y: y > np.median(y)),
        "20 columns, clean": made(n_informative=10, flip_y=0),
        "20 columns, 20% of labels noise": made(n_informative=10, flip_y=0.4),
    }


def measured(x: Any, y: Any, params: dict[str, Any]) -> tuple[float, float, float, float, float]:
    """Accuracy, ROC-AUC and log loss over the folds, bytes of the forest of all rows, processor seconds."""
    forest = RandomForestClassifier(n_estimators=100, random_state=SEED, n_jobs=1, **params)
    begin = time.process_time()
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    scores = cross_val_predict(forest, x, y, cv=folds, method="predict_proba")[:, 1]
    spent = time.process_time() - begin
    written = io.BytesIO()
    joblib.dump(forest.fit(x, y), written)
    return accuracy_score(y, scores >= 0.5), roc_auc_score(y, scores), log_loss(y, scores), written.tell() / 1e6, spent


def rows(database: Path | None) -> Iterator[tuple[str, Any]]:
    """Each table with what was measured: candidates x figures."""
    for name, table in tables(database).items():
        x, y = table()
        x = np.asarray(x, dtype=np.float32)
        found = np.array([measured(x, y, params) for params in CANDIDATES.values()])
        tell(json.dumps({"table": name, "shape": x.shape, "found": found.round(5).tolist()}))
        yield name, found


def show(names: list[str], found: Any) -> None:
    """Print each candidate's means over the tables, and each table's accuracies and ROC-AUCs."""
    base = found[:, list(CANDIDATES).index(PUBLISHED)]
    print("| limits | accuracy | ROC-AUC | log loss | wins in accuracy | size | processor time |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for number, name in enumerate(CANDIDATES):
        own = found[:, number]
        mean, wins = own[:, :3].mean(axis=0), int((own[:, 0] > base[:, 0]).sum())
        size, spent = own[:, 3].sum() / base[:, 3].sum(), own[:, 4].sum() / base[:, 4].sum()
        print(
            f"| {name} | {mean[0]:.4f} | {mean[1]:.4f} | {mean[2]:.4f} | {wins} of {len(names)} | "
            f"{size:.2f} | {spent:.2f} |"
        )
    for table, line in zip(names, found, strict=True):
        print(f"| {table} | " + " | ".join(f"{each[0]:.4f}, {each[1]:.4f}" for each in line) + " |")


def default() -> str:
    """The name of the candidate that is the program's default."""
    params = {name: value for name, value in get("RandomForest").defaults.items() if name != "n_estimators"}
    return next(name for name, candidate in CANDIDATES.items() if candidate == params)


def main() -> int:
    """Measure all and print the tables; 1 when the default does not beat the published limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("database", type=Path, nargs="?")
    given = parser.parse_args().database
    names, lines = zip(*rows(given.resolve() if given else None), strict=True)
    found = np.array(lines)
    show(list(names), found)
    ours, theirs = (found[:, list(CANDIDATES).index(name)] for name in (default(), PUBLISHED))
    claims = [
        Claim("errors, mean over the tables", PUBLISHED, (1 - ours[:, 0]).mean() / (1 - theirs[:, 0]).mean(), 1.0),
        Claim("1 - ROC-AUC, mean over the tables", PUBLISHED, (1 - ours[:, 1]).mean() / (1 - theirs[:, 1]).mean(), 1.0),
    ]
    print()
    return 0 if show_claims(claims) else 1


if __name__ == "__main__":
    sys.exit(main())
