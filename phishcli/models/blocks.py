"""Probabilities that do not depend on the other rows that are asked for at the same time.

Libraries of linear algebra add up in another order for another number of rows, so that the last digits of a row's
probability depend on its neighbors; the nearest of two equally near neighbors then does, too. In blocks of one size
they do not (but for the last digit of a neural network, which depends on the place in the block as well).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Predict = Callable[[Matrix], NDArray[np.floating]]


def in_blocks(predict: Predict, matrix: Matrix, rows: int) -> NDArray[np.floating]:
    """Predict for n rows in blocks of ``rows``, the last one filled up with zeros.

    Parameters
    ----------
    predict
        Gives one number for each row of a matrix.
    matrix
        n rows.
    rows
        The size of a block: large enough that calls cost little, small enough that a single row does; 0 for all rows
        at once.

    Returns
    -------
    ndarray, shape (n,)
    """
    if not rows:
        return predict(matrix)
    found = [_block(predict, matrix[start : start + rows], rows) for start in range(0, len(matrix), rows)]
    return np.concatenate(found) if found else np.empty(0)


def _block(predict: Predict, part: Matrix, rows: int) -> NDArray[np.floating]:
    if len(part) == rows:
        return predict(np.ascontiguousarray(part))
    full = np.zeros((rows, part.shape[1]), dtype=part.dtype)
    full[: len(part)] = part
    return predict(full)[: len(part)]
