"""The store gives back what was put in, notices damage, and never shows half an artifact."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phishcli.artifacts import Damaged, Entry, Output, Store, export, fingerprint
from phishcli.artifacts.store import PATIENCE, peak_memory_mb
from phishcli.errors import PhishError
from phishcli.files import LOCK

PARTS = {"version": 1, "config.seed": 42}


def publish(store: Store, step: str = "load", parts: dict | None = None, **files: object) -> Entry:
    files = files or {"schema.json": {"rows": 3}}
    output = Output({name.replace("_", "."): value for name, value in files.items()}, summary="3 rows")
    with store.lock(step, fingerprint(step, parts or PARTS)):  # as a run does
        return store.publish(step, parts or PARTS, output, started=time.perf_counter(), packages={"pandas": "3.1.1"})


def find(store: Store, *, deep: bool = True) -> Entry | None:
    return store.find("load", fingerprint("load", PARTS), deep=deep)


def test_what_was_published_is_found_with_its_content_and_its_manifest(store: Store) -> None:
    publish(store, schema_json={"rows": 3})
    entry = find(store)
    assert entry is not None
    assert entry.read("schema.json") == {"rows": 3}
    assert entry.manifest.summary == "3 rows"
    assert entry.manifest.parts == PARTS
    assert entry.manifest.packages["pandas"] == "3.1.1"
    assert entry.manifest.peak_mb > 1
    assert entry.manifest.files["schema.json"].size == (entry.folder / "schema.json").stat().st_size


def test_other_parts_are_another_artifact(store: Store) -> None:
    publish(store)
    assert store.find("load", fingerprint("load", {**PARTS, "config.seed": 7})) is None


def test_latest_leads_to_what_was_made_last_and_can_be_led_back(store: Store) -> None:
    first = publish(store)
    second = publish(store, parts={**PARTS, "config.seed": 7})
    assert store.latest("load").folder == second.folder
    store.point_latest(first)
    assert store.latest("load").folder == first.folder
    assert (store.root / "load" / "latest" / "schema.json").is_file()


def test_steps_of_a_model_lie_below_their_stage(store: Store) -> None:
    entry = publish(store, step="train/XGBoost")
    assert entry.folder.parent == store.root / "train" / "XGBoost"
    assert store.latest("train/XGBoost").folder == entry.folder


def test_a_file_of_another_size_is_noticed_at_any_look(store: Store) -> None:
    entry = publish(store)
    with (entry.folder / "schema.json").open("a") as file:
        file.write(" ")
    with pytest.raises(Damaged, match=r"schema\.json has \d+ bytes instead of \d+"):
        find(store, deep=False)


def test_a_flipped_byte_is_noticed_by_a_deep_look_and_by_reading(store: Store) -> None:
    entry = publish(store)
    path = entry.folder / "schema.json"
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)
    assert store.find("load", fingerprint("load", PARTS)) is not None  # not deep, unless asked
    with pytest.raises(Damaged, match=r"schema\.json does not match its hash"):
        find(store)
    with pytest.raises(Damaged, match=r"schema\.json does not match its hash"):
        entry.read("schema.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "manifest.json is missing"),
        ("{", "manifest.json cannot be read"),
        ("[]", "manifest.json cannot be read"),
        ('{"files": {}}', "manifest.json cannot be read"),
    ],
)
def test_a_broken_manifest_is_damage_and_not_a_crash(store: Store, content: str | None, said: str) -> None:
    path = publish(store).folder / "manifest.json"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(Damaged, match=said):
        find(store)
    assert store.latest("load") is None


def test_a_manifest_of_another_format_is_not_read(store: Store) -> None:
    path = publish(store).folder / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(Damaged, match="format 99; this version reads 1"):
        find(store)


def test_a_file_that_is_gone_is_noticed(store: Store) -> None:
    entry = publish(store)
    (entry.folder / "schema.json").unlink()
    with pytest.raises(Damaged, match=r"schema\.json is missing"):
        find(store, deep=False)
    with pytest.raises(Damaged, match=r"schema\.json cannot be read"):
        find(store)


def test_an_artifact_is_untouched_until_its_content_changes_or_it_is_replaced_even_by_its_like(store: Store) -> None:
    entry = publish(store)
    assert entry.is_untouched()
    time.sleep(0.002)  # times are kept to the millisecond
    again = publish(store)
    assert again.is_untouched()
    assert not entry.is_untouched()
    (again.folder / "schema.json").write_text('{"rows": 4}')
    assert not again.is_untouched()
    shutil.rmtree(again.folder)
    assert not again.is_untouched()


@pytest.mark.parametrize(("share", "seconds"), [(None, 2.5), (0.123456789, 0.1235), (0.0, 0.0)])
def test_a_manifest_has_the_time_since_the_start_or_the_share_that_is_given(
    store: Store, monkeypatch: pytest.MonkeyPatch, share: float | None, seconds: float
) -> None:
    monkeypatch.setattr(time, "perf_counter", lambda: 1_002.5)
    output = Output({"a.json": 1}, "", seconds=share)
    entry = store.publish("load", {}, output, started=1_000.0, packages={})
    assert entry.manifest.seconds == seconds


def test_a_manifest_has_the_time_in_utc_and_the_version_of_this_program(store: Store) -> None:
    entry = publish(store)
    created = datetime.fromisoformat(entry.manifest.created)
    assert created.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
    assert entry.manifest.packages == {"pandas": "3.1.1", "phishcli": version("phishcli")}


@pytest.mark.parametrize(("platform", "peak"), [("linux", 1_000_000), ("darwin", 1_024_000_000)])
def test_peak_memory_is_in_megabytes_whatever_the_system_counts_in(
    monkeypatch: pytest.MonkeyPatch, platform: str, peak: int
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("resource.getrusage", lambda _: SimpleNamespace(ru_maxrss=peak + peak // 70))
    assert peak_memory_mb() == 1038.6


def test_one_file_can_be_checked_by_itself(store: Store) -> None:
    entry = publish(store, a_json=1, b_json=2)
    (entry.folder / "a.json").write_text("3\n")
    entry.check("b.json")
    assert entry.content("b.json") == sha256(b"2\n").hexdigest()
    with pytest.raises(Damaged, match=r"a\.json does not match its hash"):
        entry.check("a.json")


def test_an_artifact_that_was_copied_into_the_folder_of_another_one_is_damage(store: Store) -> None:
    entry = publish(store, step="audit")
    shutil.copytree(entry.folder, store.folder_of("load", fingerprint("load", PARTS)))
    with pytest.raises(Damaged, match="the folder holds an artifact of audit"):
        find(store)


def test_all_artifacts_are_listed_once_and_nothing_unfinished(store: Store) -> None:
    load, model = publish(store), publish(store, step="train/SVM")
    shutil.copytree(load.folder, load.folder.with_name(f".tmp-{load.folder.name}-leftover"))
    (model.folder / "manifest.json").write_text("{")
    assert list(store.entries()) == [(load.folder, "load"), (model.folder, "train/SVM")]


def test_manifests_of_a_step_are_those_of_all_its_whole_artifacts(store: Store) -> None:
    entries = [publish(store, parts={"version": number}) for number in range(3)]
    publish(store, step="audit")
    (entries[0].folder / "manifest.json").write_text("{")
    left = entries[1].folder.with_name(".tmp-left")
    shutil.copytree(entries[1].folder, left)
    found = sorted(manifest.parts["version"] for manifest in store.manifests("load"))
    assert found == [1, 2, 2]  # the last one is under its name and under latest
    assert list(store.manifests("never made")) == []


def test_a_damaged_artifact_makes_way_for_a_new_one(store: Store) -> None:
    (publish(store).folder / "schema.json").write_text("damaged")
    publish(store)
    assert find(store).read("schema.json") == {"rows": 3}
    assert store.unfinished() == []


def test_a_failing_write_leaves_nothing_and_what_was_there_stays(store: Store) -> None:
    publish(store)
    with pytest.raises(ValueError, match="not JSON compliant"):
        publish(store, schema_json={"rows": float("nan")})
    assert find(store).read("schema.json") == {"rows": 3}
    assert store.unfinished() == []


def test_a_full_disk_is_one_clear_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("phishcli.artifacts.codecs.write", full)
    with pytest.raises(PhishError, match="load could not be written: No space left on device") as caught:
        publish(store)
    assert caught.value.where == str(store.root / "load")
    assert caught.value.hint == (
        "Free some space, or choose another folder with --cache-dir or --results-dir; existing artifacts are unchanged"
    )
    assert store.unfinished() == []


def test_what_a_killed_writer_left_is_removed_by_the_next(store: Store) -> None:
    program = """
import os, sys, time
from pathlib import Path
from phishcli.artifacts import Output, Store
import phishcli.artifacts.codecs as codecs
codecs.write = lambda path, value: (path.write_text("half"), os.kill(os.getpid(), 9))
parts = {"version": 1, "config.seed": 42}
Store(Path(sys.argv[1])).publish("load", parts, Output({"a.json": 1}, ""), started=0.0, packages={})
"""
    killed = subprocess.run([sys.executable, "-c", program, str(store.root)], check=False)
    assert killed.returncode == -9
    assert find(store) is None
    assert len(store.unfinished()) == 1
    publish(store)
    assert store.unfinished() == []
    assert find(store) is not None


def test_writers_of_one_artifact_wait_for_each_other(store: Store) -> None:
    order: list[str] = []
    held = threading.Event()

    def second() -> None:
        held.wait()
        with store.lock("load", "f"):
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with store.lock("load", "f"):
        held.set()
        time.sleep(0.1)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_a_writer_that_waits_for_long_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phishcli.artifacts.store.PATIENCE", 0.01)
    said: list[str] = []
    held, told = threading.Event(), threading.Event()

    def first() -> None:
        with store.lock("load", "f"):
            held.set()
            told.wait(10)

    holder = threading.Thread(target=first)
    holder.start()
    held.wait()

    def on_wait() -> None:
        said.append("waiting")
        told.set()

    with store.lock("load", "f", on_wait):
        holder.join()
    assert said == ["waiting"]


def test_the_link_is_replaced_in_one_step_even_where_an_old_temporary_link_lies(store: Store) -> None:
    entry = publish(store)
    (store.root / "load" / f".tmp-latest-{os.getpid()}").symlink_to("nowhere")
    other = publish(store, parts={**PARTS, "config.seed": 7})
    assert store.latest("load").folder == other.folder
    assert entry.folder.is_dir()


def leave(store: Store, *, age: float) -> Path:
    """What a killed run leaves of its scratch folder, so many seconds ago."""
    with store.scratch() as folder:
        left = folder.with_name("run-killed")
        shutil.copytree(folder, left)
        (left / "matrices").mkdir()
    then = time.time() - age
    os.utime(left, (then, then))
    return left


def test_a_scratch_folder_is_empty_and_goes_at_the_end(store: Store) -> None:
    with store.scratch() as folder:
        assert [path.name for path in folder.iterdir()] == [LOCK]
        (folder / "matrices").mkdir()
        assert store.leftovers() == []
    assert list(folder.parent.iterdir()) == []


def test_what_a_killed_run_left_of_its_scratch_folder_goes_at_the_next_use(store: Store) -> None:
    left = leave(store, age=PATIENCE + 1)
    assert store.leftovers() == [left]
    with store.scratch() as folder:
        assert list(folder.parent.iterdir()) == [folder]


def test_a_scratch_folder_that_cannot_be_removed_stops_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    left = leave(store, age=PATIENCE + 1)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rmdir", refuse)
    store._sweep()
    assert left.is_dir()


def test_a_scratch_folder_that_was_made_just_now_or_is_held_stays(store: Store) -> None:
    left = leave(store, age=-5)  # a slow machine has these seconds for the lines below
    with store.scratch() as held:
        os.utime(held, (0, 0))
        with store.scratch() as folder:
            assert {*folder.parent.iterdir()} == {left, held, folder}


def test_a_scratch_folder_that_another_run_removes_at_the_same_time_is_no_trouble(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave(store, age=PATIENCE + 1)
    monkeypatch.setattr(Path, "glob", lambda *_: iter([left, left.with_name("run-gone")]))
    assert store.leftovers() == [left]


def test_artifacts_can_be_read_by_others(store: Store) -> None:
    assert publish(store).folder.stat().st_mode & 0o777 == 0o755


def test_copies_made_at_once_get_in_nobodys_way(store: Store, tmp_path: Path) -> None:
    entry = publish(store, schema_json={"rows": list(range(5000))})
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            list(pool.map(lambda _: export(entry, tmp_path / "results"), range(8)))
            (tmp_path / "results/schema.json").unlink()
    export(entry, tmp_path / "results")
    assert (tmp_path / "results/schema.json").read_bytes() == (entry.folder / "schema.json").read_bytes()
    assert [path.name for path in (tmp_path / "results").glob("[!.]*")] == ["schema.json"]


def test_results_that_cannot_be_written_are_one_clear_error(store: Store, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(
        PhishError, match=r"A result could not be written: File exists\n.*results\nSomething else has that name"
    ):
        export(publish(store), tmp_path / "results")


json_parts = st.dictionaries(
    st.text(min_size=1, max_size=8), st.none() | st.integers() | st.text(max_size=8), max_size=5
)


@given(json_parts, json_parts, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_whatever_is_published_is_found_again_unchanged(store: Store, parts: dict, value: dict, summary: str) -> None:
    output = Output({"value.json": value}, summary, extra=value)
    store.publish("load", parts, output, started=time.perf_counter(), packages={})
    entry = store.find("load", fingerprint("load", parts), deep=True)
    assert entry.read("value.json") == value
    assert (entry.manifest.parts, entry.manifest.summary, entry.manifest.extra) == (parts, summary, value)
