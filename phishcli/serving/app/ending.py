"""Connections of a service that ends: what is on its way already is answered before they close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

LINGER = 0.5
"""Seconds that a connection without a request stays open: a busy service has not yet read what was sent."""

CLOSE = (b"connection", b"close")
"""Among the headers of a request it makes uvicorn answer with the same."""

if TYPE_CHECKING:
    Base: Any = object
else:
    Base = AutoHTTPProtocol


class EndsInOrder(Base):  # type: ignore[misc]  # of the class that uvicorn chooses
    """As uvicorn has it, but a request that lies unread in the socket when the service ends is answered."""

    _ends = False

    def shutdown(self) -> None:
        """Close after the request at work, or after one that comes within `LINGER`."""
        self._ends = True
        if self._is_idle():
            self.loop.call_later(LINGER, self._close)
        else:
            self._close()

    def data_received(self, data: bytes) -> None:
        """Read what comes; once the service ends, no other request should follow it."""
        super().data_received(data)
        if self._ends and not self._is_idle():
            self._close()

    def on_response_complete(self) -> None:
        """Close once an answer is out, if the service ends."""
        super().on_response_complete()
        if self._ends:
            self._close()

    def _is_idle(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _close(self) -> None:
        """Close now, or after the request at work, whose answer tells the client so."""
        if self.transport.is_closing():
            return
        if not self._is_idle() and CLOSE not in self.cycle.scope["headers"]:
            self.cycle.scope["headers"].append(CLOSE)
        super().shutdown()
