"""A single booster that imitates an ensemble, and means of refits: what they lose or gain beside the same on labels.

python -m benchmarks.distill [--database phishing.db] [--splits 3]
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.automl.tables import MADE, TARGET, halves, table

NAMES = ("phishing", "clusters", "rare", "mixed")
STUDENT = {"n_estimators": 200, "learning_rate": 0.05, "num_leaves": 16, "colsample_bytree": 0.7, "subsample_freq": 1}
COPIES = 4
"""Rows that are made for the student, for each row of the table."""
MIXED = 0.3
"""Share of the values of a made row that come from another row."""


def main() -> int:
    """Print log loss, ROC-AUC and accuracy of each way, averaged over splits."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.distill", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--database", type=Path)
    parser.add_argument("--splits", type=int, default=3)
    options = parser.parse_args()
    for name in NAMES if options.database else tuple(MADE)[2:]:
        found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for split in range(options.splits):
            for way, score in _ways(*halves(table(name, options.database), split)).items():
                found[way].append(score)
        for way, scores in found.items():
            print(name, f"{way:32}", " ".join(f"{each:.4f}" for each in np.mean(scores, axis=0)), flush=True)
    return 0


def _ways(learn: pd.DataFrame, judge: pd.DataFrame) -> dict[str, tuple[float, ...]]:
    y, truth = learn[TARGET].to_numpy(), judge[TARGET].to_numpy()
    x, held_out = encoded(learn, judge)
    oof, ensemble = _out_of_fold(x, y), _members(x, y)
    made = _made_rows(x)
    soft = _predicted(ensemble, made)
    student, hard = [_student(x, y, seed) for seed in range(5)], np.r_[(oof + y) / 2, soft]
    ways = {
        "ensemble of three": _predicted(ensemble, held_out),
        "booster on labels": student[0].predict(held_out),
        "booster on out-of-fold": _student(x, (oof + y) / 2, 0).predict(held_out),
        "booster on made rows as well": _student(np.r_[x, made], hard, 0, rounds=600).predict(held_out),
        "five seeds": np.mean([each.predict(held_out) for each in student], axis=0),
        "five bags": np.mean([_bag(x, y, seed).predict(held_out) for seed in range(5)], axis=0),
    }
    return {way: _scores(truth, score) for way, score in ways.items()}


def encoded(learn: pd.DataFrame, judge: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any]]:
    """Numbers, medians in place of missing ones, and a column for each category."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    texts = make_column_selector(dtype_exclude=np.number)
    encode = make_column_transformer(
        (SimpleImputer(strategy="median", add_indicator=True), make_column_selector(dtype_include=np.number)),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts),
    )
    x = encode.fit_transform(learn.drop(columns=TARGET))
    return x.astype(np.float32), encode.transform(judge.drop(columns=TARGET)).astype(np.float32)


def _members(x: NDArray[Any], y: NDArray[Any]) -> list[Any]:
    from phishcli.fits.worker import fit
    from phishcli.models import get

    sets = (("LightGBM", STUDENT), ("XGBoost", {"max_depth": 4, "learning_rate": 0.05, "n_estimators": 200}))
    return [fit(get(name), params, 0, x, y) for name, params in (*sets, ("ExtraTrees", {}))]


def _predicted(members: list[Any], x: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(np.mean([each.predict_proba(x)[:, 1] for each in members], axis=0), dtype=np.float64)


def _out_of_fold(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    from sklearn.model_selection import StratifiedKFold

    found = np.empty(len(y))
    for train, held_out in StratifiedKFold(3, shuffle=True, random_state=0).split(x, y):
        found[held_out] = _predicted(_members(x[train], y[train]), x[held_out])
    return found


def _made_rows(x: NDArray[Any]) -> NDArray[Any]:
    """Rows between rows: each takes a share of its values from a row that was drawn (after Bucila et al. 2006, KDD)."""
    random = np.random.default_rng(0)
    rows = np.tile(x, (COPIES, 1))
    others = x[random.integers(0, len(x), len(rows))]
    return np.where(random.random(rows.shape) < MIXED, others, rows)


def _student(x: NDArray[Any], target: NDArray[Any], seed: int, rounds: int = 200) -> Any:
    """A booster on probabilities or labels, by their cross-entropy."""
    import lightgbm

    params = {**STUDENT, "n_estimators": rounds, "objective": "cross_entropy", "subsample": 0.8}
    return lightgbm.LGBMRegressor(**params, random_state=seed, n_jobs=1, verbosity=-1).fit(x, target)


def _bag(x: NDArray[Any], y: NDArray[Any], seed: int) -> Any:
    from phishcli.fits.worker import resampled_rows

    rows = resampled_rows(y, seed)
    return _student(x[rows], y[rows], seed)


def _scores(truth: NDArray[Any], score: NDArray[Any]) -> tuple[float, ...]:
    from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

    return log_loss(truth, score), roc_auc_score(truth, score), accuracy_score(truth, score >= 0.5)


if __name__ == "__main__":
    sys.exit(main())
