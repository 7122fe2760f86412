"""The fits of an update: models that go on with the new rows, and one that is trained on all rows again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.update import Continued, Way
from phishcli.errors import PhishError, TrainError, first_line
from phishcli.models import combined, find
from phishcli.models.mean import MeanOfModels
from phishcli.models.view import without_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.features.folds import Fold
    from phishcli.models.abilities import Continuing
    from phishcli.update.earlier import EarlierRows, Parent
    from phishcli.update.rows import NewRows


@dataclass(frozen=True)
class Fitted:
    """A model after a fit, and the seconds it took."""

    model: Any
    seconds: float


@dataclass(frozen=True)
class Plan:
    """How each model of the parent goes on, and why others cannot."""

    ways: dict[str, Continuing]
    left_out: dict[str, str]


def planned(parent: Parent, way: Way | None) -> Plan:
    """Choose how the models of a release go on: the given way where they have it, else their usual one.

    Raises
    ------
    TrainError
        When none of them can go on.
    """
    ways: dict[str, Continuing] = {}
    left_out: dict[str, str] = {}
    for name in parent.models:
        spec = find(name)
        known = spec.continues if spec else ()
        if (why := _why_not(parent, name) if known else _without_way(name)) is not None:
            left_out[name] = why
        else:
            ways[name] = next((each for each in known if each.way == way), known[0])
    if not ways:
        what = f"No model of v{parent.version} can continue on new rows"
        where = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        hint = "Train again on all rows: phish run-all, with the new rows added to the source"
        raise TrainError(what, where=where, hint=hint)
    return Plan(ways, left_out)


def _without_way(model: str) -> str:
    if model in combined():
        return "its weights apply to the models before the update"
    return "its fit cannot be continued; train it again on all rows"


def _why_not(parent: Parent, model: str) -> str | None:
    """Why a model whose fit could go on does not, as it was fitted in a way that an update does not know."""
    estimator, settings = parent.estimator(model), parent.settings(model)
    if without_view(estimator).places is not None:
        return "it has its own preprocessing, which an update does not support"
    if isinstance(estimator, MeanOfModels):
        return "it is the mean of several fits (train.refits)"
    if settings is not None and settings.strategy.balance != "none":
        return "its classes were balanced, which an update does not support"
    return None


def rounds_for(model: str, estimator: Any, new: int, earlier: int) -> int:
    """As large a share of the model's rounds as the new rows are of the earlier ones; one at least."""
    spec = find(model)
    parameter = spec.rounds.parameter if spec and spec.rounds else "iterations"
    count = int(estimator.get_params()[parameter])
    return max(min(round(count * new / max(earlier, 1)), count), 1)


def go_on(
    parent: Parent, model: str, way: Continuing, rows: tuple[NDArray[Any], NDArray[Any]], rounds: int | None
) -> tuple[Fitted, Continued]:
    """Continue one model on rows (x, y).

    Raises
    ------
    TrainError
        When its library fails.
    """
    x, y = rows
    started, spec = time.perf_counter(), find(model)
    try:
        made = way.go(parent.estimator(model), x.astype(spec.dtype if spec else np.float32, copy=False), y, rounds or 0)
    except PhishError:
        raise
    except Exception as error:
        what = f"{model} could not be continued on the new rows: {first_line(error)}"
        raise TrainError(what, where=way.way, hint="Train it again on all rows: phish run-all") from error
    seconds = time.perf_counter() - started
    added = rounds if way.way == "trees" else None
    return Fitted(made, seconds), Continued(model=model, way=way.way, note=way.note, rounds=added, seconds=seconds)


def retrained(
    parent: Parent, model: str, earlier: EarlierRows, new: NewRows, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Train a model and a preprocessor on all training rows, the parent's and the new ones.

    Parameters
    ----------
    kept
        Which new rows are held out.

    Returns
    -------
    tuple
        Scores of the held-out rows, the parent's test rows first, and the seconds of the fit.
    """
    from sklearn.base import clone

    from phishcli.models.own_format import PositiveClass

    started = time.perf_counter()
    made = _matrices(parent, earlier, new, kept)
    spec = find(model)
    estimator, settings = clone(parent.estimator(model)), parent.settings(model)
    x = made.x_train.astype(spec.dtype if spec else np.float32, copy=False)
    if spec and spec.fit_early and settings and settings.early_stopping:
        spec.fit_early(estimator, x, made.y_train, settings.early_stopping)
    else:
        estimator.fit(x, made.y_train)
    scores = PositiveClass(estimator, in_blocks=spec.in_blocks if spec else 0)(made.x_valid)
    return np.asarray(scores, dtype=np.float64), time.perf_counter() - started


def _matrices(parent: Parent, earlier: EarlierRows, new: NewRows, kept: NDArray[np.bool_]) -> Fold:
    """The training rows of both, and the held-out rows, the parent's test rows first; new ones are dealt to folds."""
    import pandas as pd

    from phishcli.features.folds import fold_matrices
    from phishcli.tables.memory import MemoryTable

    n = len(earlier.features)
    common = earlier.features.astype({name: new.features[name].dtype for name in new.features})
    features = pd.concat([common[list(new.features)], new.features], ignore_index=True)
    fitting, held = np.flatnonzero(~kept) + n, np.flatnonzero(kept) + n
    rows = np.concatenate([earlier.train, fitting, earlier.test, held])
    y = np.concatenate([earlier.y_train, new.y[~kept], earlier.y_test, new.y[kept]])
    n_folds = int(earlier.folds.max()) + 1
    folds = np.full(len(rows), n_folds, dtype=np.int64)
    folds[: len(earlier.train)] = earlier.folds
    folds[len(earlier.train) : len(earlier.train) + len(fitting)] = np.arange(len(fitting)) % n_folds
    schema = parent.bundle.schema
    return fold_matrices(MemoryTable.of_frame(features), rows, y, folds, schema, n_folds, [earlier.strategy])
