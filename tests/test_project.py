"""The pipeline without the command line: five lines of Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import phishcli
from phishcli import Project
from phishcli.artifacts import Damaged
from phishcli.errors import ConfigError
from phishcli.events import Event, Finished, Notice

SETTINGS = {
    "load.source": "sites.csv",
    "load.target": "label",
    "load.positive_label": "phishing",
    "train.models": ["LogisticRegression", "NaiveBayes"],
    "evaluate.n_boot": 40,
    "report.charts": False,
}


def test_five_lines_of_python_run_the_pipeline(sites: Path) -> None:
    project = Project.of(SETTINGS)
    run = project.run()
    assert run.selection.model == "LogisticRegression"
    assert list(run.comparison.columns[:3]) == ["model", "metric", "value"]
    assert len(run.read("train/NaiveBayes", "oof.parquet")) == 192


def test_a_run_can_be_followed_by_listening_to_its_events(sites: Path) -> None:
    events: list[Event] = []
    Project.of(SETTINGS).run("train", on_event=events.append)
    assert [e.step for e in events if isinstance(e, Finished)][-1] == "train/NaiveBayes"


def test_a_release_can_be_opened_from_the_run_that_made_it(sites: Path) -> None:
    bundle = Project.of(SETTINGS).run("persist").bundle("NaiveBayes")
    assert bundle.predict_proba(pd.read_csv(sites)).shape == (240,)


def test_a_yaml_file_can_stand_below_the_settings(sites: Path) -> None:
    Path("my.yaml").write_text("train: {seed: 7}\n")
    assert Project.of(SETTINGS, file="my.yaml").config.train.seed == 7


def test_a_setting_that_does_not_exist_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"did you mean train\.seed"):
        Project.of({"train.sed": 1})


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        phishcli.nonsense  # noqa: B018 (the access is the test)


def test_importing_the_package_imports_nothing_else() -> None:
    program = "import sys, phishcli; print([m for m in sys.modules if m.startswith('phishcli.')])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_sample_is_the_default_and_says_that_it_is_synthetic() -> None:
    events: list[Event] = []
    Project.of().run("load", on_event=events.append)
    said = [event.message for event in events if isinstance(event, Notice) and "synthetic" in event.message]
    assert said == ["The built-in sample is synthetic; for your own data: phish init FILE"]


def spied_run_all(tmp_path: Path, *arguments: str) -> tuple[str, set[str]]:
    """Run the program in a fresh process; give its standard error and the modules it had imported."""
    program = """
import atexit, sys
def spy():
    with open("modules.txt", "w") as file:
        file.write(" ".join(sys.modules))
atexit.register(spy)
from phishcli.cli.app import main
main()
"""
    command = [sys.executable, "-c", program, "run-all", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    return said.stderr, set((tmp_path / "modules.txt").read_text().split())


def test_a_second_run_executes_nothing_and_imports_neither_pandas_nor_scikit_learn(sites: Path, tmp_path: Path) -> None:
    arguments = [f"--set={key}={str(value).replace(chr(39), '')}" for key, value in SETTINGS.items()]
    _, first = spied_run_all(tmp_path, *arguments)
    assert {"pandas", "sklearn"} <= first
    said, second = spied_run_all(tmp_path, *arguments)
    assert said.count("(cached)") == 11
    heavy = {"numpy", "pandas", "sklearn", "scipy", "pyarrow", "xgboost", "lightgbm", "joblib", "jinja2", "filelock"}
    assert second & heavy == set()


def test_two_folders_give_identical_metrics_and_predictions_whatever_the_jobs(sites: Path) -> None:
    def run(folder: str, jobs: int) -> phishcli.Run:
        places = {"run.cache_dir": f"{folder}/cache", "run.results_dir": f"{folder}/results", "run.jobs": jobs}
        models = ["LogisticRegression", "RandomForest", "HistGradientBoosting", "XGBoost", "LightGBM"]
        return Project.of(SETTINGS | places | {"train.models": models}).run()

    one, two = run("one", 1), run("two", 2)
    assert one.selection == two.selection
    pd.testing.assert_frame_equal(one.comparison, two.comparison)
    for model in one.selection.table:
        for step, name in ((f"evaluate/{model}", "predictions.parquet"), (f"train/{model}", "oof.parquet")):
            assert one.outcome.entries[step].content(name) == two.outcome.entries[step].content(name)


def test_shuffled_labels_give_an_auc_of_one_half(phish: Callable, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    Project.of({"run.cache_dir": "sample"}).run("load")
    frame = pd.read_parquet(tmp_path / "sample/load/latest/features.parquet")
    frame["label"] = rng.permutation(pd.read_parquet(tmp_path / "sample/load/latest/target.parquet")["target"])
    frame.drop(columns="LineOfCode_Missing").to_parquet("shuffled.parquet")
    models = ["LogisticRegression", "HistGradientBoosting", "XGBoost"]
    settings = SETTINGS | {"load.source": "shuffled.parquet", "load.positive_label": 1, "train.models": models}
    run = Project.of(settings).run()
    for model in models:
        assert run.selection.table[model]["roc_auc"] == pytest.approx(0.5, abs=0.05)
        assert run.selection.cv[model]["roc_auc"].mean == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_any_binary_table_goes_through_with_target_and_positive_label_only(phish: Callable, suffix: str) -> None:
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame
    frame.to_csv("breast.csv", index=False) if suffix == "csv" else frame.to_parquet("breast.parquet")
    said = phish("run-all", f"--source=breast.{suffix}", "--target=target", "--positive-label=0", "--json")
    assert said.code == 0
    assert said.document["selection"]["table"]["LogisticRegression"]["accuracy"] > 0.93


def test_what_another_run_has_forced_since_is_read_as_it_is_now(sites: Path) -> None:
    project = Project.of(SETTINGS)
    run = project.run("train")
    training = run.outcome.entries["train/NaiveBayes"].folder / "training.json"
    before = training.read_bytes()
    project.run("train", force=["train"])
    assert training.read_bytes() != before  # it holds times
    assert run.read("train/NaiveBayes", "training.json")["model"] == "NaiveBayes"
    training.write_text("{}")
    with pytest.raises(Damaged, match=r"training\.json does not match its hash"):
        run.read("train/NaiveBayes", "training.json")
