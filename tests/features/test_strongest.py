"""The words that a score of a text comes from."""

from __future__ import annotations

import numpy as np
import pytest

from phishcli.features.ngrams import BUCKETS, Grams, count_grams, gram_spans
from phishcli.features.strongest import strongest_words
from phishcli.features.text_score import Weights, fit_weights, term_frequency, text_scores

TEXTS = ["You won a prize, claim now", "see you at noon", "claim your free prize", "lunch at noon tomorrow"] * 30
Y = np.array([1, 0, 1, 0] * 30, dtype=np.int8)
WORDS, PARTS = Grams((), (1, 2)), Grams((3, 4, 5), (1,))


@pytest.mark.parametrize("grams", [WORDS, PARTS, Grams((3, 4, 5), ())])
def test_words_add_up_to_the_score_without_what_stands_between_them(grams: Grams) -> None:
    fitted = fit_weights(term_frequency(TEXTS, grams), Y)
    words = strongest_words("claim a Prize at noon", grams, fitted, positive=True)
    assert words[0].text in ("prize", "claim")
    assert "noon" in {each.text for each in strongest_words("claim a Prize at noon", grams, fitted, positive=False)}
    one = strongest_words("prize", WORDS, fitted, positive=True) if grams is WORDS else []
    assert not one or one[0].added == pytest.approx(text_scores(["prize"], WORDS, fitted)[0] - fitted.intercept)


@pytest.mark.parametrize("text", ["You won", "", "İİ\x02 x ", "🙂 ok 🙂", "a" * 30, "\ud800 lone", "prize prize claim"])
@pytest.mark.parametrize("grams", [WORDS, PARTS])
def test_the_places_of_n_grams_are_those_that_are_counted(text: str, grams: Grams) -> None:
    spans, counted = gram_spans(text, grams), count_grams([text], grams)
    buckets, counts = np.unique(spans.buckets, return_counts=True)
    np.testing.assert_array_equal(buckets, counted.buckets)
    np.testing.assert_array_equal(counts, counted.counts)
    assert all(0 <= start < end <= len(spans.text) for start, end in zip(spans.starts, spans.ends, strict=True))


def test_a_text_without_known_n_grams_has_no_words() -> None:
    nothing = Weights(np.zeros(BUCKETS, np.float32), np.zeros(BUCKETS, np.float32), 0.3)
    assert strongest_words("some words", PARTS, nothing, positive=True) == []
    assert strongest_words("", PARTS, nothing, positive=False) == []
