"""A configuration draws a graph in which each step depends on just what shapes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from phishcli.audit import codes
from phishcli.config import Config
from phishcli.evaluation.metrics import METRICS
from phishcli.flow.graph import Step, needed, steps
from phishcli.flow.settings import fingerprinted
from phishcli.sources.file_source import FileSource
from phishcli.stages import names as stage_names
from phishcli.stages import registry

SOURCE = FileSource(Path("sites.db"), "sqlite", "a" * 64, "sites.db")


def draw(config: Config, source: FileSource | None = SOURCE) -> tuple[Step, ...]:
    """The graph of a configuration."""
    return steps(registry(), config, source)


def test_a_goal_needs_its_inputs_and_nothing_else() -> None:
    config = Config.model_validate({"train": {"models": ["XGBoost", "KNN"]}})
    assert [step.name for step in needed(draw(config), ["train"])] == [
        "load",
        "preprocess",
        "train/XGBoost",
        "train/KNN",
    ]


def test_every_stage_has_steps_in_the_drawn_graph_and_reads_only_what_comes_before() -> None:
    assert {step.stage.name for step in draw(Config())} == set(stage_names()) - {"campaigns", "tiers"}
    graph = draw(Config.model_validate({"evaluate": {"campaigns": True, "tiers": {"page": ["Lines"]}}}))
    assert tuple(dict.fromkeys(step.stage.name for step in graph)) == stage_names()
    order = ["load", "preprocess", "audit", "gap", "train", "evaluate", "explain", "report", "persist"]
    assert [name for name in stage_names() if name in order] == order
    seen: set[str] = set()
    for step in graph:
        assert {name for name, _ in step.files()} <= seen
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
        ({"evaluate": {"by": ["Industry"]}}, {"evaluate", "report"}),
        ({"evaluate": {"explain": False}}, {"report"}),
        ({"evaluate": {"prefer": "simple"}}, {"evaluate", "report", "persist"}),
        ({"operation": {"base_rate": 0.01}}, {"report", "persist"}),
        ({"audit": {"ignore": {"few-rows": "known"}}}, {"audit", "report"}),
    ],
)
def test_a_setting_is_part_of_just_the_steps_that_it_shapes(change: dict, stale: set[str]) -> None:
    def settings(config: Config) -> dict[str, object]:
        return {step.name: fingerprinted(step.settings) for step in draw(config)}

    before, after = settings(Config()), settings(Config.model_validate(change))
    assert {name for name in after if before[name] != after[name]} == stale


def names(config: dict, *goals: str) -> list[str]:
    """The steps that lead to the goals."""
    return [step.name for step in needed(draw(Config.model_validate(config)), goals)]


def test_a_report_needs_the_audit_and_explanations_and_the_gap_only_where_it_is_asked_for() -> None:
    models = {"train": {"models": ["XGBoost"]}}
    usual = names(models, "report")
    assert usual == [
        *("load", "preprocess", "audit", "train/XGBoost", "evaluate/XGBoost", "evaluate", "explain/XGBoost", "report")
    ]
    assert set(names(models | {"audit": {"gap": True}}, "report")) - set(usual) == {"gap"}
    assert set(usual) - set(names(models | {"evaluate": {"explain": False}}, "report")) == {"explain/XGBoost"}


def test_a_model_is_explained_whatever_its_threshold() -> None:
    assert names({"train": {"models": ["XGBoost"]}}, "explain") == [
        *("load", "preprocess", "train/XGBoost", "explain/XGBoost")
    ]


def test_what_decides_between_models_is_read_only_where_it_is_asked_for() -> None:
    def scored(prefer: str) -> tuple[str, ...]:
        graph = draw(Config.model_validate({"evaluate": {"prefer": prefer}}))
        return next(step for step in graph if step.name == "evaluate").reads["evaluate/XGBoost"]

    assert set(scored("fast")) - set(scored("best")) == {"timing.json"}


def test_a_new_check_or_metric_is_part_of_the_fingerprint_of_the_stages_that_use_it() -> None:
    settings = {step.name: fingerprinted(step.settings) for step in draw(Config())}
    for stage in ("load", "audit"):
        assert settings[stage]["checks"] == list(codes())
    assert settings["evaluate/XGBoost"]["metrics"] == [metric.name for metric in METRICS]


@dataclass
class Made:
    """As much of an artifact of ``preprocess`` as tells its size."""

    manifest: Any


def test_only_the_size_of_a_sample_makes_the_memory_part_of_a_fingerprint() -> None:
    models = ["LogisticRegression", "SVM"]
    size = {"train_rows": 8_000_000, "features": 35}
    large, small = (Made(SimpleNamespace(extra=extra)) for extra in (size, {**size, "train_rows": 8_000}))

    def late(memory: str, made: Any) -> list[dict[str, int]]:
        config = Config.model_validate({"run": {"memory": memory}, "train": {"models": models}})
        by_name = {step.name: step for step in draw(config)}
        return [dict(by_name[f"train/{model}"].late({"preprocess": made})) for model in models]  # type: ignore[misc]  # they have it

    assert late("4GB", large) == [{}, {"training_rows": 200_000}]
    assert late("2GB", large) == [{}, {"training_rows": 100_000}]
    assert late("4GB", small) == late("2GB", small) == [{}, {}]
    assert late("4GB", None) == [{}, {}]
    assert late("4GB", Made(SimpleNamespace(extra={}))) == [{}, {}]  # of an earlier version
