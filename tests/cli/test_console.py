"""Both streams: narrow, in another encoding, full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from phishcli.cli import console

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own, without a terminal."""
    command = [sys.executable, "-m", "phishcli", *arguments]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})


@needs_full
@pytest.mark.parametrize("option", [(), ("--json",)])
def test_a_full_disk_behind_stdout_is_an_error_with_its_code(option: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "phishcli", "status", *option]
    with FULL.open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 7
    assert done.stderr.splitlines()[0] == "error: The output cannot be written: No space left on device"
    assert "Traceback" not in done.stderr


@needs_full
def test_nobody_needs_to_read_stderr() -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "phishcli", "load"], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert done.returncode == 0
    assert b"10,500 rows" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_that_lacks_signs_stops_nothing(encoding: str, sites: Path) -> None:
    text = sites.read_text().replace("Banking", "Bänking ≥ 5")
    sites.write_text(text, encoding="utf-8")
    arguments = ("--source=sites.csv", "--target=label", "--positive-label=phishing", "--set=train.models=[NaiveBayes]")
    done = program("run-all", *arguments, "--set=report.charts=false", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    done.stdout.decode(encoding)
    done = program("operate", *arguments, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    shown = program("show", "load", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(shown.stdout)


def test_signs_are_spelled_out_and_letters_escaped() -> None:
    error = UnicodeEncodeError("ascii", "a≥ä", 1, 3, "")
    assert console._replaced(error) == (">=\\xe4", 3)


@pytest.mark.parametrize(("columns", "width"), [("", 80), ("60", 60), ("0", 80), ("many", 80), ("200", 200)])
def test_without_a_terminal_a_table_has_the_width_that_columns_says(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console.results().width == width


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_no_line_ends_in_blanks_or_is_too_long(
    on_sites: Callable, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for command in ("run-all", "operate", "explain", "status", "train", "audit", "runs"):
        for line in on_sites(command).out.splitlines():
            assert line == line.rstrip(), (command, line)
            assert len(line) <= int(columns) or " " not in line.strip(), (command, line)
