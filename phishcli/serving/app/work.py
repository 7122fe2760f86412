"""How a request is worked on: its body within bounds, its job within a deadline, long jobs in threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import Request

from phishcli.serving.app.metrics import Metrics
from phishcli.serving.app.problems import Problem
from phishcli.serving.app.settings import ServeSettings

T = TypeVar("T")
LONG = 60_000
"""Bodies of more bytes are read and judged in a thread."""
LONGEST_DEADLINE = 600_000.0
LONGEST_NUMBER = 40
"""Characters of a deadline."""
THREADS = 2


class Late(Exception):
    """The deadline has passed."""

    def __init__(self, milliseconds: float) -> None:
        super().__init__(f"No score within {milliseconds:g} ms.")


class Work:
    """Reads bodies and runs jobs; one for an application."""

    def __init__(self, settings: ServeSettings, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        self._pool = ThreadPoolExecutor(THREADS, "phish-work")
        self._waiting = 0

    def close(self) -> None:
        """Let the threads end once their jobs are done."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def deadline(self, request: Request) -> float | None:
        """The milliseconds that a request may take, from its arrival on; None for any number.

        Raises
        ------
        Problem
            When the header is no positive number.
        """
        text = request.state.headers.get(b"x-deadline-ms")
        if text is None:
            return self.settings.deadline_ms
        try:
            given = float(text) if len(text) <= LONGEST_NUMBER else -1.0
        except ValueError:
            given = -1.0
        if not 0 < given <= LONGEST_DEADLINE:
            raise Problem(400, f"X-Deadline-Ms must be a number above 0 and at most {LONGEST_DEADLINE:,.0f}.")
        return given

    async def body(self, request: Request) -> bytes:
        """Read the body of a request.

        Raises
        ------
        Problem
            When it is no plain JSON, too long, or takes too long.
        Late
            When the deadline passes.
        """
        _check_media(request)
        deadline = self.deadline(request)
        seconds = self.settings.body_seconds
        if deadline is not None:
            seconds = min(seconds, _left(request, deadline))
        try:
            async with asyncio.timeout(seconds):
                return await self._whole(request)
        except TimeoutError:
            if deadline is not None and _left(request, deadline) <= 0:
                raise Late(deadline) from None
            raise Problem(408, "The body took too long to arrive.") from None

    async def _whole(self, request: Request) -> bytes:
        chunks, size, more = [], 0, True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise Problem(400, "The body is incomplete.")
            chunk = message.get("body", b"")
            size, more = size + len(chunk), message.get("more_body", False)
            if size > self.settings.max_body:
                raise Problem(413, f"The body is larger than {self.settings.max_body:,} bytes.")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def run(self, request: Request, job: Callable[[], T], *, quick: bool) -> T:
        """Run a job before the deadline of its request; a quick one at once, others in a thread.

        Raises
        ------
        Late
            When the deadline passes; a job in a thread then goes on, and its result is dropped.
        Problem
            When too many jobs are waiting.
        """
        deadline = self.deadline(request)
        if not quick:
            return await self._in_thread(request, job, deadline)
        _check_time(request, deadline)
        result = job()
        _check_time(request, deadline)
        return result

    async def _in_thread(self, request: Request, job: Callable[[], T], deadline: float | None) -> T:
        if self._waiting >= self.settings.max_in_flight:
            self.metrics.errors.labels("overload").inc()
            raise Problem(503, "Too many requests are in progress.", headers={"Retry-After": "1"})
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, job)
        future.add_done_callback(self._done)
        try:
            async with asyncio.timeout(None if deadline is None else max(_left(request, deadline), 0)):
                return await asyncio.shield(future)
        except TimeoutError:
            raise Late(deadline or 0) from None

    def _done(self, future: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # of a job that came too late nobody asks for it


def _left(request: Request, deadline: float) -> float:
    """The seconds until the deadline."""
    began: float = request.state.began
    return deadline / 1000 - (time.perf_counter() - began)


def _check_time(request: Request, deadline: float | None) -> None:
    if deadline is not None and _left(request, deadline) <= 0:
        raise Late(deadline)


def _check_media(request: Request) -> None:
    headers: dict[bytes, bytes] = request.state.headers
    if headers.get(b"content-encoding", b"").strip().lower() not in (b"", b"identity"):
        raise Problem(415, "Compressed bodies are not accepted.")
    given = headers.get(b"content-type", b"application/json")
    if given == b"application/json":
        return
    media, _, more = given.decode("latin-1").lower().partition(";")
    if media.strip() != "application/json" and not media.strip().endswith("+json"):
        raise Problem(415, "The body must be application/json.")
    charset = more.partition("charset=")[2].partition(";")[0].strip().strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise Problem(415, "The body must be in UTF-8.")
