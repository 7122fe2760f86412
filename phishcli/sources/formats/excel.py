"""Spreadsheets: Excel and OpenDocument; needs the extra ``excel``."""

from __future__ import annotations

from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read a sheet; the type of a column follows from all of its values, so all are read before the first batch."""
    from phishcli.sources.readers.excel_reader import read_excel

    data, name = read_excel(path, asked, on_event=on_event)
    return Batches.of(data, name)


FORMAT = Format(
    name="excel",
    label="Excel",
    accepted=".xlsx, .xls, .ods",
    read=read,
    magic=(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    shown=frozenset({".xlsx", ".xls", ".xlsb", ".ods"}),
    several_tables=True,
)
