"""The nouns that pass between stages. Light: nothing here imports pandas or scikit-learn when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd
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
class Evaluated:
    """What ``evaluate`` gives for one model.

    ``predictions`` has ``row``, ``label``, ``target``, ``probability`` and ``prediction``; ``metrics`` is
    ``metrics.json``; ``resamples`` has one line per resample of the bootstrap and one column per metric; ``timing``
    says how many seconds the test rows took.
    """

    predictions: pd.DataFrame
    metrics: dict[str, Any]
    resamples: pd.DataFrame
    timing: dict[str, float]


@dataclass(frozen=True)
class Scored:
    """What is known of a model when models are compared: what ``evaluate`` gave, and its out-of-fold predictions."""

    metrics: Mapping[str, Any]
    predictions: pd.DataFrame
    resamples: pd.DataFrame
    oof: pd.DataFrame


@dataclass(frozen=True)
class Compared:
    """What ``evaluate`` gives over all models.

    ``results`` is model x metric with intervals, ``segments`` scores by parts of the rows, ``suspects`` the rows whose
    label is doubtful.
    """

    results: pd.DataFrame
    selection: dict[str, Any]
    segments: pd.DataFrame
    suspects: pd.DataFrame


@dataclass(frozen=True)
class Report:
    """What ``report`` gives: the page, the text, the model card, the summary, and figures by file name."""

    html: str
    text: str
    card: str
    summary: dict[str, Any]
    suspects: pd.DataFrame | None
    figures: dict[str, str | bytes]


@dataclass(frozen=True)
class SplitFacts:
    """What ``preprocess`` left, in three numbers: rows on either side and processed features."""

    train_rows: int
    test_rows: int
    features: int


@dataclass(frozen=True)
class Provenance:
    """What is needed to make a run again.

    ``config`` is the resolved configuration (without ``run``, which changes no result), ``versions`` the installed
    release of each distribution, ``fingerprints`` the artifact of each step (``train/XGBoost``).
    """

    data_sha256: str
    config: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportData:
    """All that a report says, before it is drawn.

    ``summary`` is ``summary.json``; ``curves`` are the ROC and precision-recall points of each model and its rows per
    threshold, for charts only; ``suspects`` the rows with a doubtful label; ``charts`` and ``figures`` whether charts,
    and files of them, were asked for.
    """

    summary: dict[str, Any]
    curves: Mapping[str, Mapping[str, Mapping[str, list[float]]]]
    suspects: pd.DataFrame | None = None
    charts: bool = True
    figures: bool = False
