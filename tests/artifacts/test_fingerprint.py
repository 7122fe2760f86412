"""Fingerprints depend on values, never on their order or on their spelling."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.artifacts import changes, fingerprint, flatten

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
parts = st.dictionaries(st.text(min_size=1), scalars | st.lists(scalars), max_size=8)


@given(parts, st.randoms())
def test_the_order_of_parts_does_not_matter(given_parts: dict, random: object) -> None:
    keys = list(given_parts)
    random.shuffle(keys)
    assert fingerprint("load", {key: given_parts[key] for key in keys}) == fingerprint("load", given_parts)


@given(parts, parts)
def test_a_change_is_named_exactly_when_the_fingerprint_differs(old: dict, new: dict) -> None:
    assert (changes(old, new) == []) == (fingerprint("load", old) == fingerprint("load", new))


def test_true_is_not_one_and_none_is_not_nothing() -> None:
    assert changes({"label": True}, {"label": 1})
    assert changes({}, {"label": None})


def test_the_order_of_keys_within_a_part_does_not_matter_either() -> None:
    one, other = ({"params": dict(items)} for items in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)]))
    assert changes(one, other) == []
    assert fingerprint("load", one) == fingerprint("load", other)


@given(parts, st.text(min_size=1), st.text())
def test_another_value_gives_another_fingerprint(given_parts: dict, key: str, value: str) -> None:
    before = {**given_parts, key: value}
    assert fingerprint("load", before) != fingerprint("load", {**before, key: value + "x"})


def test_a_fingerprint_is_the_same_in_every_run_and_version() -> None:
    """Another one would make every artifact stale that was made before."""
    assert (
        fingerprint("load", {"config.title": "Modèle", "version": 1, "config.drop": ["a", None]})
        == "7c7dcc77e16719a34514"
    )


def test_the_step_is_part_of_the_fingerprint() -> None:
    assert fingerprint("train/XGBoost", {"seed": 1}) != fingerprint("train/LightGBM", {"seed": 1})


def test_a_change_names_key_old_and_new_value() -> None:
    (change,) = changes({"version": 1, "config.seed": 42}, {"version": 1, "config.seed": 7})
    assert str(change) == "config.seed: 42 -> 7"


def test_parts_that_came_and_went_are_both_named() -> None:
    found = changes({"gone": 1, "same": 2}, {"same": 2, "here": "x"})
    assert [str(change) for change in found] == ["here: none -> x", "gone: 1 -> none"]


def test_hashes_are_shortened_in_messages() -> None:
    (change,) = changes({"source.sha256": "a" * 64}, {"source.sha256": "b" * 64})
    assert str(change) == "source.sha256: aaaaaaaa -> bbbbbbbb"


@pytest.mark.parametrize(
    "text", ["a title that is long enough to be cut", "abcdef0123", "0" * 63, "X" * 64, "0" * 63 + "g"]
)
def test_other_texts_are_shown_whole(text: str) -> None:
    (change,) = changes({"config.title": ""}, {"config.title": text})
    assert str(change) == f"config.title:  -> {text}"


def test_an_empty_mapping_of_any_kind_is_kept_as_one_that_json_can_hold() -> None:
    (kept,) = flatten("config.params", MappingProxyType({})).values()
    assert type(kept) is dict
    assert kept == {}


def test_nested_settings_become_dotted_keys_and_lists_stay_whole() -> None:
    nested = {"split": {"seed": 42, "group": None}, "drop": ["a", "b"], "params": {}}
    expected = {"config.split.seed": 42, "config.split.group": None, "config.drop": ["a", "b"], "config.params": {}}
    assert flatten("config", nested) == expected
