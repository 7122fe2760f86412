"""What ``load`` tells of the columns: how they are read, which are set aside and why, and how large the table is."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

from phishcli.documents.schema import Role, Schema
from phishcli.events import Notice, OnEvent
from phishcli.features.column_choice import ON_REQUEST
from phishcli.features.interpretation import Decisions
from phishcli.typed import name_of, option
from phishcli.wording import bounded, counted, plural

Said = TypeVar("Said", bound=Hashable)

MOST = 20
"""Notices about columns of one kind; a table of ten thousand columns must not bury everything else."""
ROLES: dict[Role, str] = {
    "numeric": "numeric",
    "categorical": "categorical",
    "high_cardinality": "high-cardinality",
    "text": "text",
}
"""The roles of features, as a sentence names them."""


def tell_columns(schema: Schema, decisions: Decisions, on_event: OnEvent) -> None:
    """Say what became of the columns, with one notice for all columns that share a reason.

    Parameters
    ----------
    schema
        The table as it was read.
    decisions
        The role of each column, and what is unusual about it.
    on_event
        Receives the notices, for the end of the run.
    """
    unusual = {
        name: (decision.warning, decision.level)
        for name, decision in decisions.items()
        if decision.warning and (decision.set_aside is None or decision.loud)
    }
    for names, (warning, level) in _grouped(unusual):
        said = f"each {warning.removeprefix('it ')}" if len(names) > 1 and warning.startswith("it ") else warning
        on_event(Notice(f"{bounded(list(map(name_of, names)))}: {said}.", level, "end"))
    _tell_more(unusual, "to look at", on_event)
    aside = {
        name: (reason, bool(decisions[name].role)) for name, reason in schema.set_aside.items() if reason != ON_REQUEST
    }
    for names, (reason, usable) in _grouped(aside):
        on_event(Notice(_set_aside(names, reason, usable=usable), when="end"))
    _tell_more(aside, "set aside", on_event)
    if schema.unlabelled:
        rows = counted(schema.unlabelled, "row")
        left_out = f"{rows} without a label {plural(schema.unlabelled, 'was', 'were')} left out."
        on_event(Notice(left_out, "warning", "end"))
    positives = f"positive class {schema.positive_label!r} ({counted(schema.positives, 'row')})"
    on_event(Notice(f"Target {schema.target}, {positives}; features: {_roles(schema)}.", when="end"))


def _grouped(said: Mapping[str, Said]) -> Iterator[tuple[list[str], Said]]:
    """The columns grouped by what is said of them, in the order of the table; at most `MOST` groups."""
    groups: dict[Said, list[str]] = {}
    for name, what in said.items():
        groups.setdefault(what, []).append(name)
    for what, names in list(groups.items())[:MOST]:
        yield names, what


def _tell_more(said: Mapping[str, Said], what: str, on_event: OnEvent) -> None:
    """Say how many columns were not named."""
    more = len(said) - sum(len(names) for names, _ in _grouped(said))
    if more:
        on_event(Notice(f"{counted(more, 'more column')} {what}: phish show load", when="end"))


def _set_aside(names: Sequence[str], reason: str, *, usable: bool) -> str:
    listed = bounded([name_of(name) for name in names])
    if len(names) == 1:
        keep = f"{option('--keep', names[0])} uses it, " if usable else ""
        return f"{listed} is set aside: {reason} ({keep}{option('--drop', names[0])} hides this note)."
    keep = "--keep COLUMN uses one, " if usable else ""
    return f"{listed} are set aside, each because {reason} ({keep}--drop COLUMN hides this note)."


def _roles(schema: Schema) -> str:
    """``13 numeric, 2 categorical``."""
    counts = {role: len(schema.names(role)) for role in ROLES}
    return ", ".join(f"{number:,} {ROLES[role]}" for role, number in counts.items() if number)
