"""Deciding is pure and names its reasons; running executes what is stale, once, and survives failures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from phishcli import pipeline
from phishcli.artifacts import Entry, Output, Workspace
from phishcli.config import Config
from phishcli.errors import ConfigError, EvaluateError, PhishError, TrainError
from phishcli.events import Event, Failed, Finished, Notice, Skipped, Started
from phishcli.graph import Step
from phishcli.graph import steps as steps_of
from phishcli.plan import Decision, plan
from phishcli.sources.locate import LocalSource

SOURCE = LocalSource(Path("sites.db"), "sqlite", "a" * 64, "sites.db")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / ".cache", tmp_path / "results")


class Spy:
    """Executes steps by writing what they were given, and remembers which."""

    def __init__(self, failing: tuple[str, ...] = ()) -> None:
        self.executed: list[str] = []
        self.failing = failing
        self.told: dict[str, str] = {}

    def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
        step = decision.step
        self.executed.append(step.name)
        self.told = dict(step.failed)
        if step.name in self.failing:
            raise TrainError(f"{step.model} did not converge")
        given = {name: entry.read("out.json") for name, entry in inputs.items() if name in step.reads}
        return Output({"out.json": {"settings": dict(step.settings), "given": given}}, summary=f"{step.name} done")

    def together(
        self, decisions: Sequence[Decision], inputs: Mapping[str, Entry]
    ) -> Iterator[tuple[Decision, Output | PhishError]]:
        for decision in decisions:
            try:
                yield decision, self(decision, inputs)
            except PhishError as error:
                yield decision, error


def graph(seed: int = 42, title: str = "t", models: tuple[str, ...] = ("A", "B"), sha: str = "1") -> list[Step]:
    one = ("out.json",)
    return [
        Step("load", {}, source={"sha256": sha}),
        Step("preprocess", {"seed": seed}, {"load": one}),
        *(Step(f"train/{model}", {"params": {}}, {"preprocess": one}) for model in models),
        *(Step(f"evaluate/{model}", {}, {f"train/{model}": one}) for model in models),
        Step("evaluate", {}, {f"evaluate/{model}": one for model in models}),
        Step("report", {"title": title}, {"evaluate": one}),
    ]


def run(workspace: Workspace, steps: list[Step], spy: Spy | None = None, **options: object) -> list[str]:
    spy = spy or Spy()
    pipeline.run(steps, workspace, SOURCE, spy, **options)
    return spy.executed


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def test_the_first_run_executes_every_step_in_order_and_the_second_none(workspace: Workspace) -> None:
    assert run(workspace, graph()) == names(graph())
    assert run(workspace, graph()) == []


def test_steps_that_run_side_by_side_are_told_as_they_end_and_kept_in_the_order_of_the_graph(
    workspace: Workspace,
) -> None:
    class Backwards(Spy):
        def together(
            self, decisions: Sequence[Decision], inputs: Mapping[str, Entry]
        ) -> Iterator[tuple[Decision, Output | PhishError]]:
            return super().together(list(reversed(decisions)), inputs)

    spy, told = Backwards(), []
    outcome = pipeline.run(graph(), workspace, SOURCE, spy, on_event=told.append)
    trained = [event.step for event in told if isinstance(event, Finished) and event.step.startswith("train")]
    assert trained == ["train/B", "train/A"]
    assert list(outcome.entries) == names(graph())


def test_only_what_depends_on_a_changed_setting_runs_again(workspace: Workspace) -> None:
    run(workspace, graph())
    assert run(workspace, graph(title="other")) == ["report"]
    assert run(workspace, graph(seed=7)) == names(graph())[1:]
    assert run(workspace, graph(seed=42, title="t")) == []


def test_adding_a_model_runs_that_model_and_the_comparison(workspace: Workspace) -> None:
    run(workspace, graph(models=("A",)))
    assert run(workspace, graph()) == ["train/B", "evaluate/B", "evaluate", "report"]


def test_another_source_with_the_same_result_stops_after_load(workspace: Workspace) -> None:
    run(workspace, graph(sha="1"))
    assert run(workspace, graph(sha="2")) == ["load"]


def test_force_runs_the_named_stages_although_they_are_fresh(workspace: Workspace) -> None:
    run(workspace, graph())
    assert run(workspace, graph(), force=("train",)) == ["train/A", "train/B"]


def test_a_stale_input_is_an_error_when_only_the_goal_may_run(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="load is stale, and --no-upstream forbids"):
        run(workspace, graph(), only=("report",))


def test_damage_is_said_and_repaired_without_touching_what_comes_after(workspace: Workspace) -> None:
    run(workspace, graph())
    path = workspace.cache.latest("preprocess").folder / "out.json"
    path.write_text(path.read_text().replace("42", "43"))
    events: list[Event] = []
    assert run(workspace, graph(), on_event=events.append) == ["preprocess"]
    warning = next(event for event in events if isinstance(event, Notice))
    assert warning == Notice("preprocess: out.json does not match its hash; it is computed again", "warning")


def test_a_model_that_fails_is_told_and_the_others_go_on(workspace: Workspace) -> None:
    events: list[Event] = []
    spy = Spy(failing=("train/A",))
    outcome = pipeline.run(graph(), workspace, SOURCE, spy, on_event=events.append)
    assert outcome.failed == {"A": "A did not converge"}
    assert spy.executed == ["load", "preprocess", "train/A", "train/B", "evaluate/B", "evaluate", "report"]
    assert spy.told == {"A": "A did not converge"}
    assert [event.step for event in events if isinstance(event, Failed)] == ["train/A"]


def test_a_failed_model_is_tried_again_and_the_rest_is_not(workspace: Workspace) -> None:
    run(workspace, graph(), Spy(failing=("train/A",)))
    assert run(workspace, graph(), Spy(failing=("train/A",))) == ["train/A"]
    assert run(workspace, graph()) == ["train/A", "evaluate/A", "evaluate", "report"]


def test_when_every_model_fails_the_run_fails_with_all_reasons(workspace: Workspace) -> None:
    with pytest.raises(TrainError, match="Every model failed\nA did not converge\nB did not converge"):
        run(workspace, graph(), Spy(failing=("train/A", "train/B")))


def test_events_tell_what_started_what_came_out_and_what_was_cached(workspace: Workspace) -> None:
    first: list[Event] = []
    run(workspace, graph()[:1], on_event=first.append)
    assert first[0] == Started("load")
    assert (first[1].step, first[1].summary, first[1].cached) == ("load", "load done", False)
    again: list[Event] = []
    run(workspace, graph()[:1], on_event=again.append)
    assert again == [Finished("load", "load done", first[1].seconds, cached=True)]


def test_a_plan_says_fresh_stale_with_the_reason_and_waiting(workspace: Workspace) -> None:
    run(workspace, graph())
    found = {d.step.name: d for d in plan(graph(seed=7), workspace)}
    assert found["load"].status == "fresh"
    assert [str(reason) for reason in found["preprocess"].reasons] == ["config.seed: 42 -> 7"]
    assert (found["train/A"].status, found["train/A"].waits_for) == ("waiting", ("preprocess",))


def test_a_plan_of_nothing_done_yet_says_so(workspace: Workspace) -> None:
    (load, *rest) = plan(graph(), workspace)
    assert [str(reason) for reason in load.reasons] == ["artifact: none -> not on disk"]
    assert {decision.status for decision in rest} == {"waiting"}


def test_planning_changes_nothing_on_disk(workspace: Workspace, tmp_path: Path) -> None:
    plan(graph(), workspace)
    assert list(tmp_path.iterdir()) == []


def test_another_version_of_a_library_makes_just_its_users_stale(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def versions(upgraded: str) -> object:
        return lambda libraries: {name: "2.0" if name == upgraded else "1.0" for name in libraries}

    config = Config()
    real = [s for s in steps_of(config, SOURCE) if s.stage in ("load", "preprocess", "train")]
    steps = [Step(s.name, s.settings, dict.fromkeys(s.reads, ("out.json",)), s.libraries, s.source) for s in real]
    monkeypatch.setattr("phishcli.plan.library_versions", versions("nothing"))
    run(workspace, steps)
    monkeypatch.setattr("phishcli.plan.library_versions", versions("xgboost"))
    assert run(workspace, steps) == ["train/XGBoost"]


def test_releases_take_part_in_the_plan_like_any_other_step(workspace: Workspace) -> None:
    steps = [*graph(), Step("persist", {"a": 1}, {"evaluate": ("out.json",)})]

    class Releasing(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            output = super().__call__(decision, inputs)
            last = decision.previous.manifest.extra["version"] if decision.previous else "1.0.0"
            following = last if decision.previous is None else f"1.0.{int(last[-1]) + 1}"
            return Output(output.files, output.summary, {"version": following})

    assert run(workspace, steps, Releasing())[-1] == "persist"
    assert run(workspace, steps, Releasing()) == []
    changed = [*graph(), Step("persist", {"a": 2}, {"evaluate": ("out.json",)})]
    assert run(workspace, changed, Releasing()) == ["persist"]
    assert workspace.releases.versions() == [(1, 0, 0), (1, 0, 1)]
    assert run(workspace, steps, Releasing()) == ["persist"]
    assert (workspace.releases.root / "latest").resolve().name == "v1.0.2"


def test_an_artifact_that_goes_while_it_is_used_is_made_again(workspace: Workspace) -> None:
    class Cleaning(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            if decision.step.name == "evaluate/A" and "evaluate/A" not in self.executed:
                shutil.rmtree(inputs["train/A"].folder)  # as another process would that cleans up
            return super().__call__(decision, inputs)

    spy, events = Cleaning(), []
    outcome = pipeline.run(graph(), workspace, SOURCE, spy, on_event=events.append)
    assert spy.executed.count("train/A") == 2
    assert spy.executed.count("train/B") == 1
    assert "report" in outcome.entries
    assert any(isinstance(event, Notice) and "Another process changed" in event.message for event in events)


class Overtaken(Spy):
    """While it executes a step, another run forces some that lie before it: each time another one."""

    def __init__(self, workspace: Workspace, at: str, overtaking: list[str]) -> None:
        super().__init__()
        self.workspace, self.at, self.overtaking = workspace, at, overtaking

    def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
        if decision.step.name == self.at and self.overtaking:
            entry = inputs[self.overtaking.pop(0)]
            output = Output({"out.json": len(self.overtaking)}, summary="forced by another run")
            self.workspace.cache.publish(entry.manifest.step, entry.manifest.parts, output, started=0.0, packages={})
        return super().__call__(decision, inputs)


def test_a_run_that_is_overtaken_at_step_after_step_goes_on_each_time(workspace: Workspace) -> None:
    steps = [*graph()[:-1], Step("report", {}, {"train/A": ("out.json",), "train/B": ("out.json",)})]
    spy, events = Overtaken(workspace, "report", ["train/A", "train/B", "train/A"]), []
    outcome = pipeline.run(steps, workspace, SOURCE, spy, force=("train",), on_event=events.append)
    assert outcome.read("report", "out.json")["given"] == {"train/A": 0, "train/B": 1}
    assert sum("Another process changed" in event.message for event in events if isinstance(event, Notice)) == 3
    assert (spy.executed.count("train/A"), spy.executed.count("train/B")) == (1, 1)


def test_a_run_whose_artifacts_never_keep_still_ends_with_the_reason(workspace: Workspace) -> None:
    steps = [*graph()[:-1], Step("report", {}, {"train/A": ("out.json",)})]
    spy = Overtaken(workspace, "report", ["train/A"] * 50)
    with pytest.raises(PhishError, match="Other processes keep changing the artifacts"):
        pipeline.run(steps, workspace, SOURCE, spy)
    assert spy.executed.count("report") == len(steps) + 1


def test_a_missing_file_that_is_nobody_elses_doing_is_no_reason_to_begin_again(workspace: Workspace) -> None:
    class Broken(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            if decision.step.name == "evaluate/A":
                raise FileNotFoundError("a font")
            return super().__call__(decision, inputs)

    spy, events = Broken(), []
    with pytest.raises(FileNotFoundError, match="a font"):
        pipeline.run(graph(), workspace, SOURCE, spy, on_event=events.append)
    assert not any(isinstance(event, Notice) for event in events)


def test_force_is_content_with_what_another_run_has_made_while_it_waited(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(workspace, graph())
    decide = pipeline.decide

    def then_another_run(step: Step, *arguments: object, **options: object) -> Decision:
        decision = decide(step, *arguments, **options)
        if step.name == "train/B":
            monkeypatch.setattr(pipeline, "decide", decide)
            assert run(workspace, graph(), force=("train",)) == ["train/A", "train/B"]
        return decision

    monkeypatch.setattr(pipeline, "decide", then_another_run)
    assert run(workspace, graph(), force=("train",)) == []


def explained(models: tuple[str, ...] = ("A", "B")) -> list[Step]:
    """The graph with an explanation of each model, which the report reads."""
    one = ("out.json",)
    *rest, report = graph(models=models)
    explain = [Step(f"explain/{model}", {}, {f"train/{model}": one}) for model in models]
    return [*rest, *explain, replace(report, reads={**report.reads, **{step.name: one for step in explain}})]


def test_a_model_that_cannot_be_explained_is_told_and_stays_in_the_comparison(workspace: Workspace) -> None:
    class Unexplained(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            if decision.step.name == "report":
                self.reads = list(decision.step.reads)
            if decision.step.name in self.failing:
                raise EvaluateError(f"{decision.step.model} cannot be asked")
            return super().__call__(decision, inputs)

    spy, events = Unexplained(failing=("explain/A",)), []
    outcome = pipeline.run(explained(), workspace, SOURCE, spy, on_event=events.append)
    assert spy.reads == ["evaluate", "explain/B"]
    assert outcome.failed == {}
    assert [(e.step, e.reason) for e in events if isinstance(e, Failed)] == [("explain/A", "A cannot be asked")]


def test_no_explanation_at_all_is_no_reason_to_fail(workspace: Workspace) -> None:
    class Unexplained(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            if decision.step.stage == "explain":
                raise EvaluateError("cannot be asked")
            return super().__call__(decision, inputs)

    assert run(workspace, explained(), Unexplained())[-1] == "report"


def test_models_that_cannot_be_scored_fail_with_the_code_of_evaluation(workspace: Workspace) -> None:
    class Unscored(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            if decision.step.stage == "evaluate" and decision.step.model:
                raise EvaluateError(f"{decision.step.model} predicts NaN")
            return super().__call__(decision, inputs)

    with pytest.raises(EvaluateError, match="Every model failed\nA predicts NaN\nB predicts NaN"):
        run(workspace, graph(), Unscored())


def test_what_follows_a_failed_model_is_told_to_be_passed_over(workspace: Workspace) -> None:
    events: list[Event] = []
    run(workspace, graph(), Spy(failing=("train/A",)), on_event=events.append)
    assert Skipped("evaluate/A", "train/A failed") in events


def test_a_second_pass_forces_what_was_not_executed_yet_and_nothing_twice(workspace: Workspace) -> None:
    run(workspace, graph())

    class Cleaning(Spy):
        def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
            if decision.step.name == "train/A" and "train/A" not in self.executed:
                shutil.rmtree(inputs["preprocess"].folder)
            return super().__call__(decision, inputs)

    spy = Cleaning()
    outcome = pipeline.run(graph(), workspace, SOURCE, spy, force=("load", "train"))
    assert spy.executed.count("load") == 1
    assert spy.executed.count("train/B") == 1
    assert set(outcome.executed) >= {"load", "preprocess", "train/A", "train/B"}
