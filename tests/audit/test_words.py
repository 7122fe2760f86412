"""How numbers are written in findings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.audit.words import floored, literal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, "1.0000"),
        (0.98969, "0.9896"),
        (0.9897, "0.9897"),
        (0.5, "0.5000"),
        (0.99995, "0.99995"),
        (1 - 1e-5, "0.99999"),
        (0.999986, "0.99998"),
        (1 - 3e-12, "0.999999999997"),
        (0.0, "0.0000"),
    ],
)
def test_shares_are_cut_off_and_differ_from_1(value: float, expected: str) -> None:
    assert floored(value) == expected


@given(st.floats(0, 1))
def test_no_share_is_rounded_up(value: float) -> None:
    text = floored(value)
    assert float(text) <= value
    assert float(text) > value - 1e-4
    assert (float(text) == 1) == (value == 1)


@pytest.mark.parametrize(
    ("value", "expected"), [("a b", "'a b'"), (100.0, "100"), (-1, "-1"), (418650, "418,650"), (0.25, "0.25")]
)
def test_values_are_written_as_a_user_types_them(value: Any, expected: str) -> None:
    assert literal(value) == expected
