"""Arrow's own files (IPC, Feather) and streams."""

from __future__ import annotations

from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read the file batch by batch."""
    from phishcli.sources.readers.arrow_reader import read_arrow

    return read_arrow(path, drop=asked.drop, on_event=on_event)


FORMAT = Format(
    name="arrow",
    label="Arrow",
    accepted=".arrow, .feather",
    read=read,
    magic=(b"ARROW1", b"FEA1", b"\xff\xff\xff\xff"),
    shown=frozenset({".arrow", ".arrows", ".feather", ".ipc"}),
)
