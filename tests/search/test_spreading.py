"""Which models are trained on rows that are spread over workers, and what is written for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phishcli.errors import ConfigError
from phishcli.fits.matrices import TrainingData
from phishcli.fits.spread import SAMPLE, is_too_large, read_partition, sample_of, write_partitions
from phishcli.search.settings import ModelSettings
from phishcli.search.spreading import choose
from phishcli.stages import train


@dataclass
class Workers:
    """A backend whose workers have so much memory; nothing else of it is looked at."""

    worker_bytes: int
    slots: int = 2
    lazy: bool = False

    def place(self, *_: Any) -> None: ...
    def submit(self, *_: Any) -> None: ...
    def next(self) -> None: ...
    def wake(self) -> None: ...
    def close(self) -> None: ...


class OneMachine:
    slots = 2


def settings(how: Any, *models: str) -> list[ModelSettings]:
    return [ModelSettings(model, {}, distributed=how) for model in models]


def test_rows_are_spread_where_they_fit_into_no_worker_or_on_request() -> None:
    small, large, unknown = Workers(10**9), Workers(10**6), Workers(0)
    three = ("XGBoost", "LightGBM", "LogisticRegression")
    assert choose(settings("auto", *three), 10**6, small).spread == set()
    assert choose(settings("auto", *three), 10**9, unknown).spread == set()
    found = choose(settings("auto", *three), 10**6, large)
    assert (found.spread, set(found.impossible)) == ({"XGBoost", "LightGBM"}, {"LogisticRegression"})
    assert "does not fit into the memory of a worker" in str(found.impossible["LogisticRegression"])
    found = choose(settings("always", *three), 10**6, small)
    assert (found.spread, found.impossible) == ({"XGBoost", "LightGBM"}, {})
    found = choose(settings("never", *three), 10**6, large)
    assert (found.spread, found.impossible) == (set(), {})
    with pytest.raises(ConfigError, match="Dask cluster only"):
        choose(settings("always", *three), 10**6, OneMachine())  # type: ignore[arg-type]  # as little as is looked at


def test_a_worker_needs_a_few_times_the_matrix() -> None:
    assert [is_too_large(10**9, gigabytes * 10**9) for gigabytes in (1, 3, 4, 64)] == [True, True, False, False]


def test_spreading_on_request_is_another_result_and_leaves_other_fingerprints_alone() -> None:
    from phishcli.config import Config
    from phishcli.flow.settings import fingerprinted

    def parts(how: str, model: str) -> dict[str, Any]:
        config = Config.model_validate({"train": {"distributed": how}})
        return fingerprinted(train.settings(config, model))

    assert parts("auto", "XGBoost") == parts("never", "XGBoost")
    assert parts("always", "XGBoost") == {**parts("auto", "XGBoost"), "spread": True}
    assert parts("always", "RandomForest") == parts("auto", "RandomForest")


@pytest.mark.parametrize(("rows", "workers"), [(1, 2), (7, 2), (1000, 3)])
def test_partitions_hold_every_row_once_in_its_order(rows: int, workers: int, tmp_path: Path) -> None:
    x = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
    x[0, 0] = np.nan
    y = np.arange(rows, dtype=np.int8) % 2
    paths = write_partitions({"x_train": x, "y_train": y}, tmp_path / "parts", workers)
    read = [read_partition(str(path)) for path in paths]
    np.testing.assert_array_equal(np.concatenate([part for part, _ in read]), x)
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in read]), y)
    assert len(paths) >= min(rows, workers)


def test_a_sample_keeps_rows_with_their_classes_and_holds_half_of_them_out() -> None:
    n = 3 * SAMPLE
    x = np.arange(n, dtype=np.float32)[:, None]
    y = (np.arange(n) % 4 == 0).astype(np.int8)
    whole = TrainingData(x, y, np.arange(n), np.zeros(n, np.int8), lambda _: None)  # type: ignore[arg-type,return-value]  # not used
    sample = sample_of(whole)
    fold = sample.make_fold(0)
    assert len(sample.y) == 2 * SAMPLE
    assert len(fold.y_train) + len(fold.y_valid) == 2 * SAMPLE
    for part, labels in ((fold.x_train, fold.y_train), (fold.x_valid, fold.y_valid)):
        np.testing.assert_array_equal(labels, part[:, 0] % 4 == 0)
    assert set(fold.x_train[:, 0]).isdisjoint(fold.x_valid[:, 0])
    assert abs(fold.y_train.mean() - 0.25) < 0.01
