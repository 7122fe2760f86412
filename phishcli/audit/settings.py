"""What the settings say of findings, checked against the checks that exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phishcli.audit import codes
from phishcli.config.key_paths import nearest
from phishcli.config.problems import Problem

if TYPE_CHECKING:
    from phishcli.config import Config


def unknown_codes(config: Config) -> Iterator[Problem]:
    """Find codes of findings to ignore that no check has."""
    known = codes()
    for name in config.audit.ignore:
        code = name.partition(":")[0]
        if code not in known:
            close = nearest(code, known)
            message = f"unknown check {code}; " + (f"did you mean {close}?" if close else "docs/audit.md lists them")
            yield Problem("audit.ignore", message, ("audit", "ignore", name))
