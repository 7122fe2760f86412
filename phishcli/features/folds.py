"""The matrices of a cross-validation fold, made by a preprocessor that saw its training rows only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phishcli.features.learned import Learner
from phishcli.features.preprocessor import fit_preprocessor
from phishcli.features.transform import transform, width
from phishcli.tables.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from phishcli.documents.features import Strategy, View
    from phishcli.documents.schema import Schema
    from phishcli.tables.table import Table


@dataclass(frozen=True)
class Fold:
    """One cross-validation fold: float32 matrices made by a preprocessor that saw the training rows of the fold only.

    ``valid_rows`` are positions in the training part. ``views`` say what models of each strategy see of the matrices.
    """

    number: int
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int8]
    x_valid: NDArray[np.float32]
    y_valid: NDArray[np.int8]
    valid_rows: NDArray[np.intp]
    views: tuple[View, ...] = ()


def fold_matrices(
    features: Table,
    rows: NDArray[np.intp],
    target: ArrayLike,
    folds: ArrayLike,
    schema: Schema,
    number: int,
    strategies: Sequence[Strategy] = (),
    disk: Disk | None = None,
) -> Fold:
    """Make the matrices of one fold.

    Parameters
    ----------
    features
        Raw features of the whole table, as ``load`` gives them.
    rows
        Positions of the n rows of the training part, in its order.
    target
        The 0/1 target of these rows.
    folds
        The fold of each of these rows.
    schema
        What is known about the table.
    number
        The fold whose rows are held out.
    strategies
        How columns become features for the models.
    disk
        Where matrices wait for which there is no room in memory.
    """
    disk = disk or Disk()
    held_out = np.asarray(folds) == number
    y = np.asarray(target, dtype=np.int8)
    fitting, valid = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    learner = Learner(y[fitting], np.asarray(folds)[fitting])
    fitted = fit_preprocessor(features, schema, rows[fitting], learner, *strategies)
    outputs = width(fitted.preprocessor)
    into = {"train": disk.matrix(len(fitting), outputs), "valid": disk.matrix(len(valid), outputs)}
    return Fold(
        number=number,
        x_train=fitted.training_matrix(features, rows[fitting], into["train"]),
        y_train=y[fitting],
        x_valid=transform(fitted.preprocessor, features, rows=rows[valid], into=into["valid"]),
        y_valid=y[valid],
        valid_rows=valid,
        views=fitted.views,
    )
