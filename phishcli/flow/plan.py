"""The plan: which steps of a graph are stale, and why. Pure; nothing here touches the disk but to look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from phishcli.artifacts import Change, Damaged, Entry, Home, Parts, changes, fingerprint, flatten
from phishcli.flow.graph import Step
from phishcli.versions import library_versions

Status = Literal["fresh", "stale", "waiting"]

NOT_THERE = Change("artifact", None, "not on disk")
"""The reason for a step that was never executed, or whose last settings are unknown."""


class Decision(msgspec.Struct, frozen=True):
    """Whether a step must run: ``fresh`` (an artifact is there), ``stale`` (and why), ``waiting`` for a stale input."""

    step: Step
    status: Status
    reasons: tuple[Change, ...] = ()
    waits_for: tuple[str, ...] = ()
    parts: Parts = msgspec.field(default_factory=dict)
    entry: Entry | None = None
    previous: Entry | None = None
    damage: str | None = None


class Catalog(Protocol):
    """What planning needs to know about the artifacts."""

    def find(self, step: str, print_: str, *, home: Home = "cache", deep: bool = False) -> Entry | None:
        """Look an artifact up by its fingerprint."""

    def latest(self, step: str, *, home: Home = "cache") -> Entry | None:
        """Look up the artifact made last."""


def decide(step: Step, inputs: Mapping[str, Entry | None], catalog: Catalog, *, deep: bool = False) -> Decision:
    """Decide whether one step is stale, given the artifacts it reads (None for one that is stale itself)."""
    home = step.stage.home
    previous = catalog.latest(step.name, home=home)
    waits_for = tuple(dict.fromkeys(name for name, _ in step.files() if inputs.get(name) is None))
    parts = _parts(step, inputs)
    if waits_for:
        return Decision(step, "waiting", waits_for=waits_for, parts=parts, previous=previous)
    try:
        entry = catalog.find(step.name, fingerprint(step.name, parts), home=home, deep=deep)
    except Damaged as error:
        reason = Change("artifact", "as written", str(error))
        return Decision(step, "stale", (reason,), parts=parts, previous=previous, damage=str(error))
    if entry is not None:
        return Decision(step, "fresh", parts=parts, entry=entry, previous=previous)
    reasons = _reasons(previous.manifest.parts, parts) if previous else ()
    return Decision(step, "stale", reasons or (NOT_THERE,), parts=parts, previous=previous)


def _parts(step: Step, inputs: Mapping[str, Entry | None]) -> dict[str, Any]:
    contents = {
        f"input.{name}/{file}": entry.content(file)
        for name, files in step.reads.items()
        if (entry := inputs.get(name)) is not None
        for file in files
    }
    libraries = {f"library.{name}": found for name, found in library_versions(step.libraries).items()}
    own = {name: value for key, part in step.parts.items() for name, value in flatten(key, part).items()}
    late = {f"limit.{name}": value for name, value in step.late(inputs).items()} if step.late else {}
    return {**own, **contents, **libraries, **late}


def _reasons(old: Parts, new: Parts) -> tuple[Change, ...]:
    """Why an artifact is stale; an artifact of another layout cannot be compared any further."""
    if old.get("layout") != new["layout"]:
        return (Change("layout", old.get("layout", 1), new["layout"]),)
    return tuple(changes(old, new))


def plan(graph: Iterable[Step], catalog: Catalog) -> list[Decision]:
    """Decide for every step of a graph, for ``status`` and ``--dry-run``; a run asks `decide` as inputs come about."""
    decided: dict[str, Entry | None] = {}
    decisions = []
    for step in graph:
        decision = decide(step, decided, catalog)
        decided[step.name] = decision.entry
        decisions.append(decision)
    return decisions
