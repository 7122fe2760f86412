"""phish: turn a table of labeled websites into a phishing detector you can trust.

from phishcli import Project

run = Project.of({"load.source": "sites.csv", "load.target": "label", "load.positive_label": 0}).run()
print(run.selection.rationale)
print(run.comparison)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phishcli.project import Project, Run
    from phishcli.serving.bundle import Bundle, ValueWarning, load_bundle
    from phishcli.serving.opening import VersionWarning
    from phishcli.settings import load_config

__version__: str

__all__ = ["Bundle", "Project", "Run", "ValueWarning", "VersionWarning", "load_bundle", "load_config"]

_HOMES = {
    "Bundle": "phishcli.serving.bundle",
    "Project": "phishcli.project",
    "Run": "phishcli.project",
    "ValueWarning": "phishcli.serving.bundle",
    "VersionWarning": "phishcli.serving.opening",
    "load_bundle": "phishcli.serving.bundle",
    "load_config": "phishcli.settings",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for, so that ``phish --help`` waits for none of them."""
    if name == "__version__":
        from phishcli.versions import library_versions

        return library_versions(["phishcli"])["phishcli"]
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
