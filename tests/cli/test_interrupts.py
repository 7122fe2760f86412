"""Ctrl-C and SIGTERM end the process within two seconds, whatever the main thread does, and its children with it."""

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


@pytest.mark.parametrize(
    ("number", "times", "seconds"),  # with time to spare on a machine at work
    [(signal.SIGINT, 1, 4.0), (signal.SIGINT, 2, 1.5), (signal.SIGTERM, 1, 4.0)],
)
def test_a_program_that_hangs_is_ended_with_its_children(
    busy: Callable, number: int, times: int, seconds: float
) -> None:
    process, child = busy()
    begin = time.monotonic()
    for _ in range(times):
        os.kill(process.pid, number)
        time.sleep(0.1)
    said, errors = process.communicate(timeout=30)
    assert time.monotonic() - begin < seconds
    assert process.returncode == 128 + number
    assert said.count("noted") <= 1
    assert errors.count("Interrupted") == 1
    assert "Traceback" not in errors
    until = time.monotonic() + 5
    while is_running(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(child)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("ignored", [False, True])  # as in the background of a script
def test_what_asks_for_an_end_unwinds_the_program(tmp_path: Path, number: int, ignored: bool) -> None:
    program = (
        f"import signal, sys, time\n{'signal.signal(signal.SIGINT, signal.SIG_IGN)' * ignored}\n"
        "from pathlib import Path\nimport phishcli.cli.sample as sample\nfrom phishcli.files import appearing_file\n"
        "def slow(*_, **__):\n"
        "    with appearing_file(Path('out.csv')) as path:\n"
        "        path.write_text('half')\n        print('writing', flush=True)\n        time.sleep(3)\n"
        "from phishcli.cli import app\n"
        "app.whole().command('slow')(lambda: app_boundary(slow))\n"
        "from phishcli.cli.boundary import boundary\n"
        "def app_boundary(call):\n    with boundary():\n        call()\n"
        "sys.argv = ['phish', 'slow']\napp.main()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=30)
    if ignored and number == signal.SIGINT:
        assert (process.returncode, [path.name for path in tmp_path.iterdir()]) == (0, ["out.csv"])
        return
    assert process.returncode == 128 + number
    assert not list(tmp_path.iterdir())
    assert errors.count("Interrupted") == 1


ON_ITS_WAY_OUT = """
import os, signal, sys, time
import phishcli.cli.console as console
from phishcli.cli import interrupts
from phishcli.cli.boundary import boundary
interrupts.install()
{before}
with boundary():
    print("ready", flush=True)
    time.sleep(30)
"""
SLOW_WORDS = """
def slow(*of):
    time.sleep(5)
    return lambda: None
console.noting = slow
"""
BROKEN_ON_THE_WAY = """
import threading
class Finalized:
    def __del__(self):
        print("ready", flush=True)
        time.sleep(30)
def lose():
    raise RuntimeError("a process was lost")
finalized = Finalized()
del finalized
thread = threading.Thread(target=lose)
thread.start(); thread.join()
"""


@pytest.mark.parametrize("before", [SLOW_WORDS, BROKEN_ON_THE_WAY])
@pytest.mark.parametrize("times", [1, 2])
def test_the_end_is_announced_once_without_tracebacks(before: str, times: int) -> None:
    """Also where the words come late, a finalizer swallows the interrupt, or a thread fails on the way out."""
    command = [sys.executable, "-c", ON_ITS_WAY_OUT.format(before=before)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(times):
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.1)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.count("Interrupted") == 1
    assert "Traceback" not in errors


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
