"""The process: one worker or several behind one socket, each with its own application."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError, cause_of
from phishcli.serving.app.settings import Keys, ServeSettings
from phishcli.serving.own_rules import read_rules
from phishcli.serving.plane import DataPlane, Wanted
from phishcli.serving.served import Served

if TYPE_CHECKING:
    import socket

    import uvicorn
    from fastapi import FastAPI

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client when it is imported."""
INSTALL = 'pip install "phishcli[serve,fast]"'
CONNECTIONS: Any = "phishcli.serving.app.ending:EndsInOrder"
DRAIN = 30
"""Seconds that requests may take once the service has been asked to end."""


@dataclass(frozen=True)
class Process:
    """Where the service listens, with how many workers, what it serves."""

    wanted: Wanted
    settings: ServeSettings = field(default_factory=ServeSettings)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    watch: bool = False
    log: Path | None = None
    log_seconds: float = 5.0
    rules: Path | None = None
    public_key: Path | None = None


def check_installed() -> None:
    """See that the libraries of the extra are there.

    Raises
    ------
    ConfigError
        With the command that installs them.
    """
    try:
        import fastapi  # noqa: F401 (whether it is there)
        import prometheus_client  # noqa: F401 (whether it is there)
        import uvicorn  # noqa: F401 (whether it is there)
    except ImportError as error:
        raise ConfigError(f"phish serve needs a library that is not installed: {error.name}", hint=INSTALL) from error


def make(process: Process) -> FastAPI:
    """Make the application of one worker."""
    from phishcli.serving.app.factory import create_app
    from phishcli.serving.app.metrics import Metrics
    from phishcli.serving.app.reload import Reloader
    from phishcli.serving.feedback import FeedbackLog
    from phishcli.serving.log import PredictionLog

    _log_as_json()
    settings = replace(process.settings, keys=Keys.read(process.settings.keys_file))
    plane, metrics = _plane(process), Metrics()
    reloader = Reloader(plane, watch=process.watch)
    log = feedback = None
    if process.log is not None:
        log = PredictionLog(process.log, every=process.log_seconds, on_dropped=metrics.log_dropped.inc)
        feedback = FeedbackLog(process.log)

    @asynccontextmanager
    async def background() -> AsyncIterator[None]:
        async with reloader.running(metrics):
            yield
        if log is not None:
            await asyncio.to_thread(log.close)

    return create_app(settings, plane, log=log, feedback=feedback, metrics=metrics, background=background)


def _plane(process: Process) -> DataPlane:
    rules = None if process.rules is None else read_rules(process.rules)
    return DataPlane(process.wanted, partial(Served.open, rules=rules, public_key=process.public_key))


def serve(process: Process) -> None:
    """Serve until a signal ends it.

    Raises
    ------
    ConfigError
        When a library is missing, or the address is not free.
    PhishError
        When a release cannot be opened.
    """
    check_installed()
    import uvicorn

    with _shared_numbers(process.workers):
        single = process.workers == 1
        config = uvicorn.Config(
            make(process) if single else partial(make, process),
            factory=not single,
            host=process.host,
            port=process.port,
            workers=process.workers,
            http=CONNECTIONS,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN,
            backlog=2048,
        )
        _run(config, process)


def _run(config: uvicorn.Config, process: Process) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    listening = _bound(process)
    try:
        if process.workers == 1:
            uvicorn.Server(config).run(sockets=[listening])
        else:
            _plane(process)  # a release that cannot be opened is an error here, not in each worker for ever
            Multiprocess(config, sockets=[listening]).run()
    finally:
        listening.close()


def _bound(process: Process) -> socket.socket:
    import socket

    family = socket.AF_INET6 if ":" in process.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((process.host, process.port))
    except (OSError, OverflowError) as error:
        listening.close()
        what, where = f"The address cannot be used: {cause_of(error)}", f"{process.host}:{process.port}"
        raise ConfigError(what, where=where, hint="Choose another with --host, --port") from error
    listening.set_inheritable(True)
    return listening


@contextmanager
def _shared_numbers(workers: int) -> Iterator[None]:
    """Give several workers a folder in which their numbers come together."""
    if workers == 1:
        yield
        return
    folder = tempfile.mkdtemp(prefix="phish-metrics-")
    os.environ[MULTIPROCESS] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _log_as_json() -> None:
    """Write one line of JSON per request to standard error, and what fails beside it."""
    access, errors = logging.getLogger("phish.access"), logging.getLogger("phish.error")
    for logger, form in ((access, "%(message)s"), (errors, "%(levelname)s %(message)s")):
        if not logger.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter(form))
            logger.addHandler(handler)
        logger.propagate = False
    access.setLevel(logging.INFO)
    errors.setLevel(logging.INFO)
