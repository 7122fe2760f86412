"""The nouns that pass between stages. Light: nothing here imports pandas or scikit-learn when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from phishcli.features.folds import Fold


@dataclass(frozen=True)
class ModelSettings:
    """How one model is trained: its parameters over the library's own, and its seed.

    ``tune`` is there when hyperparameters are searched, with the keys ``method``, ``n_iter``, ``scoring``, ``seed``,
    ``time_budget`` (seconds or None) and ``space`` (parameter -> list of values or ``{low, high, log}``).
    ``early_stopping`` is there when the model stops early, with the keys ``patience`` and ``share``.
    """

    model: str
    params: Mapping[str, Any]
    seed: int = 42
    tune: Mapping[str, Any] | None = None
    early_stopping: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class FitRecord:
    """What is kept of a fit on a fold, so that it need not be made again.

    Parameters
    ----------
    params
        As JSON text, for people.
    fold
        The number of the fold.
    seconds
        How long the fit took.
    probability
        Shape (n,), of the positive class, one per held-out row; None where the fit failed or was broken off.
    stopped
        The number of rounds it was broken off at, 0 if it was not.
    error
        Why it failed.
    warnings
        What the library warned of.
    scoring, score
        The metric of the search at hand and its value on the fold, for people.
    """

    params: str
    fold: int
    seconds: float
    probability: NDArray[Any] | None = None
    stopped: int = 0
    error: str | None = None
    warnings: tuple[str, ...] = ()
    scoring: str = ""
    score: float | None = None


@dataclass(frozen=True)
class TrainingData:
    """What every model is trained on.

    ``x`` has shape (n, k); ``y``, ``rows`` (positions in the table) and ``folds`` (0, 1, ...) have shape (n,).
    ``make_fold`` makes the matrices of a fold by its number.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int8]
    rows: NDArray[np.int64]
    folds: NDArray[np.int8]
    make_fold: Callable[[int], Fold]

    @property
    def n_folds(self) -> int:
        """The number of folds."""
        return int(self.folds.max()) + 1


@dataclass(frozen=True)
class Trained:
    """What ``train`` gives for one model.

    ``training`` is ``training.json``; ``oof`` has ``row`` (position in the table), ``fold``, ``target`` and
    ``probability`` of the positive class; ``trials`` is there when the model was tuned.
    """

    model: BaseEstimator
    training: dict[str, Any]
    oof: pd.DataFrame
    trials: pd.DataFrame | None = None
