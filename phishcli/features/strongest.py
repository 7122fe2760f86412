"""Which words of a text its score comes from: what each n-gram adds, shared out among the characters it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phishcli.features.ngrams import gram_spans, word_bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.features.ngrams import Grams
    from phishcli.features.text_score import Weights

LEAST = 0.2
"""A word that adds a smaller share of what the strongest one adds is not worth naming."""


class Word(NamedTuple):
    """A word of a text, in lower case, and what its n-grams add to the margin, wherever it occurs."""

    text: str
    added: float


def strongest_words(text: str, grams: Grams, fitted: Weights, *, positive: bool, most: int = 3) -> list[Word]:
    """The words that speak most for the positive class, or most against it, the strongest first.

    Parameters
    ----------
    text
        A text whose score is asked for.
    grams, fitted
        As of `phishcli.features.text_score.text_scores`.
    positive
        Which of the two.
    most
        The number of words at most.
    """
    lowered, by_character = _by_character(text, grams, fitted)
    added: dict[str, float] = {}
    for start, end in zip(*word_bounds(lowered), strict=True):
        word = lowered[start:end]
        added[word] = added.get(word, 0.0) + float(by_character[start:end].sum())
    sign = 1 if positive else -1
    ranked = sorted((Word(*each) for each in added.items() if sign * each[1] > 0), key=lambda each: -abs(each.added))
    return [each for each in ranked[:most] if abs(each.added) >= LEAST * abs(ranked[0].added)]


def _by_character(text: str, grams: Grams, fitted: Weights) -> tuple[str, NDArray[np.float64]]:
    """The text as its n-grams see it, and what each of its characters adds to the margin."""
    spans = gram_spans(text, grams)
    buckets, place, counts = np.unique(spans.buckets, return_inverse=True, return_counts=True)
    values = (1.0 + np.log(counts)) * fitted.idf[buckets]
    length = float(np.sqrt(values @ values)) or 1.0
    each = values * fitted.weights[buckets] / length / counts
    share = each[place] / np.maximum(spans.ends - spans.starts, 1)
    steps = np.zeros(len(spans.text) + 1)
    np.add.at(steps, spans.starts, share)
    np.add.at(steps, spans.ends, -share)
    return spans.text, np.cumsum(steps)[:-1]
