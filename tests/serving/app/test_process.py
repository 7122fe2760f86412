"""The service as a process: signals, workers, its log; over a real socket."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from phishcli.serving.app.factory import create_app
from phishcli.serving.app.settings import ServeSettings
from phishcli.serving.log_files import read_log
from phishcli.serving.plane import DataPlane
from tests.serving.served import ROW

PACKAGE = Path(__file__).parents[3]
Start = Callable[..., "Running"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Running:
    """A service that was started, and what it says."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.said = (folder / "said.txt").open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "phishcli", "serve", "--port", str(self.port), *options]
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stderr=self.said)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(OSError):
                if self.ask("GET", "/ready")[0] == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.text())

    def ask(self, method: str, path: str, document: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            body = None if document is None else json.dumps(document)
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content.startswith(b"{") else content.decode()
        finally:
            connection.close()

    def text(self) -> str:
        self.said.seek(0)
        return self.said.read()

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture
def start(root: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a service on a copy of the first release: ``start("--watch")``."""
    (tmp_path / "results" / "artifacts").mkdir(parents=True)
    shutil.copytree(root / "v1.0.0", tmp_path / "results" / "artifacts" / "v1.0.0")
    running: list[Running] = []

    def begin(*options: str) -> Running:
        running.append(Running(tmp_path, *options))
        return running[-1]

    yield begin
    for each in running:
        each.end(signal.SIGKILL)
        each.said.close()


def appear(root: Path, folder: Path) -> None:
    releases = folder / "results" / "artifacts"
    shutil.copytree(root / "v1.0.1", releases / ".new")
    (releases / ".new").rename(releases / "v1.0.1")


def wait_for(what: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


class Asking(threading.Thread):
    """Asks for predictions over one connection until told to end; ``codes`` has what came."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self.running, self.codes, self.lost, self.ending = running, [], 0, threading.Event()

    def run(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=20)) as connection:
            self._ask(connection, json.dumps(ROW))

    def _ask(self, connection: http.client.HTTPConnection, body: str) -> None:
        while not self.ending.is_set():
            try:
                connection.request("POST", "/v1/predict", body, {"Content-Type": "application/json"})
            except OSError:
                return  # nobody listens any more: this request was not taken
            try:
                answer = connection.getresponse()
                answer.read()
                self.codes.append(answer.status)
            except (http.client.RemoteDisconnected, ConnectionResetError):
                self.lost += 1
                return


def test_hup_opens_the_new_release_and_term_ends_in_order(start: Start, root: Path, tmp_path: Path) -> None:
    running = start("--log", "log", "--log-seconds", "3600")
    assert running.ask("POST", "/v1/predict", ROW)[1]["version"] == "1.0.0"
    asking = Asking(running)
    asking.start()
    appear(root, tmp_path)
    running.process.send_signal(signal.SIGHUP)
    assert wait_for(lambda: running.ask("GET", "/ready")[1]["version"] == "1.0.1")
    asking.ending.set()
    asking.join()
    assert asking.lost == 0
    assert set(asking.codes) == {200}
    assert running.end() in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert sum(table.num_rows for table in read_log(tmp_path / "log")) == len(asking.codes) + 1
    assert "Traceback" not in running.text()


def test_term_loses_no_request_in_flight(start: Start) -> None:
    running = start("--no-access-log")
    asking = [Asking(running) for _ in range(4)]
    for each in asking:
        each.start()
    time.sleep(0.5)
    slow = socket.create_connection(("127.0.0.1", running.port))
    body = json.dumps(ROW).encode()
    head = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    slow.sendall(head % len(body) + body[:10])
    time.sleep(0.2)
    running.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    slow.sendall(body[10:])
    assert slow.recv(4096).startswith(b"HTTP/1.1 200")
    slow.close()
    for each in asking:
        each.join(20)
    assert all(set(each.codes) == {200} for each in asking)
    running.end()


def test_term_answers_what_comes_on_open_connections_and_says_which_answer_is_the_last(start: Start) -> None:
    running = start("--no-access-log")
    told: list[int] = []

    def ask_until_told() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)) as connection:
            last = False
            while not last:
                connection.request("POST", "/v1/predict", json.dumps(ROW), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                assert b"probability" in answer.read()
                last = answer.getheader("connection") == "close"
            told.append(answer.status)

    asking = [threading.Thread(target=ask_until_told) for _ in range(24)]
    for each in asking:
        each.start()
    time.sleep(0.5)
    running.process.send_signal(signal.SIGTERM)
    for each in asking:
        each.join(20)
    assert told == [200] * 24
    running.end()


def test_several_workers_have_one_set_of_numbers(start: Start) -> None:
    running = start("--workers", "2", "--log", "log", "--log-seconds", "0.2")
    assert running.process.poll() is None
    for _ in range(40):
        assert running.ask("POST", "/v1/predict", ROW)[0] == 200

    def counted() -> bool:
        return 'phish_requests_total{code="200",endpoint="/v1/predict"} 40.0' in running.ask("GET", "/metrics")[1]

    assert wait_for(counted)
    assert counted()
    running.end()


def test_a_kill_loses_at_most_the_last_seconds(start: Start, tmp_path: Path) -> None:
    running = start("--log", "log", "--log-seconds", "0.1")
    assert running.ask("POST", "/v1/predict", {"rows": [ROW] * 7})[0] == 200
    assert wait_for(lambda: bool(list((tmp_path / "log").rglob("part-*.parquet"))))
    running.end(signal.SIGKILL)
    assert sum(table.num_rows for table in read_log(tmp_path / "log")) == 7


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--model", "v9.9.9"), "There is no release 'v9.9.9'"),
        (("--split", "v1.0.0"), "The share cannot be read"),
        (("--split", "v1.0.0=10%"), "A split needs a column"),
        (("--split", "v1.0.0=110%", "--split-key", "Lines"), "The share cannot be read"),
        (("--split", "v1.0.0=10%", "--split-key", "Nothing"), "There is no column 'Nothing'"),
        (("--api-keys", "nowhere"), "The file with the API keys cannot be read"),
        (("--host", "256.1.1.1"), "The address cannot be used"),
    ],
)
def test_what_cannot_be_served_is_said(start: Start, phish: Callable, options: tuple[str, ...], words: str) -> None:
    said = phish("serve", "--port", "0", *options)
    assert said.code in (2, 7)
    assert words in said.err


def test_a_missing_library_comes_with_the_line_that_installs_it(
    phish: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = phish("serve")
    assert said.code == 2
    assert 'pip install "phishcli[serve,fast]"' in said.err


HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
RAW = [
    b"\x00" * 1000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    HEAD + b"Content-Length: -5\r\n\r\n",
    HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
    HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"ffffffffff\r\n{}",
    HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
    b"POST /v1/predict?" + b"%00" * 500 + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /v1/../v1//predict HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /v2/models/%ff%00%0a/ready HTTP/1.1\r\nHost: x\r\n\r\n",
]


def test_no_bytes_on_the_wire_make_it_fail_or_hang(start: Start) -> None:
    running = start("--max-body", "1000")
    for raw in RAW:
        with socket.create_connection(("127.0.0.1", running.port), timeout=15) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                answer = connection.recv(4096)
                assert not answer or re.match(rb"HTTP/1\.1 4\d\d ", answer), (raw[:80], answer[:200])
    assert running.ask("POST", "/v1/predict", {})[0] == 422
    assert "Traceback" not in running.text()


def test_a_body_that_does_not_come_is_not_waited_for(plane: DataPlane) -> None:
    app = create_app(ServeSettings(body_seconds=0.2), plane)
    said: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(30)

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"10")]
    scope = {"type": "http", "method": "POST", "path": "/v1/predict", "headers": headers, "query_string": b""}
    asyncio.run(app({**scope, "http_version": "1.1", "root_path": "", "client": None, "server": None}, receive, send))
    assert said[0]["status"] == 408


def test_a_promotion_and_its_withdrawal_are_seen_by_every_worker(
    start: Start, root: Path, tmp_path: Path, phish: Callable
) -> None:
    assert phish("models", "promote", "v1.0.0", "--why", "the first").code == 0
    running = start("--watch", "--workers", "2")
    assert running.ask("GET", "/v1/model")[1]["alias"] == "champion"
    appear(root, tmp_path)
    assert running.ask("GET", "/ready")[1]["version"] == "1.0.0"
    assert phish("models", "promote", "v1.0.1", "--why", "better").code == 0
    assert wait_for(lambda: {running.ask("GET", "/ready")[1]["version"] for _ in range(8)} == {"1.0.1"}, 60)
    assert phish("models", "rollback").code == 0
    assert wait_for(lambda: {running.ask("GET", "/ready")[1]["version"] for _ in range(8)} == {"1.0.0"}, 60)
    running.end()
