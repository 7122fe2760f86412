"""Downloads over HTTP: kept by address and validator, tried again when the network fails, never half there."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.events import Notice, Progress, ignore
from phishcli.sources.cached import copies, keep, unfinished
from phishcli.sources.hashes import check_hash, file_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from phishcli.events import OnEvent

Result = TypeVar("Result")

ATTEMPTS = 4
FIRST_WAIT = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""
TIMEOUT = (10.0, 20.0)
"""Seconds to connect, and between two pieces of an answer."""
CHUNK_BYTES = 1 << 18
PLAIN = {"Accept-Encoding": "identity"}
"""Ask for the file as it is, so that its length and its hash are those of the file."""
TRANSIENT_STATUS = {408, 425, 429}
SERVER_ERROR = 500
NAME_LENGTH = 36
"""Characters; with the hashes before them they stay below the 255 bytes that a name may have."""


def fetch(
    url: str,
    *,
    cache: Path,
    sha256: str | None = None,
    distrusted: Collection[Path] = (),
    on_event: OnEvent = ignore,
) -> Path:
    """Return a local copy of ``url``, downloading only what is not there yet.

    With ``sha256``, a copy of that hash is used without any request. Otherwise the server is asked for its validator
    (``ETag`` or ``Last-Modified``), and a copy with the same one is used; a server that gives none is asked for the
    whole file. If the server cannot be reached, the latest copy is used, with a warning.

    Parameters
    ----------
    url
        An ``http`` or ``https`` address.
    cache
        Folder of the copies; made when it is needed.
    sha256
        The expected hash of the file.
    distrusted
        Copies that are not used, since their content has changed.
    on_event
        Is told about the bytes, about repeated attempts and about the use of an old copy.

    Raises
    ------
    DataError
        If the file is not to be had, or has another hash. Nothing then lies under the name of the copy.
    """
    if sha256 is not None and (known := _trusted(copies(cache, _key(url), sha256=sha256), distrusted)):
        return known
    import requests

    try:
        validator = _retried(lambda: _validator(url), url, on_event) if sha256 is None else None
        if validator and (copy := _trusted(copies(cache, f"{_key(url)}-{_key(validator)}"), distrusted)):
            copy.touch()
            return copy
        return _retried(lambda: _download(url, cache, validator, sha256, on_event), url, on_event)
    except requests.RequestException as error:
        usable = sha256 is None and _transient(error)
        earlier = _trusted(copies(cache, _key(url)), distrusted) if usable else None
        if earlier is None:
            raise _refused(url, error) from None  # the libraries' own errors hold the whole address
        on_event(Notice(f"{shown(url)} cannot be reached ({_reason(error)}); an earlier copy is used.", "warning"))
        return earlier
    except OSError as error:
        raise DataError(f"The download cannot be written: {error.strerror or error}.", where=str(cache)) from error


def latest_copy(url: str, *, cache: Path, sha256: str | None = None) -> Path | None:
    """Find the copy of ``url`` that was used last, or the one with that hash, by name; no request is made."""
    return _trusted(copies(cache, _key(url), sha256=sha256), ())


def _trusted(found: list[Path], distrusted: Collection[Path]) -> Path | None:
    return next((copy for copy in found if copy not in distrusted), None)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _name(url: str) -> str:
    return (Path(unquote(urlsplit(url).path)).name or "download")[-NAME_LENGTH:]


def _validator(url: str) -> str | None:
    """Ask what identifies the present version of the file; servers that do not know HEAD are not held to it."""
    import requests

    answer = requests.head(url, timeout=TIMEOUT, headers=PLAIN, allow_redirects=True)
    if _passing(answer.status_code):
        answer.raise_for_status()
    return (answer.headers.get("ETag") or answer.headers.get("Last-Modified")) if answer.ok else None


def _download(url: str, cache: Path, validator: str | None, sha256: str | None, on_event: OnEvent) -> Path:
    import pooch
    import requests

    bar = _Bar(on_event, shown(url))
    get = pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK_BYTES, timeout=TIMEOUT, headers=PLAIN)
    with unfinished(cache) as folder:
        part = folder / "part"
        try:
            get(url, str(part), None)
        except requests.HTTPError as error:
            if error.response is not None:
                error.response.close()  # pooch leaves it open
            raise
        digest = file_hash(part)
        check_hash(digest, sha256, shown(url))
        return keep(part, cache, f"{_key(url)}-{_key(validator or digest)}", _name(url))


class _Bar:
    """What pooch takes for a progress bar: it tells the listener instead of drawing."""

    def __init__(self, on_event: OnEvent, what: str) -> None:
        self.total = 0
        self._done = 0
        self._tell = on_event
        self._what = what

    def update(self, size: int) -> None:
        self._done += size
        done = min(self._done, self.total) if self.total else self._done
        self._tell(Progress(self._what, done, self.total or None, "bytes"))

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """Nothing is held."""


def _retried(attempt: Callable[[], Result], url: str, on_event: OnEvent) -> Result:
    """Call until it succeeds, with growing pauses, as long as another attempt may help."""
    import requests
    import tenacity

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, requests.RequestException):
            on_event(Notice(f"{shown(url)}: {_reason(error)}; trying again in {state.upcoming_sleep:g} s."))

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(
            lambda error: isinstance(error, requests.RequestException) and _transient(error)
        ),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=FIRST_WAIT),
        before_sleep=tell,
        reraise=True,
    )(attempt)


def _transient(error: requests.RequestException) -> bool:
    import requests

    if error.response is not None:
        return _passing(error.response.status_code)
    passing = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    return isinstance(error, passing) and not isinstance(error, requests.exceptions.SSLError)


def _passing(status: int) -> bool:
    return status >= SERVER_ERROR or status in TRANSIENT_STATUS


def _reason(error: requests.RequestException) -> str:
    """Say in a few words what happened; the libraries' own texts are long and hold addresses."""
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
