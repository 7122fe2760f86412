"""What the n-grams of a text say about the class, as one number: the margin of a linear model on TF-IDF.

A dense column that every model takes, in place of a hundred thousand sparse ones. It is learned from labels, so the
rows that a model is trained on get scores of models that have not seen them (`phishcli.features.learned`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from phishcli.features.ngrams import BUCKETS, Counted, Grams, count_grams

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_ONCE = 10_000
"""Texts whose n-grams are in memory at once."""
MOST_FITTED = 200_000
"""Rows that a linear model is fitted on; more of them hardly move its weights, and their n-grams fill the memory."""
PENALTY = 0.2
"""``C`` of the linear support vector machine, the same for all texts; it was not searched for."""
LEAST_ROWS = 2
"""An n-gram that occurs in fewer texts says nothing about another one."""


class Weights(NamedTuple):
    """A fitted score: ``weights[bucket]`` and ``idf[bucket]``, shape (`BUCKETS`,), float32, and the constant."""

    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: float


def text_scores(texts: Sequence[str | None], grams: Grams, fitted: Weights) -> NDArray[np.float64]:
    """The margins of n texts, shape (n,), positive where a text is more like the positive class.

    Each depends on its own text only, to the last bit. Term frequency is ``1 + log(count)``; rows of TF-IDF are scaled
    to length 1 (Salton and Buckley 1988, Information Processing and Management 24, 513-523). N-grams that training has
    not seen do not count, and a missing text counts as an empty one.
    """
    parts = [_scores(part, grams, fitted) for part in _parts(texts)]
    return np.concatenate(parts) if parts else np.empty(0)


def _parts(texts: Sequence[str | None]) -> Iterator[list[str]]:
    for begin in range(0, len(texts), AT_ONCE):
        yield [text or "" for text in texts[begin : begin + AT_ONCE]]


def _scores(texts: Sequence[str], grams: Grams, fitted: Weights) -> NDArray[np.float64]:
    found = count_grams(texts, grams)
    values = _frequency(found) * fitted.idf[found.buckets]
    length = np.sqrt(np.bincount(found.rows, weights=values * values, minlength=len(texts)))
    added = np.bincount(found.rows, weights=values * fitted.weights[found.buckets], minlength=len(texts))
    scores: NDArray[np.float64] = added / np.where(length > 0, length, 1.0) + fitted.intercept
    return scores


def _frequency(found: Counted) -> NDArray[np.float64]:
    return 1.0 + np.log(found.counts)


def term_frequency(texts: Sequence[str | None], grams: Grams) -> Any:
    """The term frequencies of n texts, a sparse matrix of shape (n, `BUCKETS`)."""
    from scipy.sparse import csr_matrix

    ends, buckets, values = [np.zeros(1, dtype=np.int64)], [], []
    for part in _parts(texts):
        found = count_grams(part, grams)
        ends.append(ends[-1][-1] + np.cumsum(np.bincount(found.rows, minlength=len(part))))
        buckets.append(found.buckets.astype(np.int32))
        values.append(_frequency(found).astype(np.float32))
    data = np.concatenate(values), np.concatenate(buckets), np.concatenate(ends)
    return csr_matrix(data, shape=(len(texts), BUCKETS))


def fit_weights(frequency: Any, y: NDArray[np.int8]) -> Weights:
    """Learn a score by a linear support vector machine (Fan et al. 2008, JMLR 9, 1871-1874).

    Parameters
    ----------
    frequency
        Of `term_frequency`, n texts.
    y
        Their classes, 0 or 1, shape (n,).
    """
    from scipy.sparse import diags
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.preprocessing import normalize
    from sklearn.svm import LinearSVC

    n = frequency.shape[0]
    occurs = np.bincount(frequency.indices, minlength=BUCKETS)
    used = np.flatnonzero(occurs >= LEAST_ROWS)
    idf, weights = np.zeros(BUCKETS, dtype=np.float32), np.zeros(BUCKETS, dtype=np.float32)
    if not len(used) or y.min() == y.max():
        return Weights(idf, weights, 0.0)
    idf[used] = np.log((1 + n) / (1 + occurs[used])) + 1
    x = normalize(frequency[:, used] @ diags(idf[used].astype(np.float64)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a score that is a feature
        model = LinearSVC(C=PENALTY, random_state=0).fit(x, y)
    weights[used] = model.coef_[0]
    return Weights(idf, weights, float(model.intercept_[0]))
