"""Several processes that read pages; one that dies of a page is replaced, and that page is skipped with the reason."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

import msgspec

from phishcli.errors import PhishError, system_error
from phishcli.features.pages.extract import Extracted
from phishcli.features.pages.given import Found
from phishcli.features.pages.worker import LENGTH, MOST_MEMORY, SECONDS, Task, command, frame

AT_ONCE = 32
"""Pages that a process is given at once."""
AHEAD = 4
"""Lists of pages for each process that may be done before the one that is due."""
READ = 1 << 16


class _Hand:
    """One process, the pages that it was given, and what it has said so far."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (this program itself)
            command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.tasks: Sequence[Task] = ()
        self.number = -1
        self.results: list[Extracted] = []
        self.ready = False
        self._buffer = bytearray()

    def give(self, number: int, tasks: Sequence[Task], results: list[Extracted]) -> None:
        """Give it the pages of a list that have no result yet."""
        self.number, self.tasks, self.results = number, tasks, results
        assert self.process.stdin is not None  # noqa: S101 (it was opened with a pipe)
        left = memoryview(frame(msgspec.msgpack.encode(list(tasks[len(results) :]))))
        try:
            while left:
                left = left[self.process.stdin.write(left) or 0 :]
        except BrokenPipeError:  # it has died: noticed where its answers end
            pass

    def read(self) -> bool:
        """Take what it has said; False when it has died."""
        assert self.process.stdout is not None  # noqa: S101 (it was opened with a pipe)
        said = os.read(self.process.stdout.fileno(), READ)
        self._buffer += said
        while len(self._buffer) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack(self._buffer[: LENGTH.size])[0]
            if len(self._buffer) < end:
                break
            if self.ready:
                self.results.append(msgspec.msgpack.decode(self._buffer[LENGTH.size : end], type=Extracted))
            self.ready = True
            del self._buffer[:end]
        return bool(said)

    def end(self) -> int:
        """End the process; gives how it ended."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return self.process.wait()

    def reason(self) -> str:
        """Say why it died."""
        code = self.process.wait()
        if code == -signal.SIGPROF:
            return f"it takes more than {SECONDS:g} s to parse"
        return f"it cannot be parsed within {MOST_MEMORY >> 30} GB of memory, or crashes the parser"


class Crew:
    """Processes that read pages in parallel.

    Parameters
    ----------
    jobs
        Their number.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = max(1, jobs)
        self._hands: dict[int, _Hand] = {}
        self._idle: deque[_Hand] = deque()
        self._selector = selectors.DefaultSelector()
        self._done: dict[int, list[Extracted]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands.values():
            hand.end()
        self._selector.close()

    def run(self, pages: Iterable[Found]) -> Iterator[Extracted]:
        """Read pages; their results come in their order, and only a bounded number of them is kept.

        Raises
        ------
        PhishError
            When processes cannot be started.
        """
        lists = enumerate(_in_lists(pages))
        due = given = 0
        more = True
        while True:
            while more and given - due < AHEAD * self.jobs and (hand := self._free()) is not None:
                number, tasks = next(lists, (-1, []))
                if not tasks:
                    more = False
                    self._idle.append(hand)
                    break
                hand.give(number, tasks, [])
                given += 1
            if due in self._done:
                yield from self._done.pop(due)
                due += 1
            elif due == given and not more:
                return
            else:
                self._wait()

    def _free(self) -> _Hand | None:
        if self._idle:
            return self._idle.popleft()
        return self._start() if len(self._hands) < self.jobs else None

    def _start(self) -> _Hand:
        try:
            hand = _Hand()
        except OSError as error:
            raise system_error(error, "A process that reads pages cannot be started") from error
        assert hand.process.stdout is not None  # noqa: S101 (it was opened with a pipe)
        key = hand.process.stdout.fileno()
        self._hands[key] = hand
        self._selector.register(key, selectors.EVENT_READ)
        return hand

    def _wait(self) -> None:
        for key, _ in self._selector.select():
            hand = self._hands[key.fd]
            alive = hand.read()
            if not alive:
                hand = self._replace(key.fd)
            if hand.tasks and len(hand.results) == len(hand.tasks):
                self._done[hand.number] = hand.results
                hand.tasks = ()
                self._idle.append(hand)

    def _replace(self, key: int) -> _Hand:
        """Start another process for the pages behind the one that a process died of."""
        dead = self._hands.pop(key)
        self._selector.unregister(key)
        reason = dead.reason()
        dead.end()
        if not dead.ready:
            raise PhishError("A process that reads pages does not start", hint="Run phish doctor to find the cause")
        hand = self._start()
        hand.number, hand.tasks, hand.results = dead.number, dead.tasks, dead.results
        if dead in self._idle:
            self._idle.remove(dead)
            self._idle.append(hand)
        if hand.tasks:
            hand.results.append(Extracted("skipped", reason))
        if len(hand.results) < len(hand.tasks):
            hand.give(dead.number, dead.tasks, dead.results)
        return hand


def read_page(path: Path, url: str | None = None) -> Extracted:
    """Read one page in a process of its own; see `Crew.run`."""
    with Crew(1) as crew:
        return next(crew.run([Found(path.name, path, url)]))


def _in_lists(pages: Iterable[Found]) -> Iterator[list[Task]]:
    tasks: list[Task] = []
    for page in pages:
        tasks.append((os.fsencode(page.path or ""), page.url, page.reason))
        if len(tasks) == AT_ONCE:
            yield tasks
            tasks = []
    if tasks:
        yield tasks
