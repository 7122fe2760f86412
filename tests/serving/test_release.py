"""The version of a release follows from what changed since the last one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.serving.release import next_version

KEYS = [
    "source.sha256",
    "input.train/XGBoost/model.joblib",
    "config.train.XGBoost.seed",
    "input.preprocess/features.json",
    "input.preprocess/preprocessor.joblib",
    "config.preprocess.split.seed",
]


@pytest.mark.parametrize(
    ("changed", "version"),
    [
        (["input.preprocess/features.json"], "3.0.0"),
        (["config.preprocess.split.seed", "source.sha256"], "3.0.0"),
        (["config.load.clean.strip_categories"], "3.0.0"),
        (["version"], "3.0.0"),
        (["source.sha256", "input.preprocess/preprocessor.joblib"], "2.4.0"),
        (["config.train.XGBoost.params.max_depth", "input.train/XGBoost/model.joblib"], "2.3.5"),
        (["config.evaluate.threshold"], "2.3.5"),
        ([], "2.3.5"),
    ],
)
def test_features_are_major_data_minor_and_all_else_patch(changed: list[str], version: str) -> None:
    assert next_version("2.3.4", changed) == version


def test_the_first_release_is_1_0_0() -> None:
    assert next_version(None, []) == "1.0.0"


@given(st.tuples(*[st.integers(0, 99)] * 3), st.lists(st.sampled_from(KEYS)))
def test_a_version_always_grows(last: tuple[int, int, int], changed: list[str]) -> None:
    found = tuple(map(int, next_version("{}.{}.{}".format(*last), changed).split(".")))
    assert found > last
