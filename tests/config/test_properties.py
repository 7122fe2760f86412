"""Whatever the values are, writing and reading a configuration gives the same one back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phishcli.config import Config, to_yaml
from phishcli.config.scalars import parse_value
from phishcli.config.yaml import dump, one_line
from phishcli.settings import load_config

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "no",
        "Yes",
        "~",
        "null",
        "007",
        "1e-3",
        "1:30",
        "0x1F",
        "2024-01-01",
        "=",
        "<<",
        "- a",
        "a: b",
        "# c",
        " x ",
        "'",
        "&a",
        "*a",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
PLAIN = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXT, part, max_size=3), max_leaves=8
)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
MODELS = st.sampled_from(["LogisticRegression", "SVM", "XGBoost"])
SEEDS = st.integers(0, 2**31 - 1)
OPEN = st.dictionaries(MODELS, st.dictionaries(TEXT, PLAIN, max_size=3), max_size=3)
RANGES = st.tuples(st.integers(1, 9), st.integers(10, 99)).map(lambda ends: {"low": ends[0], "high": ends[1]})
SPACES = st.dictionaries(
    MODELS,
    st.dictionaries(TEXT, st.none() | st.lists(SCALARS, min_size=1, max_size=3) | RANGES, max_size=3),
    max_size=3,
)
FOLDERS = TEXT.filter(lambda text: text.strip() and "\0" not in text and not text.startswith("~"))
SHARES = st.floats(0, 1, exclude_min=True, exclude_max=True)


@pytest.fixture(scope="module", autouse=True)
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with contextlib.chdir(tmp_path_factory.mktemp("empty")):
        yield


@st.composite
def configs(draw: st.DrawFn) -> Config:
    sections: dict[str, Any] = {
        "load": {
            "source": draw(TEXT.filter(bool)),
            "table": draw(st.none() | TEXT),
            "positive_label": draw(SCALARS),
            "drop": draw(NAMES),
            "indicators": draw(st.sampled_from(["auto", "none"]) | NAMES),
            "clean": {"drop_duplicates": draw(st.booleans())},
        },
        "preprocess": {"split": {"test_size": draw(SHARES), "seed": draw(SEEDS)}},
        "train": {"params": draw(OPEN), "models": draw(st.lists(MODELS, min_size=1, unique=True))},
        "report": {"title": draw(TEXT)},
        "run": {"jobs": draw(st.just(-1) | st.integers(1, 99)), "cache_dir": draw(FOLDERS)},
    }
    sections["train"]["tune"] = {"spaces": draw(SPACES)}
    return Config.model_validate(sections)


@settings(deadline=None)
@given(configs())
def test_a_snapshot_gives_an_equal_configuration(config: Config) -> None:
    path = Path("config_snapshot.yaml")  # paths in a file are relative to it
    path.write_text(to_yaml(config), encoding="utf-8", newline="")
    assert load_config(path, environ={}).config == config


@settings(deadline=None)
@given(configs())
def test_a_configuration_can_be_given_by_set_alone(config: Config) -> None:
    sets = [
        f"{key}.{name}={one_line(value)}"
        for key, section in config.model_dump().items()
        for name, value in section.items()
    ]
    assert load_config(sets=sets, environ={}).config == config


@settings(deadline=None)
@given(PLAIN)
def test_values_come_back_from_yaml_of_either_form(value: Any) -> None:
    assert parse_value(dump(value)) == value
    assert parse_value(one_line(value)) == value
