"""``/v1``: predictions, explanations, feedback and what the model is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from phishcli.documents.schema import Label
from phishcli.errors import PersistError
from phishcli.serving.app.metrics import Metrics
from phishcli.serving.app.problems import Problem
from phishcli.serving.app.settings import ServeSettings
from phishcli.serving.app.work import LONG, Late, Work
from phishcli.serving.feedback import Feedback, FeedbackLog
from phishcli.serving.plane import Answer, Crew, DataPlane, Listener
from phishcli.serving.reasons import Reason
from phishcli.serving.served import Prediction, Served
from phishcli.serving.wire import NOT_JSON, Fault, Malformed

JSON = "application/json"
ERRORS = logging.getLogger("phish.error")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Which release has answered."""

    threshold: float
    model: str
    version: str
    bundle_sha256: str
    alias: str


class One(About, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about one row."""

    probability: float | None
    score: float | None
    verdict: str
    label: Label | None
    rule: str | None
    reason: str
    missing: list[str] = msgspec.field(default_factory=list)
    unseen: list[str] = msgspec.field(default_factory=list)
    failed_open: bool = False


class Many(About, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about several rows, in their order."""

    predictions: list[Prediction]


class Explained(Prediction, frozen=True, omit_defaults=True, kw_only=True):
    """What is said about one row, and why: the strongest reasons first."""

    reasons: tuple[Reason, ...]


class OneExplained(One, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about one row, with reasons."""

    reasons: tuple[Reason, ...]


class ManyExplained(About, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about several rows, with reasons."""

    predictions: list[Explained]


@dataclass(frozen=True)
class Service:
    """What every endpoint needs."""

    settings: ServeSettings
    plane: DataPlane
    metrics: Metrics
    work: Work
    listeners: Sequence[Listener] = ()
    feedback: FeedbackLog | None = None


def about(served: Served) -> dict[str, Any]:
    """Which release has answered, as fields."""
    return {
        "threshold": served.bundle.threshold,
        "model": served.bundle.metadata.model,
        "version": served.version,
        "bundle_sha256": served.sha256,
        "alias": served.alias,
    }


async def predict(request: Request, service: Service) -> Response:
    """Judge one raw row, or ``{"rows": [...]}``."""
    try:
        body = await service.work.body(request)
        quick = len(body) <= LONG and all(each.quick for each in service.plane.crew.all)
        content = await service.work.run(request, lambda: _predicted(request, service, body), quick=quick)
    except Late as late:
        content = _failed_open(request, service, late)
    return Response(content, media_type=JSON)


def _predicted(request: Request, service: Service, body: bytes) -> bytes:
    crew = service.plane.crew
    given = crew.main.reader.read(body)
    check_number(len(given.rows), service)
    answer = service.plane.predict(given.rows, crew, single=given.single)
    tell(request, service, answer)
    if not given.single:
        return msgspec.json.encode(Many(predictions=answer.predictions, **about(crew.main)))
    served = crew.challenger if answer.tiers == ["challenger"] and crew.challenger else crew.main
    prediction = answer.predictions[0]
    fields = {name: getattr(prediction, name) for name in SHARED}
    return msgspec.json.encode(One(**fields, **about(served)))


SHARED = ("probability", "score", "verdict", "label", "rule", "reason", "missing", "unseen")


def _failed_open(request: Request, service: Service, late: Late) -> bytes:
    """Answer in time, without a score, and say so: whoever waits lets the message pass."""
    service.metrics.failed_open.inc()
    request.state.note["failed_open"] = True
    failed = One(
        probability=None,
        score=None,
        verdict="unknown",
        label=None,
        rule=None,
        reason=str(late),
        failed_open=True,
        **about(service.plane.crew.main),
    )
    return msgspec.json.encode(failed)


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


async def explain(request: Request, service: Service) -> Response:
    """Judge one raw row, or ``{"rows": [...]}``, and give the strongest reasons."""
    try:
        body = await service.work.body(request)
        content = await service.work.run(request, lambda: _explained(request, service, body), quick=False)
    except Late as late:
        content = _failed_open(request, service, late)
    return Response(content, media_type=JSON)


def _explained(request: Request, service: Service, body: bytes) -> bytes:
    crew = service.plane.crew
    given = crew.main.reader.read(body)
    check_number(len(given.rows), service)
    answer = service.plane.predict(given.rows, Crew(crew.main), single=given.single)
    tell(request, service, answer)
    explained = [
        Explained(reasons=why, **{name: getattr(prediction, name) for name in SHARED})
        for prediction, why in zip(answer.predictions, crew.main.explain(given.rows), strict=True)
    ]
    if given.single:
        fields = {name: getattr(explained[0], name) for name in (*SHARED, "reasons")}
        return msgspec.json.encode(OneExplained(**fields, **about(crew.main)))
    return msgspec.json.encode(ManyExplained(predictions=explained, **about(crew.main)))


async def feedback(request: Request, service: Service) -> Response:
    """Write down what somebody has found out about a row."""
    log, metadata = service.feedback, service.plane.crew.main.bundle.metadata
    body = await service.work.body(request)
    if log is None:
        raise Problem(404, "This service keeps no log (phish serve --log FOLDER).")
    given = _feedback(body)
    known = (metadata.positive_label, metadata.negative_label)
    if not any(type(given.label) is type(label) and given.label == label for label in known):
        expected = " or ".join(msgspec.json.encode(label).decode() for label in known)
        raise Problem(422, "The label is none of the model's.", [Fault("is no label", expected, "label")])
    try:
        await asyncio.to_thread(log.record, given)
    except PersistError:
        ERRORS.exception("a label cannot be written")
        raise Problem(503, "The label cannot be written now.", headers={"Retry-After": "10"}) from None
    service.metrics.labelled(1)
    return Response(b'{"accepted":true}', 202, media_type=JSON)


def _feedback(body: bytes) -> Feedback:
    try:
        return msgspec.json.decode(body, type=Feedback)
    except msgspec.ValidationError as error:
        field = str(error).partition("`$.")[2].rstrip("`")
        known = field if field in Feedback.__struct_fields__ else None
        fault = Fault("is missing or of another form", "id, label and origin, of at most 100 characters", known)
        raise Problem(422, "The feedback cannot be read.", [fault]) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Problem(400, NOT_JSON) from None


async def model(_: Request, service: Service) -> Response:
    """Describe the release: its metadata, the columns that a row must have, an example."""
    served = service.plane.crew.main
    columns = [
        {
            "name": column.name,
            "role": column.role,
            "expected": served.reader.expected[column.name],
            "categories": column.categories,
        }
        for column in served.bundle.schema.columns
        if column.indicator_of is None
    ]
    releases = [{"version": each.version, **about(each)} for each in service.plane.crew.all]
    plain = {
        **about(served),
        "columns": columns,
        "example": served.example(),
        "exact_fast_path": served.fast.exact,
        "why_slow": served.fast.why_slow,
        "releases": releases,
        "metadata": served.bundle.metadata.to_plain(),
    }
    return Response(msgspec.json.encode(plain), media_type=JSON)


def invalid(error: Malformed) -> Problem:
    """Turn malformed rows into a problem."""
    return Problem(422 if error.faults else 400, str(error), error.faults)
