"""Candidates are scikit-learn's, do not change when more are asked for, and are tried once each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import ParameterGrid, ParameterSampler

from phishcli.errors import ConfigError
from phishcli.models import registry
from phishcli.models.space import Choice, FloatRange, IntRange, Space
from phishcli.search.candidates import LARGEST_GRID, distributions, drawn, grid

RANGES: dict[str, Space] = {
    "depth": Choice((1, 2, None)),
    "rate": FloatRange(0.01, 0.3, log=True),
    "share": FloatRange(0.5, 1.0),
    "rounds": IntRange(50, 300),
    "leaves": IntRange(2, 64, log=True),
}
WHOLE: dict[str, Space] = {"rounds": IntRange(1, 9), "depth": IntRange(1, 4), "kind": Choice(("a", "b"))}
LISTS: dict[str, Space] = {"rate": Choice((0.1, 0.2, 0.3)), "layers": Choice(((32,), (64, 32))), "z": Choice((1, None))}
SPACES = pytest.mark.parametrize("space", [RANGES, WHOLE, LISTS], ids=["ranges", "whole numbers", "lists"])


def texts(candidates: list[Any]) -> list[str]:
    """Candidates as text, by which they can be compared."""
    return [json.dumps(params, sort_keys=True) for params in candidates]


@SPACES
@settings(max_examples=40, deadline=None)
@given(sizes=st.tuples(st.integers(1, 60), st.integers(1, 60)), seed=st.integers(0, 2**32 - 1))
def test_the_first_of_many_candidates_are_those_of_a_draw_of_few(
    space: dict[str, Space], sizes: tuple[int, int], seed: int
) -> None:
    few, many = (drawn(space, n_iter, seed) for n_iter in sorted(sizes))
    assert many[: len(few)] == few


@SPACES
def test_another_seed_draws_others(space: dict[str, Space]) -> None:
    assert drawn(space, 6, seed=0) == drawn(space, 6, seed=0) != drawn(space, 6, seed=1)


@pytest.mark.parametrize("model", sorted(registry()))
def test_candidates_of_the_built_in_spaces_are_those_of_scikit_learn(model: str) -> None:
    space = registry()[model].space
    assert any(not isinstance(values, Choice) for values in space.values())
    expected = list(ParameterSampler(distributions(space), 30, random_state=7))
    assert drawn(space, 30, seed=7) == expected


@pytest.mark.parametrize("space", [RANGES, WHOLE], ids=["ranges", "whole numbers"])
def test_candidates_of_a_space_with_a_range_are_those_of_scikit_learn(space: dict[str, Space]) -> None:
    assert drawn(space, 50, seed=3) == list(ParameterSampler(distributions(space), 50, random_state=3))


@SPACES
def test_values_are_plain(space: dict[str, Space]) -> None:
    found = {type(value) for params in drawn(space, 20, seed=0) for value in params.values()}
    assert found <= {int, float, str, tuple, type(None)}


@pytest.mark.parametrize("n_iter", [1, 5, 11, 12])
def test_no_candidate_of_a_finite_space_comes_twice(n_iter: int) -> None:
    assert len(set(texts(drawn(LISTS, n_iter, seed=0)))) == n_iter


@pytest.mark.parametrize("n_iter", [12, 13, 1000])
def test_a_finite_space_is_given_whole_where_more_is_asked_for(n_iter: int) -> None:
    assert sorted(texts(drawn(LISTS, n_iter, seed=0))) == sorted(texts(list(ParameterGrid(distributions(LISTS)))))


def test_every_candidate_of_a_finite_space_is_equally_likely_to_be_the_first() -> None:
    first = [texts(drawn(LISTS, 1, seed))[0] for seed in range(1200)]
    counts = [first.count(text) for text in set(first)]
    assert len(counts) == 12
    assert 60 < min(counts) <= max(counts) < 145


# The grid.


def test_a_grid_has_the_points_of_scikit_learns_each_once() -> None:
    found = grid(LISTS, model="KNN")
    assert len(found) == 12
    assert sorted(texts(found)) == sorted(texts(list(ParameterGrid(distributions(LISTS)))))


def test_the_last_parameter_of_a_grid_changes_fastest() -> None:
    found = grid({"b": Choice((1, 2)), "a": Choice(("x", "y"))}, model="KNN")
    assert found == [{"b": 1, "a": "x"}, {"b": 1, "a": "y"}, {"b": 2, "a": "x"}, {"b": 2, "a": "y"}]


def test_a_grid_takes_every_number_of_a_range_of_whole_ones() -> None:
    assert grid({"n": IntRange(3, 6)}, model="KNN") == [{"n": 3}, {"n": 4}, {"n": 5}, {"n": 6}]


@pytest.mark.parametrize("wrong", [FloatRange(0.1, 0.2), IntRange(1, 8, log=True)])
def test_a_grid_refuses_a_range_without_an_end_of_values(wrong: Space) -> None:
    message = r"(?s)A grid needs a list of values, and p has a range.*train\.tune\.spaces\.KNN\.p\n.*--tune-method race"
    with pytest.raises(ConfigError, match=message):
        grid({"n": Choice((1,)), "p": wrong}, model="KNN")


def test_a_grid_that_is_too_large_is_refused_with_the_lengths_of_its_lists() -> None:
    message = r"(?s)The grid of KNN has 2,001 points, more than 2,000.*spaces\.KNN: n 667, p 3\n.*Write shorter lists"
    with pytest.raises(ConfigError, match=message):
        grid({"n": IntRange(1, 667), "p": Choice((1, 2, 3))}, model="KNN")


def test_a_grid_of_an_enormous_range_is_refused_without_writing_it_out() -> None:
    with pytest.raises(ConfigError, match=r"The grid of KNN has 3,000,000,000,000,000 points"):
        grid({"n": IntRange(1, 10**15), "p": Choice((1, 2, 3))}, model="KNN")


def test_the_largest_grid_is_given() -> None:
    assert len(grid({"n": IntRange(1, 1000), "p": Choice((1, 2))}, model="KNN")) == LARGEST_GRID
