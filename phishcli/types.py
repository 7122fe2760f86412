"""The nouns that pass between stages. Light: nothing here imports pandas or scikit-learn when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

Label = bool | int | float | str
Role = Literal["numeric", "categorical"]


@dataclass(frozen=True)
class Column:
    """One feature: its role, what the source stored, and how many values are missing."""

    name: str
    role: Role
    dtype: str
    missing: int = 0
    categories: tuple[str, ...] = ()
    indicator_of: str | None = None


@dataclass(frozen=True)
class Schema:
    """What ``load`` found out about a table; enough to bring raw rows into the same form again."""

    synthetic: bool
    table: str | None
    rows: int
    target: str
    positive_label: Label
    negative_label: Label
    label_counts: Mapping[str, int]
    columns: tuple[Column, ...]
    set_aside: Mapping[str, str]
    clean: Mapping[str, bool]
    cleaned: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``schema.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Schema:
        """The inverse of `to_json`."""
        columns = tuple(
            Column(**{**column, "categories": tuple(column["categories"])}) for column in document["columns"]
        )
        return cls(**{**document, "columns": columns})

    def names(self, role: Role | None = None) -> list[str]:
        """Feature names in the order of the table, of one role or all."""
        return [column.name for column in self.columns if role in (None, column.role)]


@dataclass(frozen=True)
class Loaded:
    """What ``load`` gives.

    ``features`` has n rows, ``target`` the columns ``label`` and ``target`` (1 = positive), ``keys`` the column
    ``twin`` (equal numbers where all features are equal) and what `phishcli.features.row_keys.row_keys` found;
    ``audit`` are findings.
    """

    features: pd.DataFrame
    target: pd.DataFrame
    keys: pd.DataFrame
    schema: Schema
    audit: list[dict[str, Any]]


@dataclass(frozen=True)
class Preprocessed:
    """What ``preprocess`` gives.

    ``train`` and ``test`` hold the processed features (float32) and ``target`` (int8); ``split`` one line per row of
    the table, in the order of ``train`` then ``test``: ``row`` (position in the table), ``part``, ``fold`` (test: -1).
    ``preprocessor`` maps raw features to a float32 array, ``features`` says from which column each output came.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    split: pd.DataFrame
    preprocessor: BaseEstimator
    features: list[dict[str, Any]]


@dataclass(frozen=True)
class Fold:
    """One cross-validation fold: float32 matrices made by a preprocessor that saw the training rows of the fold only.

    ``valid_rows`` are positions in the training part.
    """

    number: int
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int8]
    x_valid: NDArray[np.float32]
    y_valid: NDArray[np.int8]
    valid_rows: NDArray[np.intp]


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
