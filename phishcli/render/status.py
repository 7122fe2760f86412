"""What is fresh and what is stale, and why: the plan as a table and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.flow.plan import Decision

STYLES = {"fresh": "green", "stale": "yellow", "waiting": "dim"}
SHOWN = 3
"""Reasons per step in the table; ``--json`` has them all."""


class StatusTable:
    """One line a step: fresh or stale, why, and how long it took last time."""

    def __init__(self, decisions: Sequence[Decision], *, every_reason: bool = False) -> None:
        self.decisions = decisions
        self.shown = None if every_reason else SHOWN

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("Step", no_wrap=True)
        table.add_column("Status", no_wrap=True)
        table.add_column("Expected", justify="right", no_wrap=True)
        table.add_column("Why, or what is there", overflow="fold")
        for decision in self.decisions:
            table.add_row(
                decision.step.name,
                Text(decision.status, style=STYLES[decision.status]),
                Text(_expected(decision), style="dim"),
                Text(self._why(decision)),
            )
        yield table
        yield Text(f"\n{conclusion(self.decisions)}")

    def _why(self, decision: Decision) -> str:
        if decision.entry is not None:
            return decision.entry.manifest.summary
        if decision.waits_for:
            return f"waits for {_few(decision.waits_for)}"
        if [(change.key, change.old) for change in decision.reasons] == [("artifact", None)]:
            return "not computed yet"
        lines = [str(change) for change in decision.reasons[: self.shown]]
        more = len(decision.reasons) - len(lines)
        return "\n".join([*lines, *([f"and {more} more"] if more else [])])


def _few(names: Sequence[str]) -> str:
    stages = list(dict.fromkeys(name.partition("/")[0] for name in names))
    return ", ".join(names if len(names) == 1 else stages)


def _expected(decision: Decision) -> str:
    from phishcli.render.formats import seconds

    searched = any(change.key.startswith("config.tune") for change in decision.reasons)
    if decision.status == "fresh" or decision.previous is None or searched:
        return ""
    return seconds(decision.previous.manifest.seconds)


def conclusion(decisions: Sequence[Decision]) -> str:
    """Say in one sentence what a run would do."""
    open_steps = [decision for decision in decisions if decision.status != "fresh"]
    if not open_steps:
        return "Everything is fresh; nothing would run."
    known = [decision.previous.manifest.seconds for decision in open_steps if decision.previous]
    duration = f", taking about {sum(known):.0f} s as last time" if len(known) == len(open_steps) else ""
    return f"{len(open_steps):,} of {counted(len(decisions), 'step')} would run{duration}."


def as_document(decisions: Sequence[Decision], origin: str) -> dict[str, Any]:
    """The plan as JSON values, with what the user calls the source."""
    return {
        "source": {"origin": origin},
        "fresh": all(decision.status == "fresh" for decision in decisions),
        "steps": [
            {
                "step": decision.step.name,
                "status": decision.status,
                "reasons": [{"key": c.key, "old": c.old, "new": c.new} for c in decision.reasons],
                "waits_for": list(decision.waits_for),
                "expected_seconds": decision.previous.manifest.seconds if decision.previous else None,
                "folder": str(decision.entry.folder) if decision.entry else None,
            }
            for decision in decisions
        ],
    }
