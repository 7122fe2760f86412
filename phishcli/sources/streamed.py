"""The rows of a source one batch at a time, for work that must not hold the whole table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from phishcli.events import OnEvent, ignore
from phishcli.sources.file_source import FileSource
from phishcli.sources.files_source import FilesSource
from phishcli.sources.unpacked import scratch_folder

if TYPE_CHECKING:
    from phishcli.sources.source import Batches, Reading, Source


@contextmanager
def streamed(source: Source, asked: Reading, *, on_event: OnEvent = ignore) -> Iterator[Batches]:
    """Open a source for reading in batches; what had to be unpacked lasts until the end.

    Text comes as text: no column gets a type from values that are only part of it. SQLite, JSON, Excel and ARFF are
    read as a whole first.

    Parameters
    ----------
    source
        A located source.
    asked
        Which table, and how it is written.

    Raises
    ------
    DataError
        When the source is damaged, also while batches are taken.
    """
    if not isinstance(source, FileSource | FilesSource):
        yield source.read(asked, on_event=on_event)
        return
    scratch = source.scratch if isinstance(source, FileSource) else source.parts[0].scratch
    with scratch_folder(scratch) as folder:
        yield source.stream(msgspec.structs.replace(asked, scratch=folder, typed=False), on_event=on_event)
