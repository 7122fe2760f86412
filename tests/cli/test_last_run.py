"""Which table a command works on when nothing on its command line says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import QUICK, small_table

ON_SITES = ("--source", "sites.csv", "--target=label", "--positive-label=phishing")
FAST = (*QUICK, "--set=train.models=[LogisticRegression,NaiveBayes]")
RECORD = Path("results/runs/settings.json")


@pytest.fixture
def run(phish: Callable, sites: Path) -> Callable:
    """The program, in a folder that has run all stages on the small table."""
    assert phish("run-all", *ON_SITES, *FAST, "-q").code == 0
    return phish


def source_of(said: object) -> str:
    return said.document["source"]["origin"]


def test_every_later_command_works_on_the_table_of_the_run(run: Callable, tmp_path: Path) -> None:
    for command in ("gate --require accuracy>=0.5", "operate", "audit", "report", "evaluate", "persist", "load"):
        said = run(*command.split(), "--json")
        assert said.code == 0, said.err
        assert source_of(said) == "sites.csv", command
    assert source_of(run("status", "--json")) == "sites.csv"
    released = json.loads((tmp_path / "results/artifacts/latest/NaiveBayes_metadata.json").read_text())
    assert released["data"]["source"] == "sites.csv"
    assert not list((tmp_path / ".cache/sources").glob("sample*"))


def test_one_line_says_so_and_none_with_quiet_which_prints_no_less_in_its_results(run: Callable) -> None:
    line = "Using the settings of the last run in this folder (sites.csv); `phish config show` lists them."
    assert run("status").err.splitlines() == [line]
    said = run("gate", "--require", "accuracy>=0.5", "-q")
    assert said.err == ""
    assert "sites.csv" in said.out


def test_config_show_names_the_last_run_as_the_origin(run: Callable) -> None:
    shown = run("config", "show", "--json").document
    assert shown["load.source"] == {"value": "sites.csv", "origin": "last run"}
    assert shown["evaluate.n_boot"] == {"value": 40, "origin": "last run"}
    assert shown["evaluate.seed"]["origin"] == "default"


def test_an_option_holds_over_the_last_run_and_is_kept_by_what_runs_stages(run: Callable) -> None:
    assert run("evaluate", "--set=evaluate.threshold=0.4", "-q").code == 0
    assert run("config", "show", "--json").document["evaluate.threshold"] == {"value": 0.4, "origin": "last run"}
    assert run("config", "show", "--set=evaluate.threshold=0.3", "--json").document["evaluate.threshold"] == {
        "value": 0.3,
        "origin": "--set",
    }


@pytest.mark.parametrize("command", ["gate --require accuracy>=0.5", "operate", "audit", "status", "run-all --dry-run"])
def test_what_only_looks_changes_nothing_for_the_commands_after_it(run: Callable, command: str) -> None:
    before = RECORD.read_bytes()
    assert run(*command.split(), "--set=evaluate.threshold=0.4", "-q").code == 0
    assert RECORD.read_bytes() == before


def test_a_command_that_names_a_source_begins_anew(run: Callable) -> None:
    shown = run("config", "show", "--source=other.csv", "--json").document
    assert shown["evaluate.n_boot"] == {"value": 1000, "origin": "default"}
    assert shown["load.target"]["value"] is None


def test_the_sample_comes_back_when_it_is_asked_for(run: Callable) -> None:
    shown = run("config", "show", "--source=sample", "--json").document
    assert shown["load.source"] == {"value": "sample", "origin": "--source"}
    assert shown["load.target"]["value"] is None


def test_a_file_without_a_source_gets_the_table_of_the_last_run_and_nothing_else(run: Callable) -> None:
    Path("mine.yaml").write_text("train: {seed: 7}\n")
    shown = run("config", "show", "-c", "mine.yaml", "--json").document
    assert shown["load.source"]["value"] == "sites.csv"
    assert shown["load.target"] == {"value": "label", "origin": "last run"}
    assert shown["evaluate.n_boot"]["origin"] == "default"
    assert "mine.yaml names no source: using that of the last run (sites.csv)." in run("status", "-c", "mine.yaml").err


def test_a_file_with_a_source_owes_nothing_to_the_last_run(run: Callable) -> None:
    Path("phish.yaml").write_text("load: {source: other.csv}\n")
    shown = run("config", "show", "--json").document
    assert {key for key, each in shown.items() if each["origin"] == "last run"} == set()
    assert shown["load.source"]["value"] == "other.csv"


def test_after_a_run_that_failed_only_what_was_wrong_has_to_be_typed_again(phish: Callable, sites: Path) -> None:
    assert phish("run-all", "--source=sites.csv", *FAST).code == 3
    said = phish("run-all", "--positive-label=phishing", "--json")
    assert said.code == 0
    assert source_of(said) == "sites.csv"
    assert [row["model"] for row in [said.document["selection"]]] <= ["NaiveBayes"]


def test_a_name_that_leads_nowhere_is_not_kept(run: Callable) -> None:
    assert run("load", "--source=stes.csv").code == 3
    assert source_of(run("status", "--json")) == "sites.csv"


def test_a_table_that_has_gone_is_an_error_and_no_reason_to_take_another(run: Callable, sites: Path) -> None:
    sites.unlink()
    said = run("gate", "--require", "accuracy>=0.1")
    assert said.code == 3
    assert str(sites) in said.err


def test_folders_do_not_know_of_each_other(run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    assert run("config", "show", "--json").document["load.source"]["origin"] == "default"
    assert run("gate", "--require", "accuracy>=0.1").code == 2


@pytest.mark.parametrize("command", [("gate", "--require", "accuracy>=0.1"), ("persist",)])
def test_gate_and_persist_want_to_be_told_to_take_the_sample(phish: Callable, command: tuple[str, ...]) -> None:
    said = phish(*command, "-q")
    assert said.code == 2
    assert "--source sample" in said.err
    assert not Path(".cache").exists()


def test_folders_for_results_and_cache_elsewhere_are_found_again(phish: Callable, sites: Path, tmp_path: Path) -> None:
    elsewhere = ("--cache-dir", tmp_path / "far/c", "--results-dir", "r")
    assert phish("run-all", *ON_SITES, *FAST, "-q", *elsewhere).code == 0
    said = phish("run-all", "--json")
    assert {stage["state"] for stage in said.document["stages"]} == {"cached"}
    assert Path("r/report.html").is_file()
    assert not Path(".cache").exists()
    assert not Path("results/report.html").exists()


def test_each_results_folder_knows_its_own_run(phish: Callable, sites: Path) -> None:
    small_table(seed=1).to_csv("b.csv", index=False)
    phish("load", *ON_SITES, "--results-dir=one", "-q")
    phish("load", "--source=b.csv", *ON_SITES[2:], "--results-dir=two", "-q")
    assert phish("config", "show", "--results-dir=one", "--json").document["load.source"]["value"] == "sites.csv"
    assert phish("config", "show", "--json").document["load.source"]["value"] == "b.csv"
    assert phish("config", "show", "--results-dir=new", "--json").document["load.source"]["value"] == "b.csv"


@pytest.mark.parametrize("damage", ["", "{", "[" * 100_000, '{"settings": {}}', '{"settings": 3}', "null", "\0"])
def test_a_damaged_record_is_an_error_and_never_the_sample(run: Callable, damage: str) -> None:
    RECORD.write_text(damage)
    said = run("gate", "--require", "accuracy>=0.1")
    assert said.code == 2
    assert str(RECORD.absolute()) in said.err
    assert run("load", *ON_SITES, "-q").code == 0
    assert source_of(run("status", "--json")) == "sites.csv"


def test_results_of_a_version_that_kept_no_settings_are_not_mistaken_for_the_sample(run: Callable) -> None:
    RECORD.unlink()
    said = run("audit")
    assert said.code == 2
    assert "--source sites.csv" in said.err


def test_a_password_is_not_kept_and_asked_for_again(phish: Callable) -> None:
    RECORD.parent.mkdir(parents=True)
    from phishcli.config.last_run import keep_last_run
    from phishcli.settings import load_config

    keep_last_run(load_config(overrides={"load.source": ("http://me:pw@127.0.0.1/s.csv", "")}).config, Path())
    assert "pw" not in RECORD.read_text()
    said = phish("status")
    assert said.code == 2
    assert "--source URL" in said.err


def test_phish_yaml_holds_in_the_folders_below_it(
    run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("phish.yaml").write_text("load: {source: sites.csv, target: label, positive_label: phishing}\n")
    below = tmp_path / "notes/of/mine"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    said = run("load", "--json")
    assert {stage["state"] for stage in said.document["stages"]} == {"cached"}
    assert source_of(said) == "../../../sites.csv"
    assert list(below.iterdir()) == []


def test_the_home_folder_is_no_project(phish: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("phish.yaml").write_text("train: {seed: 7}\n")
    below = tmp_path / "project"
    below.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert phish("config", "show", "--json").document["train.seed"]["value"] == 7
    monkeypatch.chdir(below)
    assert phish("config", "show", "--json").document["train.seed"]["value"] == 42


def test_a_home_folder_behind_a_link_is_one_too(
    phish: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, below = tmp_path / "real", tmp_path / "real/project"
    below.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    (home / "phish.yaml").write_text("train: {seed: 7}\n")
    monkeypatch.setenv("HOME", str(tmp_path / "link"))
    monkeypatch.chdir(below)
    assert phish("config", "show", "--json").document["train.seed"]["value"] == 42


def test_a_folder_above_in_which_everybody_may_write_says_nothing(
    phish: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "open/mine"
    below.mkdir(parents=True)
    (tmp_path / "open/phish.yaml").write_text("train: {seed: 7}\n")
    monkeypatch.chdir(below)
    assert phish("config", "show", "--json").document["train.seed"]["value"] == 7
    below.parent.chmod(0o1777)
    assert phish("config", "show", "--json").document["train.seed"]["value"] == 42
    monkeypatch.chdir(below.parent)
    assert phish("config", "show", "--json").document["train.seed"]["value"] == 7


def test_paths_in_a_file_are_relative_to_it_and_those_of_options_to_here(run: Callable, tmp_path: Path) -> None:
    Path("conf").mkdir()
    Path("conf/a.yaml").write_text("load: {source: ../sites.csv}\nrun: {results_dir: out}\n")
    shown = run("config", "show", "-c", "conf/a.yaml", "--cache-dir=c", "--json").document
    assert shown["load.source"]["value"] == "sites.csv"
    assert shown["run.results_dir"]["value"] == "conf/out"
    assert shown["run.cache_dir"]["value"] == "c"
    Path("conf/a.yaml").write_text("load: {source: gone.csv}\n")
    said = run("load", "-c", "conf/a.yaml")
    assert said.code == 3
    assert str(tmp_path / "conf" / "gone.csv") in said.err


def test_a_run_in_python_is_known_to_the_program(phish: Callable, sites: Path) -> None:
    from phishcli import Project

    Project.of({"load.source": "sites.csv", "load.target": "label", "load.positive_label": "phishing"}).run("load")
    assert source_of(phish("status", "--json")) == "sites.csv"
    assert Project.of().config.load.source == "sample"  # code says what it means


def test_the_settings_of_a_release_name_its_table_from_where_they_lie(
    run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("persist", "-q").code == 0
    snapshot = Path("results/artifacts/latest/config_snapshot.yaml")
    assert "source: ../../../sites.csv" in snapshot.read_text()
    said = run("status", "-c", snapshot, "--json").document
    assert (said["fresh"], said["source"]["origin"]) == (True, "sites.csv")
    monkeypatch.chdir(tmp_path / "results")
    shown = run("config", "show", "-c", "artifacts/latest/config_snapshot.yaml", "--json").document
    assert shown["load.source"]["value"] == "../sites.csv"
