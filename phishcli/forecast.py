"""What a large table will need before it is read: memory, disk, and models that get a sample of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.events import Notice
from phishcli.machine import usable_memory
from phishcli.models import find
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config import Config

SMALL = 50_000_000
"""Bytes of a source below which nothing is forecast: it fits, however it is stored."""
HEAD, LEAST_HEAD = 1_000_000, 20_000
"""Bytes of text files by which their rows are estimated: of all together, and of each at least."""
OUTPUTS = 2.2
"""Features for each column, as the table of the sample has them (16 columns, 35 features)."""
COPIES, START = 6, 250_000_000
"""What a table in memory takes: multiples of its float32 matrix, and the libraries (``benchmarks.scale``)."""
SLOWER = "about 20% slower to load"
"""What streaming costs (``benchmarks.scale``)."""


class Size(msgspec.Struct, frozen=True):
    """How many rows and columns a source has, exactly or about."""

    rows: int
    columns: int
    exact: bool = False


def forecast(config: Config, files: Sequence[Path], free: int | None = None) -> Iterator[Notice]:
    """Say what a run on a large source will need; nothing where all of it fits.

    Parameters
    ----------
    config
        The settings.
    files
        The files of the source on this disk.
    free
        Bytes that are free on the disk of the cache.
    """
    size = size_of(files, config.load.table)
    if size is None:
        return
    memory, features = config.run.memory or usable_memory(), round(size.columns * OUTPUTS)
    matrix = size.rows * features * 4
    rows = f"{'' if size.exact else 'about '}{counted(size.rows, 'row')}"
    if (need := COPIES * matrix + START) > memory:
        what = (
            f"{rows[0].upper()}{rows[1:]} need about {_gigabytes(need)} of memory and the run has {_gigabytes(memory)}"
        )
        yield Notice(f"{what}: they are streamed from disk, {SLOWER}.")
    train = round(size.rows * (1 - config.preprocess.split.test_size))
    for name in config.train.models:
        spec = find(name)
        most = spec.weight.most_rows(train, features, memory) if spec and spec.weight else None
        if most is not None:
            of = f"{most:,} of about {counted(train, 'row')}"
            yield Notice(f"{name} will be trained on {of}: run.memory allows no more.")
    needed = matrix * (config.preprocess.folds + 2)
    if free is not None and needed > free:
        what = (
            f"The matrices of all folds need about {_gigabytes(needed)} of disk in the cache while models are trained"
        )
        yield Notice(f"{what}, and {_gigabytes(free)} are free; --cache-dir names another folder.", "warning")


def is_small(files: Sequence[Path]) -> bool:
    """Whether files are so small that nothing is forecast."""
    return sum(path.stat().st_size for path in files if path.is_file()) < SMALL


def size_of(files: Sequence[Path], table: str | None = None) -> Size | None:
    """Find out how many rows files have, without reading them; None where that is not known, or they are small.

    ``table`` is the one that is wanted of a database.
    """
    if is_small(files):
        return None
    there = [path for path in files if path.is_file()]
    head = max(HEAD // max(len(there), 1), LEAST_HEAD)
    found = [size for path in there if (size := _of_file(path, head, table))]
    if not found:
        return None
    rows, exact = sum(size.rows for size in found), all(size.exact for size in found)
    return Size(rows, max(size.columns for size in found), exact and len(found) == len(there))


def _of_file(path: Path, most: int, table: str | None) -> Size | None:
    with path.open("rb") as file:
        head = file.read(most)
    if head.startswith(b"PAR1"):
        return _of_parquet(path)
    if head.startswith(b"SQLite format 3\0"):
        return _of_sqlite(path, table)
    lines = head.count(b"\n")
    if b"\0" in head or not lines:  # packed, or of a form that does not say it
        return None
    first = head.partition(b"\n")[0]
    columns = 1 + max(first.count(each) for each in b",;\t|")
    return Size(round(path.stat().st_size * lines / len(head)), columns)


def _of_parquet(path: Path) -> Size:
    from pyarrow import parquet

    found = parquet.read_metadata(path)
    return Size(found.num_rows, found.num_columns, exact=True)


def _of_sqlite(path: Path, table: str | None) -> Size | None:
    """The table of a database, else its largest one, by its row numbers, of which some may be missing."""
    import sqlite3

    sizes = []
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        for name in [name for name in names if name == table] or names:
            quoted = '"' + name.replace('"', '""') + '"'
            with suppress(sqlite3.Error):  # a table without row numbers
                (rows,) = database.execute(f"SELECT max(rowid) FROM {quoted}").fetchone()  # noqa: S608 (quoted)
                columns = len(database.execute(f"PRAGMA table_info({quoted})").fetchall())
                sizes.append(Size(rows or 0, columns))
    return max(sizes, key=lambda size: size.rows, default=None)


def _gigabytes(number: float) -> str:
    return f"{number / 1e9:,.0f} GB" if number >= 10e9 else f"{number / 1e9:.1f} GB"  # noqa: PLR2004 (two digits)
