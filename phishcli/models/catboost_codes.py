"""CatBoost on a float matrix in which some columns are codes of categories: it wants those as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from catboost import CatBoostClassifier, Pool

MISSING = -1


def as_pool(x: Any, codes: Sequence[int] | None, y: Any = None, weight: Any = None) -> Any:
    """A matrix as CatBoost takes it, shape (n, k)."""
    import pandas as pd

    if not codes:
        return Pool(x, y, weight=weight)
    table = pd.DataFrame(x)
    for place in codes:
        table[place] = np.nan_to_num(table[place].to_numpy(), nan=MISSING).astype(np.int32)
    return Pool(table, y, weight=weight, cat_features=list(codes))


class CatBoostOnCodes(CatBoostClassifier):  # type: ignore[misc]  # CatBoost publishes no types
    """A classifier whose ``cat_features`` are columns of codes; NaN stands for a missing one."""

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit on a matrix, shape (n, k), and classes, shape (n,)."""
        fitted: Self = super().fit(as_pool(x, self._codes, y, sample_weight))
        return fitted

    def predict_proba(self, x: Any, **more: Any) -> Any:
        """Probabilities of both classes, shape (n, 2)."""
        return super().predict_proba(as_pool(x, self._codes), **more)

    @property
    def _codes(self) -> Sequence[int] | None:
        found: Sequence[int] | None = self.get_params().get("cat_features")
        return found
