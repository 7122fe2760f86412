"""What is known when."""

from __future__ import annotations

import pytest

from phishcli.documents.schema import Cleaning, Column, Derived, Schema
from phishcli.errors import ConfigError
from phishcli.features.tiers import is_known, tiers_of, usual_tiers

COLUMNS = (
    Column(name="url", role="text", dtype="string", kind="url"),
    Column(name="seen", role="source", dtype="timestamp", kind="date"),
    Column(name="born", role="source", dtype="timestamp", kind="date"),
    Column(name="NoOfImage", role="numeric", dtype="int64"),
    Column(name="url.length", role="numeric", dtype="double", derived=Derived(of=("url",), part="length", kind="url")),
    Column(name="seen-born", role="numeric", dtype="double", derived=Derived(of=("seen", "born"), part="days")),
    Column(name="NoOfImage_Missing", role="numeric", dtype="int8", indicator_of="NoOfImage"),
)
SCHEMA = Schema(
    synthetic=False, table=None, rows=2, target="y", positive_label=1, negative_label=0,
    label_counts={"1": 1, "0": 1}, columns=COLUMNS, set_aside={}, clean=Cleaning(),
)  # fmt: skip


def test_names_and_patterns_and_the_first_tier_that_fits() -> None:
    asked = {"url only": ["url"], "page": ["NoOf*"], "look-ups": ["*"]}
    assert tiers_of(asked, SCHEMA) == {"url only": ["url"], "page": ["NoOfImage"], "look-ups": ["seen", "born"]}


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"a": ["urls"], "b": ["*"]}, "'urls' fits no column"), ({"a": ["url"]}, "seen belongs to no tier")],
)
def test_what_fits_nothing_or_is_forgotten_is_an_error(asked: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        tiers_of(asked, SCHEMA)


def test_what_is_derived_is_known_once_all_its_sources_are() -> None:
    known = {column.name for column in COLUMNS if is_known(column, ["url", "seen", "NoOfImage"])}
    assert known == {"url", "seen", "NoOfImage", "url.length", "NoOfImage_Missing"}


def test_the_usual_tiers_of_a_gateway() -> None:
    assert usual_tiers(SCHEMA, ["NoOfImage"]) == {
        "address": ["url"],
        "page": ["NoOfImage"],
        "look-ups": ["seen", "born"],
    }
