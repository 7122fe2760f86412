"""The only code that touches the artifacts: fingerprints, codecs, manifests, locks, freshness with a reason."""

from phishcli.store.export import export, exported
from phishcli.store.fingerprint import Change, Parts, changes, fingerprint, flatten
from phishcli.store.manifest import Damaged, Manifest
from phishcli.store.releases import Releases
from phishcli.store.store import Entry, Output, Store
from phishcli.store.workspace import Workspace

__all__ = [
    "Change",
    "Damaged",
    "Entry",
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
