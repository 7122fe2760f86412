"""A configuration draws a graph in which each step depends on just what shapes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from phishcli import graph
from phishcli.config import Config
from phishcli.data.sources import LocalSource
from phishcli.errors import ConfigError

SOURCE = LocalSource(Path("sites.db"), "sqlite", "a" * 64, "sites.db")


def test_a_goal_needs_its_inputs_and_nothing_else() -> None:
    config = Config.model_validate({"train": {"models": ["XGBoost", "KNN"]}})
    steps = [step.name for step in graph.needed(graph.steps(config), ["train"])]
    assert steps == ["load", "preprocess", "train/XGBoost", "train/KNN"]


def test_an_unknown_goal_is_an_error_that_lists_the_stages() -> None:
    with pytest.raises(ConfigError, match="no stage 'fit'\nThe stages are load, preprocess, train"):
        graph.needed(graph.steps(Config()), ["fit"])


def test_every_stage_has_steps_in_the_drawn_graph_and_reads_only_what_comes_before() -> None:
    steps = graph.steps(Config(), SOURCE)
    assert tuple(dict.fromkeys(step.stage for step in steps)) == graph.STAGES
    seen: set[str] = set()
    for step in steps:
        assert set(step.reads) <= seen
        seen.add(step.name)


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        ({"report": {"title": "x"}}, {"report"}),
        ({"evaluate": {"select_on": "test"}}, {"evaluate", "report", "persist"}),
        ({"run": {"jobs": 1, "cache_dir": "elsewhere"}}, set()),
        ({"train": {"params": {"XGBoost": {"max_depth": 4}}}}, {"train/XGBoost", "report", "persist"}),
        ({"train": {"tune": {"n_iter": 7}}}, {"report"}),
        ({"load": {"source": "elsewhere.db"}}, {"report"}),
    ],
)
def test_a_setting_is_part_of_just_the_steps_that_it_shapes(change: dict, stale: set[str]) -> None:
    def settings(config: Config) -> dict[str, object]:
        return {step.name: step.settings for step in graph.steps(config, SOURCE)}

    before, after = settings(Config()), settings(Config.model_validate(change))
    assert {name for name in before if before[name] != after[name]} == stale
