"""``/v1/feedback``: what a row really was, with its origin."""

from __future__ import annotations

import asyncio
import logging

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from phishcli.errors import PersistError
from phishcli.serving.app.problems import Problem
from phishcli.serving.app.service import JSON, Service
from phishcli.serving.feedback import Feedback
from phishcli.serving.wire import NOT_JSON, Fault

ERRORS = logging.getLogger("phish.error")


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
        raise Problem(422, "The label is not one of the model's labels.", [Fault("is not a label", expected, "label")])
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
