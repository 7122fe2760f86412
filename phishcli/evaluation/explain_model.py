"""The explain stage: what one model looks at, measured on rows that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.errors import EvaluateError, first_line
from phishcli.evaluation.explain import (
    TOP,
    contributions,
    drawn,
    partial_dependence,
    permutation_importance,
)
from phishcli.models import get

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator


def explain(
    model: BaseEstimator,
    name: str,
    test: pd.DataFrame,
    *,
    raw: pd.DataFrame,
    described: Sequence[Mapping[str, Any]],
    seed: int = 42,
) -> dict[str, Any]:
    """Explain one model on (a thousand of) the test rows, by its own probabilities, before any calibration.

    Parameters
    ----------
    model, name
        A fitted classifier, and its name.
    test
        n rows of processed features and ``target``.
    raw
        The same rows as the table has them.
    described
        ``features.json``: from which feature of the table each processed one comes.
    seed
        Of the rows drawn and of the permutations.

    Returns
    -------
    dict
        ``explanations.json``: ``rows``; ``permutation`` (loss of ROC-AUC); ``contributions`` (mean size in log odds),
        where the model has them, else None; ``coefficients`` of a linear model, else None; ``partial_dependence`` of
        the features at the top.

    Raises
    ------
    EvaluateError
        When the model cannot be asked.
    """
    rows = drawn(len(test), seed)
    x = test.drop(columns="target").to_numpy(np.float32)[rows]
    positive = test["target"].to_numpy()[rows] == 1
    origins = _origins(described)

    def predict(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(model.predict_proba(matrix)[:, 1], dtype=np.float64)

    try:
        ranked = permutation_importance(predict, x, positive, origins, seed=seed)
        top = [each["feature"] for each in ranked[:TOP]]
        return {
            "rows": len(rows),
            "permutation": ranked,
            "contributions": _contributions(model, name, x, origins),
            "coefficients": _coefficients(model, described),
            "partial_dependence": {
                feature: partial_dependence(predict, x, raw[feature].iloc[rows], origins[feature], seed=seed)
                for feature in top
            },
        }
    except Exception as error:
        # A model is foreign code: whatever it raises concerns this model and leaves the others alone.
        what = f"{name} cannot be explained: {first_line(error)}"
        hint = "Leave explanations out with --set evaluate.explain=false"
        raise EvaluateError(what, where=f"explain/{name}", hint=hint) from error


def _origins(described: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Columns of the matrix by the feature of the table that they come from; an indicator belongs to its column."""
    origins: dict[str, list[int]] = {}
    for position, feature in enumerate(described):
        origins.setdefault(feature["column"], []).append(position)
    return origins


def _contributions(
    model: BaseEstimator, name: str, x: NDArray[np.float32], origins: Mapping[str, Sequence[int]]
) -> list[dict[str, Any]] | None:
    ask = get(name).contributions
    return contributions(np.asarray(ask(model, x), dtype=np.float64), origins) if ask else None


def _coefficients(model: BaseEstimator, described: Sequence[Mapping[str, Any]]) -> dict[str, float] | None:
    """Log odds per unit of the scaled feature, of a linear model."""
    weights = getattr(model, "coef_", None)
    if weights is None:
        return None
    return {feature["name"]: float(weight) for feature, weight in zip(described, np.ravel(weights), strict=True)}
