"""Libraries that only some formats need, installed on request."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from phishcli.errors import DataError


def needed(module: str, extra: str, label: str, path: Path) -> Any:
    """Import the library for a format of files, or say how to install it; see `library`."""
    return library(module, extra, f"{label} files", str(path))


def library(module: str, extra: str, what: str, where: str) -> Any:
    """Import a library, or say how to install it.

    Parameters
    ----------
    module, extra
        Its name, and the extra that brings it.
    what, where
        What needs it, in the plural, and the source in question.

    Raises
    ------
    DataError
        If it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise DataError(
            f"{what} need a package that is not installed ({module}).",
            where=where,
            hint=f"Install it: pip install 'phishcli[{extra}]'",
        ) from error
