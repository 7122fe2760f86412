"""What the endpoints under ``/v1`` answer, as structures that also make the OpenAPI document."""

from __future__ import annotations

from typing import Any

import msgspec

from phishcli.documents.schema import Label
from phishcli.serving.reasons import Reason
from phishcli.serving.served import Prediction, Served

SHARED = ("probability", "score", "verdict", "label", "rule", "reason", "missing", "unseen")
"""Fields that say what is to be done with a row."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Which release has answered."""

    threshold: float
    model: str
    version: str
    bundle_sha256: str
    alias: str


class One(About, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about one row."""

    probability: float | None
    score: float | None
    verdict: str
    label: Label | None
    rule: str | None
    reason: str
    missing: list[str] = msgspec.field(default_factory=list)
    unseen: list[str] = msgspec.field(default_factory=list)
    failed_open: bool = False


class Many(About, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about several rows, in their order."""

    predictions: list[Prediction]


class Explained(Prediction, frozen=True, omit_defaults=True, kw_only=True):
    """What is said about one row, and why: the strongest reasons first."""

    reasons: tuple[Reason, ...]


class OneExplained(One, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about one row, with reasons."""

    reasons: tuple[Reason, ...]


class ManyExplained(About, frozen=True, omit_defaults=True, kw_only=True):
    """The answer about several rows, with reasons."""

    predictions: list[Explained]


def about(served: Served) -> dict[str, Any]:
    """Which release has answered, as fields."""
    return {
        "threshold": served.bundle.threshold,
        "model": served.bundle.metadata.model,
        "version": served.version,
        "bundle_sha256": served.sha256,
        "alias": served.alias,
    }
