"""What a source is: a table somewhere, identified by its content and read in batches. Light to import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from phishcli.events import OnEvent, ignore

if TYPE_CHECKING:
    import pyarrow as pa

    from phishcli.config.schema import CsvConfig, LimitsConfig, LoadConfig

BATCH_ROWS = 65_536
"""Rows of a batch at most."""


def _csv() -> CsvConfig:
    from phishcli.config.schema import CsvConfig

    return CsvConfig()


def _limits() -> LimitsConfig:
    from phishcli.config.schema import LimitsConfig

    return LimitsConfig()


class Reading(msgspec.Struct, frozen=True):
    """How a source is to be read.

    Parameters
    ----------
    table
        The table of a source that may hold several; may be left out if there is only one.
    drop
        Columns that are not needed: where they cannot be read, they come without a value instead of an error.
    csv
        How a text file is written.
    limits
        What the source may ask for at most.
    scratch
        A folder for what has to be unpacked or rewritten; it lasts until the batches are there.
    typed
        Whether columns of a text file get a type by all of their values. Without it they come as text, in a stream, and
        ``scratch`` has to last as long.
    columns
        The only columns that are needed, where a format can leave out others; None for all. Where one of them is
        missing, all that there are may come.
    also
        Columns that are wanted beside those where they are there.
    coded
        Columns whose texts may come as dictionaries, where a format has them so; reading them costs less.
    """

    table: str | None = None
    drop: frozenset[str] = frozenset()
    csv: CsvConfig = msgspec.field(default_factory=_csv)
    limits: LimitsConfig = msgspec.field(default_factory=_limits)
    scratch: Path | None = None
    typed: bool = True
    columns: frozenset[str] | None = None
    also: frozenset[str] = frozenset()
    coded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, load: LoadConfig, limits: LimitsConfig) -> Reading:
        """What the configuration asks for."""
        return cls(load.table, frozenset(load.drop), load.csv, limits)


class Batches(msgspec.Struct, frozen=True):
    """The rows of a table: ``batches`` of the types in ``schema``, to be gone through once.

    ``table`` is the name of the table, for a source that holds several. ``rows`` is their number, where that is known
    beforehand. ``missing_words`` are the texts that were read
    as missing values; prediction has to know them.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    table: str | None = None
    missing_words: tuple[str, ...] = ()
    rows: int | None = None

    @classmethod
    def of(cls, data: pa.Table, table: str | None = None, missing_words: tuple[str, ...] = ()) -> Batches:
        """The rows of a table that is in memory."""
        return cls(data.schema, iter(data.to_batches(BATCH_ROWS)), table, missing_words, data.num_rows)


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

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows.

        Parameters
        ----------
        asked
            Which table, which columns, and how; None for the defaults.
        on_event
            Receives rows read (`Progress`) and columns that were read otherwise than expected (`Notice`).

        Raises
        ------
        DataError
            If the source is damaged, or holds what no model can use; also while batches are taken.
        ConfigError
            If a table is named for a source that has no tables.
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
    table, query, version_query
        Of a database: what is read, and a query whose only value changes with the data.
    """

    source: str
    cache: Path
    sha256: str | None = None
    on_event: OnEvent = ignore
    max_bytes: int = MAX_BYTES
    max_seconds: float = MAX_SECONDS
    table: str | None = None
    query: str | None = None
    version_query: str | None = None
