"""JSON: an array of records, columns of values, or one record per line."""

from __future__ import annotations

import re
from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading

BEGINNING = re.compile(rb'(\xef\xbb\xbf)?\s*(\[\s*)?\{\s*("|\})|(\xef\xbb\xbf)?\s*\[\s*\]\s*$')


def looks(head: bytes) -> bool:
    """Whether a text begins like records or columns."""
    return BEGINNING.match(head) is not None


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read the file; the type of a column follows from all of its values, so all are read before the first batch."""
    from phishcli.sources.readers.json_reader import read_json

    return Batches.of(read_json(path, asked, on_event=on_event))


FORMAT = Format(
    name="json",
    label="JSON",
    accepted=".json, .jsonl",
    read=read,
    looks=looks,
    suffixes=frozenset({".json", ".jsonl", ".ndjson"}),
)
