"""Copies of artifacts where people look for them: ``results/``."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from phishcli.artifacts.manifest import FileNote, Manifest, note
from phishcli.artifacts.store import Entry
from phishcli.errors import PhishError
from phishcli.files import appearing_file


def export(entry: Entry, folder: Path, earlier: Iterable[Manifest] = ()) -> list[Path]:
    """Copy the files of an artifact into ``folder``, each in one step, skipping those that are there already.

    Copies of ``earlier`` artifacts that this one has no file for are removed, unless somebody has changed them.

    Returns
    -------
    list of Path
        Where the files are.

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
            hint="Make room for it, or name another folder with --results-dir; nothing is computed again",
        ) from error
    return [folder / name for name in files]


def exported(entry: Entry, folder: Path) -> bool:
    """Whether the copies in ``folder`` are those of this artifact."""
    return all(_is(folder / name, expected) for name, expected in entry.manifest.files.items())


def _is(path: Path, expected: FileNote) -> bool:
    try:
        return note(path) == expected
    except FileNotFoundError:
        return False
