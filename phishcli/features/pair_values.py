"""The product or the ratio of two columns of numbers; prediction needs NumPy alone for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def pair_values(left: Values, right: Values, how: str) -> Values:
    """Multiply or divide two columns, shape (n,); NaN where a value is missing or the result is no finite number."""
    with np.errstate(all="ignore"):
        found: Values = left * right if how == "product" else left / right
    return np.where(np.isfinite(found), found, np.nan)
