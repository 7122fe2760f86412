"""One pass over a graph: look at each step, lock it, execute it where it is stale, and publish what it made."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.artifacts import Entry, fingerprint
from phishcli.errors import ConfigError, EvaluateError, PhishError, TrainError
from phishcli.events import Failed, Finished, Notice, Skipped, Started
from phishcli.flow.job import Job, Resources, SharedFiles, output_of
from phishcli.flow.plan import Decision, decide
from phishcli.flow.stage import Result
from phishcli.versions import library_versions

if TYPE_CHECKING:
    from phishcli.artifacts import Releases, Store
    from phishcli.flow.graph import Step


NO_TIME = "the budget left no time for it"


class Runner:
    """The state of one pass."""

    def __init__(
        self,
        graph: Sequence[Step],
        resources: Resources,
        only: Collection[str] | None,
        ahead: Sequence[Step],
        executed: Collection[str],
    ) -> None:
        self.graph, self.resources, self.only, self.on_event = graph, resources, only, resources.on_event
        self.models = {step.model for step in graph if step.model}
        self.entries: dict[str, Entry] = {}
        self.executed = list(executed)
        self.failed: dict[str, str] = {}
        self._failed_steps: dict[str, str] = {}
        self._longest: dict[str, float] = {}
        self._to_check = [step for step in ahead if step.stage.early]
        self._shared = SharedFiles(graph)

    def is_undisturbed(self) -> bool:
        """Whether every artifact used by this run is still as it was found or made."""
        return all(entry.is_untouched() for entry in self.entries.values())

    def run(self) -> None:
        """Bring every step up to date."""
        for together, steps in groupby(self.graph, key=lambda step: step.stage.run_together and step.stage.name):
            if together:
                self._bring_up_to_date_together(list(steps))
                continue
            for step in steps:
                if step.model in self.failed:
                    self.on_event(Skipped(step.name, f"{self._failed_steps[step.model]} failed"))
                elif self._has_no_time_for(step):
                    self.on_event(Skipped(step.name, NO_TIME))
                else:
                    self._bring_up_to_date(self._without_failed(step))
                self._shared.done(step)

    def _has_no_time_for(self, step: Step) -> bool:
        """Whether the budget leaves out a step that the run can do without; it will take as long as the longest."""
        deadline = self.resources.deadline
        if deadline is None or not step.stage.optional:
            return False
        expected = self._longest.get(step.stage.name, max(deadline.slowness, 1.0))
        late = deadline.left() < deadline.ending() + expected
        return late and decide(step, self.entries, self.resources.workspace).status != "fresh"

    def _bring_up_to_date(self, step: Step) -> None:
        decision = self._look(step)
        if decision is None:
            return
        self._look_ahead()
        print_ = fingerprint(step.name, decision.parts)
        with self._home(step).lock(step.name, print_, partial(self._wait, step)):
            if (decision := self._look_again(step, decision)) is not None:
                self._execute(step, decision)

    def _bring_up_to_date_together(self, steps: Sequence[Step]) -> None:
        """Execute all stale steps of a stage together; locks have a fixed order, so that two runs cannot deadlock."""
        stale = {step.name: (step, decision) for step in steps if (decision := self._look(step)) is not None}
        if stale:
            self._look_ahead()
        with ExitStack() as locks:
            for name, (step, decision) in sorted(stale.items()):
                print_ = fingerprint(name, decision.parts)
                locks.enter_context(self._home(step).lock(name, print_, partial(self._wait, step)))
            again = [self._look_again(step, before) for step, before in stale.values()]
            decisions = [decision for decision in again if decision is not None]
            if decisions:
                self._execute_together(decisions)
        for step in steps:  # in the order of the configuration, not of completion
            if step.name in self.entries:
                self.entries[step.name] = self.entries.pop(step.name)
            self._shared.done(step)

    def _home(self, step: Step) -> Store | Releases:
        return self.resources.workspace.home(step.stage.home)

    def _look(self, step: Step) -> Decision | None:
        """Decide on a step: use a fresh one, return the decision on a stale one if it may be executed."""
        decision = decide(step, self.entries, self.resources.workspace, deep=True)
        if decision.damage:
            self.on_event(Notice(f"{step.name}: {decision.damage}; it will be rebuilt", "warning"))
        if decision.entry is not None and not self._is_forced(step):
            self._use(step, decision.entry)
            return None
        if self.only is not None and step.stage.name not in self.only:
            raise _stale_upstream(step, decision)
        self.on_event(Started(step.name))
        return decision

    def _look_again(self, step: Step, before: Decision) -> Decision | None:
        """Decide again under the lock: another process may have executed the step while this one waited."""
        decision = decide(step, self.entries, self.resources.workspace, deep=True)
        entry, seen = decision.entry, before.entry
        made_since = entry is not None and (seen is None or seen.manifest.created != entry.manifest.created)
        if entry is not None and (made_since or not self._is_forced(step)):
            self._use(step, entry)
            return None
        return decision

    def _look_ahead(self) -> None:
        """Run the early checks whose reads are available."""
        for step in list(self._to_check):
            early = step.stage.early
            nodes = early.reads if early else ()
            stages = {node.stage for node in nodes}
            reads = {stage: tuple(node.file for node in nodes if node.stage == stage) for stage in stages}
            if early and reads.keys() <= self.entries.keys():
                self._to_check.remove(step)
                ahead = msgspec.structs.replace(step, settings=step.early, reads=reads, informative={})
                early.check(self._job(Decision(ahead, "waiting")))

    def _wait(self, step: Step) -> None:
        self.on_event(Notice(f"{step.name}: another run is computing it; waiting for it to finish"))

    def _is_forced(self, step: Step) -> bool:
        return step.stage.name in self.resources.force and step.name not in self.executed

    def _without_failed(self, step: Step) -> Step:
        """Leave out files that do not exist because a model failed, in training or in an optional stage."""
        lost = {name for name, _ in step.files() if "/" in name and name not in self.entries}
        reads, informative = (
            {name: files for name, files in each.items() if name not in lost} for each in (step.reads, step.informative)
        )
        return msgspec.structs.replace(step, reads=reads, informative=informative, failed=dict(self.failed))

    def _use(self, step: Step, entry: Entry) -> None:
        self.entries[step.name] = entry
        self._home(step).point_latest(entry)
        self.on_event(Finished(step.name, entry.manifest.summary, entry.manifest.seconds, cached=True))

    def _job(self, decision: Decision) -> Job[Any]:
        return Job(decision.step.settings, decision, self.entries, self._shared, self.resources)

    def _execute(self, step: Step, decision: Decision) -> None:
        started = time.perf_counter()
        assert step.stage.run is not None  # noqa: S101 (for the type checker: the others run together)
        job = self._job(decision)
        with job.until_published:
            try:
                made = step.stage.run(job)
            except (TrainError, EvaluateError) as error:
                if not step.model:
                    raise
                self._fail(step, error, time.perf_counter() - started)
                return
            self._publish(decision, made, started)

    def _execute_together(self, decisions: Sequence[Decision]) -> None:
        started = time.perf_counter()
        run_together = decisions[0].step.stage.run_together
        assert run_together is not None  # noqa: S101 (for the type checker: the caller has asked)
        jobs = [self._job(decision) for decision in decisions]
        with ExitStack() as stack:
            for job in jobs:
                stack.enter_context(job.until_published)
            for job, made in run_together(jobs):
                if isinstance(made, Result):
                    self._publish(job.decision, made, started)
                elif isinstance(made, TrainError | EvaluateError):
                    self._fail(job.decision.step, made, time.perf_counter() - started)
                else:
                    raise made

    def _publish(self, decision: Decision, made: Result, started: float) -> None:
        step = decision.step
        packages = library_versions(step.libraries)
        output = output_of(step, made)
        entry = self._home(step).publish(step.name, decision.parts, output, started=started, packages=packages)
        self.entries[step.name] = entry
        self._longest[step.stage.name] = max(self._longest.get(step.stage.name, 0.0), entry.manifest.seconds)
        self.executed.append(step.name)
        self.on_event(Finished(step.name, output.summary, entry.manifest.seconds))

    def _fail(self, step: Step, error: TrainError | EvaluateError, seconds: float) -> None:
        self.on_event(Failed(step.name, str(error), seconds))
        if step.stage.optional:
            return
        self.failed[step.model], self._failed_steps[step.model] = str(error), step.name
        if set(self.failed) == self.models:
            raise _all_failed(error, self.failed.values())


def _all_failed(error: PhishError, reasons: Iterable[str]) -> PhishError:
    distinct = list(dict.fromkeys(reasons))
    alike = len(distinct) == 1 and error.hint
    hint = error.hint if alike else "Run with -v to see where, or try other models"
    return type(error)("Every model failed", where="\n".join(distinct), hint=hint)


def _stale_upstream(step: Step, decision: Decision) -> PhishError:
    reason = "; ".join(str(change) for change in decision.reasons) or f"waits for {', '.join(decision.waits_for)}"
    return ConfigError(
        f"{step.name} is stale, and --no-upstream does not allow running it",
        where=reason,
        hint=f"Run `phish {step.stage.name}` first, or omit --no-upstream",
    )
