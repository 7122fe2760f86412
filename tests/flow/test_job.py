"""A stage's function gets what its stage declares, and nothing else; files are let go of after their last reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from phishcli.artifacts import Output, Workspace
from phishcli.config import Config
from phishcli.flow.graph import Step
from phishcli.flow.job import Job, Resources, SharedFiles, Undeclared, output_of
from phishcli.flow.nodes import FAILED, ORIGIN, SOURCE, Node, content
from phishcli.flow.plan import Decision
from phishcli.flow.settings import fingerprinted, informative
from phishcli.flow.stage import Result, Stage
from phishcli.sources.file_source import FileSource

ONE, TWO = content("made", "one.json"), content("made", "two.json")
OF_MODEL = content("fit", "fit.json", per_model=True)
FIGURE = content("told", "{name}", optional=True)
PAGE = content("told", "page.json")
READS = (ONE, TWO.informative(), OF_MODEL, ORIGIN)
EVERYTHING = {"made": ("one.json",), "fit/A": ("fit.json",), "fit/B": ("fit.json",)}


def stage(*reads: Any, writes: tuple[Node[Any], ...] = (PAGE, FIGURE)) -> Stage[None]:
    return Stage(name="told", title="t", version=1, settings=lambda _, __: None, reads=reads, writes=writes)


def job(tmp_path: Path, declared: Stage[None], reads: dict[str, tuple[str, ...]], informative: Any = ()) -> Job[None]:
    workspace = Workspace.at(tmp_path / ".cache", tmp_path / "results")
    entries = {}
    for name in ("made", "fit/A", "fit/B"):
        files = {"fit.json": name} if "/" in name else {"one.json": 1, "two.json": 2}
        entries[name] = workspace.cache.publish(name, {}, Output(files, "done"), started=0.0, packages={"numpy": "2"})
    step = Step("told", declared, None, {}, reads, dict(informative), failed={"C": "it failed"})
    source = FileSource(tmp_path / "sites.csv", "csv", "a" * 64, "sites.csv")
    return Job(None, Decision(step, "stale"), entries, SharedFiles([step]), Resources(source, workspace))


def test_what_is_declared_can_be_read(tmp_path: Path) -> None:
    made = job(tmp_path, stage(*READS), EVERYTHING, {"made": ("two.json",)})
    assert (made.read(ONE), made.read(TWO)) == (1, 2)
    assert made.each(OF_MODEL) == {"A": "fit/A", "B": "fit/B"}
    assert made.fact(ORIGIN) == "sites.csv"
    assert made.path(ONE).read_text().strip() == "1"
    assert made.lineage()["made"].packages["numpy"] == "2"


READINGS: list[Callable[[Job[None]], object]] = [
    lambda job: job.read(TWO),
    lambda job: job.path(TWO),
    lambda job: job.each(OF_MODEL),
    lambda job: job.fact(SOURCE),
    lambda job: job.fact(FAILED),
]


@pytest.mark.parametrize("reading", READINGS)
def test_touching_anything_else_fails_and_names_it(tmp_path: Path, reading: Callable[[Job[None]], object]) -> None:
    with pytest.raises(Undeclared, match=r"^told has not declared"):
        reading(job(tmp_path, stage(ONE, ORIGIN), {"made": ("one.json",)}))


def test_a_model_that_failed_is_missing_from_each(tmp_path: Path) -> None:
    made = job(tmp_path, stage(OF_MODEL, FAILED), {"fit/B": ("fit.json",)})
    assert made.each(OF_MODEL) == {"B": "fit/B"}
    assert made.fact(FAILED) == {"C": "it failed"}


def test_what_was_made_must_be_what_is_declared() -> None:
    step = Step("told", stage(), None, {})
    figures = {FIGURE.named("roc.svg"): "<svg/>", FIGURE.named("pr.svg"): "<svg/>"}
    output = output_of(step, Result({PAGE: {}, **figures}, "done"))
    assert output.files == {"page.json": {}, "roc.svg": "<svg/>", "pr.svg": "<svg/>"}
    with pytest.raises(Undeclared, match=r"does not write what it declares: page\.json"):
        output_of(step, Result(figures, "done"))
    with pytest.raises(Undeclared, match=r"does not write what it declares: one\.json"):
        output_of(step, Result({PAGE: {}, ONE: 1}, "done"))


@dataclass(frozen=True)
class Settings:
    seed: int
    note: str = informative()


def test_what_is_mentioned_is_no_part_of_the_fingerprint() -> None:
    assert fingerprinted(Settings(7, "a")) == fingerprinted(Settings(7, "b")) == {"seed": 7}


class Counting:
    """An entry that counts how often its file is read."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, _: str) -> list[int]:
        self.count += 1
        return [self.count]


def test_a_file_is_read_once_for_all_its_readers_and_let_go_of_after_the_last() -> None:
    steps = [Step(name, stage(), None, {}, {"made": ("one.json",)}) for name in ("first", "second")]
    shared, found = SharedFiles(steps), Counting()
    entry: Any = found
    assert shared.get(entry, ONE, "made") is shared.get(entry, ONE, "made")
    shared.done(steps[0])
    assert shared.get(entry, ONE, "made") == [1]
    shared.done(steps[1])
    assert shared._held == {}
    assert found.count == 1


def test_an_artifact_that_was_replaced_is_read_again() -> None:
    steps = [Step(name, stage(), None, {}, {"made": ("one.json",)}) for name in ("first", "second")]
    shared = SharedFiles(steps)
    first, second = (Counting(), Counting())
    entries: list[Any] = [first, second]
    assert [shared.get(entry, ONE, "made") for entry in entries] == [[1], [1]]
    assert (first.count, second.count) == (1, 1)


def test_the_last_reader_may_read_a_file_twice_without_loading_it_again() -> None:
    step = Step("last", stage(), None, {}, {"made": ("one.json",)})
    shared, found = SharedFiles([step]), Counting()
    entry: Any = found
    assert shared.get(entry, ONE, "made") is shared.get(entry, ONE, "made")
    shared.done(step)
    assert (found.count, shared._held) == (1, {})


def test_a_file_that_no_step_of_the_run_declares_is_not_held() -> None:
    shared, found = SharedFiles([]), Counting()
    entry: Any = found
    assert shared.get(entry, ONE, "made") == [1]
    assert shared._held == {}


@dataclass(frozen=True)
class Whole:
    config: Config


@pytest.mark.parametrize(
    "given",
    [
        {},
        {
            "load": {"target": "a", "drop": ["b", "c"], "positive_label": [1, "x", True], "csv": {"missing": ["?"]}},
            "train": {"models": ["XGBoost"], "params": {"XGBoost": {"max_depth": 3, "nested": {"a": [None, 0.5]}}}},
            "preprocess": {"models": {"XGBoost": {"numeric": {"scale": "none"}}}},
            "evaluate": {"tiers": {"first": ["a"], "last": ["*"]}},
        },
    ],
    ids=["default", "set"],
)
def test_sections_are_as_plain_as_pydantic_makes_them(given: dict[str, Any]) -> None:
    config = Config.model_validate(given)
    assert fingerprinted(Whole(config)) == {"config": config.model_dump(mode="json")}
