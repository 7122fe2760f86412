"""Ctrl-C: once for a quiet end that keeps what is known, twice to stop at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

LONG = (
    "train",
    "--tune",
    "--target=label",
    "--positive-label=phishing",
    "--set=train.models=[RandomForest,NaiveBayes]",
)
SPACE = "--set=train.tune.spaces.RandomForest={n_estimators: {low: 400, high: 900}, max_depth: null}"


def known(cache: Path) -> int:
    """Fits in the ledger of the forest."""
    count = 0
    for path in (cache / "trials" / "RandomForest").glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.OperationalError):  # not made yet
            count += connection.execute("select count(*) from fits").fetchone()[0]
    return count


@pytest.fixture
def start(sites: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a long search, and come back once it has made a fit."""
    started: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        before = known(tmp_path / ".cache")
        command = [Path(sys.executable).with_name("phish"), *LONG, SPACE, f"--source={sites}", "-j2"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        deadline = time.monotonic() + 120
        while known(tmp_path / ".cache") < before + 2 and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_once_keeps_what_was_running_and_says_how_to_go_on(start: Callable, tmp_path: Path) -> None:
    process = start()
    os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted: finishing" in said
    assert "the same command resumes (with --time-budget 1s it ends with the best result so far)" in said
    assert "Traceback" not in said
    before = known(tmp_path / ".cache")
    again = start()
    again.kill()
    again.wait()
    assert known(tmp_path / ".cache") >= before + 2


def test_twice_stops_at_once_and_leaves_nothing_behind(start: Callable) -> None:
    process = start()
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted" in said
    assert "leaked" not in said
    assert "Traceback" not in said


def test_a_time_budget_ends_with_the_best_so_far(start: Callable, sites: Path, phish: Callable) -> None:
    process = start()
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    said = phish(*LONG, SPACE, f"--source={sites}", "--time-budget=0.1s")
    assert said.code == 0
    assert "RandomForest: the time was up with" in said.err
    assert "unfinished) in" in said.out
