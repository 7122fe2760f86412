"""``train``: every model is trained, with cross-validation and, if asked for, a search; all models side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from phishcli.documents.training import Training
from phishcli.flow.nodes import content, document, frame
from phishcli.flow.stage import FITTED, Result, Stage
from phishcli.machine import usable_memory
from phishcli.models import EarlyStopping, ModelSpec, combined, get
from phishcli.search.settings import ModelSettings, NoSearch, SearchSettings, SpreadSettings
from phishcli.stages import load, preprocess
from phishcli.strategies import strategy_for

if TYPE_CHECKING:
    from phishcli.artifacts import Entry
    from phishcli.config import Config
    from phishcli.documents.features import Strategy
    from phishcli.errors import PhishError
    from phishcli.fits.matrices import TrainingData
    from phishcli.flow.job import Job
    from phishcli.search.trained import TrainedModel

MODEL = content("train", "model.joblib", per_model=True)
"""The estimator, fitted on the whole training part."""
TRAINING = document("train", "training.json", Training, per_model=True)
"""Parameters, scores over the folds, times, warnings, and what the search found."""
OOF = frame("train", "oof.parquet", per_model=True)
"""Out-of-fold predictions: ``row``, ``fold``, ``target``, ``probability``."""
TRIALS = frame("train", "trials.parquet", per_model=True, optional=True)
"""One line per trial of the search, if there was one."""

OTHERS = frame("train", "others.parquet", per_model=True, optional=True)
"""Out-of-fold probabilities of the other complete trials of the search, if there was one: a column for each."""


def settings(config: Config, model: str) -> ModelSettings:
    """The parameters of a model over its defaults, its seed, its search and its early stopping."""
    spec, train = get(model), config.train
    space = {**spec.plain_space(), **train.tune.spaces.get(model, {})}
    search = SearchSettings(
        method=train.tune.method,
        n_iter=train.tune.n_iter,
        scoring=train.tune.scoring,
        seed=train.tune.seed,
        space=space,
        first=_first(config, spec),
        time_budget=train.tune.time_budget,
        budget=train.budget,
    )
    early, strategy = train.early_stopping, strategy_for(config.preprocess, model)
    always = train.distributed == "always" and spec.fit_spread is not None
    return (SpreadSettings if always else ModelSettings)(
        model=model,
        params={**spec.defaults, **train.params.get(model, {})},
        seed=train.seed,
        tune=search if train.tune.enabled else NoSearch(),
        early_stopping=EarlyStopping(early.patience, early.share, train.seed, _resampling(strategy))
        if early.patience and spec.fit_early
        else None,
        distributed=train.distributed,
        monotone=train.monotone,
        mutable=config.evasion.only("defaults", "mutable") if train.monotone == "auto" else None,
        strategy=strategy,
        refits=train.refits,
        bagging=train.bagging,
    )


def _resampling(strategy: Strategy) -> Literal["none", "over", "under"]:
    return "none" if strategy.balance == "weights" else strategy.balance


def _first(config: Config, spec: ModelSpec) -> tuple[Mapping[str, Any], ...]:
    """The candidates that the search begins with: those that are listed, then the portfolio where it has one."""
    from phishcli.search.portfolio import first_ones, with_first

    tune, base = config.train.tune, {**spec.defaults, **config.train.params.get(spec.name, {})}
    listed = [_as_tuples(params) for params in tune.candidates.get(spec.name, ())]
    if not tune.portfolio or tune.method not in ("race", "optuna"):
        return tuple(with_first(listed, (), len(listed)))
    own = first_ones(spec, tune.spaces.get(spec.name, {}), base=base)
    return tuple(with_first(listed, own, len(listed) + len(own)))


def _as_tuples(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the spaces have them: YAML and JSON know lists only."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}


def fitted(config: Config) -> tuple[str, ...]:
    """The models that are fitted on the table."""
    return tuple(model for model in config.train.models if model not in combined())


def combining(config: Config) -> tuple[str, ...]:
    """The models that are put together from those."""
    return tuple(model for model in config.train.models if model in combined())


def late(config: Config, model: str, inputs: Mapping[str, Entry | None]) -> dict[str, int]:
    """How many rows a model gets that is fitted on a sample, where the memory of the run does not allow all."""
    entry, weight = inputs.get(preprocess.STAGE.name), get(model).weight
    size = preprocess.Size.of(entry) if entry else None
    if weight is None or size is None:
        return {}
    most = weight.most_rows(size.train_rows, size.features, config.run.memory or usable_memory())
    return {} if most is None else {"training_rows": most}


def in_blocks(model: str) -> int:
    """The size of the blocks in which a model predicts, 0 for all rows at once."""
    return get(model).in_blocks


def libraries(config: Config, model: str) -> tuple[str, ...]:
    """The distributions that shape a fitted model and its predictions."""
    names = fitted(config) if model in combined() else (model,)
    return tuple(dict.fromkeys((*FITTED, "scipy", *(each for name in names for each in get(name).libraries))))


Jobs = Sequence["Job[ModelSettings]"]


def run_together(jobs: Jobs) -> Iterator[tuple[Job[ModelSettings], Result | PhishError]]:
    """Train models side by side, each with the ledger of its fits."""
    from phishcli.search.training import train

    by_model = {job.model: job for job in jobs}
    with jobs[0].scratch() as folder, ExitStack() as open_:

        def ledger(model: str) -> Any:
            return open_.enter_context(closing(by_model[model].ledger()))

        for result in train(
            [_settings(job) for job in jobs],
            _training_data(jobs[0]),
            jobs=jobs[0].cores,
            backend=jobs[0].cluster,
            memory=jobs[0].memory if jobs[0].cluster == "local" else None,
            deadline=jobs[0].deadline,
            ledger=ledger,
            folder=folder / "matrices",
            on_event=jobs[0].on_event,
        ):
            made = _made(result.trained, result.seconds) if result.trained else result.error
            assert made is not None  # noqa: S101 (for the type checker: one of the two is there)
            yield by_model[result.name], made


def _settings(job: Job[ModelSettings]) -> ModelSettings:
    """How a model is trained, now that the table is known: on so many rows, and held in so many columns."""
    from phishcli.search.monotone import held

    return held(replace(job.settings, most_rows=job.late.get("training_rows")), job.read(load.SCHEMA))


def _training_data(job: Job[ModelSettings]) -> TrainingData:
    from phishcli.fits.matrices import training_data

    return training_data(
        train=job.read(preprocess.TRAIN),
        split=job.read(preprocess.SPLIT),
        features=job.read(load.FEATURES),
        schema=job.read(load.SCHEMA),
        views=job.read(preprocess.FEATURES).views,
        disk=job.disk(),
    )


def _made(trained: TrainedModel, seconds: float) -> Result:
    accuracy = trained.training.cv["accuracy"]
    trials = {} if trained.trials is None else {TRIALS: trained.trials, OTHERS: trained.others}
    return Result(
        {MODEL: trained.model, TRAINING: trained.training, OOF: trained.oof, **trials},
        f"CV accuracy {accuracy.mean:.4f} ± {accuracy.std:.4f}",
        seconds=seconds,
    )


STAGE = Stage(
    name="train",
    title="Train every model, with cross-validation.",
    version=8,
    settings=settings,
    reads=(load.FEATURES, load.SCHEMA, preprocess.TRAIN, preprocess.SPLIT, preprocess.FEATURES),
    writes=(MODEL, TRAINING, OOF, TRIALS, OTHERS),
    libraries=libraries,
    per_model=True,
    models=fitted,
    run_together=run_together,
    late=late,
)
