"""From features to a training and a test part, folds, and the matrices that the models see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from phishcli.documents.base import recast
from phishcli.documents.features import Feature, Features
from phishcli.errors import PreprocessError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.described import describe_features
from phishcli.features.learned import Learner
from phishcli.features.preprocessor import fit_preprocessor
from phishcli.features.strategies import strategy_of
from phishcli.features.transform import transform, width
from phishcli.tables.arrow import distinct
from phishcli.tables.disk import Disk
from phishcli.tables.matrix import MatrixTable
from phishcli.tables.order import in_order
from phishcli.tables.split import split_rows
from phishcli.tables.uneven import uneven_parts
from phishcli.typed import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from phishcli.config.schema import PreprocessConfig
    from phishcli.documents.features import Strategy
    from phishcli.documents.schema import Schema
    from phishcli.features.preprocessor import Fitted
    from phishcli.tables.split import Split
    from phishcli.tables.table import Table


BALANCED = "probabilities are then not those of the table, unless evaluate.calibrate maps them (sigmoid or isotonic)"


@dataclass(frozen=True)
class Preprocessed:
    """A split table, ready for the models.

    ``train`` and ``test`` hold the processed features (float32) and ``target`` (int8); ``split`` has one line per row
    of the table, in the order of ``train`` then ``test``: ``row`` (position in the table), ``part``, ``fold`` (test:
    -1). ``preprocessor`` maps raw features to a float32 matrix, ``features`` says where each of its columns comes from.
    """

    train: Table
    test: Table
    split: pd.DataFrame
    preprocessor: Pipeline
    features: Features


def preprocess(
    settings: PreprocessConfig,
    features: Table,
    target: pd.DataFrame,
    schema: Schema,
    *,
    strategies: Sequence[Strategy] | None = None,
    disk: Disk | None = None,
    on_event: OnEvent = ignore,
) -> Preprocessed:
    """Split the rows, fix the folds, and fit the preprocessor on the training part alone.

    Parameters
    ----------
    settings
        The section ``preprocess`` of the configuration.
    features, target, schema
        What ``load`` gave for n rows; the target holds ``group`` or ``time`` where the settings split by them.
    strategies
        How columns become features for the models; by default the strategy of the settings alone.
    disk
        Where matrices wait for which there is no room in memory.
    on_event
        Receives how many rows and features there are.

    Raises
    ------
    PreprocessError
        When no feature is left, or when a part or a fold would lack one of the classes.
    """
    _check_columns(schema)
    strategies = strategies or (strategy_of(settings),)
    split = split_rows(settings, target)
    y = target["target"].to_numpy(np.int8)
    fitted = fit_preprocessor(features, schema, split.train, Learner(y[split.train], split.folds), *strategies)
    preprocessor, disk = fitted.preprocessor, disk or Disk()
    described = _described(fitted, schema)
    outputs, ordered = width(preprocessor), in_order(features, split.train, disk)
    matrix = fitted.training_matrix(ordered, np.arange(len(split.train)), disk.matrix(len(split.train), outputs))
    train = MatrixTable(matrix, y[split.train], described.names)
    ordered = in_order(features, split.test, disk)
    matrix = transform(preprocessor, ordered, into=disk.matrix(len(split.test), outputs))
    test = MatrixTable(matrix, y[split.test], described.names)
    for uneven in uneven_parts(settings, target, split.train, split.folds):
        on_event(Notice(uneven.sentence, "warning", "finding"))
    if any(each.balance != "none" for each in strategies):
        on_event(Notice(f"Classes are balanced in training: {BALANCED}."))
    described = _with_counts(described, features, split.train, train)
    return Preprocessed(train, test, _split_frame(split), preprocessor, described)


def _check_columns(schema: Schema) -> None:
    if not schema.columns:
        aside = ", ".join(map(name_of, schema.set_aside)) or "none"
        raise PreprocessError(
            "There is no feature to learn from.",
            where=f"columns set aside: {aside}",
            hint="Use one of them anyway with --keep COLUMN.",
        )


def _described(fitted: Fitted, schema: Schema) -> Features:
    """Describe the features, of which there has to be one."""
    described = describe_features(fitted.preprocessor, schema, fitted.views)
    if not len(described):
        raise PreprocessError(
            "Every feature has a single value in the training part, so there is nothing to learn from.",
            where=f"columns: {', '.join(schema.names())}",
        )
    return described


def _with_counts(described: Features, features: Table, rows: NDArray[np.intp], train: Table) -> Features:
    """Count the different values of each number before and after it became a feature."""
    counted_features = [_with_losses(each, features, rows, train) for each in described.features]
    return recast(Features, described, features=tuple(counted_features))


def _with_losses(feature: Feature, features: Table, rows: NDArray[np.intp], train: Table) -> Feature:
    """Note both numbers where values were lost; elsewhere the description does not depend on the rows."""
    if feature.kind != "value":
        return feature
    before = distinct(features.column(feature.column).take(pa.array(rows)))
    kept = distinct(train.column(feature.name))
    return recast(Feature, feature, distinct=before, kept=kept) if kept < before else feature


def _split_frame(split: Split) -> pd.DataFrame:
    codes = np.repeat(np.array([0, 1], dtype=np.int8), [len(split.train), len(split.test)])
    parts = pa.DictionaryArray.from_arrays(codes, ["train", "test"]).cast(pa.large_string()).to_pandas()
    folds = np.concatenate([split.folds, np.full(len(split.test), -1, dtype=np.int8)])
    return pd.DataFrame({"row": np.concatenate([split.train, split.test]), "part": parts, "fold": folds})
