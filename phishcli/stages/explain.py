"""``explain``: what one model looks at, measured on rows that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.flow.nodes import content
from phishcli.flow.stage import Result, Stage
from phishcli.stages import load, preprocess, train

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.flow.job import Job

EXPLANATIONS = content("explain", "explanations.json", per_model=True)
"""Importance of the features, contributions, partial dependence."""


@dataclass(frozen=True)
class Settings:
    """The seed of the rows drawn and of the permutations."""

    seed: int


def settings(config: Config, _: str) -> Settings:
    """``evaluate.seed``."""
    return Settings(config.evaluate.seed)


def run(job: Job[Settings]) -> Result:
    """Say what one model looks at."""
    from phishcli.evaluation.explain_model import explain

    split = job.read(preprocess.SPLIT)
    explanations = explain(
        job.read(train.MODEL),
        job.model,
        job.read(preprocess.TEST),
        raw=job.read(load.FEATURES).iloc[split.loc[split["part"] == "test", "row"]],
        described=job.read(preprocess.FEATURES),
        seed=job.settings.seed,
    )
    top = ", ".join(each["feature"] for each in explanations["permutation"][:3])
    return Result({EXPLANATIONS: explanations}, f"looks at {top}")


STAGE = Stage(
    name="explain",
    title="Say what each model looks at.",
    version=2,
    settings=settings,
    reads=(load.FEATURES, preprocess.TEST, preprocess.SPLIT, preprocess.FEATURES, train.MODEL),
    writes=(EXPLANATIONS,),
    libraries=train.libraries,
    per_model=True,
    enabled=lambda config: config.evaluate.explain,
    optional=True,
    after=("evaluate",),
    run=run,
)
