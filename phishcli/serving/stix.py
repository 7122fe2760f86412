"""STIX 2.1 indicators of rows that are blocked or reviewed, for those who exchange threat intelligence.

After the OASIS standard STIX 2.1 (2021), sections 4.7 (indicator) and 9 (patterns). ``confidence`` is the probability
in percent, and ``valid_until`` lies hours ahead, not years: a phishing site seldom lasts a day.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.serving.own_rules import host_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

SPACE = uuid.UUID("7a1ff29c-6f43-5e16-9e39-50b0a6b0a1c4")
"""The name space of the indicators' ids: the same site, model and time have the same id."""
TYPES = {"block": "malicious-activity", "review": "anomalous-activity"}
"""From the vocabulary ``indicator-type-ov``, by verdict; other verdicts give no indicator."""


@dataclass(frozen=True)
class Stix:
    """Makes indicators: of the URLs or domains of ``column``, by ``model``, valid for ``hours`` from ``now`` on."""

    column: str
    model: str
    now: datetime
    hours: float = 24

    def indicators(self, values: pa.Array, verdicts: pa.Array, probabilities: NDArray[np.float64]) -> pa.Array:
        """Give the indicator of each row as JSON; null for rows that are neither blocked nor reviewed."""
        import pyarrow as pa

        rows = zip(values.to_pylist(), verdicts.to_pylist(), probabilities.tolist(), strict=True)
        return pa.array([self._text(*row) for row in rows], pa.string())

    def _text(self, value: object, verdict: str, probability: float) -> str | None:
        pattern = pattern_of(value) if verdict in TYPES else None
        if pattern is None:
            return None
        return msgspec.json.encode(self.indicator(pattern, verdict, probability)).decode()

    def indicator(self, pattern: str, verdict: str, probability: float) -> dict[str, Any]:
        """Describe what a pattern matches."""
        start = _time(self.now)
        return {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid.uuid5(SPACE, f'{pattern}|{self.model}|{start}')}",
            "created": start,
            "modified": start,
            "name": f"Phishing, verdict {verdict}",
            "description": f"Probability {probability:.4f} by {self.model}",
            "indicator_types": [TYPES[verdict]],
            "pattern": pattern,
            "pattern_type": "stix",
            "pattern_version": "2.1",
            "valid_from": start,
            "valid_until": _time(self.now + timedelta(hours=self.hours)),
            "confidence": round(100 * probability),
            "labels": [f"phish:{verdict}"],
        }


def pattern_of(value: object) -> str | None:
    """Give the pattern for a URL, a domain or an address; None for what is none of them."""
    if not isinstance(value, str) or not value.isprintable():
        return None
    text, host = value.strip(), host_of(value)
    if host is None or " " in text or any(mark in host for mark in "\"'<>"):
        return None
    if "://" in text:
        return f"[url:value = '{_escaped(text)}']"
    try:
        address = ip_address(host)
    except ValueError:
        return f"[domain-name:value = '{_escaped(host)}']"
    return f"[ipv{address.version}-addr:value = '{address}']"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def write_bundle(parts: Sequence[Path], target: Path) -> None:
    """Write one STIX bundle of parts with an indicator a line; the same indicator comes once."""
    with target.open("wb") as file:
        file.write(b'{"type":"bundle","id":"bundle--%s","objects":[' % str(uuid.uuid4()).encode())
        for number, line in enumerate(_once(parts)):
            file.write(b",\n" + line if number else b"\n" + line)
        file.write(b"\n]}\n")


def _once(parts: Sequence[Path]) -> Iterator[bytes]:
    seen: set[bytes] = set()
    for part in parts:
        with part.open("rb") as lines:
            for line in lines:
                key = line.partition(b'"pattern":')[2].partition(b',"pattern_type"')[0]
                if key not in seen:
                    seen.add(key)
                    yield line.rstrip(b"\n")
