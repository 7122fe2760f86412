"""Downloads over HTTP: kept by address and validator, retried when the network fails, never left half-written."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from phishcli.address import shown
from phishcli.errors import DataError, system_error
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
HEADER_SECONDS = 30.0
"""Seconds until all headers of an answer must be there: `TIMEOUT` begins anew with every byte."""
CHUNK_BYTES = 1 << 18
PLAIN = {"Accept-Encoding": "identity"}
"""Ask for the file without compression, so that length and hash are those of the file."""
LONGEST_NUMBER = 19
"""Digits of a length in 64 bits."""
STALL_SECONDS, STALL_BYTES = 20.0, 1000
"""A download that receives less in that time is given up."""
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
        raise system_error(error, "The download cannot be written", where=request.cache) from error
    except ValueError:  # an address, or a header that holds one, which the libraries cannot parse
        raise DataError(
            "The source could not be downloaded: the address, or one that the server answered with, is not valid.",
            where=shown(url),
            hint="Check the address, or download the file yourself and give its path to --source.",
        ) from None


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
    name = Path(unquote(urlsplit(url).path)).name.replace("\0", "")
    return (name or "download")[-NAME_LENGTH:]


def _answered(ask: Callable[[], requests.Response]) -> requests.Response:
    """Wait for the headers of an answer, in a thread, which nobody waits for if a server sends them byte by byte."""
    import requests

    found: Future[requests.Response] = Future()

    def work() -> None:
        try:
            found.set_result(ask())
        except BaseException as error:  # noqa: BLE001 (raised again by who waits)
            found.set_exception(error)

    threading.Thread(target=work, name="headers", daemon=True).start()
    wait([found], HEADER_SECONDS)
    if not found.done():
        raise requests.ReadTimeout(f"no complete headers within {HEADER_SECONDS:.0f} seconds")
    return found.result()


def _validator(url: str) -> str | None:
    """Ask what identifies the present version of the file; nothing where a server does not support HEAD."""
    import requests

    answer = _answered(lambda: requests.head(url, timeout=TIMEOUT, headers=PLAIN, allow_redirects=True))
    if _temporary(answer.status_code):
        answer.raise_for_status()
    return (answer.headers.get("ETag") or answer.headers.get("Last-Modified")) if answer.ok else None


def _download(request: Request, validator: str | None) -> Path:
    import requests

    url = request.source
    with unfinished(request.cache) as folder:
        part = folder / "part"
        with _answered(lambda: requests.get(url, stream=True, timeout=TIMEOUT, headers=PLAIN)) as answer:
            answer.raise_for_status()
            _receive(answer, part, request)
        digest = file_hash(part)
        check_hash(digest, request.sha256, shown(url))
        return keep(part, request.cache, f"{_key(url)}-{_key(validator or digest)}", _name(url))


def _receive(answer: requests.Response, part: Path, request: Request) -> None:
    """Write the body to a file as it comes, within the limits of the request."""
    pace, what, total = _Pace(request), shown(request.source), _length(answer)
    pace.check_size(total or 0)
    with part.open("wb") as file:
        while chunk := _piece(answer):
            file.write(chunk)
            pace.add(len(chunk))
            done = min(pace.done, total) if total else pace.done
            request.on_event(Progress(what, done, total, "bytes"))


def _piece(answer: requests.Response) -> bytes:
    """Give what has arrived, without waiting for a whole piece; errors are those of requests."""
    import requests
    from urllib3.exceptions import HTTPError, ReadTimeoutError, SSLError

    try:
        piece: bytes = answer.raw.read1(CHUNK_BYTES, decode_content=True)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(request=answer.request) from error
    except SSLError as error:
        raise requests.exceptions.SSLError(request=answer.request) from error
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(request=answer.request) from error
    return piece


def _length(answer: requests.Response) -> int | None:
    """The announced length; None if there is none, or none that is a number."""
    text = answer.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER else None


class _Pace:
    """How much of a download has come, and whether that is too much, or too slow."""

    def __init__(self, request: Request) -> None:
        self.done, self._request = 0, request
        self._begin = self._mark = time.monotonic()
        self._done_at_mark = 0

    def add(self, size: int) -> None:
        """Count a piece that has come."""
        self.done += size
        self.check_size(self.done)
        now = time.monotonic()
        if now - self._begin > self._request.max_seconds:
            raise self._over(f"it takes more than {self._request.max_seconds:,.0f} seconds", "max_download_time=2h")
        if now - self._mark > STALL_SECONDS:
            if self.done - self._done_at_mark < STALL_BYTES:
                raise self._over(f"fewer than {STALL_BYTES:,} bytes came in {STALL_SECONDS:.0f} seconds", None)
            self._mark, self._done_at_mark = now, self.done

    def check_size(self, size: int) -> None:
        """Stop before a download is larger than allowed."""
        if size > self._request.max_bytes:
            what = f"it is larger than {self._request.max_bytes:,} bytes"
            raise self._over(what, f"max_download={10 * self._request.max_bytes}")

    def _over(self, what: str, setting: str | None) -> DataError:
        own = "download the file yourself and give its path to --source"
        hint = f"If that is expected: --set run.{setting}, or {own}" if setting else f"Try again later, or {own}"
        return DataError(f"The download was stopped: {what}", where=shown(self._request.source), hint=hint)


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
