"""Copies of artifacts where people look for them: ``results/``."""

from __future__ import annotations

import shutil
from pathlib import Path

from phishcli.errors import PhishError
from phishcli.store.folder import TEMPORARY
from phishcli.store.manifest import note
from phishcli.store.store import Entry


def export(entry: Entry, folder: Path) -> list[Path]:
    """Copy the files of an artifact into ``folder``, each in one step, skipping those that are there already.

    Returns
    -------
    list of Path
        Where the files are.
    """
    targets = [folder / name for name in entry.manifest.files]
    try:
        for target, (name, expected) in zip(targets, entry.manifest.files.items(), strict=True):
            if not target.is_file() or note(target) != expected:
                _copy(entry.folder / name, target)
    except OSError as error:
        raise PhishError(f"The results could not be written: {error.strerror or error}", where=str(folder)) from error
    return targets


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(TEMPORARY + target.name)
    shutil.copyfile(source, temporary)
    temporary.replace(target)
