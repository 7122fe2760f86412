"""A search space in the configuration is taken exactly, or refused with the key that is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from phishcli.errors import ConfigError
from phishcli.models import registry
from phishcli.models.space import Choice, FloatRange, IntRange, parse
from phishcli.search.candidates import drawn as draw

KNOWN = registry()["XGBoost"].space


def parse_one(value: Any, name: str = "max_depth") -> Any:
    return parse({name: value}, model="XGBoost", known=KNOWN)[name]


@pytest.mark.parametrize("model", sorted(registry()))
def test_the_built_in_spaces_come_back_from_their_plain_form(model: str) -> None:
    spec = registry()[model]
    assert parse(spec.plain_space(), model=model, known=spec.space) == spec.space


def test_whole_ends_give_whole_numbers() -> None:
    assert parse_one({"low": 2, "high": 6}) == IntRange(2, 6)


def test_whole_ends_of_a_real_parameter_give_real_numbers() -> None:
    assert parse_one({"low": 0, "high": 1}, name="subsample") == FloatRange(0.0, 1.0)


def test_real_ends_of_a_whole_parameter_must_be_whole_unless_a_share_is_meant() -> None:
    assert parse_one({"low": 3.0, "high": 8.0}) == IntRange(3, 8)
    assert parse_one({"low": 0.01, "high": 0.2}) == FloatRange(0.01, 0.2)


def test_one_real_end_is_enough_for_real_numbers() -> None:
    assert parse_one({"low": 1, "high": 2.5, "log": True}, name="gamma") == FloatRange(1.0, 2.5, log=True)


def test_lists_keep_their_values_and_inner_lists_become_tuples() -> None:
    assert parse_one([3, None, "sqrt", [64, 32]]) == Choice((3, None, "sqrt", (64, 32)))


def test_none_leaves_a_parameter_out() -> None:
    assert parse({"max_depth": None, "gamma": [1]}, model="XGBoost", known=KNOWN) == {"gamma": Choice((1,))}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"low": 5, "high": 5}, r"low \(5\) must be below high \(5\)"),
        ({"low": 0.5, "high": 0.1}, r"low \(0.5\) must be below high \(0.1\)"),
        ({"low": 0, "high": 10, "log": True}, r"low \(0\) must be above 0 on a logarithmic scale"),
        ({"low": 1}, r"needs two numbers of at most 1e\+15, low and high"),
        ({"low": "1", "high": 2}, "needs two numbers"),
        ({"low": True, "high": 2}, "needs two numbers"),
        ({"low": 1, "high": float("inf")}, "needs two numbers"),
        ({"low": 1, "high": 2, "log": "yes"}, "log is true or false"),
        ({"low": 3.0, "high": 8.5}, r"takes whole numbers, not 3.0 to 8.5"),
        ({"low": 1, "hihg": 2}, "(?s)'hihg' is not part of a range.*Did you mean high"),
        ([], "list of values is empty"),
        (5, "5 is neither a list nor a range"),
        ("abc", "'abc' is neither a list nor a range"),
    ],
)
def test_nonsense_is_refused_with_its_key(value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_one(value)
    assert caught.value.where == "train.tune.spaces.XGBoost.max_depth"


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to search for XGBoost"):
        parse({"max_depth": None}, model="XGBoost", known=KNOWN)


def test_draws_stay_in_range_and_reach_both_ends() -> None:
    space = {
        "i": IntRange(2, 4),
        "j": IntRange(1, 8, log=True),
        "f": FloatRange(0.5, 1.0),
        "g": FloatRange(1e-3, 1, log=True),
    }
    drawn = draw(space, n_iter=500, seed=0)
    assert {params["i"] for params in drawn} == {2, 3, 4}
    assert {params["j"] for params in drawn} == set(range(1, 9))
    assert all(0.5 <= params["f"] <= 1.0 and 1e-3 <= params["g"] <= 1 for params in drawn)
    assert {type(value) for params in drawn for value in params.values()} == {int, float}


def test_a_logarithmic_scale_gives_each_octave_the_same_share() -> None:
    space = {"j": IntRange(1, 1023, log=True), "g": FloatRange(1.0, 1024.0, log=True)}
    drawn = draw(space, n_iter=2000, seed=0)
    for name in space:
        assert np.mean([params[name] < 32 for params in drawn]) == pytest.approx(0.5, abs=0.05)


def test_a_finite_space_smaller_than_n_iter_is_tried_whole() -> None:
    drawn = draw({"a": Choice((1, 2)), "b": Choice(("x", "y", "z"))}, n_iter=50, seed=0)
    assert len(drawn) == 6
    assert {(params["a"], params["b"]) for params in drawn} == {(a, b) for a in (1, 2) for b in "xyz"}
