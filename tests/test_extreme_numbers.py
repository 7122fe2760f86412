"""Whole runs on numbers at the ends of what floats hold: nothing crashes, nothing warns, nothing collapses."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from phishcli import Project

FAST = {
    "train": {"models": ["LogisticRegression", "HistGradientBoosting"]},
    "evaluate": {"n_boot": 20, "by": ["near the end", "denormal"]},
    "report": {"charts": False},
    "run": {"jobs": 1},
}


def project(folder: Path, table: pd.DataFrame, **settings: Any) -> Project:
    table.to_csv(folder / "table.csv", index=False)
    load = {"source": str(folder / "table.csv"), "target": "isPhishing", "positive_label": 1}
    folders = {"cache_dir": str(folder / "cache"), "results_dir": str(folder / "results")}
    return Project.of({**FAST, "load": load, **settings, "run": {**FAST["run"], **folders}})


def test_huge_and_denormal_numbers_go_through_and_are_predicted_as_in_the_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 200)
    table = pd.DataFrame(
        {
            "the ends": np.resize([1.7e308, -1.7e308], 200),
            "near the end": 1e308 * random.uniform(-1.7, 1.7, 200),
            "denormal": 1e-310 * random.normal(size=200),
            "mostly zero": np.where(random.random(200) < 0.1, 1e308 * random.random(200), 0),
            "with gaps": np.where(random.random(200) < 0.2, np.nan, 1.7e308 * random.random(200)),
            "usual": y + random.normal(size=200),
            "isPhishing": y,
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        bundle = project(tmp_path, table).run("report", "persist").bundle("LogisticRegression")
        found = bundle.predict_proba(table)
    features = pd.read_parquet(tmp_path / "cache/preprocess/latest/train.parquet")
    assert np.isfinite(features.to_numpy()).all()
    split = pd.read_parquet(tmp_path / "cache/preprocess/latest/split.parquet")
    train = table.iloc[split.loc[split["part"] == "train", "row"]]
    for name in ("the ends", "near the end", "denormal", "mostly zero"):
        assert features[name].nunique() == train[name].nunique()
    stored = pd.read_parquet(tmp_path / "cache/evaluate/LogisticRegression/latest/predictions.parquet")
    assert np.array_equal(np.asarray(found)[stored["row"]], stored["probability"])


def test_times_behind_a_quartile_distance_of_zero_still_tell_the_classes_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    known = np.arange(800) % 5 == 0
    minute = np.arange(800) // 5
    y = np.where(known, minute >= 80, random.integers(0, 2, 800)).astype(int)
    seen = np.where(known, 1_700_000_000_000 + 60_000 * minute, 0)
    table = pd.DataFrame({"other": random.normal(size=800), "seen_ms": seen, "isPhishing": y})
    train = {"models": ["HistGradientBoosting"]}
    project(tmp_path, table, train=train, evaluate={"n_boot": 0}).run()
    stored = pd.read_parquet(tmp_path / "cache/evaluate/HistGradientBoosting/latest/predictions.parquet")
    timed = stored[known[stored["row"]]]
    learned = table.drop(index=stored["row"])
    exact = HistGradientBoostingClassifier(random_state=42).fit(learned[["other", "seen_ms"]], learned["isPhishing"])
    expected = exact.predict_proba(table.loc[timed["row"], ["other", "seen_ms"]])[:, 1]
    assert roc_auc_score(timed["target"], expected) == 1
    assert roc_auc_score(timed["target"], timed["probability"]) == 1
