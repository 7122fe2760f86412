"""``gap``: the same model on increasingly strict splits; part of ``phish audit --gap``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.gap import MODEL, Gap
from phishcli.flow.nodes import document
from phishcli.flow.stage import FITTED, Result, Stage
from phishcli.stages import load
from phishcli.strategies import strategy_for
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import EvaluateConfig, PreprocessConfig
    from phishcli.documents.features import Strategy
    from phishcli.flow.job import Job

GAP = document("gap", "gap.json", Gap)
"""Scores on each split, and the loss compared with the random one."""


@dataclass(frozen=True)
class Settings:
    """The splits, how columns become features for the model, its seed, and the bootstrap."""

    preprocess: PreprocessConfig
    strategy: Strategy
    seed: int
    bootstrap: EvaluateConfig


def settings(config: Config, _: str) -> Settings:
    """``preprocess``, ``train.seed``, and the bootstrap of ``evaluate``."""
    bootstrap = config.evaluate.only("n_boot", "confidence", "seed")
    strategy = strategy_for(config.preprocess, MODEL)
    return Settings(config.preprocess.only("split", "folds"), strategy, config.train.seed, bootstrap)


def run(job: Job[Settings]) -> Result:
    """Score one model on every split."""
    from phishcli.evaluation.gap import gap

    found = gap(
        job.settings.preprocess,
        job.settings.bootstrap,
        seed=job.settings.seed,
        features=job.read(load.FEATURES),
        target=job.read(load.TARGET),
        schema=job.read(load.SCHEMA),
        keys=job.read(load.KEYS),
        strategy=job.settings.strategy,
        threads=job.cores,
        disk=job.disk(),
        on_event=job.on_event,
    )
    lost = [loss.value for loss in found.losses]
    worst = f", accuracy up to {max(*lost, 0.0):.4f} lower than on the random one" if lost else ""
    return Result({GAP: found}, f"{counted(len(found.splits), 'split')}{worst}")


STAGE = Stage(
    name="gap",
    title="Score one model on increasingly strict splits.",
    version=5,
    settings=settings,
    reads=(load.FEATURES, load.TARGET, load.KEYS, load.SCHEMA),
    writes=(GAP,),
    libraries=FITTED,
    after=("audit",),
    command=False,
    run=run,
)
