"""Numbers and lists read as English does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.wording import counted, exact, listed, out_of, percent, plural, short_percent


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (-1, "-1 rows"), (10_500, "10,500 rows")]
)
def test_things_are_counted_with_their_plural_and_separators(number: int, text: str) -> None:
    assert counted(number, "row") == text


def test_an_irregular_plural_is_given() -> None:
    assert [counted(number, "match", "matches") for number in (1, 2)] == ["1 match", "2 matches"]
    assert [plural(number, "is", "are") for number in (1, 2)] == ["is", "are"]


@pytest.mark.parametrize(
    ("share", "digits", "text"), [(0.45, 1, "45.0%"), (1, 0, "100%"), (0.00123, 2, "0.12%"), (12.5, 0, "1250%")]
)
def test_a_share_is_written_as_a_percentage(share: float, digits: int, text: str) -> None:
    assert percent(share, digits) == text


@pytest.mark.parametrize(("share", "text"), [(0.95, "95%"), (0.001, "0.1%"), (0.125, "12.5%"), (1, "100%")])
def test_a_short_percentage_has_no_more_digits_than_it_needs(share: float, text: str) -> None:
    assert short_percent(share) == text


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.84, "84 of 100"),
        (0.0, "0 of 100"),
        (1.0, "100 of 100"),
        (0.003, "3 of 1,000"),
        (0.998, "998 of 1,000"),
        (0.0004, "4 of 10,000"),
        (0.00001, "fewer than 1 of 10,000"),
        (0.99999, "more than 9,999 of 10,000"),
    ],
)
def test_a_rate_is_a_count_that_is_easy_to_picture(rate: float, words: str) -> None:
    assert out_of(rate) == words


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_rate_is_never_rounded_to_none_or_to_all(rate: float) -> None:
    assert out_of(rate) not in ("0 of 100", "100 of 100")


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_reads_as_a_sentence_does(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_another_joint_may_be_given() -> None:
    assert listed(["a", "b"], "or") == "a or b"


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_two_numbers_are_written_alike_only_if_they_are_equal(one: float, other: float) -> None:
    assert float(exact(one)) == one
    assert (exact(one) == exact(other)) == (one == other)
