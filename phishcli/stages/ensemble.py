"""``train`` for models that are put together from the others, without another fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.flow.stage import Result, Stage
from phishcli.stages import train

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.flow.job import Job


@dataclass(frozen=True)
class Settings:
    """The model; its members are inputs."""

    model: str


def settings(_: Config, model: str) -> Settings:
    """The name of the model."""
    return Settings(model)


def libraries(config: Config, _: str) -> tuple[str, ...]:
    """The distributions that shape the members."""
    return tuple(dict.fromkeys(name for model in train.fitted(config) for name in train.libraries(config, model)))


def run(job: Job[Settings]) -> Result:
    """Weigh the members by their out-of-fold predictions."""
    from phishcli.ensemble.training import combine

    made = combine(job.settings.model, job.each(train.MODEL), job.each(train.TRAINING), job.each(train.OOF))
    weights = made.model.get_params()
    shares = ", ".join(f"{name} {weights[name]:.2f}" for name in sorted(weights, key=lambda each: -weights[each]))
    return Result(
        {train.MODEL: made.model, train.TRAINING: made.training, train.OOF: made.oof},
        f"CV accuracy {made.training.cv['accuracy'].mean:.4f} ± {made.training.cv['accuracy'].std:.4f}: {shares}",
    )


STAGE = Stage(
    name="train",
    title=train.STAGE.title,
    version=1,
    settings=settings,
    reads=(train.MODEL.of(train.fitted), train.OOF.of(train.fitted), train.TRAINING.of(train.fitted, shapes=False)),
    writes=(train.MODEL, train.TRAINING, train.OOF),
    libraries=libraries,
    per_model=True,
    models=train.combining,
    run=run,
)
