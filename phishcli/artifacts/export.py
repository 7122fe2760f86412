"""Copies of artifacts in ``results/``, where users look for them; what is not a copy of ours is never replaced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from phishcli.artifacts.manifest import FileNote, Manifest, note
from phishcli.artifacts.store import Entry
from phishcli.errors import PersistError, system_error
from phishcli.files import appearing_file, parse_json, read_bounded

RECORD = ".exported.jsonl"
"""Lists all copies ever made in a results folder, one per line, with the hashes that prove that they are ours.

Lines are added before a copy is made, so that neither a kill nor another run at the same time loses one.
"""


def export(entry: Entry, folder: Path, earlier: Iterable[Manifest] = ()) -> list[Path]:
    """Copy the files of an artifact into ``folder``, each atomically, skipping those that are up to date.

    A file is replaced if it is a copy of ours: listed in the folder's record, or a file of ``earlier`` artifacts, with
    the same hash. Files copied from ``earlier`` artifacts that this one lacks are removed under the same condition.

    Returns
    -------
    list of Path
        The paths of the copies.

    Raises
    ------
    PersistError
        When the folder cannot be written, or, after everything else is copied, when files of somebody else's have the
        names of ours.
    """
    before, files = list(earlier), entry.manifest.files
    foreign, at = [], folder
    try:
        _record(folder, files)
        for name, expected in files.items():
            at = folder / name
            if _is(at, expected):
                continue
            if not _may_write(at, _ours(folder, before).get(name, set())):
                foreign.append(name)
                continue
            with appearing_file(at) as copy:
                shutil.copyfile(entry.folder / name, copy)
        for manifest in before:
            for name, old in manifest.files.items():
                at = folder / name
                if name not in files and _is(at, old):
                    at.unlink(missing_ok=True)
    except OSError as error:
        what, kept = "A result could not be written", "nothing has to be recomputed"
        raise system_error(error, what, where=at, kept=kept) from error
    if foreign:
        raise _not_ours(folder, foreign)
    return [folder / name for name in files]


def exported(entry: Entry, folder: Path) -> bool:
    """Whether the copies in ``folder`` match this artifact."""
    return all(_is(folder / name, expected) for name, expected in entry.manifest.files.items())


def _ours(folder: Path, earlier: Iterable[Manifest]) -> dict[str, set[FileNote]]:
    """By name, what copies of ours hold."""
    known: dict[str, set[FileNote]] = {}
    copies = (copy for manifest in earlier for copy in manifest.files.items())
    for name, found in (*_recorded(folder), *copies):
        known.setdefault(name, set()).add(found)
    return known


def _recorded(folder: Path) -> list[tuple[str, FileNote]]:
    try:
        lines = read_bounded(folder / RECORD).splitlines()
    except (OSError, ValueError):  # no record, or none that can be read
        return []
    found = []
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):  # cut off or damaged: it proves nothing
            values = parse_json(line)
            found.append((str(values["name"]), FileNote(str(values["sha256"]), int(values["size"]))))
    return found


def _record(folder: Path, copies: Mapping[str, FileNote]) -> None:
    known = set(_recorded(folder))
    new = [
        {"name": name, "sha256": each.sha256, "size": each.size}
        for name, each in copies.items()
        if (name, each) not in known
    ]
    if new:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / RECORD).open("ab") as file:
            file.write(b"".join(b"\n" + json.dumps(line).encode() for line in new) + b"\n")


def _may_write(path: Path, ours: Collection[FileNote]) -> bool:
    """Whether nothing of that name is there, or a copy of ours."""
    try:
        return note(path) in ours
    except FileNotFoundError:
        return True


def _is(path: Path, expected: FileNote) -> bool:
    try:
        return note(path) == expected
    except FileNotFoundError:
        return False


def _not_ours(folder: Path, names: Collection[str]) -> PersistError:
    return PersistError(
        "Files that phish did not write, or that were changed since, are in the place of results and were kept",
        where="\n".join(str(folder / name) for name in names),
        hint="Move or delete them and run again, or choose another folder with --results-dir; nothing is recomputed",
    )
