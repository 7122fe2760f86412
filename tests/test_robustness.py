"""Nothing is lost by a kill, two runs at once, or a damaged cache."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

MODELS = ("NaiveBayes", "KNN", "XGBoost", "RandomForest", "LogisticRegression")

KILLED_AND_GONE_ON_WITH = """
import os, signal, sys, time
import joblib, lightgbm, pandas, pyarrow.parquet, xgboost
import sklearn.ensemble, sklearn.linear_model, sklearn.model_selection
from phishcli import Project

calm, killed, shares = map(eval, sys.argv[1:])

def start(settings):
    child = os.fork()  # the libraries are imported already, so that a kill meets the work and not the imports
    if child == 0:
        Project.of(settings).run()
        os._exit(0)
    return child

began = time.monotonic()
assert os.waitpid(start(calm), 0)[1] == 0
duration = time.monotonic() - began
turn = 0
while shares:
    settings = {**killed, "run.cache_dir": f"killed-{turn}/cache", "run.results_dir": f"killed-{turn}/results"}
    child = start(settings)
    time.sleep(shares[-1] * duration)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        shares.pop()
        print(f"killed-{turn}", flush=True)
    else:
        turn += 1  # it was done before the kill came: the next ones meet a run from the beginning
"""


def settings(folder: str) -> dict[str, object]:
    return {
        "load.source": "sites.csv",
        "load.target": "label",
        "load.positive_label": "phishing",
        "train.models": list(MODELS),
        "train.params": {"RandomForest": {"n_estimators": 30}, "XGBoost": {"n_estimators": 30}},
        "evaluate.n_boot": 40,
        "report.charts": False,
        "run.cache_dir": f"{folder}/cache",
        "run.results_dir": f"{folder}/results",
    }


def results(folder: Path) -> dict[str, object]:
    """Everything that a run found out: the selection, and the content of all predictions."""
    selection = json.loads((folder / "cache/evaluate/latest/selection.json").read_text())
    predictions = {
        model: pd.read_parquet(folder / f"cache/evaluate/{model}/latest/predictions.parquet").to_dict("list")
        for model in MODELS
    }
    return {"selection": selection, **predictions}


def finished(folder: Path) -> dict[str, str]:
    """The artifacts that are whole, with the moment they were made and the hash of their first file."""
    manifests = (path for path in (folder / "cache").glob("*/**/manifest.json") if ".tmp-" not in str(path))
    return {str(path.parent): path.read_text() for path in manifests if "latest" not in path.parts}


def run(folder: str) -> subprocess.Popen[str]:
    program = "import sys; from phishcli import Project; Project.of(eval(sys.argv[1])).run()"
    command = [sys.executable, "-c", program, repr(settings(folder))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str]) -> None:
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err


def test_runs_killed_twenty_times_go_on_and_end_like_an_undisturbed_one(sites: Path, tmp_path: Path) -> None:
    rng = random.Random(20)
    shares = [round(rng.uniform(0.05, 0.4), 3) for _ in range(20)]
    known: dict[str, dict[str, str]] = {}
    met: list[int] = []
    command = [sys.executable, "-c", KILLED_AND_GONE_ON_WITH, *map(repr, (settings("calm"), settings(""), shares))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        for line in process.stdout:
            folder = line.strip()
            now, before = finished(tmp_path / folder), known.get(folder, {})
            assert {artifact: now.get(artifact) for artifact in before} == before  # what was finished stays untouched
            known[folder] = now
            met.append(len(now))
    assert process.returncode == 0
    assert len(met) == 20
    assert len({count for count in met if 2 <= count < 2 + len(MODELS)}) >= 2, f"artifacts at each kill: {met}"
    for folder, before in known.items():
        wait_for(run(folder))
        after = finished(tmp_path / folder)
        assert {artifact: after[artifact] for artifact in before} == before
        assert results(tmp_path / folder) == results(tmp_path / "calm")
        assert list((tmp_path / folder / "cache").glob("**/.tmp-*")) == []


def test_processes_at_once_finish_with_one_set_of_artifacts(sites: Path, tmp_path: Path) -> None:
    given = [f"--set={key}={json.dumps(value)}" for key, value in settings("both").items()]
    program = [Path(sys.executable).with_name("phish"), "run-all", "--persist", *given]

    def at_once(*arguments: str) -> None:
        processes = [subprocess.Popen([*program, *arguments], stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for process in processes:
            wait_for(process)

    at_once()
    at_once()
    at_once("--force")
    wait_for(run("alone"))
    steps = [path.parent.parent for path in (tmp_path / "both/cache").glob("**/manifest.json")]
    assert len(set(steps)) == 4 + 2 * len(MODELS)
    assert results(tmp_path / "both") == results(tmp_path / "alone")
    assert list((tmp_path / "both").rglob(".tmp-*")) == []
    assert subprocess.run([program[0], "cache", "verify", *given], check=False).returncode == 0


@pytest.fixture
def cache(on_sites: Callable, tmp_path: Path) -> Path:
    assert on_sites("run-all", "--persist").code == 0
    return tmp_path / ".cache"


def artifacts(cache: Path) -> dict[str, Path]:
    """The current artifact folder of every step."""
    return {path.parent.relative_to(cache).as_posix(): path.resolve() for path in cache.glob("**/latest")}


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1
    path.write_bytes(content)


def test_a_flipped_byte_in_any_file_is_noticed_said_and_repaired(on_sites: Callable, cache: Path) -> None:
    assert len(artifacts(cache)) == 8
    rng = random.Random(7)
    for step in artifacts(cache):
        for name in sorted(path.name for path in artifacts(cache)[step].iterdir()):
            flip(artifacts(cache)[step] / name, rng.randrange(10**9))
            said = on_sites("run-all")
            assert said.code == 0
            assert f"{step}: {name} " in said.err, said.err
            assert "it is computed again" in said.err
    assert on_sites("status", "--check").code == 0
    assert on_sites("cache", "verify").code == 0


def test_an_artifact_under_the_name_of_another_is_not_taken_for_it(on_sites: Callable, cache: Path) -> None:
    one, other = (cache / f"evaluate/{model}/latest" for model in ("NaiveBayes", "LogisticRegression"))
    shutil.rmtree(other.resolve())
    shutil.copytree(one.resolve(), other.resolve())
    assert "evaluate/LogisticRegression: it is that of evaluate/NaiveBayes" in on_sites("run-all").err


@pytest.mark.parametrize("name", ["preprocessor.joblib", "manifest.json"])
def test_a_damaged_release_is_said_and_followed_by_a_new_one(on_sites: Callable, cache: Path, name: str) -> None:
    flip(cache.parent / "results/artifacts/v1.0.0" / name, 40)
    said = on_sites("persist")
    assert said.code == 0
    assert f"persist: {name} " in said.err
    assert "the first release" not in said.err
    assert (cache.parent / "results/artifacts/latest").resolve().name == "v1.0.1"
    assert "persist: v1.0.1" in on_sites("persist").err


def test_a_cache_that_lost_a_file_is_repaired(on_sites: Callable, cache: Path) -> None:
    (cache / "preprocess/latest/train.parquet").unlink()
    said = on_sites("run-all")
    assert "preprocess: train.parquet cannot be read (No such file or directory); it is computed again" in said.err
    assert "train/NaiveBayes: CV accuracy 0.7398 ± 0.0768 (cached)" in said.err
