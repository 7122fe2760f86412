"""The explain stage: which features one model relies on, measured on rows that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.columns import TARGET
from phishcli.documents.explanations import Contribution, Explanations
from phishcli.documents.features import Features
from phishcli.errors import EvaluateError, first_line
from phishcli.evaluation.explain import (
    TOP,
    contributions,
    partial_dependence,
    permutation_importance,
    sample_of_both,
    sample_rows,
)
from phishcli.models import get
from phishcli.models.mean import MeanOfModels
from phishcli.models.view import without_view
from phishcli.tables.arrow import frame

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from phishcli.tables.table import Table


def explain(
    model: BaseEstimator,
    name: str,
    test: Table,
    *,
    raw: Callable[[NDArray[np.intp]], pd.DataFrame],
    features: Features,
    seed: int = 42,
) -> Explanations:
    """Explain one model on at most a thousand test rows, by its own probabilities, before any calibration.

    Of a rare class the rows for the permutations hold at least a hundred, or all.

    Parameters
    ----------
    model, name
        A fitted classifier, and its name.
    test
        n rows of processed features and ``target``.
    raw
        Gives some of these rows, by their positions, as the table has them.
    features
        The column of the table that each processed feature comes from.
    seed
        Seed of the rows drawn and of the permutations.

    Raises
    ------
    EvaluateError
        When the model cannot be explained.
    """
    positive = test.column(TARGET).to_numpy() == 1
    rows, compared = sample_rows(test.rows, seed), sample_of_both(positive, seed)
    x, as_given = _matrix(test, rows), raw(rows)
    origins = _origins(features)

    def predict(varied: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(model.predict_proba(varied)[:, 1], dtype=np.float64)

    try:
        ranked = permutation_importance(predict, _matrix(test, compared), positive[compared], origins, seed=seed)
        curved = _with_curves(features)
        return Explanations(
            rows=len(rows),
            permutation=tuple(ranked),
            contributions=_contributions(model, name, x, origins),
            coefficients=_coefficients(model, features),
            partial_dependence={
                feature: tuple(partial_dependence(predict, x, as_given[feature], origins[feature], seed=seed))
                for feature in [each.feature for each in ranked if each.feature in curved][:TOP]
            },
        )
    except Exception as error:
        # A model is foreign code: whatever it raises concerns this model and leaves the others alone.
        what = f"{name} cannot be explained: {first_line(error)}"
        hint = "Skip explanations: --set evaluate.explain=false"
        raise EvaluateError(what, where=f"explain/{name}", hint=hint) from error


def _with_curves(features: Features) -> set[str]:
    """The columns whose values can be varied one by one."""
    return {
        feature.column
        for feature in features.features
        if feature.role not in ("text", "source") and feature.kind != "interaction"
    }


def _matrix(test: Table, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    names = [name for name in test.schema.names if name != TARGET]
    return frame(test.select(rows, names)).to_numpy(np.float32)


def _origins(features: Features) -> dict[str, list[int]]:
    """Columns of the matrix by the feature of the table they come from; an indicator belongs to its column."""
    origins: dict[str, list[int]] = {}
    for position, feature in enumerate(features.features):
        origins.setdefault(feature.column, []).append(position)
    return origins


def _contributions(
    model: BaseEstimator, name: str, x: NDArray[np.float32], origins: Mapping[str, Sequence[int]]
) -> tuple[Contribution, ...] | None:
    of_rows = get(name).contributions
    if of_rows is None or isinstance(model, MeanOfModels):  # log odds of a mean are no mean of log odds
        return None
    inner, places = without_view(model)
    if places is None:
        return tuple(contributions(np.asarray(of_rows(model, x), dtype=np.float64), origins))
    added = np.zeros(x.shape)
    added[:, list(places)] = of_rows(inner, x[:, list(places)])
    return tuple(contributions(added, origins))


def _coefficients(model: BaseEstimator, features: Features) -> dict[str, float] | None:
    """Log odds per unit of a processed feature; None for models that are not linear."""
    inner, places = without_view(model)
    weights = getattr(inner, "coef_", None)
    if weights is None:
        return None
    names = features.names if places is None else [features.names[place] for place in places]
    return {name: float(weight) for name, weight in zip(names, np.ravel(weights), strict=True)}
