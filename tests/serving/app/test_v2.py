"""The Open Inference Protocol: what clients of KServe send and read."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.serving.served import ROW

INFER = "/v2/models/LightGBM/infer"


def tensors(**changes: Any) -> list[dict[str, Any]]:
    kinds = {bool: "BOOL", str: "BYTES"}
    values = {name: [value, value] for name, value in ROW.items()} | changes
    return [
        {"name": name, "shape": [2, 1], "datatype": kinds.get(type(ROW[name]), "FP64"), "data": data}
        for name, data in values.items()
    ]


def test_the_server_and_its_model_describe_themselves(client: TestClient) -> None:
    assert client.get("/v2").json()["name"] == "phish"
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True, "live": True}
    told = client.get("/v2/models/LightGBM").json()
    assert (told["name"], told["versions"]) == ("LightGBM", ["1.0.0"])
    assert [each["name"] for each in told["inputs"]] == list(ROW)
    assert [each["datatype"] for each in told["inputs"]] == ["FP64", "FP64", "FP64", "BOOL", "FP64", "BYTES", "BYTES"]
    for path in ("", "/versions/1.0.0"):
        assert client.get(f"/v2/models/LightGBM{path}/ready").json() == {
            "name": "LightGBM",
            "ready": True,
            "live": True,
        }


def test_one_tensor_per_column_gives_what_rows_give(client: TestClient) -> None:
    asked = {"id": "q-7", "inputs": tensors(Lines=[None, 7], Industry=[["Zoo"], ["Banking"]])}
    answer = client.post(INFER, json=asked).json()
    rows = [{**ROW, "Lines": None, "Industry": "Zoo"}, {**ROW, "Lines": 7}]
    by_rows = client.post("/v1/predict", json={"rows": rows}).json()["predictions"]
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("q-7", "LightGBM", "1.0.0")
    probability, verdict = answer["outputs"]
    assert probability == {
        "name": "probability",
        "datatype": "FP64",
        "shape": [2, 1],
        "data": [each["probability"] for each in by_rows],
    }
    assert verdict["data"] == [each["verdict"] for each in by_rows]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (tensors()[1:], "Inputs are missing: Lines."),
        ([*tensors(), tensors()[0]], "The input Lines is given twice."),
        (tensors(Lines=["x", "y"]), "The data of Lines are not of its datatype."),
        (tensors(Lines=[True, False]), "The data of Lines are not of its datatype."),
        (tensors(Lines=[1, 2, 3]), "The shape of Lines does not fit its data"),
        (tensors(Price=["1", "secret"]), "Price (row 1) cannot be read, expected a number, its text, or null"),
        ([{**tensors()[0], "datatype": "FP128"}, *tensors()[1:]], "The datatype of Lines is none of"),
        ([{"name": "Lines"}], "not an inference request"),
    ],
)
def test_errors_have_the_form_of_the_protocol(client: TestClient, inputs: list[Any], words: str) -> None:
    answer = client.post(INFER, json={"inputs": inputs})
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]
    assert "secret" not in answer.text


def test_another_model_or_version_is_not_there(client: TestClient) -> None:
    for path in ("/v2/models/Other", "/v2/models/LightGBM/versions/9.9.9", "/v2/models/Other/ready", "/v2/nothing"):
        answer = client.get(path)
        assert (answer.status_code, list(answer.json())) == (404, ["error"])
