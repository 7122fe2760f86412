"""Which features a model relies on: permutation importance, contributions, and partial dependence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.explanations import Contribution, DependencePoint, Importance
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.formulas import roc_auc

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Predict = Callable[[NDArray[np.float32]], NDArray[np.float64]]

ROWS = 1_000
"""Rows used for explanations, drawn at random."""
OF_EACH = 100
"""Rows of the rarer class among those, as far as there are as many."""
REPEATS = 5
"""Permutations of each feature."""
GRID = 12
"""Points of a partial dependence curve."""
TOP = 4
"""Features with a partial dependence curve."""
PD_ROWS = 300
"""Rows over which a partial dependence is averaged."""
CATEGORIES = 12
"""Categories of a partial dependence curve, the most frequent ones."""


def sample_rows(n: int, seed: int, most: int = ROWS) -> NDArray[np.intp]:
    """Positions of at most ``most`` of n rows, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def sample_of_both(positive: NDArray[np.bool_], seed: int, most: int = ROWS) -> NDArray[np.intp]:
    """Positions of at most ``most`` rows, in order; where one class is rare, with `OF_EACH` rows of it or all it has.

    A ROC-AUC compares the classes, so that their shares do not matter; a rare class that hardly occurs does.
    """
    rows = sample_rows(len(positive), seed, most)
    rarer = positive if 2 * positive.sum() <= len(positive) else ~positive
    if rarer[rows].sum() >= min(OF_EACH, rarer.sum()):
        return rows
    few, many = np.flatnonzero(rarer), np.flatnonzero(~rarer)
    kept = few[sample_rows(len(few), seed, OF_EACH)]
    return np.sort(np.concatenate([kept, many[sample_rows(len(many), seed, most - len(kept))]]))


def permutation_importance(
    predict: Predict,
    x: NDArray[np.float32],
    positive: NDArray[np.bool_],
    origins: Mapping[str, Sequence[int]],
    *,
    seed: int = 42,
) -> list[Importance]:
    """The loss of ROC-AUC when a feature of the table is shuffled (Breiman 2001, Machine Learning 45, 5-32).

    Parameters
    ----------
    predict
        Gives the probability of the positive class, shape (m,), for a matrix of shape (m, k).
    x, positive
        Rows that the model has not seen, shape (n, k), and whether they are positive, shape (n,).
    origins
        For each feature of the table the columns of ``x`` that come from it; they are shuffled together.

    Returns
    -------
    list
        One entry per feature, the most important first.
    """
    rng = np.random.default_rng(seed)
    whole = _auc(positive, predict(x))
    found = []
    copies = np.tile(x, (REPEATS, 1))  # made once: of wide tables a copy takes longer than the prediction
    for feature, columns in origins.items():
        given = x[:, columns]
        copies[:, columns] = np.concatenate([given[rng.permutation(len(x))] for _ in range(REPEATS)])
        scores = predict(copies).reshape(REPEATS, len(x))
        copies[:, columns] = np.tile(given, (REPEATS, 1))
        drops = [whole - _auc(positive, each) for each in scores]
        found.append(Importance(feature=feature, drop=float(np.mean(drops)), std=float(np.std(drops))))
    return sorted(found, key=lambda each: -each.drop)


def _auc(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    return float(roc_auc(ScoredRows(positive, scores).by_score))


def contributions(values: NDArray[np.float64], origins: Mapping[str, Sequence[int]]) -> list[Contribution]:
    """Summarize what each feature adds to the log odds of the rows.

    Parameters
    ----------
    values
        Shape (n, k): the contribution of each column of the matrix to each row.
    origins
        For each feature of the table its columns, whose contributions are summed.

    Returns
    -------
    list
        One entry per feature, the largest contribution first.
    """
    found = [
        Contribution(feature=feature, mean_abs=float(np.abs(values[:, list(columns)].sum(axis=1)).mean()))
        for feature, columns in origins.items()
    ]
    return sorted(found, key=lambda each: -each.mean_abs)


def partial_dependence(
    predict: Predict, x: NDArray[np.float32], raw: pd.Series[Any], columns: Sequence[int], *, seed: int = 42
) -> list[DependencePoint]:
    """How the mean probability changes with one feature, the others unchanged (Friedman 2001, Annals of Statistics 29).

    The values are those of rows of the table, so that no preprocessor is needed to fill the columns of ``x``.

    Parameters
    ----------
    x, raw
        n rows as the model sees them, and the feature as the table has it.
    columns
        The columns of ``x`` that come from it.

    Returns
    -------
    list
        At quantiles for numbers, at the most frequent categories, and last at a missing value, if rows have none.
    """
    donors = _donors(raw)
    base = x[sample_rows(len(x), seed, PD_ROWS)]
    copies = np.concatenate([_with(base, x[donor], columns) for _, donor in donors]) if donors else base[:0]
    means = predict(copies).reshape(len(donors), len(base)).mean(axis=1) if donors else []
    return [
        DependencePoint(value=value, probability=float(mean)) for (value, _), mean in zip(donors, means, strict=True)
    ]


def _donors(raw: pd.Series[Any]) -> list[tuple[float | str | None, int]]:
    """Values to set, each with the position of a row that has it; missing is one of them."""
    values, missing = _values(raw), np.flatnonzero(raw.isna())
    return [*values, *((None, int(place)) for place in missing[:1])] if values else []


def _values(raw: pd.Series[Any]) -> list[tuple[float | str, int]]:
    import pandas as pd

    if isinstance(raw.dtype, pd.CategoricalDtype):
        common = [value for value, rows in raw.value_counts().items() if rows][:CATEGORIES]
        return [(str(value), int(np.flatnonzero(raw == value)[0])) for value in common]
    known = np.flatnonzero(raw.notna())
    if not len(known):
        return []
    values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
    order = known[np.argsort(values[known], kind="stable")]
    places = order[np.unique(np.linspace(0, len(order) - 1, GRID).astype(int))]
    return [(float(value), int(place)) for value, place in {float(values[p]): p for p in places}.items()]


def _with(base: NDArray[np.float32], donor: NDArray[np.float32], columns: Sequence[int]) -> NDArray[np.float32]:
    copy = base.copy()
    copy[:, columns] = donor[columns]
    return copy
