"""Copies of artifacts in ``results/``, where users look for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from phishcli.artifacts.manifest import FileNote, Manifest, note
from phishcli.artifacts.store import Entry
from phishcli.errors import PhishError
from phishcli.files import appearing_file


def export(entry: Entry, folder: Path, earlier: Iterable[Manifest] = ()) -> list[Path]:
    """Copy the files of an artifact into ``folder``, each atomically, skipping those that are up to date.

    Files copied from ``earlier`` artifacts that this one lacks are removed, unless they were modified since.

    Returns
    -------
    list of Path
        The paths of the copies.

    Raises
    ------
    PhishError
        When the folder cannot be written.
    """
    files, at = entry.manifest.files, folder
    try:
        for name, expected in files.items():
            at = folder / name
            if not _is(folder / name, expected):
                with appearing_file(folder / name) as copy:
                    shutil.copyfile(entry.folder / name, copy)
        for manifest in earlier:
            for name, old in manifest.files.items():
                at = folder / name
                if name not in files and _is(folder / name, old):
                    (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise PhishError(
            f"A result could not be written: {error.strerror or error}",
            where=str(at),
            hint="Free the path or choose another folder with --results-dir; nothing has to be recomputed",
        ) from error
    return [folder / name for name in files]


def exported(entry: Entry, folder: Path) -> bool:
    """Whether the copies in ``folder`` match this artifact."""
    return all(_is(folder / name, expected) for name, expected in entry.manifest.files.items())


def _is(path: Path, expected: FileNote) -> bool:
    try:
        return note(path) == expected
    except FileNotFoundError:
        return False
