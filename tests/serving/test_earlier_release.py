"""Releases of earlier versions open: no ``encoder.json``, no file in the library's own format, metadata of format 1."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, RobustScaler

from phishcli import load_bundle
from phishcli.errors import PersistError
from phishcli.versions import library_versions

SCHEMA = {
    "synthetic": False,
    "table": None,
    "rows": 6,
    "target": "label",
    "positive_label": "phishing",
    "negative_label": "fine",
    "label_counts": {"fine": 3, "phishing": 3},
    "columns": [
        {"name": "Lines", "role": "numeric", "dtype": "double", "missing": 1, "categories": [], "indicator_of": None},
        {
            "name": "Industry",
            "role": "categorical",
            "dtype": "string",
            "missing": 0,
            "categories": ["bank", "shop"],
            "indicator_of": None,
        },
        {
            "name": "Lines_Missing",
            "role": "numeric",
            "dtype": "int8",
            "missing": 0,
            "categories": [],
            "indicator_of": "Lines",
        },
    ],
    "set_aside": {},
    "clean": {"strip_categories": False, "negative_counts": False, "drop_duplicates": False},
    "cleaned": {},
}
FRAME = pd.DataFrame(
    {
        "Lines": [10.0, np.nan, 30.0, 400.0, 500.0, 650.0],
        "Industry": pd.Categorical(["bank", "bank", "shop", "shop", "bank", "shop"]),
        "Lines_Missing": np.array([0, 1, 0, 0, 0, 0], dtype=np.int8),
    }
)
TARGET = np.array([1, 1, 1, 0, 0, 0])


def metadata(model: str) -> dict[str, Any]:
    score = {"value": 0.9, "low": 0.8, "high": 1.0}
    folds = {"mean": 0.9, "std": 0.1, "folds": [0.8, 1.0]}
    return {
        "model": model,
        "version": "1.0.0",
        "target": "label",
        "positive_label": "phishing",
        "negative_label": "fine",
        "threshold": 0.25,
        "threshold_rule": {"threshold": 0.25, "rule": "0.25", "why": "as given"},
        "calibration": {"kind": "sigmoid", "slope": 2.0, "intercept": 0.5},
        "hyperparameters": {"var_smoothing": 1e-9, "priors": None},
        "metrics": {"accuracy": score, "roc_auc": {**score, "delong": [0.7, 0.95]}},
        "confusion": {"tn": 3, "fp": 0, "fn": 1, "tp": 2},
        "cross_validation": {"accuracy": folds, "tpr@fpr=0.001": {"mean": None, "std": None, "folds": []}},
        "training_seconds": {"fit": 0.1, "cv": 0.2, "search": 0.0},
        "warnings": [],
        "synthetic_data": False,
        "features": ["Lines", "Lines_Missing", "Industry_shop"],
        "columns": ["Lines", "Industry"],
        "data": {"source": "sites.csv", "sha256": "0" * 64},
        "packages": library_versions(["numpy", "scikit-learn", "scipy", "lightgbm"]),
        "trained": "2026-11-01T00:00:00+00:00",
        "git_commit": None,
    }


def preprocessor() -> Pipeline:
    numeric = Pipeline(
        [("impute", SimpleImputer(strategy="median", keep_empty_features=True)), ("scale", RobustScaler())]
    )
    texts = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    columns = [("numeric", numeric, ["Lines", "Lines_Missing"]), ("categorical", texts, ["Industry"])]
    limit = FunctionTransformer(np.clip, kw_args={"a_min": -3.4e38, "a_max": 3.4e38})
    narrow = FunctionTransformer(np.asarray, kw_args={"dtype": "float32"})
    steps = [("columns", ColumnTransformer(columns)), ("limit", limit), ("float32", narrow)]
    return Pipeline(steps).fit(FRAME)


def sealed(folder: Path, models: list[str]) -> Path:
    """Write the manifest as it was written then."""
    files = {
        path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "size": path.stat().st_size}
        for path in sorted(folder.iterdir())
    }
    manifest = {
        "step": "persist",
        "fingerprint": "0" * 20,
        "parts": {},
        "files": files,
        "summary": "v1.0.0",
        "seconds": 0.1,
        "peak_mb": 100.0,
        "created": "2026-11-01T00:00:00+00:00",
        "packages": {"phishcli": "0.1.0"},
        "extra": {"version": "1.0.0", "selected": models[0], "models": models, "differs": []},
        "format": 1,
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({**manifest, "sha256": digest}))
    return folder


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "v1.0.0"
    folder.mkdir()
    made = preprocessor()
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    joblib.dump(made, folder / "preprocessor.joblib")
    models = {"NaiveBayes": GaussianNB(), "LightGBM": LGBMClassifier(min_child_samples=1, verbosity=-1)}
    for name, model in models.items():
        joblib.dump(model.fit(made.transform(FRAME), TARGET), folder / f"{name}_model.joblib")
        (folder / f"{name}_metadata.json").write_text(json.dumps(metadata(name)))
    return sealed(folder, list(models))


@pytest.mark.parametrize("name", ["NaiveBayes", "LightGBM"])
def test_a_release_of_an_earlier_version_judges_as_its_own_files_do(release: Path, name: str) -> None:
    model = joblib.load(release / f"{name}_model.joblib")
    matrix = joblib.load(release / "preprocessor.joblib").transform(FRAME)
    scores = model.predict_proba(matrix)[:, 1].astype(np.float64)
    clipped = np.clip(scores, 1e-6, 1 - 1e-6)
    expected = 1 / (1 + np.exp(-(2 * np.log(clipped / (1 - clipped)) + 0.5)))
    bundle = load_bundle(release, name)
    assert bundle.predict_proba(FRAME[["Industry", "Lines"]]) == pytest.approx(expected, rel=1e-12)
    assert bundle.predict(FRAME) == ["phishing" if p >= 0.25 else "fine" for p in expected]


def test_its_metadata_are_read_as_those_of_today(release: Path) -> None:
    found = load_bundle(release).metadata
    assert found.delong == (0.7, 0.95)
    assert found.metrics["roc_auc"].high == 1.0
    assert found.cross_validation["accuracy"].n_folds == 2
    assert found.cross_validation["tpr@fpr=0.001"].mean is None
    assert found.FORMAT == 3


@pytest.mark.parametrize("written", [4, "x", None])
def test_a_release_of_a_later_version_is_refused_with_what_to_do(release: Path, written: Any) -> None:
    path = release / "NaiveBayes_metadata.json"
    path.write_text(json.dumps({**metadata("NaiveBayes"), "format": written}))
    (release / "manifest.json").unlink()
    sealed(release, ["NaiveBayes"])
    with pytest.raises(PersistError, match=rf"ModelMetadata has format {written}; .*reads 3\n.*\n.*`phish persist`"):
        load_bundle(release)
