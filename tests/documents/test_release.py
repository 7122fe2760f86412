"""What a release says of a model, in this format and in the first one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phishcli.documents.calibration import SigmoidMap
from phishcli.documents.encoder import Encoder, OneHot, Scaling
from phishcli.documents.metrics import FoldScores, Score
from phishcli.documents.release import ModelMetadata


def first_format() -> dict[str, Any]:
    score = {"value": 0.9, "low": None, "high": None}
    return {
        "model": "NaiveBayes",
        "version": "1.0.0",
        "target": "label",
        "positive_label": "phishing",
        "negative_label": 0,
        "threshold": 0.5,
        "threshold_rule": {"threshold": 0.5, "rule": "0.5", "why": "as given"},
        "calibration": {"kind": "sigmoid", "slope": 1.5, "intercept": -0.5},
        "hyperparameters": {"priors": None, "var_smoothing": 1e-9},
        "metrics": {"accuracy": score, "roc_auc": {**score, "delong": [0.8, 0.95]}},
        "confusion": {"tn": 1, "fp": 2, "fn": 3, "tp": 4},
        "cross_validation": {"accuracy": {"mean": 0.75, "std": 0.25, "folds": [0.5, 1.0]}},
        "training_seconds": {"fit": 1.0, "cv": 2.0, "search": 0.0},
        "warnings": ["slow"],
        "synthetic_data": True,
        "features": ["a", "b_x"],
        "columns": ["a", "b"],
        "data": {"source": "sample", "sha256": "0" * 64},
        "packages": {"numpy": "2.0.0", "joblib": None},
        "trained": "2026-11-01T00:00:00+00:00",
        "git_commit": None,
    }


def test_the_first_format_is_read_as_that_of_today() -> None:
    found = ModelMetadata.of_plain(first_format())
    assert found.delong == (0.8, 0.95)
    assert found.metrics["roc_auc"] == Score(value=0.9)
    assert found.cross_validation["accuracy"] == FoldScores(mean=0.75, std=0.25, n_folds=2, folds=(0.5, 1.0))
    assert found.calibration == SigmoidMap(slope=1.5, intercept=-0.5)


def test_what_was_read_is_written_in_the_format_of_today_and_read_again() -> None:
    found = ModelMetadata.of_plain(first_format())
    plain = found.to_plain()
    assert next(iter(plain)) == "format"
    assert plain["format"] == 3
    assert ModelMetadata.of_plain(json.loads(json.dumps(plain, allow_nan=False))) == found


@pytest.mark.parametrize("change", [{"more": 1}, {"threshold": "high"}, {"confusion": None}])
def test_what_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        ModelMetadata.of_plain({**first_format(), **change})


def test_an_encoder_may_hold_numbers_that_json_cannot_write() -> None:
    encoder = Encoder(
        numeric=(Scaling(column="a", impute=0.1, center="-inf", scale="inf"),),
        categorical=(OneHot(column="b", categories=("x", None)),),
        outputs=("a", "b_nan"),
        limit=3.4e38,
    )
    assert Encoder.of_plain(json.loads(json.dumps(encoder.to_plain(), allow_nan=False))) == encoder
    with pytest.raises(ValueError, match="scale"):
        Encoder.of_plain(
            {**encoder.to_plain(), "numeric": [{"column": "a", "impute": 0, "center": 0, "scale": "large"}]}
        )
