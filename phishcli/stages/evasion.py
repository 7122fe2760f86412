"""``evasion``: what an attacker with a budget leaves of the recall of each model; part of ``phish evasion``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.evasion import Evasion
from phishcli.flow.nodes import document, frame
from phishcli.flow.stage import Result, Stage
from phishcli.stages import evaluate, load, preprocess, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phishcli.config import Config
    from phishcli.config.schema import EvasionConfig
    from phishcli.evasion.levers import Attacked
    from phishcli.flow.job import Job

EVASION = document("evasion", "evasion.json", Evasion, per_model=True)
"""The recall that is left at each budget, searched and certified."""
ATTACKED = frame("evasion", "attacked.parquet", per_model=True)
"""One line per attacked row: ``row``, ``caught``, ``cost`` of the cheapest change that was found, ``change``."""


@dataclass(frozen=True)
class Settings:
    """What can be changed, and how the model predicts."""

    evasion: EvasionConfig
    in_blocks: int


def settings(config: Config, model: str) -> Settings:
    """The section ``evasion``, but whether it is measured in every run."""
    return Settings(config.evasion.without("enabled"), train.in_blocks(model))


def run(job: Job[Settings]) -> Result:
    """Attack one model."""
    from threadpoolctl import threadpool_limits

    from phishcli.errors import ConfigError
    from phishcli.evasion.evasion import attack
    from phishcli.features.mutable import mutable_columns, unknown_columns

    schema, asked = job.read(load.SCHEMA), job.settings.evasion
    if unknown := unknown_columns(asked, schema):
        raise ConfigError(f"{unknown[0]!r} is not a feature of the table", where="evasion.mutable")
    mutable = mutable_columns(asked, schema)
    if not mutable:
        hint = "Name them: --set 'evasion.mutable={COLUMN: {direction: up}}'"
        raise ConfigError("No column of the table is known to be mutable", where="evasion.mutable", hint=hint)
    if any(each.interactions for each in job.read(preprocess.FEATURES).strategies):
        hint = "Leave out preprocess.interactions"
        raise ConfigError("Attacks do not support interactions of columns", where="evasion", hint=hint)
    rows, given = _attacked(job)
    metrics, model = job.read(evaluate.METRICS), job.read(train.MODEL)
    with threadpool_limits(job.cores, "openmp"):
        made = attack(model, metrics, given, mutable, rows=rows, in_blocks=job.settings.in_blocks)
    left = made.evasion.any_budget
    sure = "" if left.certified is None else f", {left.certified:.4f} certified"
    summary = f"recall {made.evasion.curve[0].recall:.4f}, {left.recall:.4f} at any price{sure}"
    return Result({EVASION: made.evasion, ATTACKED: made.rows}, summary)


def _attacked(job: Job[Settings]) -> tuple[NDArray[np.intp], Attacked]:
    """The positive test rows, drawn if there are more than asked for, and the training rows."""
    import numpy as np

    from phishcli.evasion.levers import Attacked
    from phishcli.tables.arrow import frame as as_frame

    split, target = job.read(preprocess.SPLIT), job.read(load.TARGET)["target"].to_numpy()
    tested = split.loc[split["part"] == "test", "row"].to_numpy()
    positive = tested[target[tested] == 1]
    most = job.settings.evasion.rows
    if len(positive) > most:
        drawn = np.random.default_rng(job.settings.evasion.seed).choice(len(positive), most, replace=False)
        positive = positive[np.sort(drawn)]
    features = job.read(load.FEATURES)
    training = np.sort(split.loc[split["part"] == "train", "row"].to_numpy())
    order = np.argsort(positive, kind="stable")
    given = Attacked(
        as_frame(features.select(positive[order])),
        as_frame(features.select(training)),
        job.read(preprocess.PREPROCESSOR),
        job.read(load.SCHEMA),
        job.read(preprocess.FEATURES),
    )
    return positive[order], given


STAGE = Stage(
    name="evasion",
    title="Measure how far each model withstands an attacker.",
    version=1,
    settings=settings,
    reads=(
        load.FEATURES,
        load.SCHEMA,
        load.TARGET,
        preprocess.SPLIT,
        preprocess.FEATURES,
        preprocess.PREPROCESSOR,
        train.MODEL,
        evaluate.METRICS,
    ),
    writes=(EVASION, ATTACKED),
    libraries=lambda config, model: (*train.libraries(config, model), "treelite"),
    per_model=True,
    optional=True,
    command=False,
    run=run,
)
