"""What a stage's function gets: its settings, the files it declared, and resources; nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from phishcli.artifacts import Entry, Output, Workspace, changes
from phishcli.events import Notice, OnEvent, ignore
from phishcli.flow.nodes import FAILED, ORIGIN, SOURCE, Fact, Node
from phishcli.machine import usable_memory

if TYPE_CHECKING:
    from phishcli.artifacts.ledgers import Ledger
    from phishcli.fits.budget import Deadline
    from phishcli.flow.graph import Step
    from phishcli.flow.plan import Decision
    from phishcli.flow.stage import Result
    from phishcli.sources.source import Source
    from phishcli.tables.disk import Disk

S = TypeVar("S")
T = TypeVar("T")
PART = 16
"""The part of the memory that a table may take: stages hold a few at once, in more than one form."""


class Undeclared(Exception):
    """A stage touched something it has not declared: a bug in the stage, not a user error."""


@dataclass(frozen=True)
class Lineage:
    """Where an input comes from: its fingerprint, when it was made, and with which packages."""

    fingerprint: str
    created: str
    packages: Mapping[str, str | None]


class SharedFiles:
    """Files that several steps read: loaded once, released after the last step that declared them."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._open = Counter(key for step in steps for key in step.files())
        self._held: dict[tuple[str, str], tuple[Entry, Any]] = {}

    def get(self, entry: Entry, node: Node[T], step: str) -> T:
        """Read a file of an artifact, or return the value read before."""
        key = (step, node.file)
        held = self._held.get(key)
        if held is None or held[0] is not entry:
            held = (entry, node.load(entry, node.file))
            if self._open[key] > 0:
                self._held[key] = held
        return cast("T", held[1])

    def done(self, step: Step) -> None:
        """Release what no further step reads."""
        for key in step.files():
            self._open[key] -= 1
            if self._open[key] <= 0:
                self._held.pop(key, None)


@dataclass(frozen=True)
class Resources:
    """What a run provides to its stages: the source, the artifact stores, cores, and the listener.

    ``memory`` is what the stages may use, in bytes; None for most of what the machine has.
    ``force`` names stages that are executed even if they are fresh; ``deadline`` is when the run has to be over.
    """

    source: Source
    workspace: Workspace
    jobs: int = -1
    cluster: str = "local"
    memory: int | None = None
    force: Collection[str] = ()
    on_event: OnEvent = ignore
    deadline: Deadline | None = None

    @property
    def cores(self) -> int:
        """Cores to use: ``jobs`` if positive, otherwise all that this process may use (containers considered)."""
        from joblib import cpu_count

        return self.jobs if self.jobs > 0 else int(cpu_count())

    @property
    def bytes(self) -> int:
        """Memory to use: what was asked for, otherwise most of what this machine or its container has."""
        return self.memory or usable_memory()


@dataclass(frozen=True)
class Job(Generic[S]):
    """One step being executed.

    Parameters
    ----------
    settings
        The declared settings; reading an undeclared field of a section raises `AttributeError`.
    """

    settings: S
    decision: Decision = field(repr=False)
    entries: Mapping[str, Entry] = field(repr=False)
    shared: SharedFiles = field(repr=False)
    resources: Resources = field(repr=False)
    until_published: ExitStack = field(default_factory=ExitStack, repr=False)

    @property
    def model(self) -> str:
        """The model of the step; empty for a step over all models."""
        return self.decision.step.model

    @property
    def models(self) -> tuple[str, ...]:
        """The models whose files the step reads, in order."""
        names = dict.fromkeys(name.partition("/")[2] for name in self.decision.step.reads if "/" in name)
        return tuple(names)

    @property
    def on_event(self) -> OnEvent:
        """The listener of the run."""
        return self.resources.on_event

    @property
    def cluster(self) -> str:
        """Where fits are made; it changes no result."""
        return self.resources.cluster

    @property
    def deadline(self) -> Deadline | None:
        """When the run has to be over, if it has a budget."""
        return self.resources.deadline

    @property
    def cores(self) -> int:
        """Cores to use; the number changes no result."""
        return self.resources.cores

    @property
    def late(self) -> dict[str, Any]:
        """What depends on the inputs, as `phishcli.flow.stage.Stage.late` gave it for the fingerprint."""
        parts = self.decision.parts.items()
        return {key.removeprefix("limit."): value for key, value in parts if key.startswith("limit.")}

    @property
    def memory(self) -> int:
        """Bytes of memory to use; their number changes no result, unless the step says so."""
        return self.resources.bytes

    def disk(self) -> Disk:
        """Where what is large waits on disk until the result of the step is published."""
        from phishcli.tables.disk import Disk

        return Disk(self.memory // PART, lambda: self.until_published.enter_context(self.scratch()))

    def read(self, node: Node[T]) -> T:
        """Read a node; for a per-model node, the one of this step's model.

        Raises
        ------
        Undeclared
            If the stage has not declared it.
        """
        return self._read(node, _step_of(node, self.model))

    def each(self, node: Node[T]) -> dict[str, T]:
        """Read a per-model node for every model that has it; models that failed are missing."""
        self._check_stage(node)
        steps = {model: _step_of(node, model) for model in self.models}
        return {model: self._read(node, step) for model, step in steps.items() if self._declared(node, step)}

    def path(self, node: Node[Any], model: str = "") -> Path:
        """The path of a node's file, to be copied as it is; for a per-model node, the one of ``model``.

        Raises
        ------
        Undeclared
            If the stage has not declared it.
        """
        step = _step_of(node, model or self.model)
        self._check(node, step)
        return self.entries[step].folder / node.file

    def has(self, node: Node[Any]) -> bool:
        """Whether a node is available: read under these settings, and its model did not fail."""
        self._check_stage(node)
        return self._declared(node, _step_of(node, self.model))

    def fact(self, what: Fact[T]) -> T:
        """Return a fact about the run.

        Raises
        ------
        Undeclared
            If the stage has not declared it.
        """
        if what not in self.decision.step.stage.facts():
            raise Undeclared(f"{self.decision.step.name} has not declared {what.name}")
        facts = {SOURCE: self.resources.source, ORIGIN: self.resources.source.origin, FAILED: self.decision.step.failed}
        return cast("T", facts[what])

    def lineage(self) -> dict[str, Lineage]:
        """Where the inputs come from, by step; informative, it shapes no result."""
        manifests = {name: self.entries[name].manifest for name in self.decision.step.reads}
        return {name: Lineage(each.fingerprint, each.created, each.packages) for name, each in manifests.items()}

    def changed(self) -> list[str]:
        """The parts of the fingerprint that differ from the last time the step was executed."""
        last = self.decision.previous
        return [change.key for change in changes(last.manifest.parts, self.decision.parts)] if last else []

    def last_release(self) -> str | None:
        """The version of the last release, if any."""
        return self.resources.workspace.releases.highest()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder on the disk of the cache, removed at the end."""
        with self.resources.workspace.cache.scratch() as folder:
            yield folder

    def ledger(self) -> Ledger:
        """Open the ledger of fits of this step's model; the caller closes it."""
        from phishcli.artifacts.ledgers import Ledger, ledger_path, ledger_print

        step = self.decision.step
        return Ledger(
            ledger_path(self.resources.workspace.cache.root, step.model, ledger_print(step.name, self.decision.parts)),
            lambda sentence: self.on_event(Notice(f"{step.name}: {sentence}", "warning")),
            reads=step.stage.name not in self.resources.force,
        )

    def _read(self, node: Node[T], step: str) -> T:
        self._check(node, step)
        return self.shared.get(self.entries[step], node, step)

    def _declared(self, node: Node[Any], step: str) -> bool:
        read = self.decision.step
        return node.file in (*read.reads.get(step, ()), *read.informative.get(step, ()))

    def _check_stage(self, node: Node[Any]) -> None:
        """Refuse a node that the stage never reads, whatever the settings."""
        if node not in [read.node for read in self.decision.step.stage.node_reads()]:
            raise Undeclared(f"{self.decision.step.name} has not declared that it reads {node.stage}/{node.file}")

    def _check(self, node: Node[Any], step: str) -> None:
        if not self._declared(node, step):
            raise Undeclared(f"{self.decision.step.name} has not declared that it reads {step}/{node.file}")


def _step_of(node: Node[Any], model: str) -> str:
    return f"{node.stage}/{model}" if node.per_model else node.stage


def output_of(step: Step, made: Result) -> Output:
    """The result of a stage as files to publish.

    Raises
    ------
    Undeclared
        If it holds an undeclared node, or lacks a declared one.
    """
    declared = {node.file: node for node in step.stage.writes}
    foreign = [node.file for node in made.files if (node.template or node.file) not in declared]
    written = {node.template or node.file for node in made.files}
    missing = [file for file, node in declared.items() if not node.optional and file not in written]
    if foreign or missing:
        raise Undeclared(f"{step.name} does not write what it declares: {', '.join((*foreign, *missing))}")
    files = {node.file: value for node, value in made.files.items()}
    return Output(files, made.summary, made.extra, made.seconds)
