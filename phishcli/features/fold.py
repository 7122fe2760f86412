"""The matrices of one cross-validation fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Fold:
    """One cross-validation fold: float32 matrices from a preprocessor fitted on the training rows of the fold only.

    ``valid_rows`` are positions in the training part.
    """

    number: int
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int8]
    x_valid: NDArray[np.float32]
    y_valid: NDArray[np.int8]
    valid_rows: NDArray[np.intp]
