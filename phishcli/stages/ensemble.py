"""``train`` for models that are put together from the others: only trials that are no final models are fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phishcli.flow.nodes import Read
from phishcli.flow.stage import Result, Stage
from phishcli.search.settings import ModelSettings, NoSearch
from phishcli.stages import load, preprocess, train
from phishcli.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from phishcli.config import Config
    from phishcli.config.schema import EnsembleConfig
    from phishcli.documents.training import Training
    from phishcli.fits.matrices import TrainingData
    from phishcli.flow.job import Job


@dataclass(frozen=True)
class Settings:
    """The model, how members are weighed, and how each model is fitted; what was fitted before is an input."""

    model: str
    ensemble: EnsembleConfig
    members: Mapping[str, ModelSettings]


def settings(config: Config, model: str) -> Settings:
    """The name of the model, ``train.ensemble``, and the settings of the members but for their search."""
    from dataclasses import replace

    members = {each: replace(train.settings(config, each), tune=NoSearch()) for each in train.fitted(config)}
    return Settings(model, config.train.ensemble, members)


def among_trials(config: Config) -> bool:
    """Whether members are chosen among the trials of searches as well."""
    return config.train.tune.enabled and config.train.ensemble.trials


def libraries(config: Config, _: str) -> tuple[str, ...]:
    """The distributions that shape the members."""
    return tuple(dict.fromkeys(name for model in train.fitted(config) for name in train.libraries(config, model)))


def run(job: Job[Settings]) -> Result:
    """Weigh the members by their out-of-fold predictions, and fit those that are no final models."""
    from phishcli.ensemble.training import Trained, combine
    from phishcli.fits.matrices import whole_data
    from phishcli.tables.matrix import matrix_of

    trained = Trained(
        job.each(train.MODEL),
        job.each(train.TRAINING),
        job.each(train.OOF),
        job.each(train.OTHERS),
        job.each(train.TRIALS),
    )
    asked, (x, _) = job.settings.ensemble, matrix_of(job.read(preprocess.TRAIN), job.disk())
    with job.scratch() as folder:
        made = combine(
            job.settings.model,
            trained,
            method=asked.method,
            max_latency=asked.max_latency,
            fit=_fitting(
                job,
                whole_data(x, next(iter(trained.oof.values())), job.read(preprocess.FEATURES).views),
                folder / "matrices",
            ),
            probe=x,
        )
    return Result(
        {train.MODEL: made.model, train.TRAINING: made.training, train.OOF: made.oof}, _summary(made.training)
    )


def _fitting(job: Job[Settings], data: TrainingData, folder: Path) -> Callable[..., Any]:
    """How members are fitted that are no final models."""
    from functools import partial

    from phishcli.ensemble.fitting import fit_members
    from phishcli.search.monotone import held

    schema = job.read(load.SCHEMA)
    return partial(
        fit_members,
        settings={name: held(each, schema) for name, each in job.settings.members.items()},
        data=data,
        jobs=job.cores,
        folder=folder,
        backend=job.cluster,
        memory=job.memory if job.cluster == "local" else None,
        on_event=job.on_event,
    )


def _summary(training: Training) -> str:
    """Its score, its members by weight, and what it costs: the time for a row, and that of the fastest member."""
    members = sorted(training.members, key=lambda member: -abs(member.weight))
    shares = ", ".join(f"{member.name} {member.weight:.2f}" for member in members[:SHOWN])
    more = f" and {counted(len(members) - SHOWN, 'other')}" if len(members) > SHOWN else ""
    micros = 1e6 * sum(member.seconds_per_row for member in members)
    accuracy = training.cv["accuracy"]
    return f"CV accuracy {accuracy.mean:.4f} ± {accuracy.std:.4f}: {shares}{more}; {micros:,.0f} µs a row"


SHOWN = 6
"""Members in a summary."""

STAGE = Stage(
    name="train",
    title=train.STAGE.title,
    version=2,
    settings=settings,
    reads=(
        load.SCHEMA,
        preprocess.TRAIN,
        preprocess.FEATURES,
        train.MODEL.of(train.fitted),
        train.OOF.of(train.fitted),
        train.TRAINING.of(train.fitted, shapes=False),
        Read(train.OTHERS, when=among_trials, models=train.fitted),
        Read(train.TRIALS, when=among_trials, models=train.fitted),
    ),
    writes=(train.MODEL, train.TRAINING, train.OOF),
    libraries=libraries,
    per_model=True,
    models=train.combining,
    run=run,
)
