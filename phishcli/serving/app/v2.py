"""``/v2``: the Open Inference Protocol, one tensor per column; errors have the protocol's own form.

``null`` in a tensor stands for a missing value, as other servers read it; the protocol itself has no word for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from phishcli.serving.app.problems import Problem
from phishcli.serving.app.service import JSON, Service, check_number, tell
from phishcli.serving.app.work import LONG, Late
from phishcli.serving.served import Served
from phishcli.serving.wire import Malformed

NUMBERS = ("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "FP32", "FP64")
TYPES = (*NUMBERS, "BOOL", "BYTES")


class Tensor(msgspec.Struct):
    """A column of values; ``data`` may be nested as its shape is."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class Inference(msgspec.Struct):
    """A request; what else the protocol allows in it is ignored."""

    inputs: list[Tensor]
    id: str | None = None


def tensors(served: Served) -> list[dict[str, Any]]:
    """The inputs that a model takes."""
    columns = served.bundle.schema.given()
    return [{"name": each.name, "datatype": _datatype(each.dtype, each.role), "shape": [-1, 1]} for each in columns]


def _datatype(dtype: str, role: str) -> str:
    if dtype == "bool":
        return "BOOL"
    return "FP64" if role == "numeric" else "BYTES"


OUTPUTS = [{"name": "probability", "datatype": "FP64"}, {"name": "verdict", "datatype": "BYTES"}]


def server(_: Request, __: Service) -> dict[str, Any]:
    """About the server."""
    from phishcli.versions import library_versions

    return {"name": "phish", "version": library_versions(["phishcli"])["phishcli"], "extensions": []}


def live(_: Request, __: Service) -> dict[str, Any]:
    """Whether the server runs."""
    return {"live": True}


def ready(_: Request, __: Service) -> dict[str, Any]:
    """Whether it can answer; the protocol's text shows the key of the other endpoint, so that both are given."""
    return {"ready": True, "live": True}


def model(request: Request, service: Service) -> dict[str, Any]:
    """The model's inputs and outputs."""
    served = _asked(request, service)
    name, version = served.bundle.metadata.model, served.version
    outputs = [{**each, "shape": [-1, 1]} for each in OUTPUTS]
    return {"name": name, "versions": [version], "platform": "phish", "inputs": tensors(served), "outputs": outputs}


def model_ready(request: Request, service: Service) -> dict[str, Any]:
    """Whether the model can answer."""
    return {"name": _asked(request, service).bundle.metadata.model, "ready": True, "live": True}


def _asked(request: Request, service: Service) -> Served:
    served, params = service.plane.crew.main, request.path_params
    if params["model"] not in (served.bundle.metadata.model, served.alias):
        raise Problem(404, "There is no model of this name.")
    if params.get("version", served.version) not in (served.version, f"v{served.version}"):
        raise Problem(404, "There is no such version of the model.")
    return served


async def infer(request: Request, service: Service) -> Response:
    """Score rows that come as one tensor per column."""
    _asked(request, service)
    try:
        body = await service.work.body(request)
        quick = len(body) <= LONG and service.plane.crew.main.quick
        content = await service.work.run(request, lambda: _inferred(request, service, body), quick=quick)
    except Late as late:  # the protocol has no mark for an answer without a score
        raise Problem(503, str(late), headers={"Retry-After": "1"}) from None
    return Response(content, media_type=JSON)


def _inferred(request: Request, service: Service, body: bytes) -> bytes:
    crew = service.plane.crew
    try:
        asked = msgspec.json.decode(body, type=Inference)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "The body is not an inference request of the Open Inference Protocol.") from None
    rows = rows_of(asked.inputs, crew.main)
    check_number(len(rows), service)
    try:
        answer = service.plane.predict(crew.main.reader.convert(rows), crew)
    except Malformed as error:
        raise Problem(400, "; ".join([str(error), *_words(error)])) from None
    tell(request, service, answer)
    plain: dict[str, Any] = {
        "model_name": crew.main.bundle.metadata.model,
        "model_version": crew.main.version,
        "outputs": [
            {**each, "shape": [len(rows), 1], "data": [getattr(p, str(each["name"])) for p in answer.predictions]}
            for each in OUTPUTS
        ],
        "parameters": {"threshold": crew.main.bundle.threshold, "bundle_sha256": crew.main.sha256},
    }
    return msgspec.json.encode({**plain, **({} if asked.id is None else {"id": asked.id})})


def _words(error: Malformed) -> Iterator[str]:
    for fault in error.faults[:5]:
        yield f"{fault.field or 'row'} (row {fault.row or 0}) {fault.problem}, expected {fault.expected}"


def rows_of(inputs: list[Tensor], served: Served) -> list[dict[str, Any]]:
    """Turn tensors into rows.

    Raises
    ------
    Problem
        When a column is missing, doubled, or has another length or type than it says.
    """
    columns: dict[str, list[Any]] = {}
    for tensor in inputs:
        if tensor.name not in served.reader.expected:
            continue
        if tensor.name in columns:
            raise Problem(400, f"The input {tensor.name} is given twice.")
        columns[tensor.name] = _values(tensor)
    if missing := [name for name in served.reader.names if name not in columns]:
        raise Problem(400, f"Inputs are missing: {', '.join(missing[:5])}.")
    if len({len(values) for values in columns.values()}) > 1:
        raise Problem(400, "The inputs differ in length.")
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _values(tensor: Tensor) -> list[Any]:
    if tensor.datatype not in TYPES:
        raise Problem(400, f"The datatype of {tensor.name} is none of {', '.join(TYPES)}.")
    values = [
        value[0] if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list) else value
        for value in tensor.data
    ]
    shape = tensor.shape
    if not shape or shape[0] != len(values) or any(size != 1 for size in shape[1:]):
        raise Problem(400, f"The shape of {tensor.name} does not fit its data: expected [n] or [n, 1].")
    if not all(_fits(value, tensor.datatype) for value in values):
        raise Problem(400, f"The data of {tensor.name} are not of its datatype.")
    return values


def _fits(value: object, datatype: str) -> bool:
    if value is None:
        return True
    if datatype == "BOOL":
        return isinstance(value, bool)
    if datatype == "BYTES":
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)
