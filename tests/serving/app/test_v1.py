"""``/v1`` over HTTP: the right answer, or a problem that names field, problem and expectation and never a value."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from phishcli import load_bundle
from phishcli.documents.verdicts import OwnRule, OwnRules
from phishcli.serving.plane import DataPlane, Wanted
from phishcli.serving.served import Served
from tests.serving.app.conftest import MakeClient
from tests.serving.served import ROW

SECRET = "s3cr3t-in-a-row"  # noqa: S105 (a value that must not come back)


def test_one_row_gets_what_the_release_says_by_hand(client: TestClient, plane: DataPlane) -> None:
    bundle = load_bundle(plane.crew.main.folder)
    answer = client.post("/v1/predict", json=ROW).json()
    assert answer["probability"] == pytest.approx(float(bundle.predict_proba([ROW])[0]), abs=1e-9)
    assert answer["label"] == bundle.predict([ROW])[0]
    assert (answer["threshold"], answer["model"], answer["version"]) == (bundle.threshold, "LightGBM", "1.0.0")
    assert answer["bundle_sha256"] == plane.crew.main.sha256
    assert len(answer["bundle_sha256"]) == 64


def test_the_same_row_gets_the_same_bytes(client: TestClient) -> None:
    assert client.post("/v1/predict", json=ROW).content == client.post("/v1/predict", json=ROW).content


def test_several_rows_get_what_each_gets_alone(client: TestClient) -> None:
    rows = [
        {**ROW, "Lines": lines, "Industry": kind} for lines in (None, 3.5, 900) for kind in ("Banking", "Zoo", None)
    ]
    answer = client.post("/v1/predict", json={"rows": rows}).json()
    alone = [client.post("/v1/predict", json=row).json() for row in rows]
    assert [each["probability"] for each in answer["predictions"]] == [each["probability"] for each in alone]
    assert answer["predictions"][4] == {
        key: value
        for key, value in alone[4].items()
        if key in ("probability", "score", "verdict", "label", "rule", "reason", "unseen")
    }
    assert answer["predictions"][4]["unseen"] == ["Industry"]
    assert answer["predictions"][0]["missing"] == ["Lines"]


def test_no_rows_are_no_predictions(client: TestClient) -> None:
    assert client.post("/v1/predict", json={"rows": []}).json()["predictions"] == []


def test_columns_in_any_order_and_others_beside_them(client: TestClient) -> None:
    turned = {"other": [1, {"deep": None}], **dict(reversed(ROW.items()))}
    assert client.post("/v1/predict", json=turned).content == client.post("/v1/predict", json=ROW).content


@pytest.mark.parametrize(
    ("change", "field", "problem", "expected"),
    [
        ({"Lines": False}, "Lines", "is true or false", "a number or null"),
        ({"Lines": SECRET}, "Lines", "is a text", "a number or null"),
        ({"NoOfImage": [SECRET]}, "NoOfImage", "is a list", "a number or null"),
        ({"NoOfImage": 10**400}, "NoOfImage", "is out of range", "a number or null"),
        ({"IsSecure": 0}, "IsSecure", "is a number", "true, false or null"),
        ({"Industry": 7}, "Industry", "is a number", "a text or null"),
        ({"Industry": {SECRET: 1}}, "Industry", "is an object", "a text or null"),
        ({"Price": SECRET}, "Price", "cannot be read", "a number, its text, or null"),
    ],
)
def test_a_value_of_another_type_is_named_and_not_repeated(
    client: TestClient, change: dict[str, Any], field: str, problem: str, expected: str
) -> None:
    answer = client.post("/v1/predict", content=json.dumps({**ROW, **change}))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": field, "problem": problem, "expected": expected}]
    assert SECRET not in answer.text
    several = client.post("/v1/predict", content=json.dumps({"rows": [ROW, {**ROW, **change}]})).json()
    assert several["errors"] == [{"field": field, "problem": problem, "expected": expected, "row": 1}]


def test_a_missing_column_is_named(client: TestClient) -> None:
    answer = client.post("/v1/predict", json={name: value for name, value in ROW.items() if name != "Code"}).json()
    assert answer["errors"] == [{"field": "Code", "problem": "is missing", "expected": "a text or null"}]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b'{"Lines": NaN}', {}, 400),
        (b'{"Lines": Infinity}', {}, 400),
        (b'{"rows": [', {}, 400),
        (b"\x00" * 100, {}, 400),
        (b'{"Industry": "\xff\xfe"}', {}, 400),
        ('{"Lines": 1}'.encode("utf-16"), {}, 400),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}, 400),
        (b"[" * 1_000_000, {}, 422),
        (b"[]", {}, 422),
        (b"7", {}, 422),
        (b"null", {}, 422),
        (b'{"rows": 7}', {}, 422),
        (b'{"rows": [7]}', {}, 422),
        (b'{"rows": null}', {}, 422),
        (b"\x1f\x8b\x08\x00" + b"\x00" * 50, {"Content-Encoding": "gzip"}, 415),
        (b"{}", {"Content-Type": "text/xml"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415),
        (b"{}", {"X-Deadline-Ms": "soon"}, 400),
        (b"{}", {"X-Deadline-Ms": "-1"}, 400),
        (b"{}", {"X-Deadline-Ms": "nan"}, 400),
    ],
)
def test_what_is_no_row_is_refused_clearly(
    client: TestClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    for path in ("/v1/predict", "/v1/explain"):
        answer = client.post(path, content=content, headers={"Content-Type": "application/json", **headers})
        assert answer.status_code == status, answer.text
        assert answer.json()["status"] == status
        assert answer.json()["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(row=st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, JSON)) | JSON, several=st.booleans())
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_document_makes_the_service_fail(client: TestClient, row: Any, several: bool) -> None:
    document = {"rows": [row, {**ROW, **(row if isinstance(row, dict) else {})}]} if several else row
    content = json.dumps(document).encode("utf-8", "surrogatepass")
    answer = client.post("/v1/predict", content=content)
    assert answer.status_code in (200, 400, 422), answer.text


@given(content=st.binary(max_size=200))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_the_service_fail(client: TestClient, content: bytes) -> None:
    assert client.post("/v1/predict", content=content).status_code in (400, 422)


def test_the_model_tells_what_a_row_must_have(client: TestClient) -> None:
    told = client.get("/v1/model").json()
    assert [column["name"] for column in told["columns"]] == list(ROW)
    assert client.post("/v1/predict", json=told["example"]).status_code == 200
    assert (told["exact_fast_path"], told["why_slow"]) == (True, None)


def test_too_many_rows_are_refused(make_client: MakeClient) -> None:
    client = make_client(max_rows=3)
    assert client.post("/v1/predict", json={"rows": [ROW] * 3}).status_code == 200
    refused = client.post("/v1/predict", json={"rows": [ROW] * 4})
    assert (refused.status_code, refused.json()["detail"]) == (413, "There are more than 3 rows.")


def test_many_rows_are_judged_beside_the_others(client: TestClient) -> None:
    answer = client.post("/v1/predict", json={"rows": [ROW] * 3000}).json()
    assert len({each["probability"] for each in answer["predictions"]}) == 1


def test_an_explanation_is_the_prediction_with_the_reasons_of_the_release(client: TestClient, plane: DataPlane) -> None:
    rows = [{**ROW, "Lines": None}, {**ROW, "Industry": "Zoo"}]
    bundle = load_bundle(plane.crew.main.folder)
    with pytest.warns(match="Zoo"):
        bundle.predict(rows)
    alone = client.post("/v1/explain", json=rows[0]).json()
    reasons = alone.pop("reasons")
    assert alone == client.post("/v1/predict", json=rows[0]).json()
    assert [each["text"] for each in reasons] == [reason.text for reason in bundle.explain(rows[:1])[0]]
    both = client.post("/v1/explain", json={"rows": rows}).json()["predictions"]
    assert both[0]["reasons"] == reasons
    assert len(both[1]["reasons"]) <= 3


ODD = [
    ROW,
    {**ROW, "Lines": 40.0, "IsSecure": False},
    {**ROW, "NoOfImage": 1_000_000, "Code": "Z", "Ratio": None},
    {**ROW, "NoOfImage": 1_000_000, "Lines": -1e9, "Ratio": 1e9},
    {**ROW, "Industry": None, "Price": None},
    {**ROW, "NoOfImage": -5, "Price": "9.999.999,5", "Code": "Z"},
]


def test_verdicts_are_those_of_the_release(client: TestClient, plane: DataPlane) -> None:
    by_hand = load_bundle(plane.crew.main.folder).verdicts(ODD)
    assert {each.verdict for each in by_hand} > {"unknown"}
    together = client.post("/v1/predict", json={"rows": ODD}).json()["predictions"]
    alone = [client.post("/v1/predict", json=row).json() for row in ODD]
    for answers in (together, alone):
        for said, right in zip(answers, by_hand, strict=True):
            assert (said["verdict"], said["label"], said["rule"], said["reason"]) == (
                right.verdict,
                right.label,
                right.rule,
                right.reason,
            )
            assert said["probability"] == pytest.approx(right.probability, abs=1e-9)
            assert said["score"] == pytest.approx(right.score, abs=1e-9)


def test_a_rule_beats_the_model_by_a_column_that_is_no_feature(make_client: MakeClient, root: Path) -> None:
    rule = OwnRule(
        name="partners", column="URL", match="domain", values=("shop.example",), verdict="allow", why="known"
    )
    opened = partial(Served.open, rules=OwnRules(rules=(rule,)))
    client = make_client(DataPlane(Wanted(root, "v1.0.0"), opened))
    fits = {**ODD[2], "URL": "https://www.shop.example/login"}
    answer = client.post(
        "/v1/predict", json={"rows": [fits, {**fits, "URL": "https://shop.example.test/"}, ODD[2]]}
    ).json()
    assert [(each["verdict"], each["rule"]) for each in answer["predictions"]] == [
        ("allow", "partners"),
        ("unknown", None),
        ("unknown", None),
    ]
    alone = client.post("/v1/predict", json=fits).json()
    assert (alone["verdict"], alone["rule"], alone["reason"]) == ("allow", "partners", "known")
