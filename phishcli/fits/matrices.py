"""The matrices that fits are made on: each made once, kept as files, and mapped into memory by every worker."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.types import TrainingData

PARTS = ("x_train", "y_train", "x_valid", "y_valid")


class Matrices:
    """The matrices of all folds and of all training rows, made when they are first asked for.

    Files are mapped rather than read, so that threads and processes share one copy, and the system can take the memory
    back when it is short of it. Safe to use from several threads.
    """

    def __init__(self, data: TrainingData, folder: Path) -> None:
        self.data, self.folder = data, folder
        self._locks = {fold: Lock() for fold in (None, *range(data.n_folds))}

    def path(self, fold: int | None) -> Path:
        """The folder of the matrices of a fold (None: all training rows), which are made if they are not there yet."""
        path = self.folder / ("all" if fold is None else f"fold_{fold}")
        with self._locks[fold]:
            if not path.is_dir():
                self._make(fold, path)
        return path

    def _make(self, fold: int | None, path: Path) -> None:
        arrays: dict[str, NDArray[Any]]
        if fold is None:
            arrays = {"x_train": self.data.x, "y_train": self.data.y}
        else:
            made = self.data.make_fold(fold)
            arrays = {part: getattr(made, part) for part in PARTS}
        unfinished = path.with_name(f"{path.name}-unfinished")
        unfinished.mkdir(parents=True)
        for part, array in arrays.items():
            np.save(unfinished / f"{part}.npy", array)
        unfinished.rename(path)


def mapped(path: Path, part: str) -> NDArray[Any]:
    """One array of a folder of matrices, read-only; only what is touched is read."""
    array: NDArray[Any] = np.load(path / f"{part}.npy", mmap_mode="r")
    return array
