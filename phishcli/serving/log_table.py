"""The rows of the prediction log: one for each row that was judged, and one for what a shadow said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from phishcli.serving.plane import Answer
from phishcli.serving.served import Prediction, Served

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Entry:
    """What one request adds to the log."""

    request_id: str
    at: float
    answer: Answer


class LoggedRow(NamedTuple):
    """What the log says of a row: as much as judging it again needs."""

    id: str
    tier: str
    model: str
    bundle_sha256: str
    probability: float | None
    verdict: str
    rule: str | None
    features: dict[str, Any]


def logged_rows(table: pa.Table) -> list[LoggedRow]:
    """The rows of a part of the log."""
    return [LoggedRow(**line) for line in table.select(LoggedRow._fields).to_pylist()]


def table_of(entries: Sequence[Entry], kinds: dict[str, str]) -> pa.Table:
    """The rows of some requests as a table; ``kinds`` are the types of the features.

    The rows of a request have its id and their number in it (``4f2a/17``); a single one has the id alone. What a shadow
    has said stands in rows of its own, with the tier ``shadow``.
    """
    import pyarrow as pa

    return pa.Table.from_pylist([line for entry in entries for line in _lines(entry)], schema=log_schema(kinds))


def log_schema(kinds: Mapping[str, str]) -> pa.Schema:
    """The columns of the log; ``kinds`` as of `table_of`."""
    import pyarrow as pa

    types = {"number": pa.float64(), "text": pa.string(), "truth": pa.bool_()}
    features = pa.struct([pa.field(name, types[kind]) for name, kind in kinds.items()])
    return pa.schema(
        [
            ("id", pa.string()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("tier", pa.string()),
            ("alias", pa.string()),
            ("model", pa.string()),
            ("version", pa.string()),
            ("bundle_sha256", pa.string()),
            ("probability", pa.float64()),
            ("score", pa.float64()),
            ("verdict", pa.string()),
            ("label", pa.string()),
            ("rule", pa.string()),
            ("reason", pa.string()),
            ("features", features),
        ]
    )


def _lines(entry: Entry) -> Iterator[dict[str, Any]]:
    answer, crew = entry.answer, entry.answer.crew
    moment = datetime.fromtimestamp(entry.at, UTC)
    kinds = crew.main.kinds
    for number, (row, prediction, tier) in enumerate(zip(answer.rows, answer.predictions, answer.tiers, strict=True)):
        about = {
            "id": entry.request_id if answer.single else f"{entry.request_id}/{number}",
            "time": moment,
            "features": {name: _stored(row.get(name), kind) for name, kind in kinds.items()},
        }
        served = crew.challenger if tier == "challenger" and crew.challenger else crew.main
        yield {**about, "tier": tier, **_said(prediction, served)}
        if answer.shadow is not None and crew.shadow is not None:
            yield {**about, "tier": "shadow", **_said(answer.shadow[number], crew.shadow)}


def _said(prediction: Prediction, served: Served) -> dict[str, Any]:
    return {
        "alias": served.alias,
        "model": served.bundle.metadata.model,
        "version": served.version,
        "bundle_sha256": served.sha256,
        "probability": prediction.probability,
        "score": prediction.score,
        "verdict": prediction.verdict,
        "label": None if prediction.label is None else str(prediction.label),
        "rule": prediction.rule,
        "reason": prediction.reason,
    }


def _stored(value: object, kind: str) -> object:
    return str(value) if kind == "text" and value is not None and not isinstance(value, str) else value
