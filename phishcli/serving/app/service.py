"""What every endpoint needs, and what each does once rows have been judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from phishcli.serving.app.metrics import Metrics
from phishcli.serving.app.problems import Problem
from phishcli.serving.app.settings import ServeSettings
from phishcli.serving.app.work import Work
from phishcli.serving.feedback import FeedbackLog
from phishcli.serving.plane import Answer, DataPlane, Listener

JSON = "application/json"


@dataclass(frozen=True)
class Service:
    """What every endpoint needs."""

    settings: ServeSettings
    plane: DataPlane
    metrics: Metrics
    work: Work
    listeners: Sequence[Listener] = ()
    feedback: FeedbackLog | None = None


def check_number(rows: int, service: Service) -> None:
    """Refuse too many rows.

    Raises
    ------
    Problem
        When there are more than the settings allow.
    """
    if rows > service.settings.max_rows:
        raise Problem(413, f"There are more than {service.settings.max_rows:,} rows.")


def tell(request: Request, service: Service, answer: Answer) -> None:
    """Count and note what has been answered."""
    metrics, note = service.metrics, request.state.note
    for tier in ("main", "challenger") if answer.crew.challenger else ("main",):
        metrics.judged([p for p, by in zip(answer.predictions, answer.tiers, strict=True) if by == tier], tier)
    note["rows"] = len(answer.predictions)
    note["version"] = answer.crew.main.version
    if len(answer.predictions) == 1:
        note["verdict"], note["tier"] = answer.predictions[0].verdict, answer.tiers[0]
    if answer.shadow is not None:
        metrics.judged(answer.shadow, "shadow")
        differing = sum(a.verdict != b.verdict for a, b in zip(answer.predictions, answer.shadow, strict=True))
        metrics.disagreements.inc(differing)
        note["shadow_differs"] = differing
    for listener in service.listeners:
        listener.judged(request.state.id, answer)
