"""From names of columns to places in the matrix."""

from __future__ import annotations

import pytest

from phishcli.config.schema import EvasionConfig
from phishcli.documents.schema import Column, Derived
from phishcli.errors import ConfigError
from phishcli.features.mutable import mutable_columns
from phishcli.search.monotone import held
from phishcli.search.settings import ModelSettings
from tests.made import schema_of

DERIVED = {name: Derived(of=("link",), part=name, kind="url") for name in ("path.length", "host.entropy", "marks")}
SCHEMA = schema_of(
    Column(name="Industry", role="categorical", dtype="string"),
    Column(name="LineOfCode", role="numeric", dtype="double", missing=3),
    Column(name="DomainAgeMonths", role="numeric", dtype="int64"),
    Column(name="Robots", role="numeric", dtype="int64"),
    Column(name="NoOfPassword", role="numeric", dtype="int64"),
    *(
        Column(name=f"link.{part}", role="numeric", dtype="double", derived=derived)
        for part, derived in DERIVED.items()
    ),
    Column(name="LineOfCode_Missing", role="numeric", dtype="int8", indicator_of="LineOfCode"),
)


def test_by_default_what_an_attacker_cannot_use_is_held() -> None:
    found = held(ModelSettings("XGBoost", {}, monotone="auto", mutable=EvasionConfig()), SCHEMA).params
    assert found == {
        "monotone_constraints": {"0": 1, "2": "data", "3": -1, "4": 1, "6": "data", "7": 1},
    }  # lines, robots, passwords, length of the path, marks, missing lines; neither the age nor the host


def test_what_is_named_is_held_as_it_is_named() -> None:
    asked = {"DomainAgeMonths": -1}
    assert held(ModelSettings("LightGBM", {"num_leaves": 7}, monotone=asked), SCHEMA).params == {
        "num_leaves": 7,
        "monotone_constraints": {"1": -1},
    }


def test_without_constraints_nothing_changes() -> None:
    settings = ModelSettings("KNN", {})
    assert held(settings, SCHEMA) is settings


@pytest.mark.parametrize(
    ("model", "asked", "message"),
    [
        ("KNN", {"Robots": 1}, "cannot have monotone"),
        ("XGBoost", {"Robot": 1}, "'Robot' is not a numeric column"),
        ("XGBoost", {"Industry": 1}, "'Industry' is not a numeric column"),
    ],
)
def test_what_cannot_be_held_is_an_error(model: str, asked: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        held(ModelSettings(model, {}, monotone=asked), SCHEMA)


def test_nothing_mutable_is_an_error() -> None:
    with pytest.raises(ConfigError, match="No column"):
        held(ModelSettings("XGBoost", {}, monotone="auto", mutable=EvasionConfig(defaults=False)), SCHEMA)


def test_settings_win_over_what_is_known_of_columns() -> None:
    settings = EvasionConfig.model_validate(
        {"mutable": {"Robots": None, "DomainAgeMonths": {"direction": "up", "cost": 9}, "link.marks": {"fill": None}}}
    )
    found = mutable_columns(settings, SCHEMA)
    assert list(found) == ["LineOfCode", "DomainAgeMonths", "NoOfPassword", "link.path.length", "link.marks"]
    assert (found["DomainAgeMonths"].cost, found["link.marks"].fill, found["LineOfCode"].fill) == (9, None, 1)
