"""What the machine has: the memory that this program may use, by the machine itself and by its control group."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
"""Where version 2 and version 1 of Linux' control groups say how much memory the processes of a container may use."""
OURS = 0.8
"""The share of all memory that a run uses at most where nothing is said: the rest is for the system and others."""
GIGABYTE = 10**9
UNKNOWN = 4 * GIGABYTE
"""What is assumed where the system says nothing."""


def usable_memory() -> int:
    """Give the bytes that a run may use where ``run.memory`` says nothing."""
    return _usable(CGROUPS)


@cache
def _usable(cgroups: Path) -> int:
    """What `usable_memory` gives, found once."""
    return int(OURS * min([*_limits(cgroups), *_installed()], default=UNKNOWN / OURS))


def _limits(cgroups: Path) -> Iterator[float]:
    """The limits of the control groups that this process is in, from the outermost to its own."""
    for name in LIMITS:
        for folder in _groups(cgroups):
            with suppress(OSError, ValueError):  # no such file; "max" stands for no limit
                yield float((folder / name).read_text())


def _groups(cgroups: Path) -> Iterator[Path]:
    yield cgroups
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            parts = line.rpartition(":")[2].strip("/").split("/")
            for end in range(1, len(parts) + 1):
                yield cgroups.joinpath(*parts[:end])


def _installed() -> Iterator[float]:
    with suppress(AttributeError, ValueError, OSError):  # Windows has no such call
        yield float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
