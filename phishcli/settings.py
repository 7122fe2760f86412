"""The configuration, checked against everything that it can name: models, search spaces, checks of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from phishcli.audit.settings import unknown_codes
from phishcli.config import Check, Resolved, resolve_config
from phishcli.models.settings import impossible_spaces, unknown_models

CHECKS: tuple[Check, ...] = (unknown_models, impossible_spaces, unknown_codes)
"""In the order in which an error lists what they find."""


def load_config(
    path: Path | None = None,
    *,
    sets: Sequence[str] = (),
    overrides: Mapping[str, tuple[Any, str]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Resolved:
    """Read, merge and check the configuration; the parameters are those of `phishcli.config.resolve_config`.

    Raises
    ------
    ConfigError
        If the file cannot be read, or for unknown keys, variables, models and audit codes and for invalid values: all
        of them at once.
    """
    return resolve_config(path, sets=sets, overrides=overrides, environ=environ, checks=CHECKS)
