"""Stage 2: features become a training and a test part, folds, and the matrices that the models see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.errors import PreprocessError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.transform import describe_features, fit_preprocessor, transform
from phishcli.tables.split import split_rows
from phishcli.types import Preprocessed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from phishcli.config.schema import PreprocessConfig
    from phishcli.tables.split import Split
    from phishcli.types import Schema


def preprocess(
    settings: PreprocessConfig,
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
    *,
    on_event: OnEvent = ignore,
) -> Preprocessed:
    """Split the rows, fix the folds, and fit the preprocessor on the training part alone.

    Parameters
    ----------
    settings
        The section ``preprocess`` of the configuration.
    features, target, schema
        What ``load`` gave for n rows; the target holds ``group`` or ``time`` where the settings split by them.
    on_event
        Hears how many rows and features came out.

    Raises
    ------
    PreprocessError
        When no feature is left, or when a part or a fold would be without one of the classes.
    """
    if not schema.columns:
        aside = ", ".join(schema.set_aside) or "none"
        raise PreprocessError(
            "There is no feature to learn from.",
            where=f"columns set aside: {aside}",
            hint="Use one of them all the same with --keep COLUMN.",
        )
    split = split_rows(settings, target)
    preprocessor = fit_preprocessor(features, schema, split.train)
    described = describe_features(preprocessor, schema)
    if not described:
        raise PreprocessError(
            "Every feature has a single value in the training part, so there is nothing to learn from.",
            where=f"columns: {', '.join(schema.names())}",
        )
    names = [feature["name"] for feature in described]
    train, test = (_part(preprocessor, features, target, rows, names) for rows in (split.train, split.test))
    on_event(Notice(f"{len(train):,} training rows, {len(test):,} test rows, {len(names)} features."))
    return Preprocessed(train, test, _split_frame(split), preprocessor, described)


def _part(
    preprocessor: Pipeline, features: pd.DataFrame, target: pd.DataFrame, rows: NDArray[np.intp], names: list[str]
) -> pd.DataFrame:
    # Column by column in memory, as Parquet files are written and read: fresh and cached parts are alike.
    matrix = transform(preprocessor, features, rows=rows, order="F")
    part = pd.DataFrame(matrix, columns=names, copy=False)
    part["target"] = target["target"].to_numpy()[rows]
    return part


def _split_frame(split: Split) -> pd.DataFrame:
    parts = np.repeat(["train", "test"], [len(split.train), len(split.test)])
    folds = np.concatenate([split.folds, np.full(len(split.test), -1, dtype=np.int8)])
    return pd.DataFrame({"row": np.concatenate([split.train, split.test]), "part": parts, "fold": folds})
