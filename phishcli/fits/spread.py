"""Fits on rows that are spread over the workers of a Dask cluster, for data that no single worker can hold.

Workers read partitions of the matrices, Parquet files that all of them see, and fit one model together. That changes
the numbers (bins are merged from those of each worker), so it is done only where nothing else fits, or on request, and
a fit on `sample_of` the rows shows by how much.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.errors import ConfigError
from phishcli.fits.matrices import Arrays, TrainingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.features.folds import Fold
    from phishcli.models.spec import ModelSpec

PARTITIONS = 4
"""Files for each worker: some may have more memory or time than others."""
LARGEST = 1_000_000
"""Rows of a file at most."""
COPIES = 4
"""How many times the matrix a worker may need when it fits alone: the matrix, its bins, gradients, and a copy."""
SAMPLE = 50_000
"""Rows on which a spread fit is compared with a local one; as many are held out."""
Y = "y"


def is_too_large(matrix_bytes: int, worker_bytes: int) -> bool:
    """Whether a fit on the matrix would not fit into the memory of a worker; 0 means that its limit is not known."""
    return 0 < worker_bytes < COPIES * matrix_bytes


def write_partitions(arrays: Arrays, folder: Path, workers: int) -> list[Path]:
    """Write the training rows as Parquet files, one partition each; they are read again by `read_partition`."""
    import pyarrow as pa
    from pyarrow import parquet

    x, y = arrays["x_train"], arrays["y_train"]
    size = max(min(-(-len(x) // (workers * PARTITIONS)), LARGEST), 1)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, start in enumerate(range(0, len(x), size)):
        part = np.asarray(x[start : start + size])
        columns = {f"x{place}": pa.array(part[:, place]) for place in range(part.shape[1])}
        path = folder / f"part-{number:05}.parquet"
        parquet.write_table(pa.table({**columns, Y: pa.array(y[start : start + size])}), path, compression="lz4")
        paths.append(path)
    return paths


def read_partition(path: str) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Read one partition in a worker: x with shape (n, k), y with shape (n,)."""
    from pyarrow import parquet

    table = parquet.read_table(path)
    x = np.empty((table.num_rows, table.num_columns - 1), dtype=np.float32)
    for place in range(x.shape[1]):
        x[:, place] = table.column(place).to_numpy()
    return x, table.column(Y).to_numpy().astype(np.int8)


def fit_spread(client: Any, spec: ModelSpec, estimator: Any, paths: list[Path]) -> Any:
    """Fit an estimator on partitions that the workers read; gives one that predicts at home.

    Raises
    ------
    ConfigError
        When the model cannot be fitted so.
    """
    from importlib import import_module

    from pyarrow import parquet

    if spec.fit_spread is None:
        what = f"{spec.name} cannot be trained on rows that are spread over workers"
        raise ConfigError(what, where="train.distributed", hint="XGBoost and LightGBM can; leave the others out")
    delayed: Any = import_module("dask").delayed
    array: Any = import_module("dask.array")
    sizes = [(each.num_rows, each.num_columns - 1) for each in map(parquet.read_metadata, paths)]
    parts = [delayed(read_partition)(str(path)) for path in paths]
    lazily = array.from_delayed
    x = array.concatenate([lazily(part[0], size, np.float32) for part, size in zip(parts, sizes, strict=True)])
    y = array.concatenate([lazily(part[1], size[:1], np.int8) for part, size in zip(parts, sizes, strict=True)])
    with client.as_current():  # which XGBoost asks for
        return spec.fit_spread(estimator, client, x, y)


def sample_of(data: TrainingData, seed: int = 0) -> TrainingData:
    """Rows of both classes in their shares, half of them held out as the only fold."""
    from phishcli.features.folds import Fold

    random = np.random.default_rng(seed)
    size = min(2 * SAMPLE, len(data.y))
    chosen = np.sort(random.permutation(len(data.y))[:size])
    held = random.random(size) < 1 / 2
    x, y = np.asarray(data.x[chosen]), np.asarray(data.y[chosen])

    def make(number: int) -> Fold:
        return Fold(number, x[~held], y[~held], x[held], y[held], np.flatnonzero(held))

    return TrainingData(x, y, chosen.astype(np.int64), np.zeros(size, dtype=np.int8), make)
