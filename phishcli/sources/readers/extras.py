"""Libraries that only some formats need, installed on request."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from phishcli.errors import DataError


def needed(module: str, extra: str, label: str, path: Path) -> Any:
    """Import a library, or say how to install it.

    Raises
    ------
    DataError
        If it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise DataError(
            f"{label} files need a package that is not installed ({module}).",
            where=str(path),
            hint=f"Install it: pip install 'phishcli[{extra}]'",
        ) from error
