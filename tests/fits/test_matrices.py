"""Matrices are made once, whole or not at all, and shared by everything that fits on them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from phishcli.features.folds import Fold
from phishcli.fits.matrices import PARTS, Matrices, mapped
from phishcli.types import TrainingData


def with_folds(data: TrainingData, make: Callable[[int], Fold]) -> TrainingData:
    return TrainingData(data.x, data.y, data.rows, data.folds, make)


def test_the_matrices_of_a_fold_are_those_that_were_made_for_it(data: TrainingData, tmp_path: Any) -> None:
    path = Matrices(data, tmp_path / "made").path(1)
    for part in PARTS:
        expected = getattr(data.make_fold(1), part)
        assert mapped(path, part).dtype == expected.dtype
        assert np.array_equal(mapped(path, part), expected)


def test_the_matrix_of_all_rows_has_nothing_held_out(data: TrainingData, tmp_path: Any) -> None:
    path = Matrices(data, tmp_path / "made").path(None)
    assert np.array_equal(mapped(path, "x_train"), data.x)
    assert np.array_equal(mapped(path, "y_train"), data.y)
    assert {file.stem for file in path.iterdir()} == {"x_train", "y_train"}


def test_a_matrix_cannot_be_changed(data: TrainingData, tmp_path: Any) -> None:
    x = mapped(Matrices(data, tmp_path / "made").path(0), "x_train")
    with pytest.raises(ValueError, match="read-only"):
        x[0, 0] = 1


def test_each_fold_is_made_once_however_many_threads_ask_for_it(data: TrainingData, tmp_path: Any) -> None:
    made: list[int] = []

    def counted(number: int) -> Fold:
        made.append(number)
        return data.make_fold(number)

    matrices, meeting = Matrices(with_folds(data, counted), tmp_path / "made"), threading.Barrier(6, timeout=30)

    def ask(number: int) -> None:
        meeting.wait()
        matrices.path(number)

    threads = [threading.Thread(target=ask, args=(number % 3,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 1, 2]


def test_a_fold_that_could_not_be_made_is_not_there_half(data: TrainingData, tmp_path: Any) -> None:
    def fail(_: int) -> Fold:
        raise RuntimeError("no such fold")

    matrices = Matrices(with_folds(data, fail), tmp_path / "made")
    with pytest.raises(RuntimeError, match="no such fold"):
        matrices.path(2)
    assert not (tmp_path / "made" / "fold_2").exists()
