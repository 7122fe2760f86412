"""Deciding, purely: which steps of a graph are stale, and why; nothing here touches anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from phishcli.artifacts import Change, Damaged, Entry, Parts, changes, fingerprint, flatten
from phishcli.graph import Step
from phishcli.versions import library_versions

VERSIONS: Mapping[str, int] = {
    "load": 4,
    "preprocess": 2,
    "audit": 2,
    "gap": 4,
    "train": 3,
    "evaluate": 4,
    "explain": 2,
    "report": 5,
    "persist": 2,
}
"""Bumped by hand when the meaning of a stage changes; a test watches the source of each stage."""

Status = Literal["fresh", "stale", "waiting"]

NOT_THERE = Change("artifact", None, "not on disk")
"""Why a step is stale that was never executed, or not with these settings while those of the last time are unknown."""


@dataclass(frozen=True)
class Decision:
    """Whether a step must run: ``fresh`` (an artifact is there), ``stale`` (and why), ``waiting`` for a stale input."""

    step: Step
    status: Status
    reasons: tuple[Change, ...] = ()
    waits_for: tuple[str, ...] = ()
    parts: Parts = field(default_factory=dict)
    entry: Entry | None = None
    previous: Entry | None = None
    damage: str | None = None


class Catalog(Protocol):
    """What deciding needs to know of the store."""

    def find(self, step: str, print_: str, *, deep: bool = False) -> Entry | None:
        """Look an artifact up by its fingerprint."""

    def latest(self, step: str) -> Entry | None:
        """Look up what was made last."""


def decide(step: Step, inputs: Mapping[str, Entry | None], catalog: Catalog, *, deep: bool = False) -> Decision:
    """Decide whether one step is stale, given the artifacts it reads (None for one that is stale itself)."""
    previous = catalog.latest(step.name)
    waits_for = tuple(name for name in step.reads if inputs.get(name) is None)
    parts = _parts(step, inputs)
    if waits_for:
        return Decision(step, "waiting", waits_for=waits_for, parts=parts, previous=previous)
    try:
        entry = catalog.find(step.name, fingerprint(step.name, parts), deep=deep)
    except Damaged as error:
        reason = Change("artifact", "as written", str(error))
        return Decision(step, "stale", (reason,), parts=parts, previous=previous, damage=str(error))
    if entry is not None:
        return Decision(step, "fresh", parts=parts, entry=entry, previous=previous)
    reasons = changes(previous.manifest.parts, parts) if previous else []
    return Decision(step, "stale", tuple(reasons) or (NOT_THERE,), parts=parts, previous=previous)


def _parts(step: Step, inputs: Mapping[str, Entry | None]) -> dict[str, Any]:
    contents = {
        f"input.{name}/{file}": entry.content(file)
        for name, files in step.reads.items()
        if (entry := inputs.get(name)) is not None
        for file in files
    }
    libraries = {f"library.{name}": found for name, found in library_versions(step.libraries).items()}
    source = flatten("source", step.source) if step.source else {}
    return {"version": VERSIONS[step.stage], **source, **flatten("config", step.settings), **contents, **libraries}


def plan(graph: Iterable[Step], catalog: Catalog) -> list[Decision]:
    """Decide for every step of a graph, for ``status`` and ``--dry-run``; `run` asks `decide` as inputs come about."""
    decided: dict[str, Entry | None] = {}
    decisions = []
    for step in graph:
        decision = decide(step, decided, catalog)
        decided[step.name] = decision.entry
        decisions.append(decision)
    return decisions
