"""Single values read the same everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.render.formats import dotted, interval, number, plain, seconds, share


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
def test_a_share_is_a_count_one_can_picture(rate: float, words: str) -> None:
    assert share(rate) == words


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_share_is_never_rounded_to_none_or_to_all(rate: float) -> None:
    assert share(rate) not in ("0 of 100", "100 of 100")


def test_numbers_have_four_digits_and_a_missing_one_is_a_dash() -> None:
    assert (number(0.5), number(None)) == ("0.5000", "-")


def test_an_interval_without_bounds_is_empty() -> None:
    assert interval({"low": 0.1, "high": 0.25}) == "0.1000 to 0.2500"
    assert interval({"value": 0.2, "low": None, "high": None}) == ""


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
