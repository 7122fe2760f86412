"""The only code that reads and writes artifacts: fingerprints, codecs, manifests, locks, the cache and the releases."""

from phishcli.artifacts.export import export, exported
from phishcli.artifacts.fingerprint import Change, Parts, changes, fingerprint, flatten
from phishcli.artifacts.manifest import Damaged, Manifest
from phishcli.artifacts.releases import Releases
from phishcli.artifacts.store import Entry, Output, Store
from phishcli.artifacts.workspace import Home, Workspace

__all__ = [
    "Change",
    "Damaged",
    "Entry",
    "Home",
    "Manifest",
    "Output",
    "Parts",
    "Releases",
    "Store",
    "Workspace",
    "changes",
    "export",
    "exported",
    "fingerprint",
    "flatten",
]
