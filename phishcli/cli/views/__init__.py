"""How the result of a stage looks on a terminal and as JSON: one module per stage, found by its name.

A module has the name of its stage and may define ``show(run)``, which replaces the summaries of the artifacts,
``brief(run)``, which replaces that with ``--quiet``, and ``document(run)``, which adds to the JSON document.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.events import Notice
    from phishcli.project import Run


def show(run: Run, stage: str, notices: Sequence[Notice] = ()) -> RenderableType:
    """The output of the command of a stage; ``notices`` are for the modules that have a place for them."""
    view = _module(stage)
    further = {"notices": notices} if notices else {}
    drawn: RenderableType | None = view.show(run, **further) if hasattr(view, "show") else None
    return drawn or summaries(run, stage)


def brief(run: Run, stage: str) -> RenderableType:
    """The same in a few lines, for ``--quiet``."""
    view = _module(stage)
    drawn: RenderableType | None = view.brief(run) if hasattr(view, "brief") else None
    return drawn or show(run, stage)


def document(run: Run, stage: str) -> dict[str, Any]:
    """The same as JSON values."""
    view = _module(stage)
    own: dict[str, Any] = view.document(run) if hasattr(view, "document") else {}
    return {"source": source(run), "stages": stages(run, stage), "failed": dict(run.outcome.failed), **own}


def source(run: Run) -> dict[str, str]:
    """The table that a run worked on, as JSON values."""
    return {"origin": run.outcome.source.origin, "sha256": run.outcome.source.sha256}


def _module(stage: str) -> Any:
    name = f"{__name__}.{stage}"
    return import_module(name) if find_spec(name) else None


def summaries(run: Run, stage: str) -> Group:
    """One line per artifact, its step, its summary and its folder, and the table that they are of."""
    return Group(
        *(
            Text.assemble((step, "bold"), f"  {entry.manifest.summary}  ", (str(entry.folder), "dim"))
            for step, entry in run.outcome.entries.items()
            if step.partition("/")[0] == stage
        ),
        Text(f"data  {run.outcome.source.origin}", "dim"),
    )


def stages(run: Run, stage: str | None = None) -> list[dict[str, Any]]:
    """The artifacts of a stage, or of all, as JSON values."""
    return [
        {
            "step": step,
            "state": "done" if step in run.outcome.executed else "cached",
            "summary": entry.manifest.summary,
            "seconds": entry.manifest.seconds,
            "folder": str(entry.folder),
        }
        for step, entry in run.outcome.entries.items()
        if stage in (None, step.partition("/")[0])
    ]
