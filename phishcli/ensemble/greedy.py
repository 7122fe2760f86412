"""Greedy selection with replacement: how often each member counts in the mean (Caruana et al. 2004, ICML)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Probabilities = NDArray[np.float64]

ROUNDS = 50
"""Members are added so often at most; more rounds hardly change a mean of a few members."""
LEAST = 1e-15
"""Probabilities are kept so far from 0 and 1, where the log loss has no bound."""


def choose_weights(members: Probabilities, y: NDArray[np.int8], rounds: int = ROUNDS) -> Probabilities:
    """Find the weights of members whose weighted mean has the lowest log loss.

    In each round the member is added whose addition leaves the mean with the lowest log loss; the best round counts.
    The log loss rewards good ranking and good calibration alike, and does not jump from row to row as accuracy does.

    Parameters
    ----------
    members
        Shape (n, m): out-of-fold probabilities of the positive class.
    y
        Shape (n,): 1 for the positive class, else 0.
    rounds
        Additions at most.

    Returns
    -------
    ndarray, shape (m,)
        They add up to 1.
    """
    counts, total = np.zeros(members.shape[1]), np.zeros(len(members))
    best, found = np.inf, counts
    for number in range(1, rounds + 1):
        losses = [log_loss((total + members[:, place]) / number, y) for place in range(members.shape[1])]
        place = int(np.argmin(losses))
        counts = counts + (np.arange(len(counts)) == place)
        total = total + members[:, place]
        if losses[place] < best - 1e-12:
            best, found = losses[place], counts
    weights: Probabilities = found / found.sum()
    return weights


def log_loss(probability: Probabilities, y: NDArray[np.int8]) -> float:
    """The mean log loss of n probabilities."""
    clipped = np.clip(probability, LEAST, 1 - LEAST)
    return float(-np.log(np.where(y == 1, clipped, 1 - clipped)).mean())


def cross_fitted(members: Probabilities, y: NDArray[np.int8], folds: NDArray[np.integer]) -> Probabilities:
    """The means of the rows of each fold, by weights that were chosen on the other folds; shape (n,)."""
    found = np.empty(len(y))
    for fold in np.unique(folds):
        held_out = folds == fold
        found[held_out] = members[held_out] @ choose_weights(members[~held_out], y[~held_out])
    return found
