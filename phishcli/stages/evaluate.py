"""``evaluate`` for one model: score it on the held-out test part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from phishcli.documents.metrics import Metrics
from phishcli.documents.timing import Timing
from phishcli.flow.nodes import document, frame
from phishcli.flow.stage import Result, Stage
from phishcli.stages import load, preprocess, train

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import EvaluateConfig
    from phishcli.flow.job import Job

METRICS = document("evaluate", "metrics.json", Metrics, per_model=True)
"""Scores with intervals, operating points, calibration, curves."""
PREDICTIONS = frame("evaluate", "predictions.parquet", per_model=True)
"""``row``, ``label``, ``target``, ``probability``, ``prediction`` of every test row."""
RESAMPLES = frame("evaluate", "resamples.parquet", per_model=True)
"""One line per resample of the bootstrap, one column per metric."""
TIMING = document("evaluate", "timing.json", Timing, per_model=True)
"""Prediction time; in a separate file because it varies from run to run."""

COMPARING = ("select_on", "select_by", "prefer", "by")
"""Settings of ``evaluate`` that concern all models together."""
BESIDE = ("explain", "tiers", "campaigns")
"""Settings of ``evaluate`` that ask for further stages."""


@dataclass(frozen=True)
class Settings:
    """Threshold, calibration and bootstrap, and the names of the metrics: a new metric makes the scores stale.

    ``in_blocks`` is the size of the blocks in which the model predicts.
    """

    evaluate: EvaluateConfig
    metrics: tuple[str, ...]
    in_blocks: int


def settings(config: Config, model: str) -> Settings:
    """The settings of ``evaluate``, except those for comparing and explaining models."""
    from phishcli.config.schema import MetricName

    return Settings(config.evaluate.without(*COMPARING, *BESIDE), get_args(MetricName), train.in_blocks(model))


def run(job: Job[Settings]) -> Result:
    """Score one model."""
    from phishcli.evaluation.evaluate import evaluate

    split = job.read(preprocess.SPLIT)
    rows = split.loc[split["part"] == "test", "row"].to_numpy()
    target = job.read(load.TARGET).iloc[rows]
    evaluated = evaluate(
        job.settings.evaluate,
        job.read(train.MODEL),
        job.model,
        job.read(preprocess.TEST),
        oof=job.read(train.OOF),
        rows=rows,
        labels=target["label"],
        groups=target.get("group"),
        in_blocks=job.settings.in_blocks,
        on_event=job.on_event,
    )
    scores = evaluated.metrics.metrics
    return Result(
        {
            PREDICTIONS: evaluated.predictions,
            METRICS: evaluated.metrics,
            RESAMPLES: evaluated.resamples,
            TIMING: evaluated.timing,
        },
        f"accuracy {scores['accuracy'].value:.4f}, ROC-AUC {scores['roc_auc'].value:.4f}",
    )


STAGE = Stage(
    name="evaluate",
    title="Score and compare the models; select one.",
    version=7,
    settings=settings,
    reads=(load.TARGET, preprocess.TEST, preprocess.SPLIT, train.MODEL, train.OOF),
    writes=(METRICS, PREDICTIONS, RESAMPLES, TIMING),
    libraries=train.libraries,
    per_model=True,
    run=run,
)
