"""What a source is: a table somewhere, identified by its content and read in batches. Light to import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from phishcli.events import OnEvent, ignore

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 65_536
"""Rows of a batch at most."""


class Batches(msgspec.Struct, frozen=True):
    """The rows of a table: ``batches`` of the types in ``schema``, to be gone through once.

    ``table`` is the name of the table, for a source that holds several. ``missing_words`` are the texts that were read
    as missing values; prediction has to know them.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    table: str | None = None
    missing_words: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: pa.Table, table: str | None = None, missing_words: tuple[str, ...] = ()) -> Batches:
        """The rows of a table that is in memory."""
        return cls(data.schema, iter(data.to_batches(BATCH_ROWS)), table, missing_words)


class Source(Protocol):
    """A table that was located and can be read."""

    @property
    def origin(self) -> str:
        """What the user named, without passwords and tokens."""

    @property
    def sha256(self) -> str:
        """The hash of all content that a reader will see."""

    @property
    def synthetic(self) -> bool:
        """Whether it is the built-in sample."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files on this disk that hold it."""

    def read(self, *, table: str | None = None, on_event: OnEvent = ignore) -> Batches:
        """Read the rows.

        Parameters
        ----------
        table
            The table of a source that may hold several; may be left out if there is only one.
        on_event
            Receives rows read (`Progress`) and columns that were read otherwise than expected (`Notice`).

        Raises
        ------
        DataError
            If the source is damaged, or holds what no model can use; also while batches are taken.
        ConfigError
            If ``table`` is given for a source that has no tables.
        """


MAX_BYTES = 5_000_000_000
MAX_SECONDS = 3600.0


class Request(msgspec.Struct, frozen=True):
    """A source that somebody asks for.

    Parameters
    ----------
    source
        A path, an address, or ``sample``.
    cache
        Folder for copies of sources; made when it is needed.
    sha256
        The expected hash of the content, 64 hexadecimal digits.
    on_event
        Receives what happens on the way.
    max_bytes, max_seconds
        What a download may have and take.
    """

    source: str
    cache: Path
    sha256: str | None = None
    on_event: OnEvent = ignore
    max_bytes: int = MAX_BYTES
    max_seconds: float = MAX_SECONDS
