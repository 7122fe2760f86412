"""Formats that a release is exported to, one file each, discovered.

To add a format, add one file here with ``FORMAT = ExportFormat(...)``: a name, the libraries that it needs, and a
function that writes an open release into a folder. Modules import what is heavy inside of functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import msgspec

from phishcli.documents.proof import Proof
from phishcli.errors import ConfigError, PersistError, writing
from phishcli.serving.proof import FILE, read_proof

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

TOLERANCE = 1e-5
"""What an export may differ from the release by."""


class ExportFormat(msgspec.Struct, frozen=True):
    """One format.

    Parameters
    ----------
    name
        As in ``--format``.
    title
        What it gives, in a few words.
    write
        Writes an open release and its proof into an empty folder; gives the largest difference from the release that it
        found on the rows of the proof, None where there is nothing to compare.
    needs
        Modules that have to be installed.
    extra
        The extra that installs them.
    """

    name: str
    title: str
    write: Callable[[Bundle, Proof, Path], float | None]
    needs: tuple[str, ...] = ()
    extra: str = ""


@cache
def formats() -> dict[str, ExportFormat]:
    """The ``FORMAT`` of every module in this package by its name."""
    found = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return {module.FORMAT.name: module.FORMAT for module in found}


def export(bundle: Bundle, name: str, target: Path) -> float | None:
    """Export a release.

    Parameters
    ----------
    bundle
        An open release with its proof.
    name
        A format.
    target
        Folder to create.

    Returns
    -------
    float or None
        The largest difference from the probabilities of the release on the rows of its proof, None where the format
        holds the release itself.

    Raises
    ------
    ConfigError
        When a library is not installed, or the folder is there.
    PersistError
        When the model cannot be exported, or gives other probabilities there; nothing is left behind then.
    """
    from phishcli.artifacts.folder import appearing

    form = formats()[name]
    if missing := [module for module in form.needs if find_spec(module) is None]:
        what = f"This export needs packages that are not installed ({', '.join(missing)})"
        raise ConfigError(what, where=f"--format {name}", hint=f"pip install 'phishcli[{form.extra}]'")
    if target.exists():
        raise ConfigError("The export folder already exists", where=str(target), hint="Name another with -o")
    proof = proof_of(bundle)
    elsewhere = "choose another place with -o/--output"
    with writing("The export cannot be written", where=target, elsewhere=elsewhere), appearing(target) as folder:
        difference = form.write(bundle, proof, folder)
        if difference is not None and not difference <= TOLERANCE:
            what = (
                f"{bundle.metadata.model} as {name} differs by {difference:.1g} from the release, and was not exported"
            )
            raise PersistError(what, where=str(target), hint="Export another model or format")
        (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(proof.to_plain()), indent=2))
    return difference


def proof_of(bundle: Bundle) -> Proof:
    """The rows by which an export is checked.

    Raises
    ------
    PersistError
        When the release was written by a version without proofs.
    """
    from phishcli.artifacts import Entry, Manifest

    entry = Entry(bundle.folder, Manifest.read(bundle.folder))
    whole = read_proof(entry)
    if whole is None:
        hint = "Write it again: phish persist"
        raise PersistError("The release has no proof to check an export against", where=str(bundle.folder), hint=hint)
    model = bundle.metadata.model
    return msgspec.structs.replace(whole, probabilities={model: whole.probabilities[model]})
