"""Several final fits with seeds of their own, whose mean is the model: from training to the release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from phishcli import Project, load_bundle
from phishcli.errors import ConfigError
from phishcli.fits.worker import resampled_rows
from phishcli.models.mean import MeanScore
from phishcli.serving.fast import compile_row
from tests.made import project_on_numbers

PARAMS = {"n_estimators": 5, "max_leaf_nodes": 8}


def project(folder: Path, **more: Any) -> Project:
    settings = {
        "train.models": ["ExtraTrees", "LightGBM", "Ensemble"],
        "train.params": {"ExtraTrees": PARAMS, "LightGBM": {"n_estimators": 5}},
        "train.refits": 3,
        "preprocess.folds": 3,
        "evaluate.n_boot": 50,
        "report.charts": False,
    }
    return project_on_numbers(folder, rows=400, slope=0.5, **{**settings, **more})


@pytest.fixture(scope="module", params=[False, True])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return project(tmp_path_factory.mktemp("refits"), **{"train.bagging": request.param}).run("persist"), request.param


def test_the_model_is_the_mean_of_fits_with_other_seeds(run: Any) -> None:
    made, bagging = run
    train, test = made.read("preprocess", "train.parquet"), made.read("preprocess", "test.parquet")
    x, y = train.drop(columns="target").to_numpy(np.float32), train["target"].to_numpy()
    held_out, each = test.drop(columns="target").to_numpy(np.float32), []
    for seed in (42, 43, 44):
        rows = resampled_rows(y, seed) if bagging else np.arange(len(y))
        forest = ExtraTreesClassifier(random_state=seed, min_samples_leaf=2, **PARAMS).fit(x[rows], y[rows])
        each.append(forest.predict_proba(held_out)[:, 1])
    found = made.read("evaluate/ExtraTrees", "predictions.parquet")["probability"]
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-9)
    assert made.read("train/ExtraTrees", "training.json")["params"]["max_leaf_nodes"] == 8


@pytest.mark.parametrize("model", ["ExtraTrees", "LightGBM", "Ensemble"])
def test_a_release_holds_the_mean_as_data_and_single_rows_are_fast(
    model: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = run
    monkeypatch.setattr("phishcli.serving.opening._unpickled", None)
    bundle = load_bundle(made.outcome.entries["persist"].folder, model)
    assert isinstance(bundle.score, MeanScore)
    source = pd.read_csv(Path(made.outcome.source.origin)).drop(columns="label")
    predictions = made.read(f"evaluate/{model}", "predictions.parquet")
    np.testing.assert_array_equal(bundle.predict_proba(source.iloc[predictions["row"]]), predictions["probability"])
    row = source.iloc[0].to_dict()
    fast = compile_row(bundle)
    assert fast.exact
    assert fast(row) == pytest.approx(bundle.predict_proba(row)[0], abs=1e-6)
    assert bundle.explain(row)[0]


def test_rows_are_drawn_class_by_class() -> None:
    y = np.array([0] * 30 + [1] * 3, dtype=np.int8)
    rows = resampled_rows(y, 1)
    assert y[rows].sum() == 3
    assert len(set(rows.tolist())) < len(rows) == len(y)
    np.testing.assert_array_equal(rows, resampled_rows(y, 1))


def test_bagging_of_one_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs several fits"):
        Project.of({"train.bagging": True})
