"""The history: a small file per run, found by the beginning of its name, whatever else lies there."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from phishcli.artifacts.runs import Runs, run_id
from phishcli.errors import ConfigError
from tests.recorded import RUN


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Three runs, recorded in another order than they were made in."""
    recorded = Runs(tmp_path)
    for print_, day in (("bb11223344556677", 2), ("aa11223344556677", 3), ("aa99887766554433", 1)):
        created = f"2026-11-0{day}T08:00:00+00:00"
        recorded.record(msgspec.structs.replace(RUN, id=run_id(print_), created=created))
    return recorded


def test_runs_are_listed_by_their_time_and_named_by_their_report(runs: Runs) -> None:
    assert [run.id for run in runs.all()] == ["aa99887766", "bb11223344", "aa11223344"]
    assert runs.has(run_id("bb11223344556677"))
    assert not runs.has(run_id("cc11223344556677"))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bb", "bb11223344"),
        ("aa99", "aa99887766"),
        ("latest", "aa11223344"),
        ("latest~2", "aa99887766"),
        ("latest~0", "aa11223344"),
    ],
)
def test_a_run_is_found_by_the_beginning_of_its_name_or_by_counting_back(runs: Runs, name: str, found: str) -> None:
    assert runs.find(name).id == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aa", "Several runs start with 'aa'"),
        ("zz", "There is no run 'zz'"),
        ("latest~3", "There is no run 'latest~3'"),
        ("latest~x", "There is no run 'latest~x'"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error_that_says_how_to_list_them(runs: Runs, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        runs.find(name)
    assert (caught.value.where, caught.value.hint) == (f"{runs.folder} holds 3 runs", "`phish runs` lists them")


@pytest.mark.parametrize("name", ["latest", "zz"])
def test_where_there_is_no_run_the_error_says_how_to_make_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"There is no run '{name}'") as caught:
        Runs(tmp_path).find(name)
    assert (caught.value.where, caught.value.hint) == (
        f"{tmp_path / 'runs'} holds 0 runs",
        "Start one with `phish run-all`",
    )


def test_one_run_is_counted_as_one(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.record(RUN)
    with pytest.raises(ConfigError, match="There is no run 'latest~1'") as caught:
        runs.find("latest~1")
    assert caught.value.where == f"{runs.folder} holds 1 run"


@pytest.mark.usefixtures("ascii_locale")
def test_a_run_is_a_file_that_people_can_read_whatever_their_names_are_written_with(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.record(msgspec.structs.replace(RUN, id="bb11223344", origin="données.csv"))
    text = (runs.folder / "bb11223344.json").read_bytes().decode("utf-8")
    assert '\n "origin": "données.csv"' in text
    assert runs.find("bb").origin == "données.csv"


@pytest.mark.parametrize("content", ["{", "[]", "[1]", "5", '{"id": "x"}', '{"format": 9}', '{"format": 2, "id": "x"}'])
def test_files_that_are_no_runs_are_skipped(runs: Runs, content: str) -> None:
    (runs.folder / "strange.json").write_text(content)
    assert len(runs.all()) == 3


def test_without_a_folder_there_is_no_run(tmp_path: Path) -> None:
    assert Runs(tmp_path / "nowhere").all() == []
