"""The prediction log: Parquet files by hour, written by a thread that never delays an answer.

Every few seconds what has come in since becomes a small file (a *part*) in the folder of its hour. Once the hour is
over, the parts of a process become one file, which names them: a reader that finds both, after a kill in between, skips
them.
Lost at a kill is what has come in since the last part. Where answers come faster than the disk takes them, rows are
dropped and counted, so that memory is bounded.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from phishcli.errors import PersistError, system_error
from phishcli.serving.log_files import merge, write_table
from phishcli.serving.log_table import Entry, table_of
from phishcli.serving.plane import Answer

EVERY = 5.0
LARGEST = 200_000
"""Rows that wait at most."""


class PredictionLog:
    """Takes answers at once and writes them later; one for each process.

    Parameters
    ----------
    folder
        Where the log lies; made if it is not there.
    every
        Seconds between two parts: what a kill may lose.
    most
        Rows that wait at most; beyond, they are dropped.
    on_dropped
        Told how many rows were dropped.

    Raises
    ------
    PersistError
        When the folder cannot be written to.
    """

    def __init__(
        self,
        folder: Path,
        *,
        every: float = EVERY,
        most: int = LARGEST,
        on_dropped: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.folder, self.every, self.most, self.on_dropped = folder, every, most, on_dropped
        self.trouble: PersistError | None = None
        self._entries: deque[Entry] = deque()
        self._lock = threading.Lock()
        self._waiting = 0
        self._written = 0
        self._hours: dict[Path, list[Path]] = {}
        self._ending = threading.Event()
        check_writable(folder)
        self._thread = threading.Thread(target=self._run, name="phish-log", daemon=True)
        self._thread.start()

    def judged(self, request_id: str, answer: Answer) -> None:
        """Take note of an answer; costs a microsecond."""
        rows = len(answer.predictions)
        with self._lock:
            full = self._waiting + rows > self.most
            self._waiting += 0 if full else rows
        if full:
            self.on_dropped(rows)
            return
        self._entries.append(Entry(request_id, time.time(), answer))

    def close(self) -> None:
        """Write what is left, and merge what can be."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self.every):
            self._write_safely()
        self._write_safely()
        for hour in list(self._hours):
            self._merge_safely(hour)

    def _write_safely(self) -> None:
        entries = [self._entries.popleft() for _ in range(len(self._entries))]
        rows = sum(len(each.answer.predictions) for each in entries)
        try:
            self._write(entries)
            self.trouble = None
        except (OSError, ValueError) as error:
            self.trouble = system_error(error, "The prediction log cannot be written", where=self.folder)
            self.on_dropped(rows)
        with self._lock:
            self._waiting -= rows
        now = hour_of(self.folder, time.time())
        for hour in [each for each in self._hours if each != now]:
            self._merge_safely(hour)

    def _write(self, entries: Sequence[Entry]) -> None:
        groups: dict[tuple[Path, tuple[tuple[str, str], ...]], list[Entry]] = {}
        for entry in entries:
            kinds = tuple(entry.answer.crew.main.kinds.items())
            groups.setdefault((hour_of(self.folder, entry.at), kinds), []).append(entry)
        for (hour, kinds), group in groups.items():
            self._written += 1
            part = hour / f"part-{os.getpid()}-{time.time_ns()}-{self._written}.parquet"
            write_table(table_of(group, dict(kinds)), part)
            self._hours.setdefault(hour, []).append(part)

    def _merge_safely(self, hour: Path) -> None:
        try:
            merge(self._hours.pop(hour), hour)
        except (OSError, ValueError) as error:
            self.trouble = system_error(error, "The prediction log cannot be merged", where=hour)


def check_writable(folder: Path) -> None:
    """Make the folder of a log, and see that files can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise system_error(error, "The prediction log cannot be written", where=folder) from error


def hour_of(folder: Path, at: float) -> Path:
    """The folder of an hour, in UTC: ``2026-11-27/18``."""
    moment = datetime.fromtimestamp(at, UTC)
    return folder / f"{moment:%Y-%m-%d}" / f"{moment:%H}"
