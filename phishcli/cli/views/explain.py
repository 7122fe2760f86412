"""Which features each model relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.documents.base import plain_of
from phishcli.stages import explain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from phishcli.project import Run


def show(run: Run) -> RenderableType | None:
    """The explanations side by side; None if no model could be explained."""
    from phishcli.render.explain import ExplainView

    explained = run.outcome.each(explain.EXPLANATIONS)
    return ExplainView(explained) if explained else None


def document(run: Run) -> dict[str, Any]:
    """The explanations by model."""
    return {"explanations": plain_of(run.outcome.each(explain.EXPLANATIONS))}
