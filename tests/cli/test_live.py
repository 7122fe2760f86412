"""What a terminal shows: one line a stage with its state, and a bar over the models while they are trained."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from phishcli.cli.live import LiveDisplay
from phishcli.events import Event, Failed, Finished, Fitting, Notice, Progress, Skipped, Started

STEPS = ["load", "preprocess", "train/A", "train/B", "evaluate/A", "evaluate/B", "evaluate", "report"]


def drawn(events: Sequence[Event], steps: Sequence[str] = STEPS) -> str:
    console = Console(width=90, record=True, force_terminal=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123 (closed below)
    display = LiveDisplay(steps, console)
    for event in events:
        display.on_event(event)
    console.print(display)
    console.file.close()
    return console.export_text()


def line(text: str, stage: str) -> str:
    return next(line for line in text.splitlines() if f" {stage} " in line)


def test_stages_are_pending_then_running_then_done_with_what_came_out() -> None:
    assert "·  load" in drawn([])
    assert re.search(r"load +running", drawn([Started("load")]))
    done = line(drawn([Started("load"), Finished("load", "240 rows", 1.5)]), "load")
    assert re.fullmatch(r"✓  load +done +240 rows +1\.5 s *", done)


def test_a_cached_stage_says_so_and_shows_no_time() -> None:
    text = line(drawn([Finished("load", "240 rows", 12.0, cached=True)]), "load")
    assert re.fullmatch(r"✓  load +cached +240 rows *", text)


def test_training_counts_its_models_and_draws_a_bar_over_them() -> None:
    text = drawn([Started("train/A"), Finished("train/A", "", 1.0), Started("train/B"), Progress("B", 3, 6, "fits")])
    assert re.search(r"train +running +1 of 2 models", text)
    assert re.search(r"B \(2 of 2\) +━+.* 75% 3 of 6 fits, .* left", text)


def test_models_that_are_fitted_side_by_side_have_a_row_each_and_the_stage_says_how_long() -> None:
    fits = [Fitting("A", 3, 6, 2.0, 1.5), Fitting("B", 1, 9, 1.0, 80.0, "accuracy", 0.85, {"max_depth": 3})]
    text = drawn([Started("train/A"), Started("train/B"), *fits])
    assert re.search(r"train +running +0 of 2 models, about 1 min 20 s left", text)
    assert re.search(r"A +━+.* 3 of 6 fits +2\.0/s +1\.5 s left", text)
    assert re.search(r"B +━.* 1 of 9 fits +1\.0/s +1 min 20 s left +0\.8500", text)


def test_rows_of_models_go_when_the_stage_is_done() -> None:
    events = [Started("train/A"), Started("train/B"), Fitting("A", 1, 6), Fitting("B", 1, 6)]
    running = drawn([*events, Finished("train/A", "CV accuracy 0.8", 1.0)])
    assert re.search(r"A +✓.* CV accuracy 0\.8", running)
    done = [Finished("train/A", "", 1.0), Finished("train/B", "", 1.0)]
    assert "fits" not in drawn([*events, *done])


def test_the_bar_goes_when_the_stage_is_done() -> None:
    events = [Started("train/A"), Progress("A", 1, 6, "fits"), Finished("train/A", "", 1.0), Started("train/B")]
    assert "fits" not in drawn([*events, Progress("B", 6, 6, "fits"), Finished("train/B", "", 1.0)])


def test_cached_and_failed_models_are_counted_and_the_reason_is_shown() -> None:
    events = [Finished("train/A", "", 1.0, cached=True), Started("train/B"), Failed("train/B", "no memory", 2.0)]
    text = drawn(events)
    assert re.search(r"train +cached +1 model, 1 failed", text)
    assert "train/B failed: no memory" in text


def test_a_stage_of_which_every_model_failed_has_failed() -> None:
    events = [Failed("train/A", "no memory", 1.0), Failed("train/B", "no memory", 1.0)]
    assert re.search(r"✗  train +failed +2 failed", drawn(events))


def test_a_stage_ends_although_the_model_that_failed_before_is_passed_over() -> None:
    events = [Skipped("evaluate/A", "train/A failed"), Finished("evaluate/B", "", 0.1)]
    text = drawn([Started("evaluate/B"), *events, Finished("evaluate", "1 model compared", 0.1)])
    assert re.search(r"✓  evaluate +done +1 model compared", text)


def test_a_comparison_says_what_came_of_it_instead_of_counting() -> None:
    events = [Finished(step, f"{step} said", 0.1) for step in STEPS[4:7]]
    assert re.search(r"evaluate +done +evaluate said", drawn(events))


def test_notices_are_printed_above() -> None:
    assert "the sample is synthetic" in drawn([Notice("the sample is synthetic")])


def test_work_outside_of_the_pipeline_has_a_bar_alone() -> None:
    text = drawn([Progress("sample", 50, 200, "rows")], steps=[])
    assert re.search(r"sample +━.* 25% 50 of 200 rows", text)


def test_bytes_of_a_download_are_shown_without_a_total_while_it_is_unknown() -> None:
    assert "4,096 bytes" in drawn([Started("load"), Progress("sites.csv", 4096, None, "bytes")])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_the_stages_are_drawn_and_the_results_follow(sites: Path) -> None:
    command = [
        Path(sys.executable).with_name("phish"),
        *("run-all", "--source", sites, "--target=label", "--positive-label=phishing"),
        *("--set=train.models=[NaiveBayes]", "--set=evaluate.n_boot=40", "--set=report.charts=false"),
    ]
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    with subprocess.Popen(command, stdout=follower, stderr=follower, stdin=follower, env=environment) as process:
        os.close(follower)
        shown = _read_all(leader)
    os.close(leader)
    assert process.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"✓  report +done", plain)
    assert "Selected: NaiveBayes" in plain


def _read_all(leader: int) -> str:
    """Read until the other side of the terminal is closed."""
    chunks = []
    while select.select([leader], [], [], 60)[0]:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not chunk:
            break
        chunks.append(chunk)
    return b"".join(chunks).decode()
