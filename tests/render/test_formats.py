"""Single values read the same everywhere."""

from __future__ import annotations

import pytest

from phishcli.documents.metrics import Score
from phishcli.documents.operation import Quantity
from phishcli.render.formats import at_least, at_most, dotted, in_brackets, interval, number, plain, seconds


def test_numbers_have_four_digits_and_a_missing_one_is_a_dash() -> None:
    assert (number(0.5), number(None)) == ("0.5000", "-")


def test_an_interval_without_bounds_is_empty() -> None:
    assert interval(Score(value=0.2)) == ""
    assert interval(Quantity(value=None, low=0.1, high=0.25)) == "0.1000 to 0.2500"
    assert interval(Score(value=0.2, low=0.1, high=0.25)) == "0.1000 to 0.2500"
    assert in_brackets(Score(value=0.2, low=0.1, high=0.25)) == " (0.1000 to 0.2500)"
    assert in_brackets(Score(value=0.2)) == ""


def test_where_only_a_bound_is_known_it_is_marked_as_one() -> None:
    known, bounded = Quantity(value=0.5, low=0.0, high=12.0), Quantity(value=None, low=0.25, high=1204.0)
    assert [at_least(known), at_least(bounded)] == ["0.5000", "≥ 0.2500"]
    assert [at_most(known), at_most(bounded)] == ["0.5", "≤ 1,204"]


@pytest.mark.parametrize(("spent", "words"), [(0.424, "0.42 s"), (125, "2 min 5 s"), (None, "-")])
def test_durations_read_as_one_says_them(spent: float | None, words: str) -> None:
    assert seconds(spent) == words


def test_a_duration_just_below_a_full_minute_does_not_read_as_sixty_seconds() -> None:
    assert seconds(179.9) == "3 min 0 s"
    assert seconds(59.999) == "1 min 0 s"


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "null"), (True, "true"), (False, "false"), (0.1, "0.1"), (("a", None), "[a, null]"), ("x", "x"), (3, "3")],
)
def test_settings_are_written_as_in_yaml(value: object, words: str) -> None:
    assert plain(value) == words


def test_nested_settings_are_flattened_in_their_order() -> None:
    settings = {"train": {"seed": 1, "params": {}, "tune": {"n_iter": 5}}, "top": "x"}
    assert list(dotted(settings)) == [
        ("train.seed", "1"),
        ("train.params", "{}"),
        ("train.tune.n_iter", "5"),
        ("top", "x"),
    ]
