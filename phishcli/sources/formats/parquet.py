"""Apache Parquet."""

from __future__ import annotations

from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read the file batch by batch."""
    from phishcli.sources.readers.parquet_reader import read_parquet

    return read_parquet(
        path, drop=asked.drop, only=asked.columns, also=asked.also, coded=asked.coded, on_event=on_event
    )


FORMAT = Format(
    name="parquet",
    label="Parquet",
    accepted=".parquet",
    read=read,
    magic=(b"PAR1",),
    shown=frozenset({".parquet", ".pq"}),
)
