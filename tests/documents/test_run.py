"""The record of a run reads back as what was written; records of the first format are read as well."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phishcli.documents.metrics import FoldSummary, Score
from phishcli.documents.run import Resampling, Run, RunFinding
from phishcli.documents.sections import SplitFacts
from tests.recorded import RUN


def first_format() -> dict[str, Any]:
    """A record as it was written before records had a format number."""
    return {
        "id": "3841e30533",
        "created": "2026-11-27T06:14:46.856+00:00",
        "origin": "sites.db",
        "sha256": "aa",
        "rows": 10_500,
        "positives": 4_721,
        "split": {"train_rows": 8_400, "test_rows": 2_100, "features": 35},
        "columns": ["Lines", "Host"],
        "findings": [{"code": "few-rows", "severity": "note", "column": None}],
        "selected": "SVM",
        "config": {
            "preprocess": {"split": {"test_size": 0.2, "group": "Host", "time": None}, "folds": 5},
            "evaluate": {"n_boot": 1_000, "confidence": 0.9, "seed": 7, "by": []},
        },
        "versions": {"numpy": "2.4.6"},
        "fingerprints": {"load": "12459cf238"},
        "models": {
            "SVM": {
                "threshold": 0.5,
                "metrics": {
                    "roc_auc": {"value": 0.89, "low": 0.87, "high": 0.9, "delong": [0.86, 0.91]},
                    "tpr@fpr=0.001": {"value": None, "low": None, "high": None},
                },
                "cv": {"roc_auc": {"mean": 0.9, "std": 0.01}, "tpr@fpr=0.001": {"mean": None, "std": None}},
                "params": {"C": 1.0, "kernel": None},
            }
        },
    }


def test_a_record_reads_back_as_what_was_written() -> None:
    plain = json.loads(json.dumps(RUN.to_plain()))
    assert plain["format"] == 2
    assert Run.of_plain(plain) == RUN


def test_a_record_of_the_first_format_is_read_with_the_facts_that_its_settings_hold() -> None:
    run = Run.of_plain(first_format())
    assert run.split == SplitFacts(train_rows=8_400, test_rows=2_100, features=35, group="Host")
    assert run.resampling == Resampling(n_boot=1_000, confidence=0.9, seed=7)
    assert run.findings == (RunFinding(code="few-rows", severity="note", column=None),)
    model = run.models["SVM"]
    assert model.metrics["roc_auc"] == Score(value=0.89, low=0.87, high=0.9)
    assert model.cv["roc_auc"] == FoldSummary(mean=0.9, std=0.01, n_folds=5)
    assert model.cv["tpr@fpr=0.001"] == FoldSummary(mean=None, std=None, n_folds=0)
    assert model.params == {"C": 1.0, "kernel": None}
    assert Run.of_plain(json.loads(json.dumps(run.to_plain()))) == run


@pytest.mark.parametrize("missing", ["config", "models", "split", "positives", "findings"])
def test_a_record_that_lacks_something_is_refused(missing: str) -> None:
    plain = first_format()
    del plain[missing]
    with pytest.raises(ValueError, match=missing):
        Run.of_plain(plain)


def test_a_record_of_a_later_format_is_refused() -> None:
    with pytest.raises(ValueError, match="Run has format 3; this version reads 2"):
        Run.of_plain({**RUN.to_plain(), "format": 3})


def test_a_finding_is_named_with_its_column() -> None:
    assert [finding.name for finding in RUN.findings] == ["few-rows", "missing-values:Lines"]
