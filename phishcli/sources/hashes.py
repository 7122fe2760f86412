"""The SHA-256 of a source, and whether it is the one that was promised."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from phishcli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_hash(actual: str, expected: str | None, where: str) -> None:
    """Raise `DataError` unless ``actual`` is the ``expected`` SHA-256; None expects nothing."""
    if expected is not None and actual != expected.lower():
        raise DataError(
            f"The source is not the one that load.sha256 promises: expected {expected.lower()}, found {actual}.",
            where=where,
            hint=f"Check where it comes from; if it is the right one: --set load.sha256={actual}",
        )
