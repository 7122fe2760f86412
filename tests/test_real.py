"""The published figures come out of the real database; skipped where it does not lie beside the checkout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

CONFIGS = Path(__file__).parents[1] / "configs"
UNTUNED = {"LogisticRegression": 0.8300, "RandomForest": 0.8386, "GradientBoosting": 0.8386, "XGBoost": 0.8376}
"""Published test accuracies of the untuned models."""


def test_the_real_database_has_the_published_shape_and_every_model_its_seventeen_metrics(
    phish: Callable, real: Path, tmp_path: Path
) -> None:
    quick = ("--set=train.models=[LogisticRegression,NaiveBayes]", "--set=report.charts=false")
    said = phish("run-all", "-c", CONFIGS / "phishing-db.yaml", "--source", real, "--json", *quick)
    assert said.code == 0
    schema = json.loads((tmp_path / ".cache/load/latest/schema.json").read_text())
    assert schema["rows"] == 10_500
    assert len(schema["columns"]) == 15
    assert schema["label_counts"] == {"0": 4_721, "1": 5_779}
    assert {c["name"]: c["missing"] for c in schema["columns"] if c["missing"]} == {"LineOfCode": 2_355}
    assert len(json.loads((tmp_path / ".cache/preprocess/latest/features.json").read_text())["features"]) == 35
    for part, rows in (("train", 8_400), ("test", 2_100)):
        assert len(pd.read_parquet(tmp_path / f".cache/preprocess/latest/{part}.parquet")) == rows
    for scores in said.document["selection"]["table"].values():
        assert len(scores) == 17
    predictions = pd.read_parquet(tmp_path / ".cache/evaluate/NaiveBayes/latest/predictions.parquet")
    assert ((predictions["label"] == 0) == (predictions["target"] == 1)).all()  # phishing, label 0, is positive


def test_the_published_procedure_gives_the_published_accuracies(phish: Callable, real: Path) -> None:
    arguments = ("--set=evaluate.n_boot=0", "--set=report.charts=false", "--json")
    said = phish("run-all", "-c", CONFIGS / "reference.yaml", "--source", real, *arguments)
    assert said.code == 0
    found = {model: scores["accuracy"] for model, scores in said.document["selection"]["table"].items()}
    assert found == pytest.approx(UNTUNED, abs=0.004)
    assert said.document["selection"]["on"] == "test"
