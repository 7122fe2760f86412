"""A process that reads pages for another one, and that the system ends when a page asks for too much.

The parser is written in C and cannot be interrupted from Python: markup that takes it too long, or more memory than is
allowed, ends this process, and `phishcli.features.pages.crew` starts another one for the pages that follow.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

if TYPE_CHECKING:
    from phishcli.features.pages.extract import Extracted

SECONDS = 5.0
"""Processor time for one page."""
MOST_MEMORY = 1 << 30
"""Bytes of address space of a process that reads pages."""
LENGTH = struct.Struct("<I")
READY = LENGTH.pack(0)
"""What a process says first: it has imported all that it needs."""
Task = tuple[bytes, str | None, str]
"""The path of a page, its address, and why it is not to be read, if it is not."""
PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from phishcli.features.pages.worker import serve; serve()"


def command() -> list[str]:
    """The command line of such a process: it imports what this one would, and nothing from the current folder."""
    return [sys.executable, "-P", "-c", PROGRAM, *map(os.path.abspath, filter(None, sys.path))]


def frame(content: bytes) -> bytes:
    """A message with its length before it."""
    return LENGTH.pack(len(content)) + content


def serve() -> None:
    """Read lists of tasks from standard input, and write the result of each page as soon as it is there."""
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    _limit()
    _prepare()
    answers.write(READY)
    answers.flush()
    encode = msgspec.msgpack.Encoder().encode
    while (tasks := _received(given)) is not None:
        for path, url, reason in tasks:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            answer = frame(encode(_result(path, url, reason)))
            signal.setitimer(signal.ITIMER_PROF, 0)
            answers.write(answer)
            answers.flush()


def _result(path: bytes, url: str | None, reason: str) -> Extracted:
    from phishcli.features.pages.extract import Extracted, extract_file

    return Extracted("skipped", reason) if reason else extract_file(Path(os.fsdecode(path)), url)


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller ends this process
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with suppress(OSError, ValueError):  # systems without this limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _prepare() -> None:
    """Import what the first page would, so that it takes no time from it."""
    from phishcli.features.pages.extract import extract

    extract(b"<title></title><a href=//www.example.co.uk>", "https://www.example.co.uk")


def _received(given: BinaryIO) -> list[Task] | None:
    head = given.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return msgspec.msgpack.decode(given.read(LENGTH.unpack(head)[0]), type=list[Task])
