"""What the tests of the search share: a small problem, its matrices, and searches and fits made on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold

from phishcli.events import ignore
from phishcli.features.folds import Fold
from phishcli.fits.course import Course
from phishcli.fits.fit import FoldFit, Outcome, Work
from phishcli.fits.ledger import Memory
from phishcli.fits.matrices import Matrices
from phishcli.fits.schedule import drive
from phishcli.models import get
from phishcli.search.results import Found
from phishcli.search.scoreboard import Board
from phishcli.search.search import prepare
from phishcli.types import FitRecord, ModelSettings, TrainingData

MakeData = Callable[..., TrainingData]
Search = Callable[..., Found]
MakeWork = Callable[..., Work]
MakeBoard = Callable[..., Board]


def small(n: int = 200, n_folds: int = 3, **options: Any) -> TrainingData:
    """A problem with two classes that overlap, in folds."""
    x, y = make_classification(n, 6, **{"flip_y": 0.2, "random_state": 0, **options})
    x, y, folds = x.astype(np.float32), y.astype(np.int8), np.zeros(n, dtype=np.int8)
    for number, (_, held_out) in enumerate(StratifiedKFold(n_folds).split(x, y)):
        folds[held_out] = number

    def make_fold(number: int) -> Fold:
        out = folds == number
        return Fold(number, x[~out], y[~out], x[out], y[out], np.flatnonzero(out))

    return TrainingData(x, y, np.arange(n), folds, make_fold)


@pytest.fixture(scope="session")
def make_data() -> MakeData:
    """Make a problem: ``make_data(400, n_folds=5, flip_y=0.1)``."""
    return small


@pytest.fixture(scope="session")
def data() -> TrainingData:
    """The problem that most tests use: 200 rows in 3 folds."""
    return small()


@pytest.fixture(scope="session")
def matrices(data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Matrices:
    """Its matrices."""
    return Matrices(data, tmp_path_factory.mktemp("matrices"))


@pytest.fixture
def work(matrices: Matrices) -> MakeWork:
    """Ask for a fit as a worker is given it: ``work("KNN", {"p": 1}, fold=0)``."""

    def make(model: str, params: Mapping[str, Any] | None = None, *, fold: int | None = 0, **options: Any) -> Work:
        return Work(get(model), params or {}, options.pop("seed", 1), matrices.path(fold), fold, **options)

    return make


class Counted(Memory):
    """A ledger that counts what is put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.puts: list[FitRecord] = []

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Keep records, and note the first of each call."""
        self.puts += list(records.values())[:1]
        super().put(records)


@pytest.fixture
def ledger() -> Counted:
    """An empty ledger that counts."""
    return Counted()


@pytest.fixture
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    """Search as a course of its own, without the final fit: ``search(settings, data, jobs=2)``.

    All fits are made in threads, unless ``apart``: processes give the same, but take a second to start.
    """

    def run(
        settings: ModelSettings, data: TrainingData, *, jobs: int = 1, apart: bool = False, **options: Any
    ) -> Found:
        spec = get(settings.model) if apart else msgspec.structs.replace(get(settings.model), workers="threads")
        prepared = prepare(spec, settings, data)
        tune = settings.tune or {}
        course: Course[Found] = Course(
            spec,
            settings.seed,
            prepared.steps(tune["method"]),
            options.pop("ledger", Memory()),
            board=prepared.board,
            budget=tune.get("time_budget"),
            early=options.pop("early", None),
        )
        place = Matrices(data, tmp_path_factory.mktemp("matrices"))
        (ended,) = drive([course], place, jobs=jobs, on_event=options.pop("on_event", ignore))
        if ended.error is not None:
            raise ended.error
        assert ended.result is not None
        return ended.result

    return run


@pytest.fixture
def settings() -> Callable[..., ModelSettings]:
    """Ask for a search: ``settings("KNN", {"n_neighbors": [1, 5]}, method="grid")``; the rest is an accuracy of 8."""

    def make(model: str, space: Mapping[str, Any], *, params: Any = None, **tune: Any) -> ModelSettings:
        told = {"method": "random", "n_iter": 8, "scoring": "accuracy", "seed": 5, "space": space, **tune}
        return ModelSettings(model, params or {}, seed=1, tune=told)

    return make


@pytest.fixture
def board(data: TrainingData) -> MakeBoard:
    """A board with trials whose accuracies on the folds are as told; None where there is no fit."""

    def make(rows: Sequence[Sequence[float | None]], scoring: Any = "accuracy") -> Board:
        found = Board([{"trial": number} for number in range(len(rows))], data, scoring, {})
        for trial, row in enumerate(rows):
            for fold, share in enumerate(row):
                if share is not None:
                    found.add(trial, fold, Outcome(FoldFit(right(found.targets[fold], share), seconds=1.0)))
        return found

    return make


def right(y: Any, share: float) -> Any:
    """Probabilities that judge so large a share of the rows rightly, the first ones."""
    judged = np.arange(len(y)) < round(share * len(y))
    return np.where(judged == (y == 1), 0.9, 0.1)
