"""``tiers``: how well the selected model does with what is known at each moment; part of ``phish evaluate``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phishcli.documents.tiers import Tiers
from phishcli.flow.nodes import document
from phishcli.flow.stage import Result, Stage
from phishcli.search.settings import ModelSettings, NoSearch
from phishcli.stages import compare, evaluate, load, preprocess, train
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import EvaluateConfig
    from phishcli.flow.job import Job

TIERS = document("tiers", "tiers.json", Tiers)
"""Scores by tier, and the rows whose verdict is settled."""


@dataclass(frozen=True)
class Settings:
    """The tiers, how models are scored, and how each is trained."""

    evaluate: EvaluateConfig
    models: Mapping[str, ModelSettings]


def settings(config: Config, _: str) -> Settings:
    """``evaluate``, but for what concerns all models together; what is searched is not searched again."""
    models = {name: replace(train.settings(config, name), tune=NoSearch()) for name in train.fitted(config)}
    return Settings(config.evaluate.without(*evaluate.COMPARING, "explain", "campaigns"), models)


def libraries(config: Config, _: str) -> tuple[str, ...]:
    """The distributions that shape the models, and what reads their trees."""
    shaping = (each for name in train.fitted(config) for each in train.libraries(config, name))
    return tuple(dict.fromkeys((*shaping, "treelite")))


def run(job: Job[Settings]) -> Result:
    """Train and score the selected model, or the best one that is fitted, on each tier."""
    from phishcli.search.tiers import Given, strongest, tiers

    models = job.settings.models
    name = strongest([job.read(compare.SELECTION).model, *job.read(compare.SELECTION).ranking], models)
    tuned = job.each(train.TRAINING)[name].tuned
    model = replace(models[name], params={**models[name].params, **(tuned.params if tuned else {})})
    given = Given(
        job.read(load.SCHEMA),
        job.read(load.FEATURES),
        job.read(load.TARGET),
        job.read(preprocess.TRAIN),
        job.read(preprocess.TEST),
        job.read(preprocess.SPLIT),
        job.read(preprocess.FEATURES),
    )
    found = tiers(
        job.settings.evaluate,
        model,
        job.each(train.MODEL)[name],
        job.each(evaluate.METRICS)[name],
        given,
        in_blocks=train.in_blocks(name),
        jobs=job.cores,
        on_event=job.on_event,
    )
    accuracies = ", ".join(f"{each.name} {each.accuracy.value:.4f}" for each in found.tiers)
    return Result({TIERS: found}, f"{counted(len(found.tiers), 'tier')} of {name}, accuracy: {accuracies}")


STAGE = Stage(
    name="tiers",
    title="Score the model with what is known at each moment.",
    version=1,
    settings=settings,
    reads=(
        load.FEATURES,
        load.TARGET,
        load.SCHEMA,
        preprocess.TRAIN,
        preprocess.TEST,
        preprocess.SPLIT,
        preprocess.FEATURES,
        compare.SELECTION,
        train.MODEL,
        train.TRAINING.informative(),
        evaluate.METRICS,
    ),
    writes=(TIERS,),
    libraries=libraries,
    enabled=lambda config: bool(config.evaluate.tiers),
    after=("evaluate",),
    command=False,
    run=run,
)
