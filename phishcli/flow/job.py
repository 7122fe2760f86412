"""What a stage's function is given: its settings, what it declared to read, and where to work; nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from phishcli.artifacts import Entry, Output, Workspace, changes
from phishcli.events import Notice, OnEvent, ignore
from phishcli.flow.nodes import FAILED, ORIGIN, SOURCE, Given, Node

if TYPE_CHECKING:
    from phishcli.artifacts.ledgers import Ledger
    from phishcli.flow.graph import Step
    from phishcli.flow.plan import Decision
    from phishcli.flow.stage import Made
    from phishcli.sources.locate import LocalSource

S = TypeVar("S")
T = TypeVar("T")


class Undeclared(Exception):
    """A stage touched what it has not declared: a fault of the stage, not of the user."""


@dataclass(frozen=True)
class Origin:
    """What is known of an artifact that was read: its fingerprint, when it was made, and with which packages."""

    fingerprint: str
    created: str
    packages: Mapping[str, str | None]


class Shelf:
    """Files that several steps read, read once and let go of after the last step that declared them."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._open = Counter(key for step in steps for key in step.files())
        self._held: dict[tuple[str, str], tuple[Entry, Any]] = {}

    def get(self, entry: Entry, node: Node[T], step: str) -> T:
        """Read a file of an artifact, or give what was read before."""
        key = (step, node.file)
        held = self._held.get(key)
        if held is None or held[0] is not entry:
            value = node.load(entry, node.file)
            if self._open[key] <= 1:
                return value
            held = self._held[key] = (entry, value)
        return cast("T", held[1])

    def done(self, step: Step) -> None:
        """Let go of what no further step reads."""
        for key in step.files():
            self._open[key] -= 1
            if self._open[key] <= 0:
                self._held.pop(key, None)


@dataclass(frozen=True)
class Room:
    """What a run has for its stages: the source, the places of the artifacts, cores, and who listens.

    ``force`` names stages that are executed even where they are fresh.
    """

    source: LocalSource
    workspace: Workspace
    jobs: int = -1
    force: Collection[str] = ()
    on_event: OnEvent = ignore

    @property
    def cores(self) -> int:
        """How many cores to use: all that this process may use, containers considered, unless ``jobs`` says."""
        from joblib import cpu_count

        return self.jobs if self.jobs > 0 else int(cpu_count())


@dataclass(frozen=True)
class Job(Generic[S]):
    """One step at work.

    Parameters
    ----------
    settings
        What the stage declared; fields of sections that it did not declare raise `AttributeError`.
    """

    settings: S
    decision: Decision = field(repr=False)
    entries: Mapping[str, Entry] = field(repr=False)
    shelf: Shelf = field(repr=False)
    room: Room = field(repr=False)

    @property
    def model(self) -> str:
        """The model that the step is about; empty where it is about all."""
        return self.decision.step.model

    @property
    def models(self) -> tuple[str, ...]:
        """The models of which something is read, in their order."""
        names = dict.fromkeys(name.partition("/")[2] for name in self.decision.step.reads if "/" in name)
        return tuple(names)

    @property
    def on_event(self) -> OnEvent:
        """Who listens to the run."""
        return self.room.on_event

    @property
    def cores(self) -> int:
        """How many cores to use; it changes no result."""
        return self.room.cores

    def read(self, node: Node[T]) -> T:
        """Read a node; of a stage per model, the one of this step's model.

        Raises
        ------
        Undeclared
            When the stage has not declared it.
        """
        return self._read(node, _step_of(node, self.model))

    def each(self, node: Node[T]) -> dict[str, T]:
        """Read a node of a stage per model, for every model that got so far; a model that failed there is missing."""
        self._check_stage(node)
        steps = {model: _step_of(node, model) for model in self.models}
        return {model: self._read(node, step) for model, step in steps.items() if self._declared(node, step)}

    def path(self, node: Node[Any], model: str = "") -> Path:
        """Name the file of a node, which is handed on as it is; of a stage per model, the one of a model.

        Raises
        ------
        Undeclared
            When the stage has not declared it.
        """
        step = _step_of(node, model or self.model)
        self._check(node, step)
        return self.entries[step].folder / node.file

    def has(self, node: Node[Any]) -> bool:
        """Whether a node is read under these settings, and what it is about got so far."""
        self._check_stage(node)
        return self._declared(node, _step_of(node, self.model))

    def given(self, what: Given[T]) -> T:
        """Give a fact of the run.

        Raises
        ------
        Undeclared
            When the stage has not asked for it.
        """
        if what not in self.decision.step.stage.givens():
            raise Undeclared(f"{self.decision.step.name} has not declared {what.name}")
        facts = {SOURCE: self.room.source, ORIGIN: self.room.source.origin, FAILED: self.decision.step.failed}
        return cast("T", facts[what])

    def origins(self) -> dict[str, Origin]:
        """Where all that the step reads comes from, by step; it is passed on to people and shapes no result."""
        manifests = {name: self.entries[name].manifest for name in self.decision.step.reads}
        return {name: Origin(each.fingerprint, each.created, each.packages) for name, each in manifests.items()}

    def changed(self) -> list[str]:
        """The parts of the fingerprint that differ from when the step was last made."""
        last = self.decision.previous
        return [change.key for change in changes(last.manifest.parts, self.decision.parts)] if last else []

    def last_release(self) -> str | None:
        """The version of the last release, for a stage that makes one."""
        return self.room.workspace.releases.highest()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty folder on the disk of the cache, which goes at the end."""
        with self.room.workspace.cache.scratch() as folder:
            yield folder

    def ledger(self) -> Ledger:
        """Open the ledger of the fits of this step's model; the caller closes it."""
        from phishcli.artifacts.ledgers import Ledger, ledger_path, ledger_print

        step = self.decision.step
        return Ledger(
            ledger_path(self.room.workspace.cache.root, step.model, ledger_print(step.name, self.decision.parts)),
            lambda sentence: self.on_event(Notice(f"{step.name}: {sentence}", "warning")),
            reads=step.stage.name not in self.room.force,
        )

    def _read(self, node: Node[T], step: str) -> T:
        self._check(node, step)
        return self.shelf.get(self.entries[step], node, step)

    def _declared(self, node: Node[Any], step: str) -> bool:
        read = self.decision.step
        return node.file in (*read.reads.get(step, ()), *read.mentions.get(step, ()))

    def _check_stage(self, node: Node[Any]) -> None:
        """Refuse a node that the stage reads under no settings."""
        if node not in [read.node for read in self.decision.step.stage.node_reads()]:
            raise Undeclared(f"{self.decision.step.name} has not declared that it reads {node.stage}/{node.file}")

    def _check(self, node: Node[Any], step: str) -> None:
        if not self._declared(node, step):
            raise Undeclared(f"{self.decision.step.name} has not declared that it reads {step}/{node.file}")


def _step_of(node: Node[Any], model: str) -> str:
    return f"{node.stage}/{model}" if node.per_model else node.stage


def output_of(step: Step, made: Made) -> Output:
    """Name the files of what a stage made.

    Raises
    ------
    Undeclared
        When it holds a node that the stage has not declared, or lacks one that it has.
    """
    declared = {node.file: node for node in step.stage.writes}
    foreign = [node.file for node in made.files if (node.template or node.file) not in declared]
    written = {node.template or node.file for node in made.files}
    missing = [file for file, node in declared.items() if not node.optional and file not in written]
    if foreign or missing:
        raise Undeclared(f"{step.name} declares other files than it makes: {', '.join((*foreign, *missing))}")
    files = {node.file: value for node, value in made.files.items()}
    return Output(files, made.summary, made.extra, made.seconds)
