"""What is known when: the columns of a table by the moment at which they become known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from phishcli.errors import ConfigError
from phishcli.wording import bounded

if TYPE_CHECKING:
    from phishcli.documents.schema import Column, Schema

ADDRESS, PAGE, LOOK_UPS = "address", "page", "look-ups"
OF_ADDRESSES = ("url", "domain", "ip")
"""Kinds of columns that an address shows."""


def tiers_of(asked: Mapping[str, Sequence[str]], schema: Schema) -> dict[str, list[str]]:
    """The columns of the source that each tier adds, in the order in which they become known.

    Parameters
    ----------
    asked
        For each tier the columns that it adds, as names or patterns (``NoOf*``); the first one that fits counts.
    schema
        The columns of the table.

    Raises
    ------
    ConfigError
        When a name fits no column, or a column belongs to no tier.
    """
    given = [column.name for column in schema.given()]
    for tier, patterns in asked.items():
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in given):
                raise ConfigError(f"{pattern!r} fits no column", where=f"evaluate.tiers.{tier}", hint=_columns(given))
    found: dict[str, list[str]] = {tier: [] for tier in asked}
    for name in given:
        first = next((tier for tier, patterns in asked.items() if _fits(name, patterns)), None)
        if first is None:
            hint = "Add it to the tier at which it becomes known; '*' stands for all that are left"
            raise ConfigError(f"{name} belongs to no tier", where="evaluate.tiers", hint=hint)
        found[first].append(name)
    return found


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _columns(given: Sequence[str]) -> str:
    return f"The columns are {bounded(given)}"


def usual_tiers(schema: Schema, of_pages: Collection[str]) -> dict[str, list[str]]:
    """The tiers of a gateway where none are declared: what an address shows, what a page shows, and the rest.

    Parameters
    ----------
    schema
        The columns of the table.
    of_pages
        The names of columns that a page shows.
    """
    found: dict[str, list[str]] = {ADDRESS: [], PAGE: [], LOOK_UPS: []}
    for column in schema.given():
        of_address = column.kind in OF_ADDRESSES or column.name == "tenant"
        found[ADDRESS if of_address else PAGE if column.name in of_pages else LOOK_UPS].append(column.name)
    return {tier: names for tier, names in found.items() if names}


def is_known(column: Column, known: Collection[str]) -> bool:
    """Whether the value of a column follows from those of known columns of the source."""
    roots = column.derived.of if column.derived else (column.indicator_of or column.name,)
    return all(root in known for root in roots)
