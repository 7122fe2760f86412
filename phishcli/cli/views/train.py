"""The result of training, and of the search if there was one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from phishcli.cli.views import summaries
from phishcli.stages import train

if TYPE_CHECKING:
    from rich.console import RenderableType

    from phishcli.project import Run


def show(run: Run) -> RenderableType:
    """One line per model, then the search."""
    return Group(summaries(run, "train"), *search(run))


def search(run: Run) -> list[RenderableType]:
    """The result of the search; empty if there was none."""
    searches = {model: each.tuned for model, each in run.outcome.each(train.TRAINING).items() if each.tuned}
    if not searches:
        return []
    from phishcli.render.search import SearchView

    return [Text(), SearchView(searches)]
