"""Text with one row per line."""

from __future__ import annotations

from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read the file; the type of a column follows from all of its values, so all are read before the first batch."""
    from phishcli.sources.readers.csv_reader import missing_words, read_csv, stream_text

    if not asked.typed:
        return stream_text(path, asked, on_event)
    return Batches.of(read_csv(path, asked, on_event=on_event), missing_words=missing_words(asked.csv))


FORMAT = Format(
    name="csv",
    label="CSV",
    accepted=".csv, .tsv, .txt, .data",
    read=read,
    suffixes=frozenset({".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".test", ".psv", ""}),
)
