"""A small run, its documents made by the stages themselves from scripted probabilities, and the report on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import StringIO
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from phishcli.config.schema import EvaluateConfig, OperationConfig, ReportConfig
from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Finding, Findings
from phishcli.documents.gap import Estimate, Gap, ScoredSplit, SkippedSplit
from phishcli.documents.schema import Schema
from phishcli.documents.sections import SplitFacts
from phishcli.documents.selection import Selection
from phishcli.documents.summary import Provenance
from phishcli.documents.training import Training
from phishcli.evaluation.compare import Compared, compare
from phishcli.evaluation.evaluate import Evaluated, Scored, evaluate
from phishcli.evaluation.explain import partial_dependence, permutation_importance
from phishcli.render.assemble import ReportData, assemble
from phishcli.tables.memory import MemoryTable

CONFUSIONS = {  # tp, fn, fp, tn of the 200 test rows
    "LogisticRegression": (70, 20, 15, 95),
    "HistGradientBoosting": (76, 14, 18, 92),
    "XGBoost": (75, 15, 14, 96),
}
WRONG = {"LogisticRegression": (76, 68), "HistGradientBoosting": (58, 60), "XGBoost": (60, 52)}
"""Errors among the 400 training rows of either fold, of either class as many."""
POSITIVES = {"test": 90, "fold": 180}

Make = Callable[..., ReportData]


class Scripted:
    """A classifier whose features are the answers it is to give."""

    classes_ = (0, 1)

    def predict_proba(self, block: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - block[:, 0], block[:, 0]])


def labels() -> np.ndarray:
    """1 for the 90 positive test rows, which come first, and 0 for the others."""
    return np.repeat([1, 0], [POSITIVES["test"], 110]).astype(np.int8)


def like(name: str) -> str:
    """The scripted model that answers for one of another name."""
    return name if name in CONFUSIONS else list(CONFUSIONS)[sum(map(ord, name)) % len(CONFUSIONS)]


def held_out(name: str) -> pd.DataFrame:
    tp, fn, fp, tn = CONFUSIONS[like(name)]
    return pd.DataFrame({"answer": np.repeat([0.9, 0.2, 0.8, 0.1], [tp, fn, fp, tn]), "target": labels()})


def out_of_fold(name: str) -> pd.DataFrame:
    """800 training rows in two folds."""
    positives, folds = POSITIVES["fold"], []
    for number, errors in enumerate(WRONG[like(name)]):
        wrong = errors // 2
        scores = np.repeat([0.2, 0.9, 0.8, 0.1], [wrong, positives - wrong, wrong, 400 - positives - wrong])
        target = np.repeat([1, 0], [positives, 400 - positives]).astype(np.int8)
        rows = 200 + 400 * number + np.arange(400)
        folds.append(pd.DataFrame({"row": rows, "fold": np.int8(number), "target": target, "probability": scores}))
    return pd.concat(folds, ignore_index=True)


FEATURES = pd.DataFrame(
    {
        "Lines": np.where(np.arange(1000) % 4 == 0, np.nan, np.arange(1000.0)),
        "Host": pd.Categorical(np.where(np.arange(1000) % 2, "a", "b")),
    }
)
TARGET = pd.DataFrame({"target": np.concatenate([labels(), *[np.repeat([1, 0], [180, 220])] * 2]).astype(np.int8)})
TARGET["label"] = TARGET["target"]
KEYS = pd.DataFrame({"twin": np.arange(1000)})

FINDING = Finding(
    code="missing-in-one-class",
    title="A missing value gives the label away",
    severity="warning",
    column="Lines",
    detail="All 250 rows without Lines are phishing.",
    advice="Score rows with Lines by themselves.",
    numbers={"missing": 250},
)


@cache
def small_run(
    settings: EvaluateConfig, *, revealing: bool = False, models: tuple[str, ...] = tuple(CONFUSIONS)
) -> tuple[Mapping[str, Evaluated], Compared]:
    """Evaluate and compare the scripted models as the stages do."""
    evaluated = {
        name: evaluate(
            settings,
            Scripted(),  # type: ignore[arg-type]  # all that is asked of it
            name,
            MemoryTable.of_frame(held_out(name)),
            oof=out_of_fold(name),
            rows=np.arange(200),
            labels=TARGET["label"].iloc[:200],
        )
        for name in models
    }
    scored = {
        name: Scored(made.metrics, made.predictions, made.resamples, out_of_fold(name))
        for name, made in evaluated.items()
    }
    findings = Findings(findings=(FINDING,) if revealing else ())
    return evaluated, compare(
        settings,
        scored,
        features=MemoryTable.of_frame(FEATURES),
        target=TARGET,
        keys=MemoryTable.of_frame(KEYS),
        findings=findings,
    )


def explained() -> Explanations:
    """What the explain stage writes for a model that relies on the lines alone."""
    x = FEATURES[["Lines"]].fillna(0).assign(host=0).to_numpy(np.float32)[:200] / 200
    positive = labels() == 1

    def predict(matrix: np.ndarray) -> np.ndarray:
        return 1 - np.clip(matrix[:, 0], 0, 1).astype(float)

    ranked = permutation_importance(predict, x, positive, {"Lines": [0], "Host": [1]})
    moved = {name: partial_dependence(predict, x, FEATURES[name][:200], [i]) for i, name in enumerate(FEATURES)}
    return Explanations(
        rows=200,
        permutation=tuple(ranked),
        contributions=None,
        coefficients=None,
        partial_dependence={name: tuple(points) for name, points in moved.items()},
    )


SEARCH: dict[str, Any] = {
    "method": "race",
    "scoring": "accuracy",
    "n_trials": 20,
    "n_fits": 44,
    "n_complete": 3,
    "n_pruned": 17,
    "n_failed": 0,
    "n_unfinished": 0,
    "best_trial": 4,
    "best_score": 0.86,
    "n_within_error": 1,
    "params": {"max_depth": 5},
    "best_trials": [
        {"trial": 4, "score": 0.86, "behind": 0.0, "params": {"max_depth": 5, "learning_rate": 0.07483}},
        {"trial": 9, "score": 0.85, "behind": 1.26, "params": {"max_depth": 3, "learning_rate": 0.1}},
        {"trial": 2, "score": 0.84, "behind": None, "params": {"max_depth": 2, "learning_rate": 0.2}},
    ],
}


def training_document(name: str, **changes: Any) -> Training:
    plain = {
        "model": name,
        "title": {"XGBoost": "Gradient-boosted trees (XGBoost)"}.get(name, name),
        "params": {"max_depth": 5, "subsample": None, "learning_rate": 0.1},
        "seed": 42,
        "cv": {},
        "seconds": {"fit": 0.42, "cv": 125.0, "search": 0.0},
        "warnings": [],
        "n_train": 800,
        "n_features": 3,
        "libraries": {"xgboost": "3.2.0"},
        "tuned": None,
    }
    return Training.of_plain(plain | changes)


SCHEMA: dict[str, Any] = {
    "synthetic": False,
    "table": None,
    "rows": 1000,
    "target": "isPhishing",
    "positive_label": 1,
    "negative_label": 0,
    "label_counts": {"1": 450, "0": 550},
    "columns": [
        {"name": "Lines", "role": "numeric", "dtype": "float64", "missing": 7, "categories": [], "indicator_of": None},
        {
            "name": "Host",
            "role": "categorical",
            "dtype": "str",
            "missing": 0,
            "categories": ["a"],
            "indicator_of": None,
        },
    ],
    "set_aside": {"URL": "free text"},
    "clean": {"strip_categories": False},
    "cleaned": {"drop_duplicates": 4},
}


@pytest.fixture
def revealing() -> Finding:
    """Give the finding that has rows with and without a value scored separately."""
    return FINDING


@pytest.fixture
def searched() -> Callable[..., dict[str, Any]]:
    """Give a function for the training of a tuned model; its arguments replace facts of the search."""
    return lambda **changes: {"tuned": SEARCH | changes}


@pytest.fixture
def selection() -> Selection:
    """Give the selection of the small run."""
    return small_run(EvaluateConfig(n_boot=200))[1].selection


@pytest.fixture
def explanation() -> Explanations:
    """Give what is known of a model that relies on the lines alone."""
    return explained()


@pytest.fixture
def gap() -> Gap:
    """Give the optimism gap of two splits, and of one that could not be made."""

    def split(name: str, accuracy: float, lost: Estimate | None = None) -> ScoredSplit:
        scores = [Estimate(value=value, low=value - 0.01, high=value + 0.01) for value in (accuracy, 0.9)]
        return ScoredSplit(split=name, train_rows=800, test_rows=200, accuracy=scores[0], roc_auc=scores[1], lost=lost)

    lost = Estimate(value=0.1, low=0.05, high=0.15)
    skipped = SkippedSplit(split="by group", reason="There is no group.")
    splits = (split("random", 0.8), split("by time", 0.7, lost))
    return Gap(model="XGBoost", threshold=0.5, splits=splits, skipped=(skipped,))


@pytest.fixture
def make() -> Make:
    """Give a function that assembles a report; its arguments replace settings and parts of the documents."""

    def made(
        *,
        on: str = "cv",
        bounds: bool = True,
        charts: bool = True,
        title: str = "Phishing detection",
        schema: dict[str, Any] | None = None,
        training: dict[str, Any] | None = None,
        evaluation: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        operation: dict[str, Any] | None = None,
        audit: Sequence[Finding] = (),
        models: tuple[str, ...] = tuple(CONFUSIONS),
        **others: Any,
    ) -> ReportData:
        chosen = {"select_on": on, "n_boot": 200 if bounds else 0, **(settings or {})}
        evaluated, compared = small_run(
            EvaluateConfig.model_validate(chosen), revealing=FINDING in audit, models=models
        )
        given: dict[str, Any] = {
            "origin": "data/sites.csv",
            "segments": compared.segments,
            "suspects": compared.suspects,
            "split": SplitFacts(train_rows=800, test_rows=200, features=3, group=None),
            "provenance": Provenance(
                trained="2026-03-31",
                data_sha256="ab" * 32,
                config={"train": {"seed": 42, "params": {}}},
                versions={"xgboost": "3.2.0"},
                fingerprints={},
            ),
        }
        return assemble(
            ReportConfig(title=title, charts=charts),
            OperationConfig.model_validate(operation or {}),
            schema=Schema.of_plain(SCHEMA | (schema or {})),
            audit=Findings(findings=tuple(audit)),
            selection=compared.selection,
            metrics={
                name: msgspec.structs.replace(each.metrics, **(evaluation or {})) for name, each in evaluated.items()
            },
            training={name: training_document(name, **(training or {})) for name in models},
            **(given | others),
        )

    return made


@pytest.fixture
def data(make: Make) -> ReportData:
    """Give the report of the small run."""
    return make()


Draw = Callable[..., list[str]]


@pytest.fixture
def drawn() -> Draw:
    """Give a function that draws something for a terminal of some width, as lines without trailing blanks."""

    def draw(renderable: object, width: int = 120, *, color: bool = False) -> list[str]:
        stream = StringIO()
        console = Console(
            file=stream,
            width=width,
            height=50,
            force_terminal=color,
            color_system="truecolor" if color else None,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )
        console.print(renderable)
        return [line.rstrip() for line in stream.getvalue().splitlines()]

    return draw
