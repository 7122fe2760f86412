"""Looking without changing anything: status, show, path, config, version."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def test_status_names_key_old_and_new_value_of_what_is_stale(on_sites: Callable) -> None:
    on_sites("run-all")
    steps = {step["step"]: step for step in on_sites("status", "--json", "--set=evaluate.seed=7").document["steps"]}
    assert steps["evaluate/NaiveBayes"]["reasons"] == [{"key": "config.evaluate.seed", "old": 42, "new": 7}]
    assert steps["evaluate"]["waits_for"] == ["evaluate/LogisticRegression", "evaluate/NaiveBayes"]
    assert steps["train/NaiveBayes"]["status"] == "fresh"
    assert steps["evaluate/NaiveBayes"]["expected_seconds"] > 0


def test_status_is_the_golden_text_before_after_and_with_a_change(on_sites: Callable, golden: Callable) -> None:
    golden("status-before", on_sites("status").out)
    on_sites("run-all")
    golden("status-fresh", on_sites("status").out)
    golden("status-changed", on_sites("status", "--set=preprocess.split.seed=7").out)


def test_status_check_exits_with_8_when_something_is_stale(on_sites: Callable) -> None:
    said = on_sites("status", "--check", "-q")
    assert said.code == 8
    assert "11 of 11 steps would run" in said.err
    on_sites("run-all")
    assert on_sites("status", "--check").code == 0


def test_a_check_that_is_not_met_leaves_one_json_document(on_sites: Callable) -> None:
    said = on_sites("status", "--check", "--json")
    assert said.code == 8
    assert said.document["fresh"] is False


def test_status_changes_nothing_on_disk(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("status")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sites.csv"]


def test_path_prints_the_folder_for_use_in_a_shell(on_sites: Callable) -> None:
    on_sites("run-all")
    folder = Path(on_sites("path", "load").out.strip())
    assert (folder / "features.parquet").is_file()
    assert Path(on_sites("path", "train/NaiveBayes").out.strip(), "model.joblib").is_file()
    assert len(on_sites("path", "train").out.splitlines()) == 2


def test_path_of_something_stale_is_what_was_made_last_and_says_so(on_sites: Callable) -> None:
    on_sites("run-all")
    said = on_sites("path", "preprocess", "--set=preprocess.folds=4")
    assert said.code == 0
    assert Path(said.out.strip()).is_dir()
    assert "preprocess is stale" in said.err


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ("load", "load has not run yet"),
        ("train/Nonsense", "There is no step 'train/Nonsense' in this configuration"),
        ("fit", "There is no stage 'fit'"),
    ],
)
def test_path_of_nothing_is_a_clear_error(on_sites: Callable, stage: str, message: str) -> None:
    said = on_sites("path", stage)
    assert said.code == 2
    assert message in said.err


def test_show_gives_the_files_and_the_first_rows(on_sites: Callable, golden: Callable) -> None:
    on_sites("run-all")
    golden("show-load", on_sites("show", "load").out)


def test_show_of_a_stage_over_models_lists_them(on_sites: Callable) -> None:
    on_sites("run-all")
    out = on_sites("show", "train").out
    assert "train/LogisticRegression  CV accuracy" in out
    assert "train/NaiveBayes  CV accuracy" in out


def test_show_can_look_at_one_file(on_sites: Callable) -> None:
    on_sites("run-all")
    out = on_sites("show", "evaluate/NaiveBayes", "--file=predictions.parquet", "--rows=2").out
    assert "48 rows, 5 columns" in out
    assert "metrics.json" not in out


def test_show_of_a_document_is_just_the_document_for_a_pipe_into_jq(on_sites: Callable) -> None:
    on_sites("run-all")
    assert on_sites("show", "evaluate", "--file=selection.json").document["on"] == "cv"


def test_show_of_a_file_that_is_not_there_names_those_that_are(on_sites: Callable) -> None:
    on_sites("load")
    said = on_sites("show", "load", "--file=nothing.json")
    assert said.code == 2
    assert "features.parquet, target.parquet, keys.parquet, schema.json, audit.json" in said.err


def test_show_says_of_a_pickle_where_it_lies(on_sites: Callable) -> None:
    on_sites("preprocess")
    assert "is not a text" in on_sites("show", "preprocess", "--file=preprocessor.joblib").out


def test_show_json_is_the_manifest(on_sites: Callable) -> None:
    on_sites("load")
    (manifest,) = on_sites("show", "load", "--json").document
    assert manifest["step"] == "load"
    tables = {"features.parquet", "target.parquet", "keys.parquet"}
    assert set(manifest["files"]) == {*tables, "schema.json", "audit.json"}


def test_config_show_says_where_each_value_came_from(on_sites: Callable) -> None:
    out = on_sites("config", "show").out
    assert "--source" in out
    assert "--set" in out


def test_config_check_knows_the_parameters_of_models_and_says_which_have_no_effect(phish: Callable) -> None:
    for key in ("train.params.KNN.neighbours=3", "train.tune.spaces.KNN.neighbours=[3]"):
        said = phish("config", "check", "--set", key)
        assert (said.code, "KNN has no parameter 'neighbours'" in said.err) == (2, True)
    said = phish("config", "check", "--set", "train.params.KNN.n_neighbors=3")
    assert (said.code, "KNN is not in train.models" in said.err) == (0, True)
    said = phish("config", "check", "--set", "train.params.KNN.n_neighbors=3", "--set", "train.models=[KNN]")
    assert (said.code, said.err) == (0, "")


def test_the_gap_that_was_not_looked_for_is_part_of_the_audit(on_sites: Callable) -> None:
    on_sites("audit")
    said = on_sites("path", "gap")
    assert (said.code, "Run `phish audit --gap` first" in said.err) == (2, True)


def test_config_check_counts_what_differs_or_lists_what_is_wrong(on_sites: Callable, phish: Callable) -> None:
    assert "The configuration is valid" in on_sites("config", "check").out
    said = phish("config", "check", "--set", "train.sed=1", "--set", "preprocess.folds=one")
    assert said.code == 2
    assert "train.seed" in said.err
    assert "preprocess.folds" in said.err


def test_the_version_is_the_installed_one() -> None:
    program = Path(sys.executable).with_name("phish")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("phish 0.")


def test_the_module_can_be_run_like_the_program() -> None:
    said = subprocess.run([sys.executable, "-m", "phishcli", "--help"], capture_output=True, text=True, check=True)
    assert "run-all" in said.stdout


def test_status_tells_when_the_results_folder_holds_another_report(on_sites: Callable) -> None:
    on_sites("run-all")
    assert on_sites("status").err == ""
    assert "elsewhere does not hold this report" in on_sites("status", "--results-dir", "elsewhere").err


def test_turning_the_search_on_is_one_reason_that_can_be_read_and_no_guess_at_the_time(on_sites: Callable) -> None:
    on_sites("run-all")
    (step,) = (s for s in on_sites("status", "--tune", "--json").document["steps"] if s["step"] == "train/NaiveBayes")
    assert step["reasons"][0] == {"key": "config.tune.enabled", "old": False, "new": True}
    line = next(line for line in on_sites("status", "--tune").out.splitlines() if line.startswith("train/NaiveBayes"))
    assert " s " not in line
