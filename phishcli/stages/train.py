"""The stage ``train``, for one model: the search if asked for, a fit per fold, and the fit on all training rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.data.transform import fold_matrices
from phishcli.errors import TrainError
from phishcli.evaluation.folds import cross_validated
from phishcli.events import Notice, OnEvent, Progress, ignore
from phishcli.models import ModelSpec, get
from phishcli.models.spec import first_line
from phishcli.search.fits import FoldFit, Outcome, fit, fit_fold, run
from phishcli.search.random import search
from phishcli.types import ModelSettings, Schema, Trained, TrainingData

if TYPE_CHECKING:
    from collections.abc import Callable

    from phishcli.search.trials import Found


def training_data(*, train: pd.DataFrame, split: pd.DataFrame, features: pd.DataFrame, schema: Schema) -> TrainingData:
    """Bring the artifacts of ``load`` and ``preprocess`` together.

    Parameters
    ----------
    train
        Processed features (float32) and ``target``, n rows.
    split
        ``row``, ``part`` and ``fold``; its training lines are in the order of ``train``.
    features
        Raw features of the whole table, from which the folds are made.
    schema
        What is known about the table.
    """
    lines = split[split["part"] == "train"]
    rows, folds = lines["row"].to_numpy(), lines["fold"].to_numpy()
    target = train["target"].to_numpy(dtype=np.int8)
    return TrainingData(
        x=train.drop(columns="target").to_numpy(dtype=np.float32),
        y=target,
        rows=rows,
        folds=folds,
        make_fold=partial(fold_matrices, features.iloc[rows], target, folds, schema),
    )


def train(settings: ModelSettings, data: TrainingData, *, jobs: int = 1, on_event: OnEvent = ignore) -> Trained:
    """Train one model.

    Parameters
    ----------
    settings
        The model, its parameters and seed, and the search, if any.
    data
        What it is trained on; folds that other models have asked for are there already.
    jobs
        Fits side by side, each on one thread; it changes no result.
    on_event
        Is told `Progress` in fits, and a `Notice` for each warning of the library.

    Returns
    -------
    Trained
        The final model, fitted on all of ``data.x``. ``oof`` and the scores under ``cv`` come from the fits on the
        folds alone: each training row is predicted once, by a model that has not seen it. Standard deviations are
        over the folds, divided by their number. Times are summed over fits, so that they do not depend on ``jobs``.

    Raises
    ------
    ConfigError
        When the model, a parameter or a search space does not exist or makes no sense.
    TrainError
        When a fit fails, or all trials of the search do.
    """
    spec = get(settings.model)
    spec.check(settings.params, where=f"train.params.{spec.name}")
    _make_folds(data, jobs)
    done = (
        _search_and_fit(spec, settings, data, jobs, on_event)
        if settings.tune
        else _fit(spec, settings, data, jobs, on_event)
    )
    for message in done.warnings:
        on_event(Notice(f"{spec.name}: {message}", level="warning"))
    oof = _out_of_fold(data, done.folds)
    return Trained(
        model=done.model,
        training=_record(spec, settings, data, done, oof),
        oof=oof,
        trials=done.found.trials if done.found else None,
    )


@dataclass(frozen=True)
class _Done:
    """All fits of a model."""

    model: Any
    seconds: float
    folds: Sequence[FoldFit]
    warnings: list[str]
    found: Found | None = None


def _make_folds(data: TrainingData, jobs: int) -> None:
    """Make the matrices of all folds side by side, so that no fit waits for them and their errors keep their names."""
    outcomes: dict[int, Outcome[Any]] = {}
    tasks = [partial(data.fold, number) for number in range(data.n_folds)]
    run(tasks, jobs=jobs, on_done=outcomes.__setitem__)
    for _, outcome in sorted(outcomes.items()):
        if outcome.error is not None:
            raise outcome.error


def _fit(spec: ModelSpec, settings: ModelSettings, data: TrainingData, jobs: int, on_event: OnEvent) -> _Done:
    """Fit the final model, the longest fit, and one model per fold beside it."""
    outcomes: dict[int, Outcome[Any]] = {}
    tasks: list[Callable[[], Any]] = [partial(fit, spec, settings.params, settings.seed, data.x, data.y)]
    tasks += [
        partial(fit_fold, spec, settings.params, settings.seed, data.fold(number)) for number in range(data.n_folds)
    ]

    def on_done(position: int, outcome: Outcome[Any]) -> None:
        outcomes[position] = outcome
        on_event(Progress(spec.name, len(outcomes), len(tasks), "fits"))

    run(tasks, jobs=jobs, on_done=on_done)
    (model, seconds), *folds = [
        _value(spec, outcomes[position], position, data.n_folds) for position in range(len(tasks))
    ]
    return _Done(model, seconds, folds, _told([outcome.warnings for outcome in outcomes.values()]))


def _search_and_fit(
    spec: ModelSpec, settings: ModelSettings, data: TrainingData, jobs: int, on_event: OnEvent
) -> _Done:
    """Search, then fit the final model; the folds of the winner are those of the search."""

    def on_fit(done: int, total: int) -> None:
        on_event(Progress(spec.name, done, total + 1, "fits"))

    found = search(spec, settings, data, jobs=jobs, on_fit=on_fit)
    outcomes: dict[int, Outcome[Any]] = {}
    final = partial(fit, spec, {**settings.params, **found.params}, settings.seed, data.x, data.y)
    run([final], jobs=1, on_done=outcomes.__setitem__)
    model, seconds = _value(spec, outcomes[0], 0, data.n_folds)
    fits = found.summary["n_fits"] + 1
    on_event(Progress(spec.name, fits, fits, "fits"))
    return _Done(
        model, seconds, found.fits, [*_failures(found), *_told([outcomes[0].warnings, *found.warnings])], found
    )


def _failures(found: Found) -> list[str]:
    reasons = found.trials["error"].dropna()
    return (
        [f"{len(reasons)} of {len(found.trials)} trials failed; the first: {reasons.iloc[0]}"] if len(reasons) else []
    )


def _value(spec: ModelSpec, outcome: Outcome[Any], position: int, n_folds: int) -> Any:
    if outcome.error is None:
        return outcome.value
    raise TrainError(
        f"{spec.name} could not be trained: {first_line(outcome.error)}",
        where=f"{spec.name}, fold {position} of {n_folds}" if position else f"{spec.name}, all training rows",
        hint=f"Check train.params.{spec.name}, or leave {spec.name} out of train.models",
    ) from outcome.error


def _told(warnings: Sequence[tuple[str, ...]]) -> list[str]:
    """Count in how many fits each warning was given."""
    counts = Counter(text for texts in warnings for text in texts)
    return [f"{text} ({count} of {len(warnings)} fits)" for text, count in sorted(counts.items())]


def _out_of_fold(data: TrainingData, fits: Sequence[FoldFit]) -> pd.DataFrame:
    probability = np.full(len(data.y), np.nan)
    for number, made in enumerate(fits):
        probability[data.fold(number).valid_rows] = made.probability
    return pd.DataFrame({"row": data.rows, "fold": data.folds, "target": data.y, "probability": probability})


def _record(
    spec: ModelSpec, settings: ModelSettings, data: TrainingData, done: _Done, oof: pd.DataFrame
) -> dict[str, Any]:
    """Write down how the model came about: ``training.json``; its scores are those at a threshold of one half."""
    return {
        "model": spec.name,
        "title": spec.title,
        "params": spec.effective(done.model),
        "seed": settings.seed,
        "cv": cross_validated(data.y, oof["probability"].to_numpy(), data.folds),
        "seconds": {
            "fit": done.seconds,
            "cv": sum(made.seconds for made in done.folds),
            "search": done.found.seconds if done.found else 0.0,
        },
        "warnings": done.warnings,
        "n_train": len(data.y),
        "n_features": data.x.shape[1],
        "libraries": spec.versions(),
        "tuned": done.found.summary if done.found else None,
    }
