"""Nothing is lost by a kill, two runs at once, or a damaged cache."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from phishcli.artifacts import Store
from phishcli.artifacts.ledger_maintenance import damaged_lines, ledgers
from phishcli.artifacts.store import PATIENCE

MODELS = ("NaiveBayes", "KNN", "XGBoost", "RandomForest", "LogisticRegression")
SEARCHED = ("XGBoost", "LogisticRegression", "NaiveBayes")
JOBS = 2

COUNTING = """
from phishcli.artifacts.ledgers import Ledger

put = Ledger.put

def count(ledger, records):
    with open(ledger.path.parents[3] / "fits", "a") as fits:
        fits.write("x" * bool(records))
    put(ledger, records)

Ledger.put = count
"""
"""Lets a run leave as many letters in a file as it makes fits on folds."""

KILLED_AND_GONE_ON_WITH = (
    COUNTING
    + """
import os, signal, subprocess, sys, time
import joblib, lightgbm, pandas, pyarrow.parquet, xgboost
import sklearn.ensemble, sklearn.linear_model, sklearn.model_selection
from phishcli import Project

calm, killed, shares = map(eval, sys.argv[1:])

def start(settings):
    child = os.fork()  # the libraries are imported already, so that a kill meets the work and not the imports
    if child == 0:
        os.setpgid(0, 0)
        Project.of(settings).run()
        os._exit(0)
    return child

def is_over(child, seconds):
    # Whether a run comes to its end within that time.
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert status == 0
            return True
        time.sleep(0.005)
    return False

began = time.monotonic()
assert os.waitpid(start(calm), 0)[1] == 0
duration = time.monotonic() - began
turn, groups, is_new = 0, set(), True
while shares:
    settings = {**killed, "run.cache_dir": f"killed-{turn}/cache", "run.results_dir": f"killed-{turn}/results"}
    child, began = start(settings), time.monotonic()
    groups.add(str(child))
    if is_over(child, shares[-1] * duration):
        if is_new:  # quicker than the first: less else to do for this machine, perhaps
            duration = time.monotonic() - began
        turn, is_new = turn + 1, True  # the next ones meet a run from the beginning
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shares.pop()
        is_new = False
        print(f"killed-{turn}", flush=True)
assert os.waitpid(start(settings), 0)[1] == 0

def left():
    found = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in found.splitlines()]
    return [args for group, state, args in lines if group in groups and not state.startswith("Z")]

patience = time.monotonic() + 60
while left() and time.monotonic() < patience:
    time.sleep(0.5)
for args in left():
    print("left over:", args)
"""
)


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


def search_settings(folder: str, **tune: object) -> dict[str, object]:
    spaces = {"XGBoost": {"n_estimators": [10, 20, 30], "max_depth": [2, 3]}}
    return {
        **settings(folder),
        "train.models": list(SEARCHED),
        "train.params": {},
        "train.tune": {"enabled": True, "method": "race", "n_iter": 12, "spaces": spaces, **tune},
        "run.jobs": JOBS,
    }


def results(folder: Path, models: Sequence[str] = MODELS) -> dict[str, object]:
    """Everything that a run found out: the selection, and the content of all predictions."""
    selection = json.loads((folder / "cache/evaluate/latest/selection.json").read_text())
    predictions = {
        model: pd.read_parquet(folder / f"cache/evaluate/{model}/latest/predictions.parquet").to_dict("list")
        for model in models
    }
    return {"selection": selection, **predictions}


def found(folder: Path, models: Sequence[str] = SEARCHED) -> dict[str, object]:
    """Everything that a search found out, but for the times: all trials, winners, predictions out of fold."""
    told: dict[str, object] = {}
    for model in models:
        trained = folder / f"cache/train/{model}/latest"
        training = json.loads((trained / "training.json").read_text())
        told[f"{model} trials"] = pd.read_parquet(trained / "trials.parquet").drop(columns="fit_seconds").to_csv()
        told[f"{model} out of fold"] = pd.read_parquet(trained / "oof.parquet").to_dict("list")
        told[f"{model} winner"] = without_times(training)
    return told


def without_times(document: object) -> object:
    if isinstance(document, dict):
        return {key: without_times(value) for key, value in document.items() if "seconds" not in key}
    return [without_times(value) for value in document] if isinstance(document, list) else document


def kept(folder: Path) -> dict[str, int]:
    """How many lines each ledger has, after each has been compared with its hash."""
    lines = {}
    for model, path in ledgers(folder / "cache"):
        assert damaged_lines(path) == 0
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            tables = connection.execute("select name from sqlite_master").fetchall()
            lines[model] = connection.execute("select count(*) from fits").fetchone()[0] if tables else 0
    return lines


def fits_made(folder: Path) -> int:
    """How many fits on folds all runs in a folder have made together."""
    return (folder / "fits").stat().st_size


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


def kills(calm: dict[str, object], killed: dict[str, object], shares: Sequence[float], cwd: Path) -> Iterator[Path]:
    """Let a run end undisturbed, then kill others after shares of its time; gives the folder after each kill.

    A run that is killed goes on at the next turn; one that comes to its end makes way for a new one, and the last one
    may come to its end, too. No process of theirs outlives them for long.
    """
    command = [sys.executable, "-c", KILLED_AND_GONE_ON_WITH, *map(repr, (calm, killed, list(shares)))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd) as process:
        for line in process.stdout:
            assert line.startswith("killed-"), line
            yield cwd / line.strip()
    assert process.returncode == 0


def test_runs_killed_twenty_times_go_on_and_end_like_an_undisturbed_one(sites: Path, tmp_path: Path) -> None:
    rng = random.Random(20)
    shares = [round(rng.uniform(0.1, 0.9), 3) for _ in range(20)]
    known: dict[Path, dict[str, str]] = {}
    met: list[int] = []
    for folder in kills(settings("calm"), settings(""), shares, tmp_path):
        now, before = finished(folder), known.get(folder, {})
        assert {artifact: now.get(artifact) for artifact in before} == before  # what was finished stays untouched
        known[folder] = now
        met.append(len(now))
    assert len(met) == 20
    assert len({count for count in met if 0 < count < max(met)}) >= 4, f"artifacts at each kill: {met}"
    for folder, before in known.items():
        after = finished(folder)
        assert {artifact: after[artifact] for artifact in before} == before
        assert results(folder) == results(tmp_path / "calm")
        assert list((folder / "cache").glob("**/.tmp-*")) == []


def test_searches_killed_twenty_times_lose_the_fits_under_way_at_most_and_end_like_an_undisturbed_one(
    sites: Path, tmp_path: Path
) -> None:
    rng = random.Random(21)
    shares = [round(rng.uniform(0.2, 1), 3) for _ in range(20)]
    known: dict[Path, dict[str, int]] = {}
    met: list[tuple[Path, int]] = []
    for folder in kills(search_settings("calm"), search_settings(""), shares, tmp_path):
        now, before = kept(folder), known.get(folder, {})
        assert {model: max(now[model], lines) for model, lines in before.items()} == {m: now[m] for m in before}
        known[folder] = now
        met.append((folder, sum(now.values())))
    assert len(met) == 20
    total = sum(kept(tmp_path / "calm").values())
    assert len({count for _, count in met if 0 < count < total}) >= 5, f"lines at each kill: {met}"
    for folder in known:
        assert found(folder) == found(tmp_path / "calm")
        assert results(folder, SEARCHED) == results(tmp_path / "calm", SEARCHED)
        assert kept(folder) == kept(tmp_path / "calm")
        times = sum(where == folder for where, _ in met)
        assert 0 <= fits_made(folder) - fits_made(tmp_path / "calm") <= JOBS * times
        left = sorted(folder.glob("cache/scratch/*"))
        time.sleep(PATIENCE)
        assert left == Store(folder / "cache").leftovers()  # the next run removes it
        assert len(left) <= 1, "only a run killed a moment before the last one may leave its folder until the next one"


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
    assert len(set(steps)) == 5 + 3 * len(MODELS)
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
    assert len(artifacts(cache)) == 11
    rng = random.Random(7)
    for step in artifacts(cache):
        for name in sorted(path.name for path in artifacts(cache)[step].iterdir()):
            flip(artifacts(cache)[step] / name, rng.randrange(10**9))
            said = on_sites("run-all")
            assert said.code == 0
            assert f"{step}: {name} " in said.err, said.err
            assert "it will be rebuilt" in said.err
    assert on_sites("status", "--check").code == 0
    assert on_sites("cache", "verify").code == 0


def flip_in_a_line(path: Path) -> None:
    """Flip a bit in the probabilities of a line of a ledger."""
    with closing(sqlite3.connect(path)) as connection:
        (blob,) = connection.execute("select probability from fits where fold = 0 order by params").fetchone()
    flip(path, path.read_bytes().index(blob) + len(blob) // 2)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (flip_in_a_line, "A line of the trial ledger {} is damaged; its fit will be repeated"),
        (lambda path: flip(path, 0), "The trial ledger {} is damaged; its fits will be repeated"),
    ],
    ids=["in a line", "in the header"],
)
def test_a_flipped_byte_in_a_ledger_is_noticed_said_and_repaired(
    on_sites: Callable, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    def search(n_iter: int, folder: str) -> str:
        told = on_sites(
            "run-all",
            "--tune",
            f"--set=train.tune.n_iter={n_iter}",
            "--set=train.tune.spaces.XGBoost={n_estimators: [5, 10], max_depth: [2, 3]}",
            f"--cache-dir={folder}/cache",
            models="[XGBoost]",
        )
        assert told.code == 0
        return " ".join(told.err.split())

    search(6, "calm")
    search(3, "disturbed")
    (ledger,) = (tmp_path / "disturbed/cache/trials/XGBoost").glob("*")
    damage(ledger)
    assert f"train/XGBoost: {said.format(ledger.name)}" in search(6, "disturbed")
    assert damaged_lines(ledger) == 0
    assert found(tmp_path / "disturbed", ["XGBoost"]) == found(tmp_path / "calm", ["XGBoost"])
    assert "damaged" not in search(7, "disturbed")


def test_an_artifact_under_the_name_of_another_is_not_taken_for_it(on_sites: Callable, cache: Path) -> None:
    one, other = (cache / f"evaluate/{model}/latest" for model in ("NaiveBayes", "LogisticRegression"))
    shutil.rmtree(other.resolve())
    shutil.copytree(one.resolve(), other.resolve())
    assert "evaluate/LogisticRegression: the folder holds an artifact of evaluate/NaiveBayes" in on_sites("run-all").err


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
    assert "preprocess: train.parquet cannot be read (No such file or directory); it will be rebuilt" in said.err
    assert re.search(r"train/NaiveBayes: CV accuracy \S+ ± \S+ \(cached\)", said.err)
