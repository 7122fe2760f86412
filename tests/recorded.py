"""The record of a small run, for tests of the history."""

from __future__ import annotations

from phishcli.documents.metrics import FoldSummary, Score
from phishcli.documents.run import Resampling, Run, RunFinding, RunModel
from phishcli.documents.sections import SplitFacts

MODEL = RunModel(
    threshold=0.5,
    metrics={"accuracy": Score(value=0.8, low=0.7, high=0.9)},
    cv={"accuracy": FoldSummary(mean=0.8, std=0.1, n_folds=2)},
    params={"C": 1},
)
RUN = Run(
    id="aaaa000000",
    created="2025-03-01T10:20:30+00:00",
    origin="sites.csv",
    sha256="aa",
    rows=100,
    positives=40,
    split=SplitFacts(train_rows=80, test_rows=20, features=3, group=None),
    resampling=Resampling(n_boot=200, confidence=0.95, seed=42),
    columns=("Lines", "Host"),
    findings=(
        RunFinding(code="few-rows", severity="warning", column=None),
        RunFinding(code="missing-values", severity="note", column="Lines"),
    ),
    selected="SVM",
    config={"train": {"seed": 42, "params": {}}, "load": {"source": "sites.csv"}},
    versions={"numpy": "2.0"},
    fingerprints={"load": "l1", "preprocess": "p1", "train/SVM": "t1"},
    models={"SVM": MODEL},
)
