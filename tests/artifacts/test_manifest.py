"""The manifest says what an artifact is, and notices when it is something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from phishcli.artifacts.manifest import (
    NAME,
    Damaged,
    FileNote,
    Manifest,
    check_hashes,
    check_sizes,
    note,
)


@pytest.fixture
def written(tmp_path: Path) -> Manifest:
    """The manifest of a folder with one file of 1,200 bytes, as it was written there."""
    (tmp_path / "a.txt").write_bytes(b"a" * 1_200)
    manifest = Manifest(
        step="train/SVM",
        fingerprint="abc",
        parts={"version": 1, "config.title": "Modèle"},
        files={"a.txt": FileNote(sha256(b"a" * 1_200).hexdigest(), 1_200)},
        summary="5 folds",
        seconds=1.5,
        peak_mb=200.0,
        created="2026-11-02T08:00:00.000+00:00",
        packages={"numpy": "2.4.6", "lightgbm": None},
        extra={"version": "1.0.0"},
    )
    manifest.write(tmp_path)
    return manifest


def changed(folder: Path, change: Callable[[dict], object]) -> None:
    """Change the document as somebody would who does not know of its hash."""
    document = json.loads((folder / NAME).read_bytes())
    change(document)
    (folder / NAME).write_text(json.dumps(document))


def test_what_is_written_is_read(written: Manifest, tmp_path: Path) -> None:
    assert Manifest.read(tmp_path) == written


@pytest.mark.usefixtures("ascii_locale")
def test_it_is_written_for_people_in_utf_8_whatever_the_locale(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("written")
    text = (tmp_path / NAME).read_bytes().decode("utf-8")
    assert text.startswith('{\n  "step": "train/SVM",\n  "fingerprint": "abc",\n')
    assert '"config.title": "Modèle"' in text
    assert text.endswith("}\n")


def test_its_hash_is_that_of_all_else_that_it_says_in_the_order_of_the_keys(written: Manifest, tmp_path: Path) -> None:
    document = json.loads((tmp_path / NAME).read_bytes())
    promised = document.pop("sha256")
    assert promised == sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize("key", ["step", "summary", "created", "seconds", "sha256"])
def test_a_manifest_that_somebody_changed_is_damage(written: Manifest, tmp_path: Path, key: str) -> None:
    changed(tmp_path, lambda document: document.update({key: "other"}))
    with pytest.raises(Damaged, match=r"^manifest\.json does not match its hash$"):
        Manifest.read(tmp_path)


def test_a_manifest_without_a_hash_is_damage(written: Manifest, tmp_path: Path) -> None:
    changed(tmp_path, lambda document: document.pop("sha256"))
    with pytest.raises(Damaged, match="does not match its hash"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda document: document.pop("files"), "KeyError"),
        (lambda document: document.update(files=[]), "AttributeError"),
        (lambda document: document.update(files={"a.txt": {}}), "TypeError"),
        (lambda document: document.update(unheard_of=1), "TypeError"),
    ],
)
def test_a_manifest_that_cannot_be_understood_says_why(
    written: Manifest, tmp_path: Path, change: Callable[[dict], object], kind: str
) -> None:
    changed(tmp_path, change)
    with pytest.raises(Damaged, match=rf"^manifest\.json cannot be read \({kind}\)$"):
        Manifest.read(tmp_path)


def test_without_a_manifest_it_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match=r"^manifest\.json is missing$"):
        Manifest.read(tmp_path)


def test_a_note_is_size_and_sha_256(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    assert note(tmp_path / "a.txt") == FileNote("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3)


def test_a_whole_folder_passes_both_looks(written: Manifest, tmp_path: Path) -> None:
    check_sizes(tmp_path, written)
    check_hashes(tmp_path, written)


@pytest.mark.parametrize(
    ("content", "by_size", "by_hash"),
    [
        (b"a" * 12_000, r"a\.txt has 12,000 bytes instead of 1,200", r"a\.txt does not match its hash"),
        (b"b" * 1_200, None, r"a\.txt does not match its hash"),
        (None, r"a\.txt is missing", r"a\.txt cannot be read \(No such file or directory\)"),
    ],
    ids=["longer", "changed", "gone"],
)
def test_what_is_wrong_with_a_file_is_said(
    written: Manifest, tmp_path: Path, content: bytes | None, by_size: str | None, by_hash: str
) -> None:
    path = tmp_path / "a.txt"
    path.unlink() if content is None else path.write_bytes(content)
    if by_size is None:
        check_sizes(tmp_path, written)
    else:
        with pytest.raises(Damaged, match=f"^{by_size}$"):
            check_sizes(tmp_path, written)
    with pytest.raises(Damaged, match=f"^{by_hash}$"):
        check_hashes(tmp_path, written)
