"""Downloads over HTTP: kept by address and validator, retried when the network fails, never left half-written."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.events import Notice, Progress
from phishcli.sources.cached import find_copies, keep, unfinished
from phishcli.sources.hashes import check_hash, file_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from phishcli.events import OnEvent
    from phishcli.sources.source import Request

Result = TypeVar("Result")

ATTEMPTS = 4
FIRST_WAIT = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""
TIMEOUT = (10.0, 20.0)
"""Seconds to connect, and between two pieces of an answer."""
CHUNK_BYTES = 1 << 18
PLAIN = {"Accept-Encoding": "identity"}
"""Ask for the file without compression, so that length and hash are those of the file."""
TRANSIENT_STATUS = {408, 425, 429}
SERVER_ERROR = 500
NAME_LENGTH = 36
"""Characters; with the hashes before them they stay below the 255 bytes that a name may have."""


def fetch(request: Request, *, changed: Collection[Path] = ()) -> Path:
    """Return a local copy of an ``http`` or ``https`` address, downloading only what is not in the cache yet.

    With a ``sha256``, a copy with that hash is used without any request. Otherwise the server is asked for its
    validator (``ETag`` or ``Last-Modified``), and a copy with the same one is used; a server that gives none is asked
    for the whole file. If the server cannot be reached, the latest copy is used, with a warning.

    Parameters
    ----------
    request
        The address, the folder of the copies, the expected hash, and a listener.
    changed
        Copies that are not used, since their content has changed.

    Raises
    ------
    DataError
        If the file cannot be downloaded, or has another hash. No copy is kept then.
    """
    url, sha256, on_event = request.source, request.sha256, request.on_event
    if sha256 is not None and (known := _unchanged(_copies(request), changed)):
        return known
    import requests

    try:
        validator = _retried(lambda: _validator(url), url, on_event) if sha256 is None else None
        if validator and (copy := _unchanged(_copies(request, validator), changed)):
            copy.touch()
            return copy
        return _retried(lambda: _download(request, validator), url, on_event)
    except requests.RequestException as error:
        usable = sha256 is None and _transient(error)
        earlier = _unchanged(_copies(request), changed) if usable else None
        if earlier is None:
            raise _refused(url, error) from None  # the libraries' own errors hold the whole address
        on_event(Notice(f"{shown(url)} cannot be reached ({_reason(error)}); an earlier copy is used.", "warning"))
        return earlier
    except OSError as error:
        raise DataError(
            f"The download cannot be written: {error.strerror or error}.", where=str(request.cache)
        ) from error


def latest_copy(request: Request) -> Path | None:
    """Find the copy of an address that was used last, or the one with the expected hash; no request is made."""
    return _unchanged(_copies(request), ())


def _copies(request: Request, validator: str | None = None) -> list[Path]:
    prefix = f"{_key(request.source)}-{_key(validator)}" if validator else _key(request.source)
    return find_copies(request.cache, prefix, sha256=request.sha256)


def _unchanged(found: list[Path], changed: Collection[Path]) -> Path | None:
    return next((copy for copy in found if copy not in changed), None)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _name(url: str) -> str:
    return (Path(unquote(urlsplit(url).path)).name or "download")[-NAME_LENGTH:]


def _validator(url: str) -> str | None:
    """Ask what identifies the present version of the file; nothing where a server does not support HEAD."""
    import requests

    answer = requests.head(url, timeout=TIMEOUT, headers=PLAIN, allow_redirects=True)
    if _temporary(answer.status_code):
        answer.raise_for_status()
    return (answer.headers.get("ETag") or answer.headers.get("Last-Modified")) if answer.ok else None


def _download(request: Request, validator: str | None) -> Path:
    import pooch
    import requests

    url = request.source
    progress = _PoochProgress(request.on_event, shown(url))
    get = pooch.HTTPDownloader(progressbar=progress, chunk_size=CHUNK_BYTES, timeout=TIMEOUT, headers=PLAIN)
    with unfinished(request.cache) as folder:
        part = folder / "part"
        try:
            get(url, str(part), None)
        except requests.HTTPError as error:
            if error.response is not None:
                error.response.close()  # pooch leaves it open
            raise
        digest = file_hash(part)
        check_hash(digest, request.sha256, shown(url))
        return keep(part, request.cache, f"{_key(url)}-{_key(validator or digest)}", _name(url))


class _PoochProgress:
    """A progress bar for pooch that sends events to a listener instead of drawing."""

    def __init__(self, on_event: OnEvent, what: str) -> None:
        self.total = 0
        self._done = 0
        self._on_event = on_event
        self._what = what

    def update(self, size: int) -> None:
        self._done += size
        done = min(self._done, self.total) if self.total else self._done
        self._on_event(Progress(self._what, done, self.total or None, "bytes"))

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """There is nothing to release."""


def _retried(attempt: Callable[[], Result], url: str, on_event: OnEvent) -> Result:
    """Call until it succeeds, with growing pauses, as long as another attempt may help."""
    import requests
    import tenacity

    def announce(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, requests.RequestException):
            on_event(Notice(f"{shown(url)}: {_reason(error)}; trying again in {state.upcoming_sleep:g} s."))

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(
            lambda error: isinstance(error, requests.RequestException) and _transient(error)
        ),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=FIRST_WAIT),
        before_sleep=announce,
        reraise=True,
    )(attempt)


def _transient(error: requests.RequestException) -> bool:
    import requests

    if error.response is not None:
        return _temporary(error.response.status_code)
    temporary = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    return isinstance(error, temporary) and not isinstance(error, requests.exceptions.SSLError)


def _temporary(status: int) -> bool:
    return status >= SERVER_ERROR or status in TRANSIENT_STATUS


def _reason(error: requests.RequestException) -> str:
    """Say in a few words what happened; the libraries' own texts are long and contain addresses."""
    import requests

    if error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}".rstrip()
    reasons: list[tuple[type[Exception], str]] = [
        (requests.Timeout, "the server did not answer in time"),
        (requests.exceptions.ChunkedEncodingError, "the connection was cut before the end of the file"),
        (requests.exceptions.SSLError, "the certificate of the server could not be verified"),
        (requests.ConnectionError, "the connection failed"),
    ]
    return next(
        (text for kind, text in reasons if isinstance(error, kind)),
        f"the request is not possible ({type(error).__name__})",
    )


def _refused(url: str, error: requests.RequestException) -> DataError:
    attempts = f" ({ATTEMPTS} attempts)" if _transient(error) else ""
    return DataError(
        f"The source could not be downloaded: {_reason(error)}{attempts}.",
        where=shown(url),
        hint="Check the address and the network, or download the file yourself and give its path to --source.",
    )
