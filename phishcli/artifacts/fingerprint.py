"""Fingerprints: a hash of everything an artifact depends on, and the parts in which two artifacts differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

Parts = Mapping[str, Any]
"""Dotted key -> JSON value: ``version``, ``config.seed``, ``input.load/features.parquet``, ``library.pandas``."""

LENGTH = 20
"""Hex digits of a fingerprint that name a folder: 80 bits, far more than any cache has entries."""


class Change(msgspec.Struct, frozen=True):
    """One reason why an artifact is stale: the part that changed, with both values (None: missing)."""

    key: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.key}: {_short(self.old)} -> {_short(self.new)}"


def _short(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    is_hash = len(text) == hashlib.sha256().digest_size * 2 and all(c in "0123456789abcdef" for c in text)
    return text[:8] if is_hash else text


def flatten(prefix: str, value: Any) -> dict[str, Any]:
    """Flatten nested mappings to dotted keys, so that a change can be named; lists are kept whole."""
    if not isinstance(value, Mapping) or not value:
        return {prefix: dict(value) if isinstance(value, Mapping) else value}
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat |= flatten(f"{prefix}.{key}", inner)
    return flat


def fingerprint(step: str, parts: Parts) -> str:
    """Hash a step and everything it depends on; the order of keys does not matter.

    Returns
    -------
    str
        The first `LENGTH` hex digits of a SHA-256 over canonical JSON.
    """
    document = json.dumps({"step": step, "parts": parts}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()[:LENGTH]


def changes(old: Parts, new: Parts) -> list[Change]:
    """List the parts in which two artifacts of one step differ, in the order of ``new``, then those removed."""
    keys = [*new, *(key for key in old if key not in new)]
    return [Change(key, old.get(key), new.get(key)) for key in keys if _written(old, key) != _written(new, key)]


def _written(parts: Parts, key: str) -> str | None:
    """The value of a part as the fingerprint hashes it: True differs from 1, and None from a missing part."""
    return json.dumps(parts[key], sort_keys=True) if key in parts else None
