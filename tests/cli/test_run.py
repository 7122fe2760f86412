"""Running the pipeline from the command line: what is computed, what is printed where, what it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

STEPS = [
    "load",
    "preprocess",
    "audit",
    "train/LogisticRegression",
    "train/NaiveBayes",
    "evaluate/LogisticRegression",
    "evaluate/NaiveBayes",
    "evaluate",
    "explain/LogisticRegression",
    "explain/NaiveBayes",
    "report",
]


NAIVE = [step for step in STEPS if "Naive" in step or step in ("evaluate", "report")]


def states(said: object) -> dict[str, str]:
    return {stage["step"]: stage["state"] for stage in said.document["stages"]}


def computed(said: object) -> list[str]:
    return [step for step, state in states(said).items() if state == "done"]


def test_the_first_run_computes_every_step_and_the_second_none(on_sites: Callable) -> None:
    assert computed(on_sites("run-all", "--json")) == STEPS
    assert computed(on_sites("run-all", "--json")) == []


def test_a_run_leaves_the_documented_files(on_sites: Callable, tmp_path: Path) -> None:
    assert on_sites("run-all").code == 0
    expected = [
        ".cache/load/latest/features.parquet",
        ".cache/load/latest/target.parquet",
        ".cache/load/latest/keys.parquet",
        ".cache/load/latest/schema.json",
        ".cache/load/latest/audit.json",
        ".cache/preprocess/latest/train.parquet",
        ".cache/preprocess/latest/test.parquet",
        ".cache/preprocess/latest/split.parquet",
        ".cache/preprocess/latest/preprocessor.joblib",
        ".cache/preprocess/latest/features.json",
        ".cache/audit/latest/audit.json",
        ".cache/train/NaiveBayes/latest/model.joblib",
        ".cache/train/NaiveBayes/latest/training.json",
        ".cache/train/NaiveBayes/latest/oof.parquet",
        ".cache/evaluate/NaiveBayes/latest/predictions.parquet",
        ".cache/evaluate/NaiveBayes/latest/metrics.json",
        ".cache/evaluate/NaiveBayes/latest/resamples.parquet",
        ".cache/evaluate/NaiveBayes/latest/timing.json",
        ".cache/evaluate/latest/results.parquet",
        ".cache/evaluate/latest/selection.json",
        ".cache/evaluate/latest/segments.parquet",
        ".cache/evaluate/latest/suspects.csv",
        ".cache/explain/NaiveBayes/latest/explanations.json",
        ".cache/report/latest/manifest.json",
        "results/report.html",
        "results/classification_report.txt",
        "results/model_card.md",
        "results/label_suspects.csv",
        "results/summary.json",
    ]
    assert [name for name in expected if not (tmp_path / name).is_file()] == []


def test_what_a_run_prints_is_the_golden_text(on_sites: Callable, golden: Callable) -> None:
    first = on_sites("run-all")
    golden("run-all", first.out)
    golden("run-all-progress", first.err)
    golden("run-all-cached-progress", on_sites("run-all").err)


def test_json_is_one_document_on_stdout_and_says_nothing_that_it_holds_on_stderr(on_sites: Callable) -> None:
    said = on_sites("run-all", "--json")
    assert said.err == ""
    assert on_sites("run-all", "--json").err == ""
    assert set(said.document) == {"source", "synthetic", "stages", "failed", "findings", "selection", "files"}
    assert {"category-spelling", "negative-counts"} <= {finding["code"] for finding in said.document["findings"]}
    assert said.document["selection"]["model"] in ("LogisticRegression", "NaiveBayes")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (["--set", "report.title=Other"], ["report"]),
        (["--set", "evaluate.select_on=test"], ["evaluate", "report"]),
        (["--set", "train.params.NaiveBayes.var_smoothing=0.5"], NAIVE),
        (["--set", "preprocess.folds=4"], STEPS[1:]),
        (["--set", "evaluate.threshold=0.4"], STEPS[5:8] + STEPS[-1:]),
        (["--set", "operation.base_rate=0.01"], ["report"]),
        (["-j", "1"], []),
    ],
)
def test_a_changed_setting_runs_only_what_it_shapes(on_sites: Callable, change: list[str], expected: list[str]) -> None:
    on_sites("run-all")
    assert computed(on_sites("run-all", "--json", *change)) == expected


def test_adding_a_model_trains_that_model_only_and_taking_it_out_again_nothing(on_sites: Callable) -> None:
    on_sites("run-all")
    added = on_sites("run-all", "--json", models="[LogisticRegression,NaiveBayes,KNN]")
    assert computed(added) == ["train/KNN", "evaluate/KNN", "evaluate", "explain/KNN", "report"]
    assert computed(on_sites("run-all", "--json")) == []


def test_touching_the_source_runs_nothing_and_editing_a_row_runs_everything(on_sites: Callable, sites: Path) -> None:
    on_sites("run-all")
    sites.touch()
    assert computed(on_sites("run-all", "--json")) == []
    frame = pd.read_csv(sites)
    frame.loc[0, "Lines"] = 12345
    frame.to_csv(sites, index=False)
    assert computed(on_sites("run-all", "--json")) == STEPS


def test_a_stage_brings_its_inputs_up_to_date_and_says_so(on_sites: Callable) -> None:
    assert on_sites("load").code == 0
    said = on_sites("train")
    assert said.code == 0
    assert "load: 240 rows" in said.err
    assert "(cached)" in said.err
    assert "preprocess: 192 training and 48 test rows" in said.err


def test_no_upstream_turns_a_stale_input_into_an_error_that_names_it(on_sites: Callable) -> None:
    said = on_sites("train", "--no-upstream")
    assert said.code == 2
    assert "load is stale, and --no-upstream does not allow running it" in said.err
    assert "phish load" in said.err


def test_force_runs_just_the_named_stage(on_sites: Callable) -> None:
    on_sites("run-all")
    assert computed(on_sites("evaluate", "--force", "--json")) == STEPS[5:8]


def test_dry_run_says_what_would_run_and_runs_nothing(on_sites: Callable, tmp_path: Path) -> None:
    said = on_sites("run-all", "--dry-run")
    assert said.code == 0
    assert "11 of 11 steps would run" in said.out
    assert not (tmp_path / ".cache").exists()
    assert not (tmp_path / "results").exists()


def test_a_deleted_report_comes_back_without_computing_anything(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    (tmp_path / "results" / "report.html").unlink()
    assert computed(on_sites("run-all", "--json")) == []
    assert (tmp_path / "results" / "report.html").is_file()


def test_a_flipped_byte_is_noticed_said_and_repaired(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    model = tmp_path / ".cache/train/NaiveBayes/latest/model.joblib"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    said = on_sites("run-all")
    assert "train/NaiveBayes: model.joblib does not match its hash; it will be rebuilt" in said.err
    assert computed(on_sites("run-all", "--json")) == []


def test_the_log_holds_the_events_for_people_and_for_machines(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    (text,) = (tmp_path / "results" / "logs").glob("pipeline_execution_*.log")
    lines = [json.loads(line) for line in text.with_suffix(".jsonl").read_text().splitlines()]
    assert "load: 240 rows" in text.read_text()
    finished = [line["step"] for line in lines if line.get("event") == "finished"]
    assert sorted(finished) == sorted(STEPS)
    assert [step for step in finished if not step.startswith("train/")] == [s for s in STEPS if "train/" not in s]


def test_an_error_is_in_the_log_with_its_traceback(phish: Callable, sites: Path, tmp_path: Path) -> None:
    said = phish("load", "--source", sites)
    assert said.code == 3
    assert "Traceback" not in said.err
    (text,) = (tmp_path / "results" / "logs").glob("*.log")
    assert "Traceback" in text.read_text()


def test_verbose_shows_the_traceback_of_an_unexpected_error_only(
    phish: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = phish("load", "--source", "nothing.csv", "-v")
    assert "Traceback" not in said.err
    monkeypatch.setattr("phishcli.project.locate", lambda **_: 1 / 0)
    assert "Run again with -v" in phish("load").err
    said = phish("load", "-v")
    assert said.code == 1
    assert "ZeroDivisionError" in said.err
    assert "Traceback" in said.err
    assert "Run again" not in said.err


def test_an_error_with_json_is_a_document_too(phish: Callable) -> None:
    said = phish("load", "--source", "nothing.csv", "--json")
    assert said.code == 3
    assert said.document["error"]["exit_code"] == 3
    assert "nothing.csv" in said.document["error"]["what"] + said.document["error"]["where"]


def test_a_folder_that_cannot_be_written_is_one_clear_error(on_sites: Callable, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = on_sites("run-all", "--results-dir", tmp_path / "file" / "results")
    assert said.code == 7
    assert "log cannot be written" in said.err
    assert "--results-dir" in said.err


def test_an_interrupt_says_how_to_go_on(on_sites: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("phishcli.features.preprocessing.preprocess", interrupted)
    said = on_sites("run-all")
    assert said.code == 130
    assert "Run the same command again to resume" in said.err
    monkeypatch.undo()


def test_what_nobody_foresaw_is_one_message_and_exit_code_1(
    on_sites: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("phishcli.features.preprocessing.preprocess", broken)
    said = on_sites("run-all")
    assert said.code == 1
    assert "Unexpected error: ZeroDivisionError: division by zero" in said.err
    assert "Traceback" not in said.err


def test_a_misspelt_parameter_is_found_before_the_first_model_is_trained(on_sites: Callable, tmp_path: Path) -> None:
    said = on_sites("run-all", "--set=train.params.NaiveBayes.smoothing=1")
    assert said.code == 2
    assert "var_smoothing" in said.err
    assert not (tmp_path / ".cache/train").exists()


def test_a_model_that_failed_is_in_the_summary_and_the_others_are_compared(on_sites: Callable) -> None:
    said = on_sites("run-all", "-q", "--set=train.params.LogisticRegression.solver=nonsense")
    assert said.code == 0
    assert "failed    LogisticRegression could not be trained" in said.out
    assert "Selected: NaiveBayes" in said.out
    again = on_sites("run-all", "--json", "--set=train.params.LogisticRegression.solver=nonsense")
    assert computed(again) == []
    assert list(again.document["failed"]) == ["LogisticRegression"]


def test_settings_of_the_folder_are_named(on_sites: Callable) -> None:
    Path("phish.yaml").write_text("train: {seed: 7}\n")
    said = on_sites("load").err.splitlines()[0]
    assert said.startswith("Using settings from phish.yaml, but data from ")
    assert said.endswith("; without a source, commands use what phish.yaml names.")
    Path("phish.yaml").write_text("load: {source: sites.csv}\n")
    assert "Using settings from phish.yaml (sites.csv)." in on_sites.__wrapped__("status").err


def test_what_is_wrong_with_the_data_is_said_in_a_cached_run_too(phish: Callable) -> None:
    quick = ("--set=train.models=[NaiveBayes]", "--set=evaluate.n_boot=0", "--set=report.charts=false")
    assert phish("run-all", *quick).code == 0
    assert "warning   All 2,355 rows without LineOfCode" in phish("run-all", *quick).out


def test_charts_of_an_earlier_report_do_not_stay_beside_the_present_one(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    other = on_sites("path", "report").out.strip()
    (tmp_path / "results/mine.svg").write_text("my own")
    manifest = json.loads(Path(other, "manifest.json").read_text())
    assert "roc.svg" not in manifest["files"]  # the quick settings draw none
    arguments = ("--source", tmp_path / "sites.csv", "--target=label", "--positive-label=phishing")
    models = ("--set=train.models=[LogisticRegression,NaiveBayes]", "--set=evaluate.n_boot=40")
    assert on_sites.__wrapped__("report", "--figures", *arguments, *models).code == 0
    assert (tmp_path / "results/roc.svg").is_file()
    on_sites("run-all")
    assert sorted(path.name for path in (tmp_path / "results").glob("*.svg")) == ["mine.svg"]


def test_runs_within_one_second_have_a_log_each(tmp_path: Path) -> None:
    from phishcli.cli.logs import log_files

    with log_files(tmp_path) as one:
        pass
    with log_files(tmp_path) as two, log_files(tmp_path) as three:
        assert len({one, two, three}) == 3


def test_a_search_is_turned_on_by_any_of_its_options(phish: Callable) -> None:
    for option in ("--tune", "--tune-method=random", "--time-budget=2m"):
        settings = phish("config", "show", option, "--json").document
        assert settings["train.tune.enabled"] == {"value": True, "origin": option.partition("=")[0]}
    assert phish("config", "show", "--json").document["train.tune.enabled"]["value"] is False


def test_after_a_search_the_best_trials_are_shown_and_how_far_they_are_apart(on_sites: Callable) -> None:
    said = on_sites("train", "--tune", "--set=train.tune.n_iter=4", "--set=train.tune.method=random")
    assert "LogisticRegression: 4 trials (4 complete) in 20 fits." in " ".join(said.out.split())
    assert "NaiveBayes: 4 trials (4 complete) in 20 fits." in " ".join(said.out.split())
    again = on_sites("run-all", "--tune", "--set=train.tune.n_iter=4", "--set=train.tune.method=random")
    assert "4 trials (4 complete)" in again.out


def test_more_candidates_cost_only_themselves(on_sites: Callable, tmp_path: Path) -> None:
    import sqlite3

    def fits() -> int:
        (path,) = (tmp_path / ".cache/trials/NaiveBayes").glob("*.sqlite")
        return sqlite3.connect(path).execute("select count(*) from fits").fetchone()[0]

    on_sites("train", "--tune-method=random", "--set=train.tune.n_iter=2")
    assert fits() == 2 * 5
    on_sites("train", "--tune-method=random", "--set=train.tune.n_iter=5")
    assert fits() == 5 * 5
    on_sites("train", "--tune-method=random", "--set=train.tune.n_iter=5", "--set=train.tune.scoring=roc_auc")
    assert fits() == 5 * 5


def test_quiet_is_a_few_lines(on_sites: Callable) -> None:
    said = on_sites("run-all", "--persist", "-q")
    lines = said.out.splitlines()
    assert len(lines) <= 6
    assert lines[0].startswith("Selected: ")
    assert "On the test rows: accuracy 0." in said.out
    assert lines[-2:] == ["results/report.html", lines[-1]]
    assert lines[-1].endswith("v1.0.0")
    again = on_sites("run-all", "--persist", "-q")
    assert (again.out, again.err) == (said.out, "")
