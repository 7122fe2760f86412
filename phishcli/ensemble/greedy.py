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
PROMISING = 20
"""Members whose addition is tried in a round; of more, those that the slope of the log loss speaks for."""


def choose_weights(
    members: Probabilities,
    y: NDArray[np.int8],
    rounds: int = ROUNDS,
    *,
    costs: Probabilities | None = None,
    most: float = np.inf,
) -> Probabilities:
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
    costs, most
        Shape (m,): what each member costs, and what all that are used may cost together.

    Returns
    -------
    ndarray, shape (m,)
        They add up to 1, or are all 0 where no member is cheap enough.
    """
    counts, total = np.zeros(members.shape[1]), np.zeros(len(members))
    each = np.zeros(members.shape[1]) if costs is None else costs
    best, found = np.inf, counts
    for number in range(1, rounds + 1):
        able = np.flatnonzero(each[counts > 0].sum() + np.where(counts > 0, 0, each) <= most)
        if not len(able):
            return found
        tried = _promising(members, able, total, y, number)
        losses = [log_loss((total + members[:, place]) / number, y) for place in tried]
        place = int(tried[int(np.argmin(losses))])
        counts = counts + (np.arange(len(counts)) == place)
        total = total + members[:, place]
        if min(losses) < best - 1e-12:
            best, found = min(losses), counts
    weights: Probabilities = found / found.sum()
    return weights


def _promising(
    members: Probabilities, able: NDArray[np.intp], total: Probabilities, y: NDArray[np.int8], number: int
) -> NDArray[np.intp]:
    """Choose the members whose addition is tried: all of a few; the first time those that are best alone."""
    if len(able) <= PROMISING:
        return able
    if number == 1:
        gain = -np.array([log_loss(members[:, place], y) for place in able])
    else:
        mean = np.clip(total / (number - 1), LEAST, 1 - LEAST)
        slope = np.where(y == 1, 1 / mean, -1 / (1 - mean))
        gain = (slope.astype(members.dtype) @ members)[able]
    return np.sort(able[np.argsort(-gain, kind="stable")[:PROMISING]])


def log_loss(probability: Probabilities, y: NDArray[np.int8]) -> float:
    """The mean log loss of n probabilities."""
    clipped = np.clip(probability, LEAST, 1 - LEAST)
    return float(-np.log(np.where(y == 1, clipped, 1 - clipped)).mean())
