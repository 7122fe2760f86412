"""The manifest of an artifact: what it was made from, by which versions, and the hash of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from phishcli.files import parse_json, read_bounded, regular_file

FORMAT = 1
"""Bumped when the meaning of a manifest changes; other formats are not read."""

NAME = "manifest.json"


class Damaged(Exception):
    """An artifact that does not match its manifest, or whose manifest cannot be read."""


@dataclass(frozen=True)
class FileNote:
    """SHA-256 (hex) and size in bytes of one file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """Metadata of an artifact.

    ``parts`` are the inputs of its fingerprint, ``summary`` is the result in a few words, ``seconds`` the time it took,
    ``peak_mb`` the peak resident memory of the process up to then, ``created`` an ISO time in UTC.
    """

    step: str
    fingerprint: str
    parts: Mapping[str, Any]
    files: Mapping[str, FileNote]
    summary: str
    seconds: float
    peak_mb: float
    created: str
    packages: Mapping[str, str | None]
    extra: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write ``manifest.json`` into the folder, with a hash of its own content."""
        document = asdict(self)
        document["sha256"] = _digest(document)
        (folder / NAME).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder.

        Raises
        ------
        Damaged
            When it is missing, invalid, of another format, or does not match its hash.
        """
        try:
            document = parse_json(read_bounded(folder / NAME))
            promised = document.pop("sha256", None)
            digest = _digest(document)
            files = {name: FileNote(**note) for name, note in document.pop("files").items()}
            manifest = cls(**document, files=files)
        except FileNotFoundError:
            raise Damaged(f"{NAME} is missing") from None
        except OSError as error:
            raise Damaged(f"{NAME} cannot be read ({error.strerror})") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged(f"{NAME} cannot be read ({type(error).__name__})") from error
        if manifest.format != FORMAT:
            raise Damaged(f"{NAME} has format {manifest.format}; this version reads {FORMAT}")
        if digest != promised:
            raise Damaged(f"{NAME} does not match its hash")
        return manifest


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def note(path: Path) -> FileNote:
    """The hash and size of one file."""
    with regular_file(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileNote(digest, path.stat().st_size)


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Check the size of every file: cheap, done on every lookup.

    Raises
    ------
    Damaged
        Naming the first file that is missing or has another size.
    """
    for name, expected in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except FileNotFoundError:
            raise Damaged(f"{name} is missing") from None
        except OSError as error:
            raise Damaged(f"{name} cannot be read ({error.strerror})") from None
        if size != expected.size:
            raise Damaged(f"{name} has {size:,} bytes instead of {expected.size:,}")


def check_hashes(folder: Path, manifest: Manifest) -> None:
    """Check the hash of every file: done before anything is read.

    Raises
    ------
    Damaged
        Naming the first file that does not match.
    """
    for name, expected in manifest.files.items():
        try:
            found = note(folder / name)
        except OSError as error:
            raise Damaged(f"{name} cannot be read ({error.strerror})") from None
        if found != expected:
            raise Damaged(f"{name} does not match its hash")
