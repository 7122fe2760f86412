"""What surrounds every request: its id, keys, bounds, the access log and the numbers. Plain ASGI, to cost little."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from os import urandom
from typing import Any

import msgspec
from starlette.responses import Response

from phishcli.serving.app.metrics import Metrics
from phishcli.serving.app.problems import Problem, problem_response
from phishcli.serving.app.settings import ServeSettings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
OPEN = frozenset({"/", "/page.js", "/page.css", "/health", "/ready", "/v2/health/live", "/v2/health/ready"})
"""What needs no key: whether the service is well, and the page, which asks for one."""
ENDPOINTS = frozenset(
    {*OPEN, "/v1/predict", "/v1/explain", "/v1/feedback", "/v1/model", "/v1/example", "/metrics", "/openapi.json"}
)
ACCESS = logging.getLogger("phish.access")
ERRORS = logging.getLogger("phish.error")


class Guard:
    """Wraps an application."""

    def __init__(self, app: App, settings: ServeSettings, metrics: Metrics) -> None:
        self.app, self.settings, self.metrics = app, settings, metrics
        self.at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given if REQUEST_ID.fullmatch(given) else urandom(8).hex().encode()
        state: dict[str, Any] = {"id": request_id.decode(), "began": began, "headers": headers, "note": {}}
        scope["state"] = state

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                state["status"] = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        self.at_work += 1
        self.metrics.in_progress.inc()
        try:
            await self._answer(scope, receive, sending, headers)
        finally:
            self.at_work -= 1
            self.metrics.in_progress.dec()
            self._record(scope, state.get("status", 500), time.perf_counter() - began, state)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception:
            ERRORS.exception("request %s failed", scope["state"]["id"])
            self.metrics.errors.labels("internal").inc()
            if "status" in scope["state"]:  # half of the answer is on its way
                raise
            await problem_response(Problem(500, "Something went wrong; see the service log."))(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        problem = None
        if scope["path"] not in OPEN and not self.settings.keys.allow(_key(headers)):
            problem = Problem(401, "An API key is needed.", headers={"WWW-Authenticate": "Bearer"})
        elif scope["method"] == "POST" and self.at_work > self.settings.max_in_flight:
            problem = Problem(503, "Too many requests are in progress.", headers={"Retry-After": "1"})
        elif _length(headers) > self.settings.max_body:
            problem = Problem(413, f"The body is larger than {self.settings.max_body:,} bytes.")
        if problem is None:
            return None
        self.metrics.errors.labels({401: "key", 503: "overload", 413: "size"}[problem.status]).inc()
        return problem_response(problem) if not scope["path"].startswith("/v2") else _plain_error(problem)

    def _record(self, scope: Scope, status: int, seconds: float, state: dict[str, Any]) -> None:
        path = scope["path"]
        endpoint = path if path in ENDPOINTS else "/v2" if path.startswith("/v2") else "other"
        self.metrics.answered(endpoint, status, seconds)
        if self.settings.access_log and ACCESS.isEnabledFor(logging.INFO):
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z",
                "id": state["id"],
                "method": scope["method"] if scope["method"] in METHODS else "other",
                "path": endpoint if endpoint == "other" else path[:200],
                "status": status,
                "ms": round(seconds * 1000, 3),
                **state["note"],
            }
            ACCESS.info(msgspec.json.encode(line).decode())


METHODS = frozenset({"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"})


def _plain_error(problem: Problem) -> Response:
    """The form of errors that the Open Inference Protocol asks for."""
    content = msgspec.json.encode({"error": problem.detail})
    return Response(content, problem.status, problem.headers, media_type="application/json")


def _key(headers: dict[bytes, bytes]) -> str | None:
    bearer = headers.get(b"authorization", b"")
    if bearer[:7].lower() == b"bearer ":
        return bearer[7:].strip().decode("latin-1")
    found = headers.get(b"x-api-key")
    return None if found is None else found.decode("latin-1")


def _length(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 20 else 0  # noqa: PLR2004 (uvicorn refuses the others)
