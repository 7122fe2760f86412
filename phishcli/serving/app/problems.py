"""Errors as clients see them: RFC 9457, ``application/problem+json``; never a value, never a stack trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from starlette.responses import Response

from phishcli.serving.wire import Fault

TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Invalid rows",
    500: "Internal error",
    503: "Not ready",
}


class Problem(Exception):
    """An answer that is not what was asked for."""

    def __init__(
        self, status: int, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.headers = status, detail, faults, headers


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What RFC 9457 asks for, and ``errors`` with what is wrong in which field."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: Sequence[Fault] = ()


def problem_response(problem: Problem) -> Response:
    """Turn a problem into a response."""
    document = ProblemDocument(TITLES[problem.status], problem.status, problem.detail, errors=tuple(problem.faults))
    content = msgspec.json.encode(document)
    return Response(content, problem.status, problem.headers, media_type="application/problem+json")
