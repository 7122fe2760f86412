"""Bring a graph up to date: each step in order, executed only if it is stale."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.errors import PersistError, PhishError
from phishcli.events import Notice
from phishcli.flow.job import Resources
from phishcli.flow.runner import Runner

if TYPE_CHECKING:
    from phishcli.flow.graph import Step
    from phishcli.flow.nodes import Node
    from phishcli.sources.source import Source

T = TypeVar("T")
WAIT = 2.0
"""Seconds within which an artifact that another process is replacing must be back."""


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of a run: the artifact of every step, the steps executed, and the models that failed with reasons."""

    source: Source
    entries: Mapping[str, Entry]
    executed: tuple[str, ...]
    failed: Mapping[str, str]

    def get(self, node: Node[T], model: str = "") -> T:
        """Read a node; for a per-model node, the one of ``model``.

        If another run has replaced the artifact since this one ended, the new one is read.
        """
        entry = self.entries[f"{node.stage}/{model}" if node.per_model else node.stage]
        try:
            return node.load(entry, node.file)
        except (Damaged, FileNotFoundError):
            return node.load(_again(entry.folder, node.file), node.file)

    def each(self, node: Node[T]) -> dict[str, T]:
        """Read a per-model node for every model that has it."""
        models = [name.partition("/")[2] for name in self.entries if name.startswith(f"{node.stage}/")]
        return {model: self.get(node, model) for model in models}

    def get_all(self, node: Node[T]) -> dict[str, T]:
        """Read a per-model node that not every model has."""
        of = {name: entry for name, entry in self.entries.items() if name.startswith(f"{node.stage}/")}
        models = [name.partition("/")[2] for name, entry in of.items() if node.file in entry.manifest.files]
        return {model: self.get(node, model) for model in models}

    def read(self, step: str, file: str) -> Any:
        """Read a file by name, as `get` does: ``read("load", "features.parquet")``."""
        entry = self.entries[step]
        try:
            return entry.read(file)
        except (Damaged, FileNotFoundError):
            return _again(entry.folder, file).read(file)


def _again(folder: Path, file: str) -> Entry:
    """Find an artifact that another process is replacing: for a moment there may be none."""
    import tenacity

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type((Damaged, FileNotFoundError)),
        stop=tenacity.stop_after_delay(WAIT),
        wait=tenacity.wait_fixed(0.05),
        reraise=True,
    )
    def find() -> Entry:
        entry = Entry(folder, Manifest.read(folder))
        entry.check(file)
        return entry

    return find()


def run(
    graph: Sequence[Step], resources: Resources, *, only: Collection[str] | None = None, ahead: Sequence[Step] = ()
) -> Outcome:
    """Bring every step of a graph up to date, in order, executing only what is stale.

    Parameters
    ----------
    graph
        The steps, as `phishcli.flow.graph.needed` gives them.
    resources
        What the stages work with; stages in ``resources.force`` are executed even if they are fresh.
    only
        Stages that may be executed; a stale step of another stage is an error. None means all.
    ahead
        Steps, of this graph or later ones, whose `EarlyCheck` applies.

    Raises
    ------
    PhishError
        Raised by a stage. A model that fails is left out as long as another one succeeds.
    """
    executed: list[str] = []
    for attempt in range(len(graph) + 1):
        runner = Runner(graph, resources, only, ahead, executed)
        try:
            runner.run()
        except (Damaged, FileNotFoundError) as error:
            if runner.is_undisturbed():
                raise
            if attempt == len(graph):
                raise _unsettled(error) from error
            # Another run has forced it, or somebody has cleaned up, a moment ago; each step is forced only once.
            resources.on_event(
                Notice(f"Another process changed the artifacts ({error}); continuing from what is there", "warning")
            )
            executed = runner.executed
        else:
            break
    return Outcome(resources.source, runner.entries, tuple(dict.fromkeys(runner.executed)), runner.failed)


def _unsettled(error: Exception) -> PhishError:
    return PersistError(
        "Other processes keep changing the artifacts",
        where=str(error),
        hint="Wait until they have finished and run again, or give this run its own folder with --cache-dir",
    )
