"""What the sections of the page share: tables, facts and figures as values that the templates only write down."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from markupsafe import Markup, escape

from phishcli.render.formats import Measured, interval, number

SUSPECTS = "label_suspects.csv"
"""The list of rows with a doubtful label, beside the report."""


@dataclass(frozen=True)
class Section:
    """One section of the page: its anchor, its name in the navigation, and the template that it fills."""

    id: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]


@dataclass(frozen=True)
class Head:
    """The head of a column or of a row; ``hint`` is shown when one points at it."""

    text: str
    small: str = ""
    badge: str = ""
    hint: str = ""
    selected: bool = False


@dataclass(frozen=True)
class Cell:
    """A value, below it what belongs to it in small print.

    ``kind`` marks the best of a line, words, and p-values, which are not to be broken.
    """

    text: str
    small: str = ""
    kind: Literal["", "best", "text", "p"] = ""
    span: int = 1


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    cells: Sequence[Cell]
    head: Head | None = None


@dataclass(frozen=True)
class Table:
    """A table; ``style`` are CSS classes, ``label`` describes it to screen readers where it can be scrolled."""

    heads: Sequence[Head]
    rows: Sequence[Row]
    style: str = ""
    caption: str = ""
    label: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart that the script of the page draws, by the name of its specification."""

    name: str
    caption: str
    wide: bool = False


def drawn(charts: Collection[str], *figures: Figure) -> list[Figure]:
    """Keep the figures whose charts there are."""
    return [figure for figure in figures if figure.name in charts]


def breakable(text: str) -> Markup:
    """Allow a long name in CamelCase to break over lines: ``Hist<wbr>Gradient<wbr>Boosting``."""
    return Markup("<wbr>").join(re.sub(r"(?<=[a-z])(?=[A-Z])", "\0", text).split("\0"))


def linked(text: str) -> Markup:
    """Turn the name of the list of doubtful labels, which lies beside the report, into a link."""
    return escape(text).replace(SUSPECTS, Markup(f'<a href="{SUSPECTS}">{SUSPECTS}</a>'))  # noqa: S704 (our own)


def heads(*texts: str) -> list[Head]:
    """Heads of columns that are words alone."""
    return [Head(text) for text in texts]


def cells(*texts: str) -> list[Cell]:
    """Cells without small print."""
    return [Cell(text) for text in texts]


def score(found: Measured, write: Callable[[float], str] = number, *, best: bool = False) -> Cell:
    """A score with its interval below; the best of a line has a mark that needs no color."""
    text = number(None) if found.value is None else write(found.value)
    return Cell(f"* {text}" if best else text, interval(found), "best" if best else "")
