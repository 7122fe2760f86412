"""Bringing a graph up to date: each step in order, executed only where it is stale."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.errors import PhishError
from phishcli.events import Notice
from phishcli.flow.job import Room
from phishcli.flow.runner import Runner

if TYPE_CHECKING:
    from phishcli.flow.graph import Step
    from phishcli.flow.nodes import Node
    from phishcli.sources.locate import LocalSource

T = TypeVar("T")
WAIT = 2.0
"""Seconds in which an artifact that another process replaces must be there again."""


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the artifact of every step, which steps were executed, and which models failed and why."""

    source: LocalSource
    entries: Mapping[str, Entry]
    executed: tuple[str, ...]
    failed: Mapping[str, str]

    def get(self, node: Node[T], model: str = "") -> T:
        """Read a node; of a stage per model, the one of that model.

        Another run may have forced the step since this one ended; then what that one wrote is read.
        """
        entry = self.entries[f"{node.stage}/{model}" if node.per_model else node.stage]
        try:
            return node.load(entry, node.file)
        except (Damaged, FileNotFoundError):
            return node.load(_again(entry.folder, node.file), node.file)

    def each(self, node: Node[T]) -> dict[str, T]:
        """Read a node of a stage per model, for every model that got so far."""
        models = [name.partition("/")[2] for name in self.entries if name.startswith(f"{node.stage}/")]
        return {model: self.get(node, model) for model in models}

    def read(self, step: str, file: str) -> Any:
        """Read a file by name, as `get` does: ``read("load", "features.parquet")``."""
        entry = self.entries[step]
        try:
            return entry.read(file)
        except (Damaged, FileNotFoundError):
            return _again(entry.folder, file).read(file)


def _again(folder: Path, file: str) -> Entry:
    """Find an artifact that another process replaces: for a moment there may be none."""
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
    graph: Sequence[Step], room: Room, *, only: Collection[str] | None = None, ahead: Sequence[Step] = ()
) -> Outcome:
    """Bring every step of a graph up to date, in order, executing only what is stale.

    Parameters
    ----------
    graph
        The steps, as `phishcli.flow.graph.needed` gives them.
    room
        What the stages work with; stages in ``room.force`` are executed even where they are fresh.
    only
        Stages that may be executed; a stale step of another stage is an error. None for all.
    ahead
        Steps, in the graph or to come later, that may refuse early what they would refuse anyway.

    Raises
    ------
    PhishError
        What a stage raised. A model that fails is left out as long as another one succeeds.
    """
    executed: list[str] = []
    for attempt in range(len(graph) + 1):
        runner = Runner(graph, room, only, ahead, executed)
        try:
            runner.run()
        except (Damaged, FileNotFoundError) as error:
            if runner.is_undisturbed():
                raise
            if attempt == len(graph):
                raise _unsettled(error) from error
            # What was whole a moment ago another run has forced, or somebody has cleaned up; each step is forced once.
            room.on_event(
                Notice(f"Another process changed the artifacts ({error}); going on from what is there", "warning")
            )
            executed = runner.executed
        else:
            break
    return Outcome(room.source, runner.entries, tuple(dict.fromkeys(runner.executed)), runner.failed)


def _unsettled(error: Exception) -> PhishError:
    return PhishError(
        "Other processes keep changing the artifacts",
        where=str(error),
        hint="Wait until they have ended and run again, or give this run a folder of its own with --cache-dir",
    )
