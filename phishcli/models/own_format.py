"""A fitted model in the format of its own library: opened without scikit-learn, and nothing is unpickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Score = Callable[["NDArray[np.float32]"], Any]
"""From a matrix of n rows to the probability of the positive class, shape (n,)."""
Contributions = Callable[["NDArray[np.float32]"], Any]
"""From a matrix of n rows and k columns to what each column adds to the log odds of each row, shape (n, k)."""


FORESTS = ("RandomForestClassifier", "ExtraTreesClassifier")


class NoSafeFormat(ValueError):
    """A model cannot be written so that reading it runs no code."""


class PositiveClass(msgspec.Struct, frozen=True):
    """The score of a fitted scikit-learn estimator; keeps the estimator within reach.

    ``in_blocks`` as of `phishcli.models.spec.ModelSpec`.
    """

    estimator: Any
    in_blocks: int = 0

    def __call__(self, matrix: NDArray[np.float32]) -> Any:
        """Give the probability of the positive class for n rows, shape (n,)."""
        from phishcli.models.blocks import in_blocks

        return in_blocks(self._at_once, matrix, self.in_blocks)

    def _at_once(self, matrix: NDArray[np.float32]) -> Any:
        place = list(self.estimator.classes_).index(1)
        if type(self.estimator).__name__ in FORESTS:
            return _by_trees(self.estimator.estimators_, matrix, place)
        return self.estimator.predict_proba(matrix)[:, place]


def _by_trees(trees: Sequence[Any], matrix: NDArray[np.float32], place: int) -> NDArray[np.float64]:
    """Add trees up in their order, as a forest does; its own way filters warnings, which threads share."""
    import numpy as np

    total = np.zeros(len(matrix))
    for tree in trees:
        total += tree.tree_.predict(matrix)[:, place]
    return total / len(trees)


class OwnFormat(msgspec.Struct, frozen=True):
    """How a library writes its fitted models and reads them.

    Parameters
    ----------
    suffix
        Of the file: ``txt`` for text, ``ubj`` for bytes (Universal Binary JSON).
    write
        ``write(estimator)`` gives the content of the file; it may raise `NoSafeFormat`.
    read
        ``read(content)`` gives a function that predicts to the bit what ``estimator.predict_proba(x)[:, 1]`` does.
    only_with
        Parameters that decide whether it does, and the values with which it does, the library's own included.
    contributions
        ``contributions(score)`` gives, for a score that `read` has given, what each column adds to the log odds.
    """

    suffix: Literal["txt", "ubj"]
    write: Callable[[Any], str | bytes]
    read: Callable[[Any], Score]
    only_with: Mapping[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)
    contributions: Callable[[Any], Contributions] | None = None

    def file(self, model: str) -> str:
        """The name of the file that holds a model."""
        return f"{model}_model.{self.suffix}"

    def holds(self, params: Mapping[str, Any]) -> bool:
        """Whether a model with these parameters can be written."""
        return all(params[name] in values for name, values in self.only_with.items() if name in params)
