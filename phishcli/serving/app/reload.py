"""New releases while the service runs: at SIGHUP, and with ``watch`` as soon as an alias points elsewhere."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from phishcli.errors import PhishError
from phishcli.serving.app.metrics import Metrics
from phishcli.serving.plane import DataPlane

LOG = logging.getLogger("phish.error")
EVERY = 0.25
"""Seconds between two looks at the aliases."""


class Reloader:
    """Replaces releases between two requests; a release that cannot be opened changes nothing."""

    def __init__(self, plane: DataPlane, *, watch: bool) -> None:
        self.plane, self.watch = plane, watch
        self._asked = asyncio.Event()

    @asynccontextmanager
    async def running(self, metrics: Metrics) -> AsyncIterator[None]:
        """Look and listen for as long as the application lives."""
        self._asked = asyncio.Event()
        with suppress(NotImplementedError, RuntimeError, ValueError):  # no signals outside of the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        task = asyncio.create_task(self._run(metrics))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, metrics: Metrics) -> None:
        refused = None
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), EVERY if self.watch else None)
            asked = self._asked.is_set()
            self._asked.clear()
            if asked or await asyncio.to_thread(self.plane.stale):
                refused = await self._reload(metrics, refused)

    async def _reload(self, metrics: Metrics, refused: str | None) -> str | None:
        """Reload; gives what was wrong, so that the same is said once only."""
        try:
            changed = await asyncio.to_thread(self.plane.reload)
        except (PhishError, OSError) as error:
            if str(error) != refused:
                metrics.reloads.labels("failed").inc()
                LOG.error("The new release cannot be opened, so the current one stays in use: %s", error)  # noqa: TRY400 (its text)
            return str(error)
        if changed:
            metrics.reloads.labels("done").inc()
            metrics.serves(self.plane.crew.all)
            LOG.warning("Serving %s", ", ".join(f"{each.alias} v{each.version}" for each in self.plane.crew.all))
        return None
