"""A fitted model that sees some columns of the matrix only: as a pipeline of scikit-learn, and as a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from phishcli.models.own_format import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEP = "view"
"""The name of the step that picks the columns."""


class Viewed(NamedTuple):
    """A model without its view; ``places`` are the columns that it sees, None for all."""

    model: Any
    places: tuple[int, ...] | None


def with_view(model: Any, places: Sequence[int] | None) -> Any:
    """Have a fitted model pick its columns from the whole matrix; None leaves it as it is."""
    if places is None:
        return model
    import numpy as np
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    picked = {"indices": np.array(places, dtype=np.intp), "axis": 1}
    return Pipeline([(STEP, FunctionTransformer(np.take, kw_args=picked)), ("model", model)])


def without_view(model: Any) -> Viewed:
    """Take a model apart that `with_view` has given."""
    steps = getattr(model, "named_steps", {})
    if STEP not in steps:
        return Viewed(model, None)
    return Viewed(steps["model"], tuple(steps[STEP].kw_args["indices"].tolist()))


class ScoreOfView(msgspec.Struct, frozen=True):
    """The score of a model that sees some columns only."""

    score: Score
    places: tuple[int, ...]

    def __call__(self, matrix: NDArray[np.float32]) -> Any:
        """Give the probability of the positive class for n rows, shape (n,)."""
        return self.score(matrix[:, list(self.places)])


def of_view(score: Score, places: tuple[int, ...] | None) -> Score:
    """Have a score pick its columns from the whole matrix; None leaves it as it is."""
    return score if places is None else ScoreOfView(score, places)
