"""The matrices that fits are made on, and the references by which workers find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from phishcli.errors import system_error

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.documents.features import Strategy, View
    from phishcli.documents.schema import Schema
    from phishcli.features.folds import Fold
    from phishcli.tables.disk import Disk
    from phishcli.tables.table import Table

Part = str
"""``x_train``, ``y_train``, ``x_valid``, ``y_valid``, and of each view ``places`` and ``codes`` with its number."""
Arrays = Mapping[Part, "NDArray[Any]"]


@dataclass(frozen=True)
class TrainingData:
    """What every model is trained on.

    ``x`` has shape (n, k); ``y``, ``rows`` (positions in the table) and ``folds`` (0, 1, ...) have shape (n,).
    ``make_fold`` makes the matrices of a fold by its number. ``views`` say what models of each strategy see of them;
    none where all see everything.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int8]
    rows: NDArray[np.int64]
    folds: NDArray[np.int8]
    make_fold: Callable[[int], Fold]
    views: tuple[View, ...] = ()

    @property
    def n_folds(self) -> int:
        """The number of folds."""
        return int(self.folds.max()) + 1

    def arrays(self, fold: int | None) -> Arrays:
        """Make the arrays of a fold; of all training rows (None) those to fit on, since no rows are held out."""
        if fold is None:
            return {"x_train": self.x, "y_train": self.y, **_arrays_of(self.views)}
        made = self.make_fold(fold)
        arrays: dict[Part, NDArray[Any]] = {"x_train": made.x_train, "y_train": made.y_train}
        arrays |= {"x_valid": made.x_valid, "y_valid": made.y_valid}
        return {**arrays, **(_arrays_of(made.views) if self.views else {})}

    def view(self, strategy: Strategy) -> int | None:
        """The number of the view of a strategy; None where all models see everything."""
        return next((number for number, view in enumerate(self.views) if view.strategy == strategy), None)

    def width(self, strategy: Strategy) -> int:
        """The number of columns that models of a strategy see."""
        number = self.view(strategy)
        return self.x.shape[1] if number is None else len(self.views[number].places)


def _arrays_of(views: Sequence[View]) -> dict[Part, NDArray[Any]]:
    """Views as arrays: workers find them as they find matrices, since each fold has views of its own."""
    arrays: dict[Part, NDArray[Any]] = {}
    for number, view in enumerate(views):
        arrays[f"places_{number}"] = np.array(view.places, dtype=np.int64)
        arrays[f"codes_{number}"] = np.array(view.categories, dtype=np.int64)
    return arrays


def _needed(views: Sequence[View]) -> bool:
    """Whether models see different columns, or codes of categories."""
    return len({(view.places, view.categories) for view in views}) > 1 or any(view.categories for view in views)


def training_data(
    *,
    train: Table,
    split: pd.DataFrame,
    features: Table,
    schema: Schema,
    views: Sequence[View] = (),
    disk: Disk | None = None,
) -> TrainingData:
    """Combine the artifacts of ``load`` and ``preprocess``.

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
    views
        What models of each strategy see.
    disk
        Where matrices wait for which there is no room in memory.
    """
    from phishcli.features.folds import fold_matrices
    from phishcli.tables.disk import Disk
    from phishcli.tables.matrix import matrix_of
    from phishcli.tables.order import in_order

    lines = split[split["part"] == "train"]
    rows, folds = lines["row"].to_numpy(), lines["fold"].to_numpy()
    disk = disk or Disk()
    x, target = matrix_of(train, disk)
    ordered, places = in_order(features, rows, disk), np.arange(len(rows))
    strategies = [view.strategy for view in views]
    make_fold = partial(fold_matrices, ordered, places, target, folds, schema, strategies=strategies, disk=disk)
    seen = tuple(views) if _needed(views) else ()
    return TrainingData(x=x, y=target, rows=rows, folds=folds, make_fold=make_fold, views=seen)


def whole_data(x: NDArray[np.float32], oof: pd.DataFrame, views: Sequence[View]) -> TrainingData:
    """All training rows, for fits on all of them alone.

    Parameters
    ----------
    x
        The matrix, shape (n, k).
    oof
        Out-of-fold predictions, for ``row``, ``fold`` and ``target`` of each row.
    views
        What models of each strategy see.
    """
    target = oof["target"].to_numpy(np.int8)
    seen = tuple(views) if _needed(views) else ()
    return TrainingData(x, target, oof["row"].to_numpy(), oof["fold"].to_numpy(), make_fold=_no_fold, views=seen)


def _no_fold(number: int) -> Fold:
    raise ValueError(f"fold {number} was not asked for")


class MatrixRef(Protocol):
    """Names the matrices of a fold for a worker: small, frozen, and valid in any process of its backend.

    A backend decides what it holds: a folder, a key in the memory of a cluster.
    """

    def load(self, part: Part) -> NDArray[Any]:
        """Give one of the arrays; nobody writes to it."""


@dataclass(frozen=True)
class FolderRef:
    """Matrices in a folder of ``.npy`` files.

    Files are mapped into memory rather than read, so that threads and processes share one copy, and the system can take
    the memory back when it is short of it.
    """

    path: Path

    def load(self, part: Part) -> NDArray[Any]:
        """Map one array into memory, read-only; only what is used of it is read."""
        array: NDArray[Any] = np.load(self.path / f"{part}.npy", mmap_mode="r")
        return array


def _save(path: Path, array: NDArray[Any]) -> None:
    """Write an array; one that is mapped from a whole file gets a second name there, where the system knows these."""
    if isinstance(array, np.memmap) and array.filename is not None:
        array.flush()
        with suppress(OSError):
            path.hardlink_to(array.filename)
            return
    np.save(path, array)


def write_folder(arrays: Arrays, path: Path) -> FolderRef:
    """Write arrays into a new folder, which appears under its name only when it is complete.

    Raises
    ------
    PersistError
        When the disk is full or cannot be written.
    """
    unfinished = path.with_name(f"{path.name}-unfinished")
    try:
        unfinished.mkdir(parents=True)
        for part, array in arrays.items():
            _save(unfinished / f"{part}.npy", array)
        unfinished.rename(path)
    except OSError as error:
        what, kept = "The matrices that models are trained on cannot be written", "finished fits are kept"
        raise system_error(error, what, where=path.parent, kept=kept) from error
    return FolderRef(path)
