"""The page in a real browser: a form made from the schema, a verdict with reasons, and nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.responses import Response

from phishcli.serving.app.factory import create_app
from phishcli.serving.app.settings import Keys, ServeSettings
from phishcli.serving.plane import DataPlane
from tests.render.test_browser import BROWSER, FLAGS

Look = Callable[..., "tuple[str, list[str]]"]

browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (Debian: apt-get install chromium)")


class WithScript:
    """The application, and a script of the test in its page; notes which paths are asked for."""

    def __init__(self, app: Any, script: str) -> None:
        self.app, self.script, self.asked = app, script, []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.asked.append(scope["path"])
        if scope.get("path") == "/test.js":
            await Response(self.script, media_type="text/javascript")(scope, receive, send)
            return

        async def sending(message: Any) -> None:
            if scope.get("path") == "/" and message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0] != b"content-length"]
            if scope.get("path") == "/" and message["type"] == "http.response.body":
                message["body"] = message["body"].replace(b"</body>", b'<script src="/test.js"></script></body>')
            await send(message)

        await self.app(scope, receive, sending)


@pytest.fixture
def look(plane: DataPlane, tmp_path: Path) -> Iterator[Look]:
    """Open the page with a script: ``look("document.title = 1")`` gives the elements and the paths asked for."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def open_(script: str, **settings: Any) -> tuple[str, list[str]]:
        app = WithScript(create_app(ServeSettings(access_log=False, **settings), plane), script)
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        servers.append((server, thread))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        command = [str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, app.asked

    yield open_
    for server, thread in servers:
        server.should_exit = True
        thread.join(20)
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)


def text(dom: str, identity: str) -> str:
    found = re.search(rf'id="{identity}"[^>]*>([^<]*)<', dom)
    assert found, identity
    return unescape(found[1]).strip()


SUBMIT = """
const wait = setInterval(() => {
  if (document.getElementById("form").hidden) return;
  clearInterval(wait);
  CHANGE
  document.getElementById("form").requestSubmit();
}, 50);
"""


@browser
def test_a_row_is_judged_with_reasons_and_nothing_comes_from_elsewhere(look: Look) -> None:
    paste = 'const p = document.getElementById(\'paste\'); p.value = \'{"Lines": null, "Industry": "Zoo"}\';'
    dom, asked = look(SUBMIT.replace("CHANGE", f"{paste} p.dispatchEvent(new Event('input'));"))
    assert text(dom, "about") == "LightGBM, version 1.0.0, threshold 0.5"
    assert text(dom, "verdict") in ("allow", "block", "review", "unknown")
    told = text(dom, "answer-notes")
    assert re.match(r"Probability 0\.\d{4}, label (phishing|legitimate), threshold 0\.5\.", told)
    assert "Missing: Lines." in told
    assert "Not seen in training: Industry." in told
    assert dom.count("(usually") >= 1
    assert set(asked) == {"/", "/page.css", "/page.js", "/test.js", "/v1/model", "/v1/explain"}


@browser
def test_a_value_that_does_not_fit_is_explained_in_words(look: Look) -> None:
    change = "document.getElementById('field-0').value = 'many';"
    dom, _ = look(SUBMIT.replace("CHANGE", change))
    assert text(dom, "problem").splitlines() == ["A row cannot be read.", "Lines is a text; expected a number or null"]


@browser
def test_a_key_is_asked_for_where_the_service_has_some(look: Look) -> None:
    script = """
    const wait = setInterval(() => {
      if (document.getElementById("key-line").hidden) return;
      clearInterval(wait);
      document.getElementById("key").value = "right";
      document.getElementById("use-key").click();
    }, 50);
    """
    dom, _ = look(script, keys=Keys.of(["right"]))
    assert "LightGBM" in text(dom, "about")


def test_the_page_allows_no_other_source(plane: DataPlane) -> None:
    from starlette.testclient import TestClient

    with TestClient(create_app(ServeSettings(), plane)) as client:
        for path in ("/", "/page.js", "/page.css"):
            answer = client.get(path)
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "http://" not in answer.text
            assert "https://" not in answer.text
