"""Downloads against a server of our own that fails, cuts, lies and hangs."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import requests

from phishcli.errors import DataError, PersistError
from phishcli.events import Event, Notice, OnEvent, Progress, ignore
from phishcli.sources import download
from phishcli.sources import locate as module
from phishcli.sources.file_source import FileSource
from phishcli.sources.locate import locate_offline
from phishcli.sources.source import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def fetch(url: str, *, cache: Path, sha256: str | None = None, on_event: OnEvent = ignore) -> Path:
    return download.fetch(Request(url, cache, sha256, on_event))


def latest_copy(url: str, *, cache: Path) -> Path | None:
    return download.latest_copy(Request(url, cache))


def locate(url: str, *, cache: Path, sha256: str | None = None, on_event: OnEvent = ignore) -> FileSource:
    found = module.locate(url, cache=cache, sha256=sha256, on_event=on_event)
    assert isinstance(found, FileSource)
    return found


BODY = b"a,label\n" + b"1,0\n2,1\n" * 50_000
SHA = hashlib.sha256(BODY).hexdigest()


@dataclass
class Site:
    """What the server gives out, and what it was asked for."""

    body: bytes = BODY
    etag: str | None = '"v1"'
    modified: str | None = None
    failures: list[int] = field(default_factory=list)
    cuts: int = 0
    hangs: bool = False
    head_status: int = 200
    asked: Counter[str] = field(default_factory=Counter)
    address: str = ""
    free: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Answers as the site says."""

    site: Site

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self.site.asked["HEAD"] += 1
        self.answer(self.site.head_status, b"")

    def do_GET(self) -> None:
        """Answer with the body, or half of it."""
        self.site.asked["GET"] += 1
        body = self.site.body
        if self.site.cuts:
            self.site.cuts -= 1
            body = body[: len(body) // 2]
        self.answer(200, body)

    def answer(self, status: int, body: bytes) -> None:
        """Send it with the length of the whole body, whatever is sent."""
        if self.site.hangs:
            self.site.free.wait(10)
            self.close_connection = True
            return
        self.send_response(self.site.failures.pop(0) if self.site.failures else status)
        self.send_header("Content-Length", str(len(self.site.body)))
        for name, value in (("ETag", self.site.etag), ("Last-Modified", self.site.modified)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"site": site}))
    server.daemon_threads = False
    site.address = f"http://127.0.0.1:{server.server_port}/folder/data.csv"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    site.free.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site(server: ThreadingHTTPServer) -> Site:
    found: Site = server.RequestHandlerClass.site  # type: ignore[attr-defined]  # the class made in the fixture
    return found


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "sources"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(download, "TIMEOUT", (0.5, 0.3))


def close(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


def warnings(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Notice) and event.level == "warning"]


def test_a_file_is_downloaded_under_its_name_with_progress_in_bytes(site: Site, cache: Path) -> None:
    events: list[Event] = []
    path = fetch(site.address, cache=cache, on_event=events.append)
    assert path.read_bytes() == BODY
    assert path.name.endswith("-data.csv")
    done = [event for event in events if isinstance(event, Progress)]
    assert {(event.what, event.total, event.unit) for event in done} == {(site.address, len(BODY), "bytes")}
    assert done[-1].done == len(BODY)
    assert all(before.done <= after.done for before, after in pairwise(done))
    assert list(cache.iterdir()) == [path]


def test_an_unchanged_validator_downloads_nothing(site: Site, cache: Path) -> None:
    first = fetch(site.address, cache=cache)
    assert fetch(site.address, cache=cache) == first
    assert site.asked == {"HEAD": 2, "GET": 1}


@pytest.mark.parametrize("name", ["etag", "modified"])
def test_a_changed_validator_downloads_again(site: Site, cache: Path, name: str) -> None:
    site.etag = None
    setattr(site, name, "Mon, 02 Nov 2026 10:00:00 GMT")
    fetch(site.address, cache=cache)
    site.body = b"a,label\n7,1\n"
    setattr(site, name, "Tue, 03 Nov 2026 10:00:00 GMT")
    assert fetch(site.address, cache=cache).read_bytes() == site.body


def test_without_a_validator_the_file_is_asked_for_each_time(site: Site, cache: Path) -> None:
    site.etag = None
    fetch(site.address, cache=cache)
    site.body = b"a,label\n7,1\n"
    assert fetch(site.address, cache=cache).read_bytes() == site.body


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_fails_twice_is_asked_a_third_time(site: Site, cache: Path, status: int) -> None:
    site.failures = [status, status]
    events: list[Event] = []
    assert fetch(site.address, cache=cache, on_event=events.append).read_bytes() == BODY
    assert site.asked == {"HEAD": 3, "GET": 1}
    told = [event.message for event in events if isinstance(event, Notice)]
    assert len(told) == 2
    assert all(f"answered {status}" in message and "trying again" in message for message in told)


def test_pauses_between_attempts_grow(site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(download, "FIRST_WAIT", 0.5)
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    site.failures = [503] * 3
    fetch(site.address, cache=cache)
    assert pauses == [0.5, 1.0, 2.0]


def test_a_body_cut_short_is_noticed_and_fetched_again(site: Site, cache: Path) -> None:
    site.cuts = 2
    assert fetch(site.address, cache=cache).read_bytes() == BODY
    assert site.asked["GET"] == 3


def test_a_body_that_is_always_cut_leaves_nothing_behind(site: Site, cache: Path) -> None:
    site.cuts = 100
    with pytest.raises(DataError, match=r"cut before the end of the file \(4 attempts\)"):
        fetch(site.address, cache=cache)
    assert site.asked["GET"] == 4
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_refusal_is_not_repeated(site: Site, cache: Path, status: int) -> None:
    site.failures = [status] * 10
    with pytest.raises(DataError, match=f"answered {status} ") as caught:
        fetch(site.address, cache=cache)
    assert site.address in str(caught.value)
    assert site.asked == {"HEAD": 1, "GET": 1}


def test_a_server_that_does_not_know_head_is_not_held_to_it(site: Site, cache: Path) -> None:
    site.head_status = 405
    assert fetch(site.address, cache=cache).read_bytes() == BODY


def test_a_wrong_hash_names_both_and_leaves_nothing(site: Site, cache: Path) -> None:
    with pytest.raises(DataError, match=f"expected {'1' * 64}, found {SHA}"):
        fetch(site.address, cache=cache, sha256="1" * 64)
    assert site.asked == {"GET": 1}
    assert list(cache.iterdir()) == []


def test_a_copy_of_the_expected_hash_needs_no_request(site: Site, cache: Path) -> None:
    first = fetch(site.address, cache=cache, sha256=SHA.upper())
    assert site.asked == {"GET": 1}
    assert fetch(site.address, cache=cache, sha256=SHA) == first
    assert site.asked == {"GET": 1}


def test_an_old_copy_does_not_stand_in_for_the_expected_hash(site: Site, cache: Path) -> None:
    fetch(site.address, cache=cache)
    site.failures = [503] * 10
    with pytest.raises(DataError, match="answered 503"):
        fetch(site.address, cache=cache, sha256="1" * 64)


def test_a_server_that_hangs_ends_in_an_error(site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    site.hangs = True
    with pytest.raises(DataError, match=r"did not answer in time \(2 attempts\)"):
        fetch(site.address, cache=cache)


def test_an_unreachable_server_gives_way_to_the_copy_with_a_warning(
    server: ThreadingHTTPServer, site: Site, cache: Path
) -> None:
    first = fetch(site.address, cache=cache)
    close(server)
    events: list[Event] = []
    assert fetch(site.address, cache=cache, on_event=events.append) == first
    assert len(warnings(events)) == 1
    assert "earlier copy is used" in warnings(events)[0]


def test_an_unreachable_server_without_a_copy_is_an_error(server: ThreadingHTTPServer, site: Site, cache: Path) -> None:
    close(server)
    with pytest.raises(DataError, match=r"connection failed \(4 attempts\)[\s\S]*--source"):
        fetch(site.address, cache=cache)


def test_the_copy_used_last_is_the_latest(site: Site, cache: Path) -> None:
    first = fetch(site.address, cache=cache)
    site.etag, site.body = '"v2"', b"a\n1\n"
    second = fetch(site.address, cache=cache)
    assert latest_copy(site.address, cache=cache) == second
    site.etag = '"v1"'
    assert fetch(site.address, cache=cache) == first
    assert latest_copy(site.address, cache=cache) == first


def test_a_copy_is_found_offline_without_a_request(site: Site, cache: Path) -> None:
    assert locate_offline(site.address, cache=cache) is None
    found = locate(site.address, cache=cache)
    asked = Counter(site.asked)
    assert locate_offline(site.address, cache=cache) == found
    assert locate_offline(site.address, cache=cache, sha256="1" * 64) is None
    assert site.asked == asked


@pytest.mark.parametrize("sha256", [None, SHA])
def test_a_changed_copy_is_downloaded_again_with_a_warning(site: Site, cache: Path, sha256: str | None) -> None:
    first = locate(site.address, cache=cache, sha256=sha256)
    first.path.write_bytes(BODY.replace(b"1,0", b"1,1"))
    assert locate_offline(site.address, cache=cache, sha256=sha256) is None
    events: list[Event] = []
    assert locate(site.address, cache=cache, sha256=sha256, on_event=events.append) == first
    assert first.path.read_bytes() == BODY
    assert site.asked["GET"] == 2
    (warning,) = warnings(events)
    assert "has changed since it was written" in warning
    assert list(cache.iterdir()) == [first.path]


def test_a_changed_copy_gives_way_to_what_the_server_has_now(site: Site, cache: Path) -> None:
    first = locate(site.address, cache=cache)
    first.path.write_bytes(b"")
    site.body = b"a,label\n7,1\n"
    second = locate(site.address, cache=cache)
    assert second.path.read_bytes() == site.body
    assert list(cache.iterdir()) == [second.path]


def test_a_changed_copy_does_not_stand_in_for_an_unreachable_server(
    server: ThreadingHTTPServer, site: Site, cache: Path
) -> None:
    first = locate(site.address, cache=cache)
    site.etag, site.body = '"v2"', b"a\n1\n"
    second = locate(site.address, cache=cache)
    close(server)
    second.path.write_bytes(b"a\n2\n")
    assert locate(site.address, cache=cache) == first
    first.path.write_bytes(b"a\n2\n")
    with pytest.raises(DataError, match="connection failed"):
        locate(site.address, cache=cache)


def test_a_download_that_was_killed_leaves_no_copy(site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("phishcli.sources.cached.os.replace", kill)
        with pytest.raises(KeyboardInterrupt):
            fetch(site.address, cache=cache)
    assert locate_offline(site.address, cache=cache) is None
    assert locate(site.address, cache=cache).sha256 == SHA


def test_what_sqlite_puts_beside_a_copy_is_no_copy(site: Site, cache: Path) -> None:
    copy = fetch(site.address, cache=cache)
    copy.with_name(f"{copy.name}-wal").write_bytes(b"")
    assert latest_copy(site.address, cache=cache) == copy


def test_a_name_as_long_as_it_may_be_in_any_alphabet_is_cut(site: Site, cache: Path) -> None:
    folder = site.address.rpartition("/")[0]
    assert fetch(f"{folder}/{'%F0%9F%8E%A3' * 60}.csv", cache=cache).read_bytes() == BODY


def test_a_gzipped_table_is_read_from_the_web(site: Site, cache: Path) -> None:
    site.body = gzip.compress(BODY)
    source = locate(site.address + ".gz", cache=cache)
    assert source.sha256 == hashlib.sha256(site.body).hexdigest()
    assert sum(batch.num_rows for batch in source.read().batches) == 100_000


def test_a_web_page_in_place_of_the_table_is_refused(site: Site, cache: Path) -> None:
    site.body = b"<!doctype html><title>Sign in</title>"
    with pytest.raises(DataError, match="web page"):
        locate(site.address, cache=cache)


def test_a_password_in_the_address_is_never_shown(site: Site, cache: Path) -> None:
    secret = site.address.replace("http://", "http://me:secret@")
    assert locate(secret, cache=cache).origin == site.address
    site.failures = [404] * 2
    with pytest.raises(DataError, match="answered 404") as caught:
        locate(secret + "x", cache=cache)
    assert "secret" not in str(caught.value)
    assert locate(f"{site.address}?token=secret", cache=cache).origin == f"{site.address}?..."


def test_an_impossible_address_is_an_error_at_once(cache: Path) -> None:
    with pytest.raises(DataError, match="request is not possible"):
        fetch("http://", cache=cache)


def test_a_cache_that_cannot_be_written_is_named(site: Site, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(PersistError, match="cannot be written: File exists"):
        fetch(site.address, cache=tmp_path / "taken")


HEADERS = {
    "length-of-letters.csv": (200, "Content-Length", "abc"),
    "length-below-zero.csv": (200, "Content-Length", "-5"),
    "length-of-many-digits.csv": (200, "Content-Length", "9" * 5000),
    "two-lengths.csv": (200, "Content-Length", "5, 6"),
    "no-address.csv": (302, "Location", "http://[::bad/x"),
    "no-host.csv": (302, "Location", "http://"),
    "no-port.csv": (302, "Location", "http://127.0.0.1:99999999/x"),
    "other-kind.csv": (302, "Location", "gopher://127.0.0.1/x"),
    "local-file.csv": (302, "Location", "file:///etc/passwd"),
    "loop.csv": (302, "Location", "/loop.csv"),
    "odd-validator.csv": (200, "ETag", "\xff\xfe\x01"),
}


class Odd(BaseHTTPRequestHandler):
    """Answers as no honest server does: what, by the name that is asked for."""

    def do_HEAD(self) -> None:
        """Answer as to a GET."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer with the header of that name, or with a body that does not end."""
        name = self.path.rpartition("/")[2]
        status, header, value = HEADERS.get(name, (200, "X-Nothing", ""))
        self.send_response(status)
        self.send_header(header, value)
        self.end_headers()
        self.close_connection = True
        if self.command == "GET" and name == "endless.csv":
            while not self.server.ended:  # type: ignore[attr-defined]  # set by the fixture
                self.wfile.write(b"1,2\n" * 10_000)
        if self.command == "GET" and name == "slow.csv":
            while not self.server.ended:  # type: ignore[attr-defined]  # set by the fixture
                self.wfile.write(b"1")
                time.sleep(0.05)
        if status == 200:
            self.wfile.write(b"a,b\n1,2\n")

    def handle(self) -> None:
        """Take no notice of a client that has enough."""
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.ended = False  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.ended = True  # type: ignore[attr-defined]  # read by the handler
    server.shutdown()
    server.server_close()
    thread.join()


READ_ANYWAY = (
    "length-of-letters.csv",
    "length-below-zero.csv",
    "length-of-many-digits.csv",
    "odd-validator.csv",
    "%00.csv",
    "..%2f..%2fx.csv",
)


# requests leaves the connection of an answer open whose Location it cannot take apart
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", sorted(HEADERS.keys() - set(READ_ANYWAY)))
def test_headers_that_make_no_sense_are_an_error_for_people(odd: str, name: str, cache: Path) -> None:
    with pytest.raises(DataError, match=r"The source could not be downloaded: ") as caught:
        fetch(f"{odd}/{name}", cache=cache)
    assert caught.value.where == f"{odd}/{name}"
    assert list(cache.glob("*")) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", READ_ANYWAY)
def test_headers_and_names_that_do_not_matter_are_passed_over(odd: str, name: str, cache: Path) -> None:
    copy = fetch(f"{odd}/{name}", cache=cache)
    assert copy.parent == cache
    assert copy.read_bytes() == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("name", "limits", "message"),
    [
        ("endless.csv", {"max_bytes": 1_000_000}, "it is larger than 1,000,000 bytes"),
        ("endless.csv", {"max_seconds": 0.2}, "it takes more than 0 seconds"),
        ("slow.csv", {"max_seconds": 0.2}, "it takes more than 0 seconds"),
        ("slow.csv", {}, "fewer than 1,000 bytes came in 0 seconds"),
    ],
)
def test_a_download_without_an_end_is_stopped_and_nothing_of_it_stays(
    odd: str, name: str, limits: dict, message: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "STALL_SECONDS", 0.4)
    with pytest.raises(DataError, match=f"The download was stopped: {message}") as caught:
        download.fetch(Request(f"{odd}/{name}", cache, **limits))
    assert "--source" in str(caught.value.hint)
    assert list(cache.glob("*")) == []


def test_an_announced_length_above_the_limit_is_refused_before_anything_is_written(site: Site, cache: Path) -> None:
    with pytest.raises(DataError, match="it is larger than 1,000 bytes"):
        download.fetch(Request(site.address, cache, max_bytes=1000))
    assert list(cache.glob("*")) == []


def test_headers_that_come_byte_by_byte_are_not_awaited_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte renews the time that `requests` waits."""
    monkeypatch.setattr(download, "HEADER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(1000)
                for byte in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 30:
                    connection.send(bytes([byte]))
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.csv"
        begin = time.monotonic()
        with pytest.raises(requests.ReadTimeout, match="no complete headers"):
            download._answered(lambda: requests.get(url, timeout=20))
        assert time.monotonic() - begin < 2
