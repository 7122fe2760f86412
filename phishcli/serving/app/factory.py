"""`create_app`: the application, from settings and a data plane."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib.resources import files
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from phishcli.serving.app import labels, v1, v2
from phishcli.serving.app.guard import Guard
from phishcli.serving.app.metrics import Metrics
from phishcli.serving.app.openapi import document
from phishcli.serving.app.problems import TITLES, Problem, problem_response
from phishcli.serving.app.service import JSON, Service
from phishcli.serving.app.settings import ServeSettings
from phishcli.serving.app.work import Late, Work
from phishcli.serving.feedback import FeedbackLog
from phishcli.serving.plane import DataPlane, Listener
from phishcli.serving.wire import Malformed

Endpoint = Callable[[Request, Service], Awaitable[Response]]
Telling = Callable[[Request, Service], dict[str, Any]]
Background = Callable[[], AbstractAsyncContextManager[None]]
"""Makes an asynchronous context that lasts as long as the application."""
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'"


def create_app(
    settings: ServeSettings,
    plane: DataPlane,
    *,
    log: Listener | None = None,
    feedback: FeedbackLog | None = None,
    metrics: Metrics | None = None,
    background: Background | None = None,
) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings
        Bounds and keys.
    plane
        Judges rows; what it has loaded is ready when this is called.
    log
        Told of every answer.
    feedback
        Takes labels.
    metrics
        The numbers; new ones by default.
    background
        What runs beside the application.
    """
    metrics = metrics or Metrics()
    work = Work(settings, metrics)
    service = Service(settings, plane, metrics, work, (log,) if log else (), feedback)
    metrics.serves(plane.crew.all)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if background is None:
            yield
        else:
            async with background():
                yield
        work.close()
        metrics.close()

    app = FastAPI(
        title="phish",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        routes=_routes(service),
    )
    app.openapi = lambda: document(plane.crew.main)  # type: ignore[method-assign]  # as FastAPI documents it
    app.add_exception_handler(Problem, _on_problem)  # type: ignore[arg-type]  # it gets what it is registered for
    app.add_exception_handler(Malformed, _on_malformed)  # type: ignore[arg-type]  # it gets what it is registered for
    app.add_exception_handler(Late, _on_late)  # type: ignore[arg-type]  # it gets what it is registered for
    app.add_exception_handler(HTTPException, _on_http)  # type: ignore[arg-type]  # it gets what it is registered for
    app.add_middleware(Guard, settings=settings, metrics=metrics)
    return app


def _routes(service: Service) -> list[BaseRoute]:
    def post(path: str, endpoint: Endpoint) -> Route:
        async def handle(request: Request) -> Response:
            return await endpoint(request, service)

        return Route(path, handle, methods=["POST"])

    def get(path: str, endpoint: Endpoint) -> Route:
        async def handle(request: Request) -> Response:
            return await endpoint(request, service)

        return Route(path, handle, methods=["GET"])

    def plain(path: str, telling: Telling) -> Route:
        async def handle(request: Request) -> Response:
            return Response(msgspec.json.encode(telling(request, service)), media_type=JSON)

        return Route(path, handle, methods=["GET"])

    named, versioned = "/v2/models/{model}", "/v2/models/{model}/versions/{version}"
    return [
        post("/v1/predict", v1.predict),
        post("/v1/explain", v1.explain),
        post("/v1/feedback", labels.feedback),
        get("/v1/model", v1.model),
        plain("/v1/example", lambda _, service: service.plane.crew.main.example()),
        get("/metrics", _metrics),
        plain("/health", lambda _, __: {"status": "alive"}),
        plain("/ready", _ready),
        plain("/v2", v2.server),
        plain("/v2/health/live", v2.live),
        plain("/v2/health/ready", v2.ready),
        *(plain(path, v2.model) for path in (named, versioned)),
        *(plain(f"{path}/ready", v2.model_ready) for path in (named, versioned)),
        *(post(f"{path}/infer", v2.infer) for path in (named, versioned)),
        *(get(path, partial(_page, name, media)) for path, name, media in PAGES),
    ]


PAGES = (
    ("/", "page.html", "text/html"),
    ("/page.js", "page.js", "text/javascript"),
    ("/page.css", "page.css", "text/css"),
)


async def _page(name: str, media: str, _: Request, __: Service) -> Response:
    content = files("phishcli.serving.app").joinpath(name).read_bytes()
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return Response(content, media_type=media, headers=headers)


async def _metrics(_: Request, service: Service) -> Response:
    text, media = service.metrics.text()
    return Response(text, media_type=media)


def _ready(_: Request, service: Service) -> dict[str, Any]:
    served = service.plane.crew.main
    return {"status": "ready", "version": served.version, "bundle_sha256": served.sha256}


async def _on_problem(request: Request, problem: Problem) -> Response:
    if request.url.path.startswith("/v2"):
        content = msgspec.json.encode({"error": problem.detail})
        return Response(content, problem.status, problem.headers, media_type=JSON)
    return problem_response(problem)


async def _on_late(request: Request, late: Late) -> Response:
    return await _on_problem(request, Problem(503, str(late), headers={"Retry-After": "1"}))


async def _on_malformed(request: Request, error: Malformed) -> Response:
    return await _on_problem(request, v1.invalid(error))


async def _on_http(request: Request, error: HTTPException) -> Response:
    status = error.status_code if error.status_code in TITLES else 400
    return await _on_problem(request, Problem(status, f"{TITLES[status]}.", headers=error.headers))
