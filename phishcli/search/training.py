"""The stage ``train``: for each model the search if asked for, a fit per fold, and the fit on all training rows.

All models are led through it at once, by one scheduler (`phishcli.fits.schedule`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from phishcli.errors import PhishError, TrainError
from phishcli.evaluation.folds import cross_validated
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.folds import fold_matrices
from phishcli.fits.course import Course
from phishcli.fits.fit import Fit, Fitted, FoldFit, Outcome
from phishcli.fits.ledger import Ledger, Memory
from phishcli.fits.matrices import Matrices
from phishcli.fits.schedule import drive
from phishcli.models import EarlyStopping, ModelSpec, get
from phishcli.models.spec import first_line
from phishcli.search.search import prepare
from phishcli.types import ModelSettings, Trained, TrainingData

if TYPE_CHECKING:
    from phishcli.documents.schema import Schema
    from phishcli.search.results import Found
    from phishcli.search.search import Search
    from phishcli.tables.table import Table

T = TypeVar("T", bound=FoldFit | Fitted)
Asking = Generator[Sequence[Fit], Sequence[Outcome], "_Done"]


def training_data(*, train: pd.DataFrame, split: pd.DataFrame, features: Table, schema: Schema) -> TrainingData:
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
        make_fold=partial(fold_matrices, features, rows, target, folds, schema),
    )


@dataclass(frozen=True)
class TrainedModel:
    """What became of one model: what was trained, or why it could not be; and its share of the time of the run."""

    model: str
    trained: Trained | None
    error: PhishError | None
    seconds: float


def _memory(model: str) -> Ledger:  # noqa: ARG001 (one for each)
    return Memory()


def train(
    settings: Sequence[ModelSettings],
    data: TrainingData,
    *,
    jobs: int = 1,
    ledger: Callable[[str], Ledger] = _memory,
    folder: Path | None = None,
    on_event: OnEvent = ignore,
) -> Iterator[TrainedModel]:
    """Train models, and give each as soon as it is done.

    Parameters
    ----------
    settings
        The models, their parameters and seeds, and the search, if any.
    data
        What they are trained on.
    jobs
        Fits side by side; it changes no result.
    ledger
        Opens the ledger of a model, for fits on these data with these folds; what it knows is not fitted again.
    folder
        An empty folder for the matrices of the folds; a temporary one by default.
    on_event
        Is told `Fitting`, and a `Notice` for each warning of the libraries.

    Yields
    ------
    TrainedModel
        The final model is fitted on all of ``data.x``. ``oof`` and the scores under ``cv`` come from the fits on the
        folds alone: each training row is predicted once, by a model that has not seen it. Standard deviations are
        over the folds, divided by their number. Times are summed over fits, so that they do not depend on ``jobs``.

    Raises
    ------
    ConfigError
        When a model, a parameter or a search space does not exist or makes no sense; before anything is fitted.
    """
    courses, preparing = [], []
    for each in settings:
        try:
            courses.append(_course(each, data, ledger))
        except TrainError as error:  # its library is missing
            preparing.append(TrainedModel(each.model, None, error, 0.0))
    yield from preparing
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(TemporaryDirectory(prefix="phish-folds-")))
        for ended in drive(courses, Matrices(data, place), jobs=jobs, on_event=on_event):
            spec, done = ended.course.spec, ended.result
            if done is None:
                yield TrainedModel(spec.name, None, ended.error, ended.seconds)
                continue
            for message in done.warnings:
                on_event(Notice(f"{spec.name}: {message}", level="warning"))
            yield TrainedModel(spec.name, _trained(spec, ended.course.seed, data, done), None, ended.seconds)


def _course(settings: ModelSettings, data: TrainingData, ledger: Callable[[str], Ledger]) -> Course[_Done]:
    spec = get(settings.model)
    spec.check(settings.params, where=f"train.params.{spec.name}")
    search = prepare(spec, settings, data) if settings.tune else None
    early = EarlyStopping(**settings.early_stopping, seed=settings.seed) if settings.early_stopping else None
    return Course(
        spec,
        settings.seed,
        _tuned(spec, settings, search) if search else _untuned(spec, settings, data.n_folds),
        ledger(spec.name),
        early=early if spec.fit_early else None,
        board=search.board if search else None,
        budget=settings.tune.get("time_budget") if settings.tune else None,
    )


@dataclass(frozen=True)
class _Done:
    """All fits of a model."""

    model: Any
    seconds: float
    folds: Sequence[FoldFit]
    warnings: list[str]
    found: Found | None = None


def _untuned(spec: ModelSpec, settings: ModelSettings, n_folds: int) -> Asking:
    """Ask for the final model, the longest fit, and one model per fold beside it."""
    outcomes = yield [Fit(settings.params), *(Fit(settings.params, fold) for fold in range(n_folds))]
    final = _value(spec, outcomes[0], Fitted, "all training rows")
    folds = [
        _value(spec, outcome, FoldFit, f"fold {fold} of {n_folds}")
        for fold, outcome in enumerate(outcomes[1:], start=1)
    ]
    return _Done(final.model, final.seconds, folds, _told([outcome.warnings for outcome in outcomes]))


def _tuned(spec: ModelSpec, settings: ModelSettings, search: Search) -> Asking:
    """Search, then ask for the final model; the folds of the winner are those of the search."""
    found = yield from search.steps((settings.tune or {})["method"])
    outcomes = yield [Fit({**settings.params, **found.params}, essential=True)]
    final = _value(spec, outcomes[0], Fitted, "all training rows")
    told = [*_failures(found), *_unfinished(found), *_told([outcomes[0].warnings, *found.warnings])]
    return _Done(final.model, final.seconds, found.fits, told, found)


def _failures(found: Found) -> list[str]:
    reasons = found.trials["error"].dropna()
    return (
        [f"{len(reasons)} of {len(found.trials)} trials failed; the first: {reasons.iloc[0]}"] if len(reasons) else []
    )


def _unfinished(found: Found) -> list[str]:
    count = found.summary["n_unfinished"]
    return [f"the time was up with {count} of {len(found.trials)} trials unfinished"] if count else []


def _value(spec: ModelSpec, outcome: Outcome, kind: type[T], where: str) -> T:
    if isinstance(outcome.value, kind):
        return outcome.value
    raise TrainError(
        f"{spec.name} could not be trained: {first_line(outcome.error or Exception())}",
        where=f"{spec.name}, {where}",
        hint=f"Check train.params.{spec.name}, or leave {spec.name} out of train.models",
    ) from outcome.error


def _told(warnings: Sequence[tuple[str, ...]]) -> list[str]:
    """Count in how many fits each warning was given."""
    counts = Counter(text for texts in warnings for text in texts)
    return [f"{text} ({count} of {len(warnings)} fits)" for text, count in sorted(counts.items())]


def _trained(spec: ModelSpec, seed: int, data: TrainingData, done: _Done) -> Trained:
    oof = _out_of_fold(data, done.folds)
    return Trained(
        model=done.model,
        training=_record(spec, seed, data, done, oof),
        oof=oof,
        trials=done.found.trials if done.found else None,
    )


def _out_of_fold(data: TrainingData, fits: Sequence[FoldFit]) -> pd.DataFrame:
    probability = np.full(len(data.y), np.nan)
    for fold, made in enumerate(fits):
        probability[data.folds == fold] = made.probability
    return pd.DataFrame({"row": data.rows, "fold": data.folds, "target": data.y, "probability": probability})


def _record(spec: ModelSpec, seed: int, data: TrainingData, done: _Done, oof: pd.DataFrame) -> dict[str, Any]:
    """Write down how the model came about: ``training.json``; its scores are those at a threshold of one half."""
    cv = cross_validated(data.y, oof["probability"].to_numpy(), data.folds)
    return {
        "model": spec.name,
        "title": spec.title,
        "params": spec.effective(done.model),
        "seed": seed,
        "cv": {name: {"mean": each.mean, "std": each.std, "folds": list(each.folds)} for name, each in cv.items()},
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
