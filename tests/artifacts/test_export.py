"""Copies in ``results/``: written where they are missing or differ, and never at the cost of somebody's own changes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from phishcli.artifacts import Output, Store
from phishcli.artifacts.export import export, exported
from phishcli.artifacts.store import Entry
from phishcli.errors import PersistError, PhishError


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


def made(store: Store, **texts: str) -> Entry:
    """A report of text files, each named by its word."""
    files: dict[str, Any] = {f"{name}.txt": text for name, text in texts.items()}
    return store.publish("report", {"made of": texts}, Output(files, ""), started=time.perf_counter(), packages={})


def texts(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text() for path in folder.glob("[!.]*")}


def test_every_file_is_copied_under_its_name(store: Store, results: Path) -> None:
    entry = made(store, summary="one", segments="two")
    assert not exported(entry, results)
    assert export(entry, results) == [results / "summary.txt", results / "segments.txt"]
    assert texts(results) == {"summary": "one", "segments": "two"}
    assert exported(entry, results)


def test_one_copy_that_differs_or_is_missing_makes_the_export_incomplete(store: Store, results: Path) -> None:
    entry = made(store, summary="one", segments="two")
    export(entry, results)
    (results / "segments.txt").write_text("TWO")
    assert not exported(entry, results)
    (results / "segments.txt").unlink()
    assert not exported(entry, results)


def test_a_copy_that_is_there_already_is_not_written_again_and_an_older_one_is(store: Store, results: Path) -> None:
    export(made(store, summary="one", segments="2"), results)
    entry = made(store, summary="one", segments="two")
    before = (results / "summary.txt").stat().st_ino
    export(entry, results)
    assert (results / "summary.txt").stat().st_ino == before
    assert texts(results) == {"summary": "one", "segments": "two"}


@pytest.mark.parametrize("damage", [lambda record: record.unlink(), lambda record: record.write_bytes(b"[" * 200_000)])
def test_what_somebody_else_has_written_is_kept_and_named(store: Store, results: Path, damage: Any) -> None:
    results.mkdir()
    (results / "summary.txt").write_text("my own")
    entry, earlier = made(store, summary="one", segments="two"), made(store, segments="2")
    for _ in range(2):
        with pytest.raises(PersistError, match="were kept") as caught:
            export(entry, results)
        assert caught.value.where == str(results / "summary.txt")
        assert texts(results) == {"summary": "my own", "segments": "two"}
    (results / "summary.txt").unlink()
    export(entry, results)
    assert texts(results) == {"summary": "one", "segments": "two"}
    damage(results / ".exported.jsonl")
    with pytest.raises(PersistError, match="were kept"):  # nothing proves any more that this copy is ours
        export(earlier, results)
    export(earlier, results, [entry.manifest])
    assert texts(results) == {"segments": "2"}


def test_copies_of_an_earlier_report_go_unless_somebody_has_changed_them(store: Store, results: Path) -> None:
    earlier, now = made(store, summary="old", segments="s", notes="n", charts="c"), made(store, summary="new")
    export(earlier, results)
    (results / "notes.txt").write_text("n, and a remark of mine")
    (results / "charts.txt").unlink()
    (results / "mine.txt").write_text("mine")
    export(now, results, [earlier.manifest])
    assert texts(results) == {"summary": "new", "notes": "n, and a remark of mine", "mine": "mine"}


def test_a_copy_that_somebody_removes_at_the_same_moment_is_no_trouble(
    store: Store, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier, now = made(store, summary="old", segments="s"), made(store, summary="new")
    export(earlier, results)
    export(now, results)

    def seen_and_gone(path: Path, _: object) -> bool:
        if path.stem == "segments":
            path.unlink()
        return True

    monkeypatch.setattr(sys.modules[export.__module__], "_is", seen_and_gone)
    export(now, results, [earlier.manifest])
    assert texts(results) == {"summary": "new"}


def test_what_this_report_has_too_stays_although_an_earlier_one_had_the_same(store: Store, results: Path) -> None:
    earlier, now = made(store, summary="same", segments="s"), made(store, summary="same")
    export(earlier, results)
    kept = (results / "summary.txt").stat().st_ino
    export(now, results, [earlier.manifest, earlier.manifest])
    assert texts(results) == {"summary": "same"}
    assert (results / "summary.txt").stat().st_ino == kept


def test_a_folder_that_cannot_be_written_is_an_error_that_names_the_file_and_the_way_out(
    store: Store, results: Path
) -> None:
    entry = made(store, summary="one", segments="two")
    (results / "segments.txt").mkdir(parents=True)
    with pytest.raises(PhishError, match=r"A result could not be written: Is a directory") as caught:
        export(entry, results)
    assert caught.value.where == str(results / "segments.txt")
    assert caught.value.hint == (
        "Something else has that name: move it away, or choose another folder with --cache-dir or --results-dir; "
        "nothing has to be recomputed"
    )


def test_an_earlier_copy_that_cannot_be_removed_is_named(
    store: Store, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier, now = made(store, summary="one", segments="two"), made(store, summary="one")
    export(earlier, results)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(PhishError, match="Operation not permitted") as caught:
        export(now, results, [earlier.manifest])
    assert caught.value.where == str(results / "segments.txt")
