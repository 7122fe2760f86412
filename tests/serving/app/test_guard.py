"""Bounds, keys, deadlines, ids, the access log and the numbers around every request."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from phishcli.errors import ConfigError
from phishcli.serving.app.settings import Keys
from phishcli.serving.fast import FastRow, Judged
from phishcli.serving.plane import DataPlane
from tests.serving.app.conftest import MakeClient
from tests.serving.served import ROW


class Slow(FastRow):
    """A model that takes a while; ``entered`` is set when it begins."""

    entered = threading.Event()
    go = threading.Event()

    @property
    def exact(self) -> bool:
        return False

    def judge(self, row: Any) -> Judged:
        self.entered.set()
        self.go.wait(5)
        return super().judge(row)


@pytest.fixture
def slow(root: Path, plane: DataPlane) -> Iterator[DataPlane]:
    """A data plane whose model waits until it is let go."""
    main = plane.crew.main
    fast = Slow(*(getattr(main.fast, name) for name in ("bundle", "encoder", "score", "way", "why_slow")))
    Slow.entered.clear()
    Slow.go.clear()
    yield DataPlane(plane.wanted, lambda *_: replace(main, fast=fast))
    Slow.go.set()


def test_a_body_that_is_too_long_is_refused_with_and_without_its_length(make_client: MakeClient) -> None:
    client = make_client(max_body=100)
    assert client.post("/v1/predict", content=b" " * 101).status_code == 413

    def parts() -> Iterator[bytes]:
        yield from (b" " * 60, b" " * 60)

    refused = client.post("/v1/predict", content=parts())
    assert (refused.status_code, refused.json()["detail"]) == (413, "The body is larger than 100 bytes.")


def test_a_deadline_is_kept_by_an_answer_that_says_so(make_client: MakeClient, slow: DataPlane) -> None:
    began = time.monotonic()
    late = make_client(slow).post("/v1/predict", json=ROW, headers={"X-Deadline-Ms": "80"})
    assert time.monotonic() - began < 2
    answer = late.json()
    assert (late.status_code, answer["failed_open"], answer["verdict"], answer["probability"]) == (
        200,
        True,
        "unknown",
        None,
    )
    assert answer["reason"] == "No score within 80 ms."


def test_a_deadline_of_the_settings_counts_where_the_request_has_none(make_client: MakeClient, slow: DataPlane) -> None:
    assert make_client(slow, deadline_ms=50).post("/v1/predict", json=ROW).json()["reason"] == "No score within 50 ms."


def test_an_answer_in_time_has_no_mark(client: TestClient) -> None:
    assert "failed_open" not in client.post("/v1/predict", json=ROW, headers={"X-Deadline-Ms": "60000"}).json()


def test_beyond_the_bound_there_is_a_503_and_health_still_answers(make_client: MakeClient, slow: DataPlane) -> None:
    with make_client(slow, max_in_flight=1) as client:
        answers: list[int] = []
        first = threading.Thread(target=lambda: answers.append(client.post("/v1/predict", json=ROW).status_code))
        first.start()
        assert Slow.entered.wait(5)
        refused = client.post("/v1/predict", json=ROW)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert client.get("/health").status_code == 200
        Slow.go.set()
        first.join(10)
        assert answers == [200]
        assert client.post("/v1/predict", json=ROW).status_code == 200


def test_keys_are_asked_for_where_there_are_any(make_client: MakeClient) -> None:
    client = make_client(keys=Keys.of(["first", "second"]))
    for headers in ({}, {"Authorization": "Bearer third"}, {"X-API-Key": ""}, {"Authorization": "Basic first"}):
        refused = client.post("/v1/predict", json=ROW, headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    for headers in ({"Authorization": "Bearer first"}, {"X-API-Key": "second"}):
        assert client.post("/v1/predict", json=ROW, headers=headers).status_code == 200
    for path, status in (
        ("/health", 200),
        ("/ready", 200),
        ("/", 200),
        ("/metrics", 401),
        ("/v1/model", 401),
        ("/v2", 401),
    ):
        assert client.get(path).status_code == status, path


def test_keys_come_from_a_file_and_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# of the gateway\none\n\n two # until June\n", encoding="utf-8")
    keys = Keys.read(file, {"PHISH_API_KEYS": "three, four"})
    assert [key for key in ("one", "two", "three", "four", "", "# of the gateway") if keys.allow(key)] == [
        "one",
        "two",
        "three",
        "four",
    ]
    assert not keys.allow(None)
    assert Keys.read(None, {}).allow(None)


@pytest.mark.parametrize("content", [None, "", "# nothing\n"])
def test_a_file_without_keys_is_an_error_and_not_an_open_door(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "keys"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="API keys"):
        Keys.read(file, {})


def test_every_answer_has_an_id_and_a_given_one_is_kept(client: TestClient) -> None:
    assert client.get("/health", headers={"X-Request-Id": "mail-7"}).headers["x-request-id"] == "mail-7"
    for odd in ("", "a b", "x" * 65, "a\tb"):
        assert len(client.get("/health", headers={"X-Request-Id": odd}).headers["x-request-id"]) == 16
    assert client.get("/nowhere").headers["x-request-id"]


def test_the_access_log_is_json_without_values(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("phish.access"), "propagate", True)
    with caplog.at_level(logging.INFO, "phish.access"):
        client.post("/v1/predict?a=secret", json={**ROW, "Industry": "secret"}, headers={"X-Request-Id": "7"})
    line = json.loads(caplog.messages[-1])
    assert {key: line[key] for key in ("id", "method", "path", "status", "rows", "version", "tier")} == {
        "id": "7",
        "method": "POST",
        "path": "/v1/predict",
        "status": 200,
        "rows": 1,
        "version": "1.0.0",
        "tier": "main",
    }
    assert line["verdict"] in ("allow", "review", "block")
    assert "secret" not in caplog.text


def test_what_fails_inside_is_a_problem_without_a_trace(
    make_client: MakeClient, plane: DataPlane, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(logging.getLogger("phish.error"), "propagate", True)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(plane, "predict", broken)
    answer = make_client().post("/v1/predict", json=ROW)
    assert answer.status_code == 500
    assert answer.json()["detail"] == "Something went wrong; see the service log."
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_the_numbers_have_one_prefix_and_units(client: TestClient, plane: DataPlane) -> None:
    client.post("/v1/predict", json={"rows": [{**ROW, "Lines": None}, {**ROW, "Industry": "Zoo"}]})
    client.post("/v1/predict", content=b"{")
    client.get("/made/up/by/a/client")
    text = client.get("/metrics").text
    names = {line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert all(name.startswith("phish_") for name in names)
    for line in (
        'phish_requests_total{code="200",endpoint="/v1/predict"} 1.0',
        'phish_requests_total{code="400",endpoint="/v1/predict"} 1.0',
        'phish_requests_total{code="404",endpoint="other"} 1.0',
        'phish_missing_values_total{column="Lines"} 1.0',
        'phish_unseen_categories_total{column="Industry"} 1.0',
        'phish_score_count{tier="main"} 2.0',
        f'phish_model_info{{alias="v1.0.0",bundle_sha256="{plane.crew.main.sha256}",version="1.0.0"}} 1.0',
        "phish_requests_in_progress 1.0",
    ):
        assert line in text.splitlines(), line
    assert 'phish_request_duration_seconds_bucket{endpoint="/v1/predict",le="0.0001"}' in text
    assert "made" not in text


def test_the_service_says_when_it_is_alive_and_ready(client: TestClient, plane: DataPlane) -> None:
    assert client.get("/health").json() == {"status": "alive"}
    assert client.get("/ready").json()["bundle_sha256"] == plane.crew.main.sha256


def test_unknown_paths_and_methods_are_problems(client: TestClient) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("POST", "/v1/predict/", 404),
        ("GET", "/v1/predict", 405),
        ("PUT", "/health", 405),
    ):
        answer = client.request(method, path, follow_redirects=False)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
