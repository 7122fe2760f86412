"""``evaluate`` for all models: compare them, test whether the best one is significantly better, select one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.selection import Selection
from phishcli.flow.nodes import document, frame
from phishcli.flow.stage import TABLES, EarlyCheck, Result, Stage
from phishcli.models import get
from phishcli.stages import audit, evaluate, load, preprocess, train
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import EvaluateConfig
    from phishcli.evaluation.evaluate import Scored
    from phishcli.flow.job import Job

RESULTS = frame("evaluate", "results.parquet")
"""One line per model and metric, with intervals."""
SELECTION = document("evaluate", "selection.json", Selection)
"""The selected model, the reason, and how the others compare."""
SEGMENTS = frame("evaluate", "segments.parquet")
"""Scores on segments of the rows."""
SUSPECTS = frame("evaluate", "suspects.csv")
"""Rows with a suspect label."""


@dataclass(frozen=True)
class Settings:
    """How models are compared.

    ``models`` are in the order that breaks ties; ``complexity`` is given if simple models are preferred.
    """

    evaluate: EvaluateConfig
    models: tuple[str, ...]
    complexity: Mapping[str, float] | None


def settings(config: Config, _: str) -> Settings:
    """The models, and the settings of ``evaluate`` that concern all of them."""
    models = config.train.models
    simple = config.evaluate.prefer == "simple"
    return Settings(
        evaluate=config.evaluate.only(*evaluate.COMPARING, "confidence", "n_boot", "seed"),
        models=models,
        complexity={model: get(model).complexity for model in models} if simple else None,
    )


def run(job: Job[Settings]) -> Result:
    """Compare the models and select one."""
    from phishcli.evaluation.compare import compare

    models = _scored(job)
    compared = compare(
        job.settings.evaluate,
        models,
        features=job.read(load.FEATURES),
        target=job.read(load.TARGET),
        keys=job.read(load.KEYS),
        findings=job.read(audit.FINDINGS),
        costs=_costs(job),
    )
    return Result(
        {
            RESULTS: compared.results,
            SELECTION: compared.selection,
            SEGMENTS: compared.segments,
            SUSPECTS: compared.suspects,
        },
        f"{counted(len(models), 'model')} compared, {compared.selection.model} selected",
    )


def _scored(job: Job[Settings]) -> dict[str, Scored]:
    from phishcli.evaluation.evaluate import Scored

    metrics, predictions = job.each(evaluate.METRICS), job.each(evaluate.PREDICTIONS)
    resamples, oof = job.each(evaluate.RESAMPLES), job.each(train.OOF)
    return {name: Scored(metrics[name], predictions[name], resamples[name], oof[name]) for name in metrics}


def _costs(job: Job[Settings]) -> Mapping[str, float] | None:
    """The costs that ``prefer`` minimizes: complexity, or prediction time per row."""
    if job.settings.evaluate.prefer == "fast":
        return {model: timing.seconds_per_row for model, timing in job.each(evaluate.TIMING).items()}
    return job.settings.complexity


@dataclass(frozen=True)
class EarlySettings:
    """Settings that can be rejected before training."""

    evaluate: EvaluateConfig


def early_settings(config: Config) -> EarlySettings:
    """The columns to report scores by, and the threshold rule."""
    return EarlySettings(config.evaluate.only("by", "threshold"))


def refuse_early(job: Job[EarlySettings]) -> None:
    """Reject settings before training that would otherwise fail after it."""
    from phishcli.config.schema import MaxFpr
    from phishcli.evaluation.segments import check_columns
    from phishcli.evaluation.thresholds import certify

    asked, schema = job.settings.evaluate, job.read(load.SCHEMA)
    check_columns(asked.by, [column.name for column in schema.columns], schema.set_aside)
    if isinstance(asked.threshold, MaxFpr):
        target = job.read(preprocess.TRAIN).column("target").to_numpy()
        certify(asked.threshold, int((target == 0).sum()))


STAGE = Stage(
    name="evaluate",
    title=evaluate.STAGE.title,
    version=8,
    settings=settings,
    reads=(
        load.FEATURES,
        load.TARGET,
        load.KEYS,
        audit.FINDINGS,
        train.OOF,
        evaluate.METRICS,
        evaluate.PREDICTIONS,
        evaluate.RESAMPLES,
        evaluate.TIMING.when(lambda config: config.evaluate.prefer == "fast"),
    ),
    writes=(RESULTS, SELECTION, SEGMENTS, SUSPECTS),
    libraries=(*TABLES, "scipy"),
    early=EarlyCheck(early_settings, (load.SCHEMA, preprocess.TRAIN), refuse_early),
    run=run,
)
