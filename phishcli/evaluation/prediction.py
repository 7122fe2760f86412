"""The probabilities that a trained model gives to rows, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.columns import TARGET
from phishcli.errors import EvaluateError
from phishcli.events import Progress
from phishcli.models.blocks import in_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from phishcli.events import OnEvent
    from phishcli.tables.table import Table

BLOCK_ROWS = 50_000
"""Rows that are predicted at once: bounds the memory of kernels and neighbors."""

RETRAIN = "Train the model again (phish train --force), or remove it from train.models."


def predict(model: BaseEstimator, name: str, test: Table, on_event: OnEvent, *, size: int = 0) -> NDArray[np.float64]:
    """Probabilities of class 1, shape (n,), for the columns beside the target; ``size`` as of `in_blocks`."""
    blocks, done = [], 0
    for batch in test.batches([each for each in test.schema.names if each != TARGET]):
        rows = np.stack([each.to_numpy(zero_copy_only=False) for each in batch.columns], axis=1, dtype=np.float32)
        for start in range(0, len(rows), BLOCK_ROWS):
            blocks.append(_predict_block(model, name, rows[start : start + BLOCK_ROWS], size))
            done += len(blocks[-1])
            on_event(Progress(name, done, test.rows, "rows"))
    return np.concatenate(blocks)


def _predict_block(model: BaseEstimator, name: str, block: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    try:
        column = list(model.classes_).index(1)
        return np.asarray(in_blocks(lambda rows: model.predict_proba(rows)[:, column], block, size), dtype=np.float64)
    except Exception as error:
        # A model is foreign code: whatever it raises concerns this model and leaves the others alone.
        reason = (str(error) or type(error).__name__).splitlines()[0]
        what = f"{name} cannot predict the test part: {reason}"
        raise EvaluateError(what, where=f"evaluate/{name}", hint=RETRAIN) from error
