"""The OpenAPI document, made from the schema of the release at work; every example is a row of it."""

from __future__ import annotations

from typing import Any

import msgspec

from phishcli.documents.schema import Column
from phishcli.serving.app.answers import Many, ManyExplained, One, OneExplained
from phishcli.serving.app.problems import TITLES, ProblemDocument
from phishcli.serving.app.v2 import TYPES, tensors
from phishcli.serving.feedback import Feedback
from phishcli.serving.served import Served
from phishcli.serving.wire import NUMBER

WHAT = "Scores raw rows with a phishing detector. Errors follow RFC 9457; no error repeats a value."
PREDICT = 'Score one raw row, or several: {"rows": [...]}'
REF = "#/components/schemas/{name}"
POST = (400, 401, 408, 413, 415, 422, 500, 503)
DEADLINE = {
    "name": "X-Deadline-Ms",
    "in": "header",
    "required": False,
    "description": "Answer within this many milliseconds, without a score if need be (`failed_open`).",
    "schema": {"type": "number", "exclusiveMinimum": 0, "maximum": 600_000},
}


def document(served: Served) -> dict[str, Any]:
    """The OpenAPI document of the service while it serves a release."""
    _, parts = msgspec.json.schema_components(
        (One, Many, OneExplained, ManyExplained, Feedback, ProblemDocument), ref_template=REF
    )
    schemas = {**parts, "Row": row_schema(served), "Inference": _inference(served), "Error": _error()}
    keys = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "phish", "version": served.version, "description": WHAT},
        "paths": {**_first(served), **_second(served)},
        "components": {"schemas": schemas, "securitySchemes": keys},
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def row_schema(served: Served) -> dict[str, Any]:
    """A raw row; columns that it does not name are ignored."""
    columns = served.bundle.schema.given()
    return {
        "type": "object",
        "properties": {column.name: _value(column, served) for column in columns},
        "required": [column.name for column in columns],
        "examples": [served.example()],
    }


def _value(column: Column, served: Served) -> dict[str, Any]:
    number = {"type": "number", "minimum": -1e308, "maximum": 1e308}
    about = {"description": served.reader.expected[column.name]}
    plain = NUMBER.fullmatch(column.dtype) is not None
    if column.kind is not None:
        return {"type": ["string", "null"], **about}
    if column.role != "numeric":
        kinds = ["string", "null", *(["number"] if plain else ["boolean"] if column.dtype == "bool" else [])]
        return {"type": kinds, "examples": list(column.categories[:5]), **about}
    if column.dtype == "bool":
        return {"type": ["boolean", "null"], **about}
    return {"anyOf": [number, {"type": "null"}, *([] if plain else [{"type": "string"}])], **about}


def _body(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": REF.format(name=name)}


def _answer(words: str, schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"description": words, "content": {media: {"schema": schema}}}


def _problems(*codes: int) -> dict[str, Any]:
    return {str(code): _answer(TITLES[code], _ref("ProblemDocument"), "application/problem+json") for code in codes}


def _errors(*codes: int) -> dict[str, Any]:
    return {str(code): _answer(TITLES[code], _ref("Error")) for code in codes}


def _get(words: str, schema: dict[str, Any] | None = None, *, media: str = "application/json") -> dict[str, Any]:
    return {"get": {"summary": words, "responses": {"200": _answer(words, schema or {}, media), **_problems(401, 500)}}}


def _first(served: Served) -> dict[str, Any]:
    row, rows = _ref("Row"), {"type": "object", "properties": {"rows": {"type": "array", "items": _ref("Row")}}}
    either = {"anyOf": [row, {**rows, "required": ["rows"]}]}
    body = _body(either, served.example())
    answers = _answer("The answer", {"anyOf": [_ref("One"), _ref("Many")]})
    judged = {"parameters": [DEADLINE], "requestBody": body}
    reasoned = {"anyOf": [_ref("OneExplained"), _ref("ManyExplained"), _ref("One")]}  # the last: failed open
    explained = {"200": _answer("The answer with its reasons", reasoned), **_problems(*POST)}
    return {
        "/v1/predict": {"post": {"summary": PREDICT, **judged, "responses": {"200": answers, **_problems(*POST)}}},
        "/v1/explain": {"post": {"summary": "Score rows, with reasons", **judged, "responses": explained}},
        "/v1/feedback": {"post": _feedback(served)},
        "/v1/model": _get("About the model", {"type": "object"}),
        "/v1/example": _get("A row of the right types", row),
        "/health": _get("Alive", {"type": "object"}),
        "/ready": _get("Ready to answer", {"type": "object"}),
        "/metrics": _get("Metrics for Prometheus", {"type": "string"}, media="text/plain"),
    }


def _feedback(served: Served) -> dict[str, Any]:
    label = served.bundle.metadata.positive_label
    example = {"id": "4f2a9c1be07d3a55", "label": label, "origin": "analyst"}
    responses = {"202": _answer("Recorded", {"type": "object"}), **_problems(*POST, 404)}
    body = _body(_ref("Feedback"), example)
    return {
        "summary": "Report the true label of a row",
        "parameters": [DEADLINE],
        "requestBody": body,
        "responses": responses,
    }


def _error() -> dict[str, Any]:
    return {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def _inference(served: Served) -> dict[str, Any]:
    tensor = {
        "type": "object",
        "properties": {
            "name": {"enum": served.reader.names},
            "shape": {"type": "array", "items": {"type": "integer"}},
            "datatype": {"enum": list(TYPES)},
            "data": {"type": "array"},
        },
        "required": ["name", "shape", "datatype", "data"],
    }
    inputs = {"type": "array", "items": tensor}
    return {"type": "object", "properties": {"id": {"type": "string"}, "inputs": inputs}, "required": ["inputs"]}


def _example(served: Served) -> dict[str, Any]:
    row = served.example()
    inputs = [{**each, "shape": [1, 1], "data": [row[each["name"]]]} for each in tensors(served)]
    return {"inputs": inputs}


def _second(served: Served) -> dict[str, Any]:
    name = served.bundle.metadata.model
    ok, about = {"type": "object"}, _errors(401, 404, 500)
    model = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "enum": [name]}}
    version = {**model, "name": "version", "schema": {"type": "string", "enum": [served.version]}}
    paths: dict[str, Any] = {
        path: {"get": {"summary": words, "responses": {"200": _answer(words, ok), **_errors(401, 500)}}}
        for path, words in (("/v2", "About the server"), ("/v2/health/live", "Alive"), ("/v2/health/ready", "Ready"))
    }
    for path, parameters in (
        ("/v2/models/{model}", [model]),
        ("/v2/models/{model}/versions/{version}", [model, version]),
    ):
        parts = {"parameters": parameters, "responses": {"200": _answer("About the model", ok), **about}}
        paths[path] = {"get": {"summary": "The model's inputs and outputs", **parts}}
        paths[f"{path}/ready"] = {"get": {"summary": "Whether the model can answer", **parts}}
        infer = {"200": _answer("The answer", ok), **_errors(400, 401, 404, 408, 413, 415, 500, 503)}
        asked = {"parameters": parameters, "requestBody": _body(_ref("Inference"), _example(served))}
        paths[f"{path}/infer"] = {"post": {"summary": "Score rows", **asked, "responses": infer}}
    return paths
