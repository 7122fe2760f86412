"""Matrices are made from the artifacts of earlier stages, and written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phishcli.documents.schema import Column
from phishcli.errors import PersistError
from phishcli.fits.matrices import FolderRef, TrainingData, training_data, write_folder
from phishcli.tables.memory import MemoryTable
from tests.made import schema_of


def test_the_arrays_of_a_fold_are_those_that_were_made_for_it(data: TrainingData) -> None:
    fold, arrays = data.make_fold(1), data.arrays(1)
    assert list(arrays) == ["x_train", "y_train", "x_valid", "y_valid"]
    for part, array in arrays.items():
        assert np.array_equal(array, getattr(fold, part))


def test_the_arrays_of_all_rows_have_nothing_held_out(data: TrainingData) -> None:
    arrays = data.arrays(None)
    assert list(arrays) == ["x_train", "y_train"]
    assert arrays["x_train"] is data.x
    assert arrays["y_train"] is data.y


def test_what_is_loaded_is_what_was_written(data: TrainingData, tmp_path: Path) -> None:
    ref = write_folder(data.arrays(1), tmp_path / "deep" / "fold_1")
    assert ref == FolderRef(tmp_path / "deep" / "fold_1")
    for part, array in data.arrays(1).items():
        assert ref.load(part).dtype == array.dtype
        assert np.array_equal(ref.load(part), array)


def test_a_matrix_is_mapped_into_memory_and_cannot_be_changed(data: TrainingData, tmp_path: Path) -> None:
    x = write_folder(data.arrays(0), tmp_path / "fold_0").load("x_train")
    assert isinstance(x, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        x[0, 0] = 1


def test_a_folder_that_could_not_be_written_whole_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, _: object) -> None:
        if path.name == "y_train.npy":
            raise OSError("disk full")
        path.touch()

    monkeypatch.setattr(np, "save", fail)
    with pytest.raises(PersistError, match="disk full"):
        write_folder({"x_train": np.ones(2), "y_train": np.ones(2)}, tmp_path / "fold_0")
    assert not (tmp_path / "fold_0").exists()


def test_artifacts_of_the_earlier_stages_come_together() -> None:
    table = pd.DataFrame({"a": np.arange(20.0), "b": np.tile([1.0, 5.0], 10)})
    schema = schema_of(*(Column(name=name, role="numeric", dtype="double") for name in ("a", "b")))
    order = np.random.default_rng(0).permutation(20)
    part = np.where(np.arange(20) < 16, "train", "test")
    split = pd.DataFrame({"row": order, "part": part, "fold": np.where(part == "train", np.arange(20) % 2, -1)})
    processed = pd.DataFrame({"a": order[:16], "b": 0.0, "target": (order[:16] % 2).astype(np.int8)}).astype(
        {"a": np.float32}
    )
    data = training_data(
        train=MemoryTable.of_frame(processed), split=split, features=MemoryTable.of_frame(table), schema=schema
    )
    assert data.rows.tolist() == order[:16].tolist()
    assert (data.x.dtype, data.x.shape, data.n_folds) == (np.float32, (16, 2), 2)
    fold = data.make_fold(1)
    assert fold.valid_rows.tolist() == list(range(1, 16, 2))
    assert fold.y_valid.tolist() == (order[1:16:2] % 2).tolist()
    training_rows = table["a"].to_numpy()[order[0:16:2]]
    assert fold.x_valid.shape == (8, 2)
    low, high = np.quantile(training_rows, [0.25, 0.75])
    expected = (table["a"].to_numpy()[order[1:16:2]] - np.median(training_rows)) / (high - low)
    assert fold.x_valid[:, 0] == pytest.approx(expected, rel=1e-5)
