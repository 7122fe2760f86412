"""N-grams, against plain loops and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from phishcli.features.ngrams import BUCKETS, END, LONGEST, START, Grams, count_grams
from phishcli.features.text_score import PENALTY, fit_weights, term_frequency, text_scores

WORDS = ["free", "prize", "meeting", "lunch", "urgent", "account", "report", "winner", "project", "claim"]


def plain(text: str, n: int) -> dict[str, int]:
    """The n-grams of a text by a loop."""
    marked, found = f"{START}{text[:LONGEST].lower()}{END}", {}
    for at in range(len(marked) - n + 1):
        found[marked[at : at + n]] = found.get(marked[at : at + n], 0) + 1
    return found


@given(st.lists(st.text(max_size=12), max_size=6), st.integers(1, 4))
def test_the_counts_are_those_of_a_loop(texts: list[str], n: int) -> None:
    found = count_grams(texts, Grams((n,)))
    for row, text in enumerate(texts):
        assert sorted(found.counts[found.rows == row].tolist()) == sorted(plain(text, n).values())


@given(st.lists(st.text(alphabet="ab .é", max_size=9), min_size=1, max_size=5))
def test_equal_parts_have_equal_buckets_wherever_they_stand(texts: list[str]) -> None:
    alone = [count_grams([text], Grams((3,), (1, 2))) for text in texts]
    together = count_grams(texts, Grams((3,), (1, 2)))
    for row, each in enumerate(alone):
        assert together.buckets[together.rows == row].tolist() == each.buckets.tolist()
        assert together.counts[together.rows == row].tolist() == each.counts.tolist()


def test_words_and_pairs_are_counted_whatever_stands_between_them() -> None:
    one = count_grams(["Free prize, free PRIZE!"], Grams((), (1,)))
    assert sorted(one.counts.tolist()) == [2, 2]
    two = count_grams(["free prize free prize", "free,  prize"], Grams((), (2,)))
    assert sorted(two.counts[two.rows == 0].tolist()) == [1, 2]
    assert set(two.buckets[two.rows == 1]) <= set(two.buckets[two.rows == 0])


def test_buckets_are_used_evenly() -> None:
    texts = [f"{number:06d}" for number in range(50_000)]
    found = count_grams(texts, Grams((8,)))
    used = len(np.unique(found.buckets))
    expected = BUCKETS * (1 - np.exp(-len(texts) / BUCKETS))  # of so many drawn at random
    assert used == pytest.approx(expected, rel=0.01)


def test_nothing_is_counted_of_nothing() -> None:
    assert len(count_grams([], Grams()).rows) == 0
    assert len(count_grams(["", "a"], Grams((4,))).rows) == 0


def messages(n: int, seed: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n).astype(np.int8)
    own = [rng.integers(0, len(WORDS) // 2, 8) * 2 + label for label in y]
    chosen = [np.where(rng.random(8) < 0.65, words, rng.integers(0, len(WORDS), 8)) for words in own]
    return [" ".join(WORDS[word] for word in words) for words in chosen], y


def test_scores_are_those_of_tfidf_and_a_support_vector_machine_of_scikit_learn() -> None:
    texts, y = messages(400, 0)
    others, _ = messages(100, 1)
    fitted = fit_weights(term_frequency(texts, Grams((), (1, 2))), y)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = LinearSVC(C=PENALTY, random_state=0).fit(vectorizer.fit_transform(texts), y)
    expected = model.decision_function(vectorizer.transform(others))
    np.testing.assert_allclose(text_scores(others, Grams((), (1, 2)), fitted), expected, atol=2e-3)


def test_a_score_depends_on_its_own_text_only_to_the_last_bit() -> None:
    texts, y = messages(300, 2)
    fitted = fit_weights(term_frequency(texts, Grams()), y)
    together = text_scores([*texts, None, ""], Grams(), fitted)
    alone = np.concatenate([text_scores([text], Grams(), fitted) for text in [*texts, None, ""]])
    np.testing.assert_array_equal(together, alone)
    assert together[-1] == together[-2]


@pytest.mark.parametrize("y", [np.zeros(5, np.int8), np.ones(5, np.int8)])
def test_one_class_gives_a_score_of_zero(y: np.ndarray) -> None:
    fitted = fit_weights(term_frequency(["a b c"] * 5, Grams()), y)
    assert text_scores(["a b c", "x"], Grams(), fitted).tolist() == [0, 0]
