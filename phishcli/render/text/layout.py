"""What the sections of the text share: headings, pairs, tables, scores with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich import box
from rich.table import Table

from phishcli.render.formats import Bounded, Measured, number

WIDTH = 100

Row = Sequence[str]


def section(title: str, *sources: str) -> Iterator[str]:
    """Give the heading of a section, and the artifacts that its numbers come from."""
    yield f"\n{title}"
    yield "-" * WIDTH
    if sources:
        yield f"[{', '.join(sources)}]\n"


def pairs(facts: Iterable[tuple[str, str]]) -> Table:
    """Draw names and values in two columns."""
    table = Table.grid(padding=(0, 3, 0, 0))
    for name, value in facts:
        table.add_row(name, value)
    return table


def table(heads: Row, rows: Iterable[Row], *, left: int = 1) -> Table:
    """Draw a table whose first ``left`` columns are words and the others numbers."""
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for position, head in enumerate(heads):
        drawn.add_column(head, justify="left" if position < left else "right", overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def with_bounds(score: Measured, write: Callable[[float], str] = number) -> str:
    """A score and its interval: ``0.8550 [0.8050, 0.9050]``; a dash where there is no value."""
    value = number(None) if score.value is None else write(score.value)
    return f"{value}{bounds(score)}"


def bounds(score: Bounded) -> str:
    """The interval of a score to follow its value: `` [0.8050, 0.9050]``; empty without one."""
    return "" if score.low is None or score.high is None else f" [{number(score.low)}, {number(score.high)}]"
