"""What every stage promises: it gets what it declares, needs what it declares, and sees nothing beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest

from phishcli.artifacts import Entry, Workspace
from phishcli.config import Config
from phishcli.errors import PhishError
from phishcli.flow.graph import Step, steps
from phishcli.flow.job import Job, Resources, SharedFiles, Undeclared
from phishcli.flow.nodes import Fact, Node, Read
from phishcli.flow.plan import Decision, decide
from phishcli.flow.run import run
from phishcli.flow.settings import fingerprinted
from phishcli.flow.stage import Result, Stage
from phishcli.sources.file_source import FileSource
from phishcli.sources.locate import locate
from phishcli.stages import registry
from tests.conftest import small_table

STAGES = registry()
SETTINGS: dict[str, Any] = {
    "load": {"target": "label", "positive_label": "phishing"},
    "audit": {"gap": True},
    "train": {"models": ["LogisticRegression", "NaiveBayes", "Ensemble"], "tune": {"enabled": True, "n_iter": 2}},
    "evaluate": {
        "n_boot": 40,
        "prefer": "fast",
        "campaigns": True,
        "tiers": {"page": ["Lines", "NoOf*"], "all": ["*"]},
    },
    "report": {"charts": False},
    "evasion": {"enabled": True, "mutable": {"NoOfImage": {"direction": "up"}}, "rows": 20},
}
"""Settings under which every conditional read takes place."""
Ran = tuple[Resources, dict[str, Step], dict[str, Entry]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """The whole pipeline on the small table: its resources, its steps and its artifacts."""
    folder = tmp_path_factory.mktemp("contract")
    small_table().to_csv(folder / "sites.csv", index=False)
    source = locate(str(folder / "sites.csv"), cache=folder / "sources")
    resources = Resources(source, Workspace.at(folder / ".cache", folder / "results"), 1)
    graph = steps(STAGES, Config.model_validate(SETTINGS), source)
    outcome = run(graph, resources)
    yield resources, {step.name: step for step in graph}, dict(outcome.entries)
    shutil.rmtree(folder)


def model_of(stage: Stage[Any]) -> str:
    """A model that a stage has a step for; empty for a stage over all models."""
    return stage.models(Config.model_validate(SETTINGS))[0] if stage.per_model else ""


def step_of(stage: Stage[Any], graph: dict[str, Step]) -> Step:
    return graph["/".join(filter(None, (stage.name, model_of(stage))))]


def execute(step: Step, ran: Ran, job_class: type[Job[Any]] = Job) -> Result:
    """Run the function of a step on the artifacts that are there."""
    resources, _, entries = ran
    decision = decide(step, entries, resources.workspace)
    job = Job(step.settings, decision, entries, SharedFiles([step]), resources)
    if step.stage.run is not None:
        return step.stage.run(job)
    assert step.stage.run_together is not None
    with closing(step.stage.run_together([job])) as made:  # type: ignore[type-var]  # a generator
        (found,) = [result for _, result in made]
    if isinstance(found, PhishError):
        raise found
    return found


def node_of(read: Node[Any] | Read) -> Node[Any]:
    return read.node if isinstance(read, Read) else read


IDS = [f"{stage.name}-{model_of(stage)}".removesuffix("-") for stage in STAGES]


def reads() -> list[Any]:
    """Every stage with everything that it declares to read."""
    return [
        pytest.param(stage, read, id=f"{name}-{read.name if isinstance(read, Fact) else node_of(read).file}")
        for stage, name in zip(STAGES, IDS, strict=True)
        for read in stage.reads
    ]


@pytest.mark.parametrize(("stage", "read"), reads())
def test_without_one_of_its_declared_reads_a_stage_fails(
    stage: Stage[Any], read: Node[Any] | Read | Fact[Any], ran: Ran
) -> None:
    less = msgspec.structs.replace(stage, reads=tuple(each for each in stage.reads if each is not read))
    source = ran[0].source
    graph = {step.name: step for step in steps([less], Config.model_validate(SETTINGS), source)}
    with pytest.raises(Undeclared, match=f"^{stage.name}(/{model_of(stage)})? has not declared"):
        execute(step_of(less, graph), ran)


def test_a_stage_reads_each_file_of_another_stage_that_it_declares_and_no_further_setting(
    ran: Ran,
) -> None:
    _, graph, _ = ran
    for stage in STAGES:
        assert execute(step_of(stage, graph), ran).summary


@pytest.mark.parametrize("stage", STAGES, ids=IDS)
def test_a_stage_writes_nodes_of_its_own_and_reads_nodes_that_others_write(stage: Stage[Any]) -> None:
    written = {node for each in STAGES for node in each.writes}
    assert {(node.stage, node.per_model) for node in stage.writes} == {(stage.name, stage.per_model)}
    assert {read.node for read in stage.node_reads()} <= written


def leaves(document: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in document.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


CHANGES: dict[str, Any] = {
    "load.source": "other.csv",
    "load.sha256": "b" * 64,
    "load.table": "t",
    "load.target": "y",
    "load.positive_label": 1,
    "load.indicators": "none",
    "load.max_categories": 7,
    "load.query": "SELECT 1",
    "load.version_query": "SELECT 1",
    "preprocess.numeric.impute": "mean",
    "preprocess.numeric.clip": 0.01,
    "preprocess.categorical.encode": "target",
    "preprocess.categorical.rare": 9,
    "preprocess.select.by": "variance",
    "preprocess.select.keep": 7,
    "preprocess.balance": "weights",
    "preprocess.models": {"LightGBM": {"interactions": 3}},
    "load.roles": {"Industry": "categorical"},
    "run.cluster": "dask://host:1",
    "load.drop": ["a"],
    "load.keep": ["a"],
    "preprocess.split.group": "g",
    "preprocess.split.time": "t",
    "preprocess.split.test_size": 0.5,
    "preprocess.numeric.scale": "published",
    "audit.ignore": {"few-rows": "known"},
    "train.models": ["KNN"],
    "train.params": {"LogisticRegression": {"C": 3.0}},
    "train.early_stopping.patience": 3,
    "train.monotone": "auto",
    "evaluate.tiers": {"first": ["a"]},
    "evasion.mutable": {"a": {"direction": "up"}},
    "load.negative_label": "fine",
    "load.unlabelled": "drop",
    "load.csv.delimiter": ";",
    "load.csv.header": True,
    "load.csv.names": ["a", "b"],
    "load.csv.decimal": ",",
    "load.csv.thousands": ",",
    "load.csv.missing": ["?"],
    "load.csv.comment": "#",
    "load.csv.skip_rows": 2,
    "load.csv.encoding": "cp1252",
    "train.early_stopping.share": 0.3,
    "train.distributed": "never",
    "train.budget": 60,
    "train.tune.candidates": {"LogisticRegression": [{"C": 3.0}]},
    "train.ensemble.method": "stacking",
    "train.ensemble.max_latency": 0.1,
    "train.tune.method": "random",
    "train.tune.time_budget": 60,
    "train.tune.scoring": "f1",
    "train.tune.spaces": {"LogisticRegression": {"C": [1.0, 2.0]}},
    "evaluate.threshold": 0.4,
    "evaluate.calibrate": "isotonic",
    "evaluate.select_on": "test",
    "evaluate.select_by": "f1",
    "evaluate.prefer": "simple",
    "evaluate.by": ["Industry"],
    "evaluate.confidence": 0.9,
    "operation.base_rate": 0.5,
    "operation.miss_cost": 3.0,
    "verdicts.block": "never",
    "verdicts.review": "never",
    "verdicts.review_capacity": 200,
    "verdicts.max_strange": 0.5,
    "report.title": "other",
    "run.jobs": 2,
    "run.memory": "4GB",
    "run.cache_dir": "elsewhere",
    "run.results_dir": "elsewhere",
}
"""Another value for each key whose kind does not give one."""


def changed(path: tuple[str, ...], value: Any) -> Config:
    """The default configuration with one key changed."""
    key = ".".join(path)
    other = CHANGES[key] if key in CHANGES else not value if isinstance(value, bool) else value + 1
    nested: Any = other
    for part in reversed(path):
        nested = {part: nested}
    return Config.model_validate(nested)


def seen(settings: Any) -> dict[str, Any]:
    """All that a stage's function can see of the settings, but what is only mentioned."""
    if settings is None:
        return {}
    return {each.name: getattr(settings, each.name) for each in fields(settings) if each.metadata.get("shapes", True)}


@pytest.mark.parametrize("path", list(leaves(Config().model_dump())), ids=".".join)
def test_a_setting_that_is_no_part_of_the_fingerprint_of_a_stage_cannot_be_seen_by_it(path: tuple[str, ...]) -> None:
    default = Config()
    value: Any = default.model_dump()
    for part in path:
        value = value[part]
    other = changed(path, value)
    assert other != default
    for stage in STAGES:
        model = model_of(stage)
        before, after = stage.settings(default, model), stage.settings(other, model)
        if fingerprinted(before) == fingerprinted(after):
            assert seen(before) == seen(after), stage.name


def test_what_is_given_is_named_once() -> None:
    given = {(what.name, id(what)) for stage in STAGES for what in stage.facts()}
    assert len({name for name, _ in given}) == len(given)


def test_the_job_of_a_stage_has_no_way_to_the_whole_configuration(tmp_path: Path) -> None:
    source = FileSource(tmp_path / "s", "csv", "a" * 64, "s")
    step = steps([STAGES[0]], Config(), source)[0]
    resources = Resources(source, Workspace.at(tmp_path / ".cache", tmp_path / "results"), 1)
    job = Job(step.settings, Decision(step, "stale"), {}, SharedFiles([step]), resources)
    assert not any(isinstance(getattr(job, each.name), Config) for each in fields(job))
    assert not any(isinstance(getattr(resources, each.name), Config) for each in fields(resources))
