"""The tables that the systems are compared on: the phishing database, and five that scikit-learn holds or makes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

TARGET = "label"
"""The column with the class, 0 or 1, in every table."""


def phishing(path: Path) -> pd.DataFrame:
    """The phishing database; phishing, which is 0 there, is 1 here."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        table = pd.read_sql("select * from phishing_data", connection)
    table = table.drop(columns=[name for name in table if name.startswith("Unnamed")])
    return table.assign(label=1 - table["label"])


def _cancer() -> pd.DataFrame:
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer(as_frame=True).frame
    return table.rename(columns={"target": TARGET})


def _digits() -> pd.DataFrame:
    """Whether a written digit is odd."""
    from sklearn.datasets import load_digits

    table = load_digits(as_frame=True).frame
    return table.assign(label=table["target"] % 2).drop(columns="target")


def _made(seed: int, rows: int, **options: float) -> pd.DataFrame:
    from sklearn.datasets import make_classification

    x, y = make_classification(rows, random_state=seed, **options)
    return pd.DataFrame(x, columns=[f"x{place}" for place in range(x.shape[1])]).assign(label=y)


def _clusters() -> pd.DataFrame:
    return _made(1, 4000, n_features=25, n_informative=10, n_redundant=5, n_clusters_per_class=8, flip_y=0.05)


def _rare() -> pd.DataFrame:
    return _made(2, 6000, n_features=20, n_informative=6, n_clusters_per_class=4, weights=[0.9], flip_y=0.03)


def _mixed() -> pd.DataFrame:
    """Rules on numbers and categories, values missing for a reason, heavy tails, and labels that are wrong at times."""
    random = np.random.default_rng(3)
    n = 5000
    numbers = random.lognormal(1.0, 1.5, size=(n, 6))
    kind, host = random.integers(0, 12, n), random.integers(0, 30, n)
    odds = np.log1p(numbers[:, 0]) - np.log1p(numbers[:, 1]) * (kind % 3 == 0) + random.normal(size=30)[host]
    odds = odds + 2.0 * ((numbers[:, 2] > 5) & (kind > 6)) - 1.0
    label = (odds + random.logistic(size=n) > np.median(odds)).astype(int)
    numbers[(random.random(n) < 0.15) | ((label == 1) & (random.random(n) < 0.1)), 3] = np.nan
    table = pd.DataFrame(numbers, columns=[f"count{place}" for place in range(6)])
    return table.assign(kind=[f"kind {each}" for each in kind], host=[f"host {each}" for each in host], label=label)


MADE: dict[str, Callable[[], pd.DataFrame]] = {
    "cancer": _cancer,
    "digits": _digits,
    "clusters": _clusters,
    "rare": _rare,
    "mixed": _mixed,
}


def table(name: str, database: Path | None) -> pd.DataFrame:
    """A table by its name."""
    if name == "phishing":
        assert database is not None  # noqa: S101 (it is listed with a database only)
        return phishing(database)
    return MADE[name]()


def halves(whole: pd.DataFrame, split: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four fifths to learn from, and one to judge by, stratified."""
    from sklearn.model_selection import train_test_split

    learn, judge = train_test_split(whole, test_size=0.2, stratify=whole[TARGET], random_state=split)
    return learn.reset_index(drop=True), judge.reset_index(drop=True)
