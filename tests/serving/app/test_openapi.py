"""What the OpenAPI document says is what the service does: schemathesis finds no undocumented status and no 5xx."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from phishcli.serving.app.factory import create_app
from phishcli.serving.app.settings import ServeSettings
from phishcli.serving.feedback import FeedbackLog
from phishcli.serving.plane import DataPlane
from tests.serving.served import ROW

schemathesis = pytest.importorskip("schemathesis")
checks = pytest.importorskip("schemathesis.specs.openapi.checks")


def _excluded(path: str, mode: str) -> list[Any]:
    """What is made wrong in one way is at times right in another; and no schema says which tensors belong together."""
    if mode == "NEGATIVE":
        return [checks.negative_data_rejection]
    return [checks.positive_data_acceptance] if path.endswith("/infer") else []


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_the_service_keeps_to_its_document(plane: DataPlane, tmp_path: Path, mode: str) -> None:
    app = create_app(ServeSettings(access_log=False), plane, feedback=FeedbackLog(tmp_path))
    operations = [found.ok() for found in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()]
    assert len(operations) > 15
    for operation in operations:
        try:
            _keeps(operation, mode)()
        except Unsatisfiable:  # nothing of this operation can be wrong
            assert mode == "NEGATIVE"


def _keeps(operation: Any, mode: str) -> Callable[[], None]:
    """Make a test of one operation."""

    @given(case=operation.as_strategy(generation_mode=getattr(schemathesis.GenerationMode, mode)))
    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    def keeps(case: Any) -> None:
        _tame(case, mode)
        case.call_and_validate(excluded_checks=_excluded(operation.path, mode))

    return keeps


def _tame(case: Any, mode: str) -> None:
    """Take out what no schema can say: that a text is a number, and that a deadline beats even what is wrong."""
    if mode == "NEGATIVE":
        case.headers.pop("X-Deadline-Ms", None)
        return
    rows = case.body.get("rows", [case.body]) if isinstance(case.body, dict) else []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("Price"), str):
            row["Price"] = "1,5"
    if isinstance(case.body, dict) and "label" in case.body:
        case.body["label"] = "phishing"


def test_the_examples_are_answered(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            filled = path.replace("{model}", "LightGBM").replace("{version}", "1.0.0")
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            answer = client.request(method, filled, json=body)
            assert answer.status_code == (404 if path == "/v1/feedback" else 200), (path, answer.text)


def test_answers_fit_the_schemas(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    def fits(name: str, value: Any) -> bool:
        return Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"}).is_valid(value)

    assert fits("Row", ROW)
    assert not fits("Row", {**ROW, "Lines": False})
    assert not fits("Row", {"Lines": 1})
    assert fits("One", client.post("/v1/predict", json=ROW).json())
    assert fits("Many", client.post("/v1/predict", json={"rows": [ROW]}).json())
    assert fits("OneExplained", client.post("/v1/explain", json=ROW).json())
    assert fits("ProblemDocument", client.post("/v1/predict", json={}).json())
    assert not fits("One", client.post("/v1/predict", json={}).json())
