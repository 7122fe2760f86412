"""Numbers and lists read as English does."""

from __future__ import annotations

import pytest

from phishcli.wording import counted, listed, percent, plural


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


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_reads_as_a_sentence_does(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_another_joint_may_be_given() -> None:
    assert listed(["a", "b"], "or") == "a or b"
