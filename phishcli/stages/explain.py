"""``explain``: which features a model relies on, measured on held-out rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.explanations import Explanations
from phishcli.flow.nodes import document
from phishcli.flow.stage import Result, Stage
from phishcli.stages import load, preprocess, train

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.flow.job import Job

EXPLANATIONS = document("explain", "explanations.json", Explanations, per_model=True)
"""Feature importance, contributions, partial dependence."""


@dataclass(frozen=True)
class Settings:
    """The seed for sampling rows and for permutations."""

    seed: int


def settings(config: Config, _: str) -> Settings:
    """``evaluate.seed``."""
    return Settings(config.evaluate.seed)


def run(job: Job[Settings]) -> Result:
    """Explain one model."""
    from phishcli.evaluation.explain_model import explain
    from phishcli.tables.arrow import frame

    split = job.read(preprocess.SPLIT)
    tested = split.loc[split["part"] == "test", "row"].to_numpy()
    features = job.read(load.FEATURES)
    explanations = explain(
        job.read(train.MODEL),
        job.model,
        job.read(preprocess.TEST),
        raw=lambda rows: frame(features.select(tested[rows])),
        features=job.read(preprocess.FEATURES),
        seed=job.settings.seed,
    )
    return Result(
        {EXPLANATIONS: explanations}, f"relies on {', '.join(explanations.leading) or 'no feature beyond chance'}"
    )


STAGE = Stage(
    name="explain",
    title="Show which features each model relies on.",
    version=5,
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
