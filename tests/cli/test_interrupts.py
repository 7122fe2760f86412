"""Ctrl-C ends the process within two seconds, whatever the main thread does, and its children with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

BUSY = """
import subprocess, sys, time
from phishcli.cli import interrupts
interrupts.install()
waits = "import signal, time; signal.signal(2, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", waits])
told = False
while True:
    try:
        if not told:
            told = True
            print(child.pid, flush=True)  # Ctrl-C may come as soon as this is read
        time.sleep(60)
    except KeyboardInterrupt:
        print("noted", flush=True)
"""
"""A program that takes no notice of Ctrl-C, like one that hangs on its way out."""


def is_running(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture
def busy() -> Iterator[Callable[[], tuple[subprocess.Popen[str], int]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        with suppress(ValueError):
            process.communicate()


@pytest.mark.parametrize(("times", "seconds"), [(1, 4.0), (2, 1.5)])  # with time to spare on a machine at work
def test_a_program_that_hangs_is_ended_with_its_children(busy: Callable, times: int, seconds: float) -> None:
    process, child = busy()
    begin = time.monotonic()
    for _ in range(times):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.1)
    said, errors = process.communicate(timeout=30)
    assert time.monotonic() - begin < seconds
    assert process.returncode == 130
    assert said.count("noted") <= 1
    assert errors.count("Interrupted") == 1
    assert "Traceback" not in errors
    until = time.monotonic() + 5
    while is_running(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(child)


def test_a_program_that_was_started_with_ctrl_c_ignored_keeps_ignoring_it() -> None:
    program = (
        "import signal; signal.signal(2, signal.SIG_IGN)\nfrom phishcli.cli import interrupts\ninterrupts.install()"
    )
    check = f"{program}\nimport os; os.kill(os.getpid(), 2); print('still here')"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "still here\n"


def test_ctrl_c_while_the_program_is_imported_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import os, sys, time\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'phishcli.cli.app':\n"
        "            print('importing', flush=True); time.sleep(30)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from phishcli.cli.start import main\n"
        "main()\n"
    )
    command = [sys.executable, tmp_path / "slow.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert errors.count("Interrupted") == 1
