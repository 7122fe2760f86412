"""Text with one row per line, plain or gzipped."""

from __future__ import annotations

from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches


def read(path: Path, _: str | None, on_event: OnEvent) -> Batches:
    """Read the file; the type of a column follows from all of its values, so all are read before the first batch."""
    from phishcli.sources.readers.csv_reader import MISSING, read_csv

    return Batches.of(read_csv(path, on_event=on_event), missing_words=MISSING)


FORMAT = Format(
    name="csv",
    label="CSV",
    accepted=".csv, .tsv, also .gz",
    read=read,
    magic=(b"\x1f\x8b",),
    suffixes=frozenset({".csv", ".tsv", ".tab", ".txt", ""}),
)
