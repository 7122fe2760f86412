"""Is a release what was written, and does it give what it must, here? Found out without unpickling anything."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.artifacts.manifest import NAME, check_hashes
from phishcli.documents.proof import Proof
from phishcli.documents.release import Contents, ModelMetadata
from phishcli.documents.schema import Schema
from phishcli.errors import PersistError, PhishError
from phishcli.serving.proof import read_proof
from phishcli.serving.signing import SIGNATURE, check_signature
from phishcli.versions import library_versions
from phishcli.wording import bounded, counted

State = Literal["passed", "warning", "failed", "skipped"]
BESIDE = frozenset({NAME, SIGNATURE})


@dataclass(frozen=True)
class Check:
    """One check of a release: what was looked at, what was found."""

    name: str
    state: State
    detail: str


def verify(folder: Path, *, strict: bool = False, public_key: Path | None = None) -> list[Check]:
    """Check the files of a release, the versions of libraries, its documents, and its proof.

    Parameters
    ----------
    folder
        The folder of a release.
    strict
        Whether other versions of libraries than those of the training are a failure.
    public_key
        The key that the release must be signed with.

    Returns
    -------
    list of Check
        After a failure of the files nothing else is read.
    """
    try:
        manifest = Manifest.read(folder)
    except Damaged as error:
        return [Check("manifest", "failed", str(error))]
    first = [*_signature(folder, public_key), _files(folder.resolve(), manifest)]
    if any(check.state == "failed" for check in first):
        return first
    entry = Entry(folder.resolve(), manifest)
    try:
        return [*first, *_documents(entry), _versions(entry, strict=strict), *_proofs(entry)]
    except (Damaged, KeyError, ValueError, TypeError) as error:
        return [*first, Check("documents", "failed", f"{type(error).__name__}: {error}")]


def _signature(folder: Path, public_key: Path | None) -> Iterator[Check]:
    if public_key is None:
        return
    try:
        check_signature(folder, public_key)
    except PersistError as error:
        yield Check("signature", "failed", error.what)
    else:
        yield Check("signature", "passed", f"by the key of {public_key.name}")


def _files(folder: Path, manifest: Manifest) -> Check:
    """Every file that is listed is there, unchanged and plain, and no other is."""
    strange = [name for name in manifest.files if not _is_plain(name)]
    if strange:
        return Check("files", "failed", f"the manifest lists {bounded(strange)}, which leads out of the folder")
    links = sorted(path.name for path in folder.rglob("*") if path.is_symlink())
    if links:
        return Check("files", "failed", f"{bounded(links)}: a link; a release may hold only files")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    if more := sorted(found - set(manifest.files) - BESIDE):
        return Check("files", "failed", f"{bounded(more)}: not in the manifest")
    try:
        check_hashes(folder, manifest)
    except Damaged as error:
        return Check("files", "failed", str(error))
    return Check("files", "passed", f"{counted(len(manifest.files), 'file')}, each with its hash")


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


def _documents(entry: Entry) -> Iterator[Check]:
    models = Contents.of(entry.manifest.extra).models
    Schema.of_plain(entry.read("schema.json"))
    for name in models:
        ModelMetadata.of_plain(entry.read(f"{name}_metadata.json"))
    yield Check("documents", "passed", f"schema and metadata of {counted(len(models), 'model')}")


def _versions(entry: Entry, *, strict: bool) -> Check:
    differing: dict[str, str] = {}
    for name in Contents.of(entry.manifest.extra).models:
        trained = ModelMetadata.of_plain(entry.read(f"{name}_metadata.json")).packages
        here = library_versions(trained)
        differing |= {
            library: f"{library} {version} (here: {here[library] or 'not installed'})"
            for library, version in trained.items()
            if version and here[library] != version
        }
    if not differing:
        return Check("versions", "passed", f"as in training, on {platform.system()} {platform.machine()}")
    return Check("versions", "failed" if strict else "warning", bounded(list(differing.values())))


def _proofs(entry: Entry) -> Iterator[Check]:
    proof = read_proof(entry)
    if proof is None:
        yield Check("proof", "skipped", "the release was written by a version without proofs")
        return
    for name in Contents.of(entry.manifest.extra).models:
        yield _proof(entry, proof, name)


def _proof(entry: Entry, proof: Proof, model: str) -> Check:
    from phishcli.serving.bundle import load_bundle
    from phishcli.serving.opening import needs_pickle
    from phishcli.serving.proof import largest_difference

    what = f"proof {model}"
    if needs_pickle(entry, model):
        return Check(what, "skipped", "the model is a pickle, which verifying does not open")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are a check of their own
            difference = largest_difference(load_bundle(entry.folder, model), proof)
    except PhishError as error:
        return Check(what, "failed", error.what)
    rows = counted(len(proof.rows), "row")
    state: State = "passed" if difference <= proof.tolerance else "failed"
    return Check(what, state, f"{rows}, largest difference {difference:.1g}")
