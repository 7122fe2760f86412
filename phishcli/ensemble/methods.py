"""How members are put together: weights of a mean, or a regularized linear second level; each with honest predictions.

Honest: the predictions of the rows of a fold are those of weights that were chosen on the other folds alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phishcli.ensemble.greedy import choose_weights
from phishcli.models.mean import log_odds, squashed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import EnsembleMethod

    Probabilities = NDArray[np.float64]

STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Values of C among which the second level chooses by the log loss over the folds."""
MOST_VALUES = 50_000_000
"""Values from which weights are chosen; of larger tables every second, third, ... row decides."""


class Table(NamedTuple):
    """Out-of-fold probabilities (n, m), classes (n,), folds (n,), and what each member costs (m,)."""

    members: Probabilities
    y: NDArray[np.int8]
    folds: NDArray[np.int8]
    costs: Probabilities
    most: float

    def of(self, rows: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        return self._replace(members=self.members[rows], y=self.y[rows], folds=self.folds[rows])


class Weights(NamedTuple):
    """The weights of the members, and the intercept of a second level; None for a mean."""

    each: Probabilities
    intercept: float | None = None

    def predict(self, members: Probabilities) -> Probabilities:
        """The probabilities of n rows from those of their members, (n, m)."""
        if self.intercept is None:
            return np.asarray(members @ self.each)
        used = np.flatnonzero(self.each)
        return squashed(log_odds(members[:, used]) @ self.each[used] + self.intercept)


def greedy(table: Table) -> Weights:
    """The weights of a mean."""
    return Weights(choose_weights(table.members, table.y, costs=table.costs, most=table.most))


def stacking(table: Table) -> Weights:
    """Logistic regression on the log odds of the members that a mean would use, so that few have to be fitted."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import PredefinedSplit

    chosen = np.flatnonzero(greedy(table).each)
    weights = np.zeros(table.members.shape[1])
    if not len(chosen):
        return Weights(weights)
    folds = np.unique(table.folds, return_inverse=True)[1]
    if folds.max() == 0:  # the other one of two folds is held out: every second row, as no member has seen any
        folds = np.arange(len(folds)) % 2
    split = PredefinedSplit(folds)
    level = LogisticRegressionCV(
        Cs=STRENGTHS, cv=split, scoring="neg_log_loss", l1_ratios=(0.0,), use_legacy_attributes=False
    )
    level.fit(log_odds(table.members[:, chosen]), table.y)
    weights[chosen] = level.coef_[0]
    return Weights(weights, float(level.intercept_[0]))


METHODS: dict[EnsembleMethod, Callable[[Table], Weights]] = {"greedy": greedy, "stacking": stacking}
"""The values of ``train.ensemble.method``."""


def chosen(method: EnsembleMethod, table: Table) -> Weights:
    """Choose weights, from some of the rows where there are very many."""
    step = -(-table.members.size // MOST_VALUES)
    return METHODS[method](table if step == 1 else table.of(np.arange(len(table.y)) % step == 0))


def cross_fitted(method: EnsembleMethod, table: Table) -> Probabilities:
    """The predictions of the rows of each fold, by weights that were chosen on the other folds; shape (n,)."""
    found = np.empty(len(table.y))
    for fold in np.unique(table.folds):
        held_out = table.folds == fold
        found[held_out] = chosen(method, table.of(~held_out)).predict(table.members[held_out])
    return found
