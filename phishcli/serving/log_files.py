"""The files of the prediction log: small parts, merged by hour, each row read once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.errors import PersistError
from phishcli.files import UNFINISHED, appearing_file

if TYPE_CHECKING:
    import pyarrow as pa

PARTS = b"phish.parts"
"""The key in the metadata of a merged file under which it names its parts."""


def write_table(table: pa.Table, path: Path, parts: Sequence[str] = ()) -> None:
    """Write a file of the log, which names the parts that it stands for."""
    from pyarrow import parquet

    if parts:
        table = table.replace_schema_metadata({PARTS: json.dumps(parts).encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    with appearing_file(path) as file:
        parquet.write_table(table, file, compression="zstd")


def merge(parts: Sequence[Path], hour: Path) -> None:
    """Make one file of the parts that one process has written in an hour; parts of another form stay as they are."""
    from pyarrow import concat_tables, parquet

    if len(parts) < 2:  # noqa: PLR2004 (one part is one file already)
        return
    tables = [parquet.read_table(part) for part in parts]
    alike = [(part, table) for part, table in zip(parts, tables, strict=True) if table.schema == tables[0].schema]
    names = [part.name for part, _ in alike]
    write_table(concat_tables([table for _, table in alike]), hour / names[0].replace("part-", "hour-"), names)
    for part, _ in alike:
        part.unlink(missing_ok=True)


def read_log(place: Path) -> Iterator[pa.Table]:
    """Read a log, the folder of a day or an hour of it, or one file, table by table, in the order of time.

    Raises
    ------
    PersistError
        When nothing of a log is there, or a file of it is damaged.
    """
    from pyarrow import ArrowException, parquet

    found = [place] if place.is_file() else sorted(place.rglob("*.parquet"), key=lambda path: (path.parent, path.name))
    files = [path for path in found if not path.name.startswith(UNFINISHED)]
    if not files:
        raise PersistError("There is no prediction log", where=str(place), hint="Write one: phish serve --log FOLDER")
    merged: set[Path] = set()
    try:
        for file in files:
            metadata = parquet.read_schema(file).metadata or {}
            merged |= {file.parent / name for name in json.loads(metadata.get(PARTS, b"[]"))}
        for file in files:
            if file not in merged:
                yield parquet.read_table(file)
    except (ArrowException, OSError, ValueError) as error:
        raise PersistError("A file of the prediction log cannot be read", where=str(place)) from error
