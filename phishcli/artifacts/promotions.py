"""The promotion log, an append-only hash chain; what an alias points to follows from it alone.

A line counts once it ends: what a killed writer left behind is cut off by the next one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from phishcli.artifacts.manifest import Damaged
from phishcli.documents.promotion import Promotion
from phishcli.files import read_bounded

NAME = "promotions.jsonl"
LOCK = ".promotions.lock"


class Promotions:
    """The log beside the releases in a folder."""

    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / NAME

    def read(self) -> list[Promotion]:
        """All entries, oldest first.

        Raises
        ------
        Damaged
            When a line is not what was written.
        """
        return _entries(self._complete())

    def state(self, at: str | None = None) -> dict[str, Promotion]:
        """The entry that each alias rests on, now or at an ISO time in UTC.

        Raises
        ------
        Damaged
            When a line is not what was written.
        """
        return state_of([entry for entry in self.read() if at is None or entry.time <= at])

    def append(self, make: Callable[[Sequence[Promotion]], Promotion]) -> Promotion:
        """Add an entry that is made from those that are there, with no other writer in between.

        ``number``, ``time`` and the hashes are filled in.

        Raises
        ------
        Damaged
            When a line is not what was written.
        """
        from filelock import FileLock

        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / LOCK):
            content = self._complete()
            entries = _entries(content)
            entry = _chained(make(entries), entries)
            with self.path.open("r+b" if self.path.exists() else "xb") as file:
                file.truncate(len(content))
                file.seek(len(content))
                file.write(msgspec.json.encode(entry) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        return entry

    def _complete(self) -> bytes:
        """The lines that end; a writer that was killed may have left the beginning of one behind them."""
        try:
            content = read_bounded(self.path)
        except FileNotFoundError:
            return b""
        except ValueError as error:
            raise Damaged(f"{NAME} cannot be read: {error}") from error
        return content[: content.rfind(b"\n") + 1]


def _entries(content: bytes) -> list[Promotion]:
    entries: list[Promotion] = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            entry = msgspec.json.decode(line, type=Promotion)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Damaged(f"{NAME}, line {number} cannot be read") from error
        before = entries[-1].hash if entries else ""
        if entry.number != number or entry.previous != before or entry.hash != _digest(entry):
            raise Damaged(f"{NAME}, line {number} is not what was written, or a line before it is missing")
        entries.append(entry)
    return entries


def _chained(entry: Promotion, entries: Sequence[Promotion]) -> Promotion:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    latest = max([now, *(each.time for each in entries[-1:])])  # a clock that was set back does not reorder the log
    previous = entries[-1].hash if entries else ""
    made = msgspec.structs.replace(entry, number=len(entries) + 1, time=latest, previous=previous, hash="")
    return msgspec.structs.replace(made, hash=_digest(made))


def _digest(entry: Promotion) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(entry, hash=""))).hexdigest()


def state_of(entries: Sequence[Promotion]) -> dict[str, Promotion]:
    """The entry that each alias rests on after these."""
    return {alias: found[-1] for alias in {entry.alias for entry in entries} if (found := history_of(entries, alias))}


def history_of(entries: Sequence[Promotion], alias: str) -> list[Promotion]:
    """The promotions of an alias that were not rolled back, oldest first; the last one holds.

    What was promoted again takes the place of its promotion before: going back leads to another release.
    """
    held: list[Promotion] = []
    for entry in entries:
        if entry.alias == alias and entry.action == "promote":
            held = [*(held[:-1] if held and is_same(held[-1], entry) else held), entry]
        elif entry.alias == alias and entry.action == "rollback":
            while len(held) > 1 and not is_same(held[-1], entry):
                held.pop()
    return held


def is_same(one: Promotion, other: Promotion) -> bool:
    """Whether both are about the same model of the same release."""
    return (one.version, one.sha256, one.model) == (other.version, other.sha256, other.model)


def proposals(entries: Sequence[Promotion]) -> list[Promotion]:
    """Proposals that nobody has approved."""
    approved = {entry.approves for entry in entries}
    return [entry for entry in entries if entry.action == "propose" and entry.number not in approved]


def is_expired(entry: Promotion, now: str | None = None) -> bool:
    """Whether the age limit of a promotion has passed."""
    return entry.expires is not None and (now or datetime.now(UTC).isoformat()) > entry.expires
