"""Deciding is pure and names its reasons; running executes what is stale, once, and survives failures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from phishcli.artifacts import Output, Workspace
from phishcli.errors import ConfigError, EvaluateError, PhishError, TrainError
from phishcli.events import Event, Failed, Finished, Notice, Skipped, Started
from phishcli.flow import runner
from phishcli.flow.graph import Step, steps
from phishcli.flow.job import Job, Resources
from phishcli.flow.nodes import FAILED, SOURCE, Node, content
from phishcli.flow.plan import Decision, plan
from phishcli.flow.run import Outcome
from phishcli.flow.run import run as run_graph
from phishcli.flow.stage import EarlyCheck, Result, Stage
from phishcli.sources.file_source import FileSource


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / ".cache", tmp_path / "results")


@dataclass(frozen=True)
class Settings:
    values: dict[str, Any]


def out(stage: str, *, per_model: bool = False) -> Node[Any]:
    """The one file of a toy stage."""
    return content(stage, "out.json", per_model=per_model)


class Toy:
    """Stages that write what they were given, and remember that they ran."""

    def __init__(self, failing: tuple[str, ...] = ()) -> None:
        self.executed: list[str] = []
        self.failing = failing
        self.told: dict[str, str] = {}
        self.reads: dict[str, list[str]] = {}

    def run(self, job: Job[Settings]) -> Result:
        step = job.decision.step
        self.executed.append(step.name)
        self.reads[step.name] = list(step.reads)
        if FAILED in step.stage.facts():
            self.told = dict(job.fact(FAILED))
        if step.name in self.failing:
            raise TrainError(f"{job.model} did not converge")
        given = {name: job.entries[name].read("out.json") for name in step.reads}
        (node,) = step.stage.writes
        return Result({node: {"settings": job.settings.values, "given": given}}, f"{step.name} done", self.note(job))

    def note(self, _: Job[Settings]) -> dict[str, Any]:
        return {}

    def together(self, jobs: Sequence[Job[Settings]]) -> Iterator[tuple[Job[Settings], Result | PhishError]]:
        for job in jobs:
            try:
                yield job, self.run(job)
            except PhishError as error:
                yield job, error

    def stage(self, name: str, *reads: Any, key: str = "", per_model: bool = False, **options: Any) -> Stage[Settings]:
        if "run_together" not in options:
            options["run"] = self.run
        return Stage(
            name=name,
            title=name,
            version=1,
            settings=lambda config, _: Settings({key: getattr(config, key)} if key else {}),
            reads=reads,
            writes=(out(name, per_model=per_model),),
            per_model=per_model,
            **options,
        )

    def stages(self) -> list[Stage[Settings]]:
        trained, scored = out("train", per_model=True), out("evaluate", per_model=True)
        return [
            self.stage("load", SOURCE),
            self.stage("preprocess", out("load"), key="seed"),
            self.stage("train", out("preprocess"), per_model=True, run_together=self.together),
            self.stage("evaluate", trained, per_model=True),
            self.stage("evaluate", scored),
            self.stage("report", FAILED, out("evaluate"), key="title"),
        ]

    def graph(self, **settings: Any) -> list[Step]:
        return draw(self.stages(), **settings)


def draw(
    stages: Sequence[Stage[Any]], models: tuple[str, ...] = ("A", "B"), sha: str = "1", **settings: Any
) -> list[Step]:
    given = {"seed": 42, "title": "t", **settings}
    config: Any = SimpleNamespace(train=SimpleNamespace(models=models), **given)
    return list(steps(stages, config, FileSource(Path("sites.db"), "sqlite", sha, "sites.db")))


def resources(workspace: Workspace, **options: Any) -> Resources:
    return Resources(FileSource(Path("sites.db"), "sqlite", "1", "sites.db"), workspace, 1, **options)


def outcome_of(workspace: Workspace, toy: Toy, steps: list[Step] | None = None, **options: Any) -> Outcome:
    only = options.pop("only", None)
    return run_graph(toy.graph() if steps is None else steps, resources(workspace, **options), only=only)


def run(workspace: Workspace, toy: Toy | None = None, **settings: Any) -> list[str]:
    """Run the graph under some settings, and give what was executed."""
    toy = toy or Toy()
    options = {key: settings.pop(key) for key in ("force", "only", "on_event") if key in settings}
    outcome_of(workspace, toy, toy.graph(**settings), **options)
    return toy.executed


def names() -> list[str]:
    return [step.name for step in Toy().graph()]


def test_the_first_run_executes_every_step_in_order_and_the_second_none(workspace: Workspace) -> None:
    assert run(workspace) == names()
    assert run(workspace) == []


def test_steps_that_run_side_by_side_are_told_as_they_end_and_kept_in_the_order_of_the_graph(
    workspace: Workspace,
) -> None:
    class Backwards(Toy):
        def together(self, jobs: Sequence[Job[Settings]]) -> Iterator[tuple[Job[Settings], Result | PhishError]]:
            return super().together(list(reversed(jobs)))

    spy, told = Backwards(), []
    outcome = outcome_of(workspace, spy, on_event=told.append)
    trained = [event.step for event in told if isinstance(event, Finished) and event.step.startswith("train")]
    assert trained == ["train/B", "train/A"]
    assert list(outcome.entries) == names()


def test_only_what_depends_on_a_changed_setting_runs_again(workspace: Workspace) -> None:
    run(workspace)
    assert run(workspace, title="other") == ["report"]
    assert run(workspace, seed=7) == names()[1:]
    assert run(workspace, seed=42, title="t") == []


def test_adding_a_model_runs_that_model_and_the_comparison(workspace: Workspace) -> None:
    run(workspace, models=("A",))
    assert run(workspace) == ["train/B", "evaluate/B", "evaluate", "report"]


def test_another_source_with_the_same_result_stops_after_load(workspace: Workspace) -> None:
    run(workspace, sha="1")
    assert run(workspace, sha="2") == ["load"]


def test_force_runs_the_named_stages_although_they_are_fresh(workspace: Workspace) -> None:
    run(workspace)
    assert run(workspace, force=("train",)) == ["train/A", "train/B"]


def test_a_stale_input_is_an_error_when_only_the_goal_may_run(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="load is stale, and --no-upstream does not allow"):
        run(workspace, only=("report",))


def test_damage_is_said_and_repaired_without_touching_what_comes_after(workspace: Workspace) -> None:
    run(workspace)
    path = workspace.cache.latest("preprocess").folder / "out.json"
    path.write_text(path.read_text().replace("42", "43"))
    events: list[Event] = []
    assert run(workspace, on_event=events.append) == ["preprocess"]
    warning = next(event for event in events if isinstance(event, Notice))
    assert warning == Notice("preprocess: out.json does not match its hash; it will be rebuilt", "warning")


def test_a_model_that_fails_is_told_and_the_others_go_on(workspace: Workspace) -> None:
    events: list[Event] = []
    spy = Toy(failing=("train/A",))
    outcome = outcome_of(workspace, spy, on_event=events.append)
    assert outcome.failed == {"A": "A did not converge"}
    assert spy.executed == ["load", "preprocess", "train/A", "train/B", "evaluate/B", "evaluate", "report"]
    assert spy.told == {"A": "A did not converge"}
    assert [event.step for event in events if isinstance(event, Failed)] == ["train/A"]


def test_a_failed_model_is_tried_again_and_the_rest_is_not(workspace: Workspace) -> None:
    run(workspace, Toy(failing=("train/A",)))
    assert run(workspace, Toy(failing=("train/A",))) == ["train/A"]
    assert run(workspace) == ["train/A", "evaluate/A", "evaluate", "report"]


def test_when_every_model_fails_the_run_fails_with_all_reasons(workspace: Workspace) -> None:
    with pytest.raises(TrainError, match="Every model failed\nA did not converge\nB did not converge"):
        run(workspace, Toy(failing=("train/A", "train/B")))


def test_events_tell_what_started_what_came_out_and_what_was_cached(workspace: Workspace) -> None:
    first: list[Event] = []
    outcome_of(workspace, Toy(), Toy().graph()[:1], on_event=first.append)
    assert first[0] == Started("load")
    assert (first[1].step, first[1].summary, first[1].cached) == ("load", "load done", False)
    again: list[Event] = []
    outcome_of(workspace, Toy(), Toy().graph()[:1], on_event=again.append)
    assert again == [Finished("load", "load done", first[1].seconds, cached=True)]


def test_a_plan_says_fresh_stale_with_the_reason_and_waiting(workspace: Workspace) -> None:
    run(workspace)
    found = {d.step.name: d for d in plan(Toy().graph(seed=7), workspace)}
    assert found["load"].status == "fresh"
    assert [str(reason) for reason in found["preprocess"].reasons] == ["config.values.seed: 42 -> 7"]
    assert (found["train/A"].status, found["train/A"].waits_for) == ("waiting", ("preprocess",))


def test_a_plan_of_nothing_done_yet_says_so(workspace: Workspace) -> None:
    (load, *rest) = plan(Toy().graph(), workspace)
    assert [str(reason) for reason in load.reasons] == ["artifact: none -> not on disk"]
    assert {decision.status for decision in rest} == {"waiting"}


def test_planning_changes_nothing_on_disk(workspace: Workspace, tmp_path: Path) -> None:
    plan(Toy().graph(), workspace)
    assert list(tmp_path.iterdir()) == []


def test_another_version_of_a_library_makes_just_its_users_stale(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def versions(upgraded: str) -> object:
        return lambda libraries: {name: "2.0" if name == upgraded else "1.0" for name in libraries}

    toy = Toy()
    stages = [
        msgspec.structs.replace(stage, libraries=lambda _, model: ("xgboost",) if model == "A" else ())
        for stage in toy.stages()
    ]
    monkeypatch.setattr("phishcli.flow.plan.library_versions", versions("nothing"))
    outcome_of(workspace, toy, draw(stages[:3]))
    monkeypatch.setattr("phishcli.flow.plan.library_versions", versions("xgboost"))
    toy.executed.clear()
    outcome_of(workspace, toy, draw(stages[:3]))
    assert toy.executed == ["train/A"]


def test_releases_take_part_in_the_plan_like_any_other_step(workspace: Workspace) -> None:
    class Releasing(Toy):
        def stages(self) -> list[Stage[Settings]]:
            return [*super().stages(), self.stage("persist", out("evaluate"), key="a", home="releases")]

        def note(self, job: Job[Settings]) -> dict[str, Any]:
            if job.decision.step.name != "persist":
                return {}
            last = job.last_release()
            return {"version": f"1.0.{int(last[-1]) + 1}" if last else "1.0.0"}

    assert run(workspace, Releasing(), a=1)[-1] == "persist"
    assert run(workspace, Releasing(), a=1) == []
    assert run(workspace, Releasing(), a=2) == ["persist"]
    assert workspace.releases.versions() == [(1, 0, 0), (1, 0, 1)]
    assert run(workspace, Releasing(), a=1) == ["persist"]
    assert (workspace.releases.root / "latest").resolve().name == "v1.0.2"


def test_an_artifact_that_goes_while_it_is_used_is_made_again(workspace: Workspace) -> None:
    class Cleaning(Toy):
        def run(self, job: Job[Settings]) -> Result:
            if job.decision.step.name == "evaluate/A" and "evaluate/A" not in self.executed:
                shutil.rmtree(job.entries["train/A"].folder)  # as another process would that cleans up
            return super().run(job)

    spy, events = Cleaning(), []
    outcome = outcome_of(workspace, spy, on_event=events.append)
    assert spy.executed.count("train/A") == 2
    assert spy.executed.count("train/B") == 1
    assert "report" in outcome.entries
    assert any(isinstance(event, Notice) and "Another process changed" in event.message for event in events)


class Overtaken(Toy):
    """While it executes a step, another run forces some that lie before it: each time another one."""

    def __init__(self, workspace: Workspace, at: str, overtaking: list[str]) -> None:
        super().__init__()
        self.workspace, self.at, self.overtaking = workspace, at, overtaking

    def stages(self) -> list[Stage[Settings]]:
        return [*super().stages()[:-1], self.stage("report", out("train", per_model=True))]

    def run(self, job: Job[Settings]) -> Result:
        if job.decision.step.name == self.at and self.overtaking:
            entry = job.entries[self.overtaking.pop(0)]
            output = Output({"out.json": len(self.overtaking)}, summary="forced by another run")
            self.workspace.cache.publish(entry.manifest.step, entry.manifest.parts, output, started=0.0, packages={})
        return super().run(job)


def test_a_run_that_is_overtaken_at_step_after_step_goes_on_each_time(workspace: Workspace) -> None:
    spy, events = Overtaken(workspace, "report", ["train/A", "train/B", "train/A"]), []
    outcome = outcome_of(workspace, spy, force=("train",), on_event=events.append)
    assert outcome.read("report", "out.json")["given"] == {"train/A": 0, "train/B": 1}
    assert sum("Another process changed" in event.message for event in events if isinstance(event, Notice)) == 3
    assert (spy.executed.count("train/A"), spy.executed.count("train/B")) == (1, 1)


def test_a_run_whose_artifacts_never_keep_still_ends_with_the_reason(workspace: Workspace) -> None:
    spy = Overtaken(workspace, "report", ["train/A"] * 50)
    with pytest.raises(PhishError, match="Other processes keep changing the artifacts"):
        outcome_of(workspace, spy)
    assert spy.executed.count("report") == len(spy.graph()) + 1


def test_a_missing_file_that_is_nobody_elses_doing_is_no_reason_to_begin_again(workspace: Workspace) -> None:
    class Broken(Toy):
        def run(self, job: Job[Settings]) -> Result:
            if job.decision.step.name == "evaluate/A":
                raise FileNotFoundError("a font")
            return super().run(job)

    spy, events = Broken(), []
    with pytest.raises(FileNotFoundError, match="a font"):
        outcome_of(workspace, spy, on_event=events.append)
    assert not any(isinstance(event, Notice) for event in events)


def test_force_is_content_with_what_another_run_has_made_while_it_waited(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(workspace)
    decide = runner.decide

    def then_another_run(step: Step, *arguments: object, **options: object) -> Decision:
        decision = decide(step, *arguments, **options)
        if step.name == "train/B":
            monkeypatch.setattr(runner, "decide", decide)
            assert run(workspace, force=("train",)) == ["train/A", "train/B"]
        return decision

    monkeypatch.setattr(runner, "decide", then_another_run)
    assert run(workspace, force=("train",)) == []


class Explaining(Toy):
    """The toy with an explanation of each model, which the report reads."""

    def stages(self) -> list[Stage[Settings]]:
        trained, explained = out("train", per_model=True), out("explain", per_model=True)
        return [
            *super().stages()[:-1],
            self.stage("explain", trained, per_model=True, optional=True),
            self.stage("report", FAILED, out("evaluate"), explained, key="title"),
        ]


def test_a_model_that_cannot_be_explained_is_told_and_stays_in_the_comparison(workspace: Workspace) -> None:
    class Unexplained(Explaining):
        def run(self, job: Job[Settings]) -> Result:
            if job.decision.step.name in self.failing:
                raise EvaluateError(f"{job.model} cannot be asked")
            return super().run(job)

    spy, events = Unexplained(failing=("explain/A",)), []
    outcome = outcome_of(workspace, spy, on_event=events.append)
    assert spy.reads["report"] == ["evaluate", "explain/B"]
    assert outcome.failed == {}
    assert [(e.step, e.reason) for e in events if isinstance(e, Failed)] == [("explain/A", "A cannot be asked")]


def test_no_explanation_at_all_is_no_reason_to_fail(workspace: Workspace) -> None:
    class Unexplained(Explaining):
        def run(self, job: Job[Settings]) -> Result:
            if job.decision.step.stage.name == "explain":
                raise EvaluateError("cannot be asked")
            return super().run(job)

    assert run(workspace, Unexplained())[-1] == "report"


def test_models_that_cannot_be_scored_fail_with_the_code_of_evaluation(workspace: Workspace) -> None:
    class Unscored(Toy):
        def run(self, job: Job[Settings]) -> Result:
            if job.decision.step.stage.name == "evaluate" and job.decision.step.model:
                raise EvaluateError(f"{job.decision.step.model} predicts NaN")
            return super().run(job)

    with pytest.raises(EvaluateError, match="Every model failed\nA predicts NaN\nB predicts NaN"):
        run(workspace, Unscored())


def test_what_follows_a_failed_model_is_told_to_be_passed_over(workspace: Workspace) -> None:
    events: list[Event] = []
    run(workspace, Toy(failing=("train/A",)), on_event=events.append)
    assert Skipped("evaluate/A", "train/A failed") in events


def test_a_second_pass_forces_what_was_not_executed_yet_and_nothing_twice(workspace: Workspace) -> None:
    run(workspace)

    class Cleaning(Toy):
        def run(self, job: Job[Settings]) -> Result:
            if job.decision.step.name == "train/A" and "train/A" not in self.executed:
                shutil.rmtree(job.entries["preprocess"].folder)
            return super().run(job)

    spy = Cleaning()
    outcome = outcome_of(workspace, spy, force=("load", "train"))
    assert spy.executed.count("load") == 1
    assert spy.executed.count("train/B") == 1
    assert set(outcome.executed) >= {"load", "preprocess", "train/A", "train/B"}


def test_an_early_check_may_read_two_files_of_one_stage_and_runs_before_anything_further(workspace: Workspace) -> None:
    first, second = content("load", "out.json"), content("load", "more.json")
    seen: list[Any] = []

    class Checked(Toy):
        def stages(self) -> list[Stage[Settings]]:
            check = EarlyCheck(
                settings=lambda _: "settings",
                reads=(first, second),
                check=lambda job: seen.append(
                    (job.settings, job.read(first)["given"], job.read(second), *self.executed)
                ),
            )
            load, *rest = super().stages()
            both = msgspec.structs.replace(load, run=self.load, writes=(first, second))
            return [both, *rest[:-1], msgspec.structs.replace(rest[-1], early=check)]

        def load(self, _: Job[Settings]) -> Result:
            self.executed.append("load")
            return Result({first: {"given": {}}, second: 7}, "loaded")

    toy = Checked()
    run_graph(toy.graph(), resources(workspace), ahead=toy.graph())
    assert seen == [("settings", {}, 7, "load")]
    assert toy.executed == names()
