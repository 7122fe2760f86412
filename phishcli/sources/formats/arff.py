"""ARFF, the format of Weka."""

from __future__ import annotations

import re
from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading

BEGINNING = re.compile(rb"(\xef\xbb\xbf)?(\s*(%[^\n]*)?\n)*\s*@relation\s", re.IGNORECASE)


def looks(head: bytes) -> bool:
    """Whether a text begins like ARFF, comments aside."""
    return BEGINNING.match(head) is not None


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read the file; the type of a column follows from all of its values, so all are read before the first batch."""
    from phishcli.sources.readers.arff_reader import read_arff

    return Batches.of(read_arff(path, asked, on_event=on_event), missing_words=("?",))


FORMAT = Format(name="arff", label="ARFF", accepted=".arff", read=read, looks=looks, suffixes=frozenset({".arff"}))
