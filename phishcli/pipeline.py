"""The flow: load -> preprocess -> audit, train -> evaluate -> explain -> report -> persist; and bringing it up to date.

    source ──► load ──► preprocess ──┬─► audit ───────────────────────────────────────┐
                                     ├─► train/XGBoost ──────► evaluate/XGBoost ──────┼─► evaluate ──┬─► report
                                     ├─► train/RandomForest ─► evaluate/RandomForest ─┤              └─► persist
                                     └─► ...                                          ┘

The report reads ``explain/XGBoost`` and its like, too, and ``gap`` where that is asked for.

`phishcli.graph` draws the steps of a configuration, `phishcli.plan` decides without acting which are stale and why, and
`run` brings them up to date. A step is stale when nothing is on disk under its fingerprint: its version, its settings,
the content of what it reads, and the versions of the libraries that shape its output. How a step calls its stage stands
in `phishcli.execute`; what lies on disk is the business of `phishcli.artifacts`.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from phishcli.artifacts import Damaged, Entry, Manifest, Output, Workspace, fingerprint
from phishcli.errors import ConfigError, EvaluateError, PhishError, TrainError
from phishcli.events import Failed, Finished, Notice, OnEvent, Skipped, Started, ignore
from phishcli.graph import STAGES, Step
from phishcli.plan import Decision, decide
from phishcli.versions import library_versions

if TYPE_CHECKING:
    from phishcli.sources.locate import LocalSource


WAIT = 2.0
"""Seconds in which an artifact that another process replaces must be there again."""


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the artifact of every step, which steps were executed, and which models failed and why."""

    source: LocalSource
    entries: Mapping[str, Entry]
    executed: tuple[str, ...]
    failed: Mapping[str, str]

    def read(self, step: str, name: str) -> Any:
        """Read a file of a step's artifact: ``read("load", "features.parquet")``.

        Another run may have forced the step since this one ended; then what that one wrote is read.
        """
        entry = self.entries[step]
        try:
            return entry.read(name)
        except (Damaged, FileNotFoundError):
            return _read_anew(entry.folder, name)


def _read_anew(folder: Path, name: str) -> Any:
    """Read a file of an artifact that another process replaces: for a moment there may be none."""
    import tenacity

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type((Damaged, FileNotFoundError)),
        stop=tenacity.stop_after_delay(WAIT),
        wait=tenacity.wait_fixed(0.05),
        reraise=True,
    )
    def read() -> Any:
        return Entry(folder, Manifest.read(folder)).read(name)

    return read()


Executed = Iterator[tuple[Decision, "Output | PhishError"]]


class Execute(Protocol):
    """What runs stale steps on the artifacts they read."""

    def __call__(self, decision: Decision, inputs: Mapping[str, Entry]) -> Output:
        """Run one step."""

    def together(self, decisions: Sequence[Decision], inputs: Mapping[str, Entry]) -> Executed:
        """Run several steps side by side; gives what became of each as it ends."""


TOGETHER = "train"
"""The stage whose steps, one per model, run side by side."""

EXTRA = "explain"
"""The stage that a model may fail in and still be compared: the report goes without."""


def run(
    graph: Iterable[Step],
    workspace: Workspace,
    source: LocalSource,
    execute: Execute,
    *,
    force: Collection[str] = (),
    only: Collection[str] = STAGES,
    on_event: OnEvent = ignore,
) -> Outcome:
    """Bring every step of a graph up to date, in order, executing only what is stale.

    Parameters
    ----------
    graph
        The steps, as `needed` gives them.
    execute
        Runs stale steps on the artifacts they read.
    force
        Stages that are executed even where they are fresh.
    only
        Stages that may be executed; a stale step of another stage is an error.

    Raises
    ------
    PhishError
        What a stage raised. A model that fails is left out as long as another one succeeds.
    """
    graph = tuple(graph)
    models = {step.model for step in graph if step.model}
    executed: list[str] = []
    for attempt in range(len(graph) + 1):
        runner = _Runner(workspace, execute, models, force, only, on_event, executed)
        try:
            runner.run(graph)
        except (Damaged, FileNotFoundError) as error:
            if runner.is_undisturbed():
                raise
            if attempt == len(graph):
                raise _unsettled(error) from error
            # What was whole a moment ago another run has forced, or somebody has cleaned up; each step is forced once.
            on_event(Notice(f"Another process changed the artifacts ({error}); going on from what is there", "warning"))
            executed = runner.executed
        else:
            break
    return Outcome(source, runner.entries, tuple(dict.fromkeys(runner.executed)), runner.failed)


class _Runner:
    """The state of one run."""

    def __init__(
        self,
        workspace: Workspace,
        execute: Execute,
        models: Collection[str],
        force: Collection[str],
        only: Collection[str],
        on_event: OnEvent,
        executed: Collection[str],
    ) -> None:
        self.workspace, self.execute, self.on_event = workspace, execute, on_event
        self.models, self.force, self.only = set(models), force, only
        self.entries: dict[str, Entry] = {}
        self.executed = list(executed)
        self.failed: dict[str, str] = {}
        self.unexplained: set[str] = set()

    def is_undisturbed(self) -> bool:
        """Whether every artifact that this run uses is still there as it was found or made."""
        return all(entry.is_untouched() for entry in self.entries.values())

    def run(self, graph: Iterable[Step]) -> None:
        for together, steps in groupby(graph, key=lambda step: step.stage == TOGETHER):
            if together:
                self._bring_up_to_date_together(list(steps))
                continue
            for step in steps:
                if step.model in self.failed:
                    self.on_event(Skipped(step.name, f"train/{step.model} failed"))
                else:
                    self._bring_up_to_date(self._without_failed(step))

    def _bring_up_to_date(self, step: Step) -> None:
        decision = self._look(step)
        if decision is None:
            return
        print_ = fingerprint(step.name, decision.parts)
        with self.workspace.home(step.name).lock(step.name, print_, partial(self._wait, step)):
            if (decision := self._look_again(step, decision)) is not None:
                self._execute(step, decision)

    def _bring_up_to_date_together(self, steps: Sequence[Step]) -> None:
        """Execute all stale steps of a stage at once; locks are taken in one order, so that two runs cannot block."""
        stale = {step.name: (step, decision) for step in steps if (decision := self._look(step)) is not None}
        with ExitStack() as locks:
            for name, (step, decision) in sorted(stale.items()):
                home, print_ = self.workspace.home(name), fingerprint(name, decision.parts)
                locks.enter_context(home.lock(name, print_, partial(self._wait, step)))
            again = [self._look_again(step, before) for step, before in stale.values()]
            decisions = [decision for decision in again if decision is not None]
            if decisions:
                self._execute_together(decisions)
        for step in steps:  # in the order of the configuration, not in that of their ends
            if step.name in self.entries:
                self.entries[step.name] = self.entries.pop(step.name)

    def _look(self, step: Step) -> Decision | None:
        """Decide on a step; a fresh one is used, and a stale one given if it may be executed."""
        decision = decide(step, self.entries, self.workspace, deep=True)
        if decision.damage:
            self.on_event(Notice(f"{step.name}: {decision.damage}; it is computed again", "warning"))
        if decision.entry is not None and not self._is_forced(step):
            self._use(decision.entry)
            return None
        if step.stage not in self.only:
            raise _stale_upstream(step, decision)
        self.on_event(Started(step.name))
        return decision

    def _look_again(self, step: Step, before: Decision) -> Decision | None:
        """Decide once more under the lock: another process may have executed the step while this one waited."""
        decision = decide(step, self.entries, self.workspace, deep=True)
        entry, seen = decision.entry, before.entry
        made_since = entry is not None and (seen is None or seen.manifest.created != entry.manifest.created)
        if entry is not None and (made_since or not self._is_forced(step)):
            self._use(entry)
            return None
        return decision

    def _wait(self, step: Step) -> None:
        self.on_event(Notice(f"{step.name}: another run is computing it; waiting for it to finish"))

    def _is_forced(self, step: Step) -> bool:
        return step.stage in self.force and step.name not in self.executed

    def _without_failed(self, step: Step) -> Step:
        """Leave failed models out of what is compared and reported, and explanations that came to nothing."""
        lost = [name for name in step.reads if name.partition("/")[2] in self.failed or name in self.unexplained]
        reads = {name: files for name, files in step.reads.items() if name not in lost}
        return replace(step, reads=reads, failed=dict(self.failed))

    def _use(self, entry: Entry) -> None:
        step = entry.manifest.step
        self.entries[step] = entry
        self.workspace.home(step).point_latest(entry)
        self.on_event(Finished(step, entry.manifest.summary, entry.manifest.seconds, cached=True))

    def _execute(self, step: Step, decision: Decision) -> None:
        started = time.perf_counter()
        try:
            output = self.execute(decision, self.entries)
        except (TrainError, EvaluateError) as error:
            if not step.model:
                raise
            self._fail(step, error, time.perf_counter() - started)
            return
        self._publish(decision, output, started)

    def _execute_together(self, decisions: Sequence[Decision]) -> None:
        started = time.perf_counter()
        for decision, made in self.execute.together(decisions, self.entries):
            if isinstance(made, Output):
                self._publish(decision, made, started)
            elif isinstance(made, TrainError | EvaluateError):
                self._fail(decision.step, made, time.perf_counter() - started)
            else:
                raise made

    def _publish(self, decision: Decision, output: Output, started: float) -> None:
        step = decision.step
        packages = library_versions(step.libraries)
        home = self.workspace.home(step.name)
        entry = home.publish(step.name, decision.parts, output, started=started, packages=packages)
        self.entries[step.name] = entry
        self.executed.append(step.name)
        self.on_event(Finished(step.name, output.summary, entry.manifest.seconds))

    def _fail(self, step: Step, error: TrainError | EvaluateError, seconds: float) -> None:
        self.on_event(Failed(step.name, str(error), seconds))
        if step.stage == EXTRA:
            self.unexplained.add(step.name)
            return
        self.failed[step.model] = str(error)
        if set(self.failed) == self.models:
            reasons = "\n".join(dict.fromkeys(self.failed.values()))
            alike = len(set(self.failed.values())) == 1 and error.hint
            hint = error.hint if alike else "Run with -v to see where, or try other models"
            raise type(error)("Every model failed", where=reasons, hint=hint)


def _unsettled(error: Exception) -> PhishError:
    return PhishError(
        "Other processes keep changing the artifacts",
        where=str(error),
        hint="Wait until they have ended and run again, or give this run a folder of its own with --cache-dir",
    )


def _stale_upstream(step: Step, decision: Decision) -> PhishError:
    reason = "; ".join(str(change) for change in decision.reasons) or f"waits for {', '.join(decision.waits_for)}"
    return ConfigError(
        f"{step.name} is stale, and --no-upstream forbids to run it",
        where=reason,
        hint=f"Run `phish {step.stage}` first, or leave --no-upstream out",
    )
