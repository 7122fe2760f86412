"""How the result of a stage looks on a terminal and as JSON: one module a stage, found by its name.

A module here is named like its stage and may hold ``show(run)``, what is drawn in place of the summary of each
artifact, and ``document(run)``, what is added to the JSON document.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.project import Run


def show(run: Run, stage: str) -> RenderableType:
    """What the command of a stage prints."""
    view = _module(stage)
    drawn: RenderableType | None = view.show(run) if hasattr(view, "show") else None
    return drawn or summaries(run, stage)


def document(run: Run, stage: str) -> dict[str, Any]:
    """The same as JSON values."""
    view = _module(stage)
    own: dict[str, Any] = view.document(run) if hasattr(view, "document") else {}
    return {"stages": stages(run, stage), "failed": dict(run.outcome.failed), **own}


def _module(stage: str) -> Any:
    name = f"{__name__}.{stage}"
    return import_module(name) if find_spec(name) else None


def summaries(run: Run, stage: str) -> Group:
    """A line for each artifact: its step, what came out, and where it is."""
    return Group(
        *(
            Text.assemble((step, "bold"), f"  {entry.manifest.summary}  ", (str(entry.folder), "dim"))
            for step, entry in run.outcome.entries.items()
            if step.partition("/")[0] == stage
        )
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
