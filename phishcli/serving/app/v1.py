"""``/v1``: predictions, explanations and what the model is."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from phishcli.serving.app.answers import SHARED, Explained, Many, ManyExplained, One, OneExplained, about
from phishcli.serving.app.problems import Problem
from phishcli.serving.app.service import JSON, Service, check_number, tell
from phishcli.serving.app.work import LONG, Late
from phishcli.serving.plane import Crew
from phishcli.serving.wire import Malformed


async def predict(request: Request, service: Service) -> Response:
    """Score one raw row, or ``{"rows": [...]}``."""
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


async def explain(request: Request, service: Service) -> Response:
    """Score one raw row, or ``{"rows": [...]}``, and give the strongest reasons."""
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


async def model(_: Request, service: Service) -> Response:
    """Describe the release: its metadata, the columns that a row must have, an example."""
    served = service.plane.crew.main
    columns = [
        {
            "name": column.name,
            "role": column.kind or column.role,
            "expected": served.reader.expected[column.name],
            "categories": column.categories,
        }
        for column in served.bundle.schema.given()
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
