"""What a feature of a page declares: its name, what it is in plain words, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from phishcli.features.pages.page import Page

Value = int | float | None
Kind = Literal["count", "flag", "share"]


@dataclass(frozen=True)
class Feature:
    """One column of the table of pages.

    Parameters
    ----------
    name
        Of the column, as the phishing database has it where it has one like it.
    definition
        What it is, in one sentence.
    value
        Reads it off a page: a whole number for a count, 0 or 1 for a flag, a number from 0 to 1 for a share.
    kind
        What the values are.
    needs_url
        Whether it is missing where the address of the page is not known.
    """

    name: str
    definition: str
    value: Callable[[Page], Value]
    kind: Kind = "count"
    needs_url: bool = False
