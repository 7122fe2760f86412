"""Reading and writing files: the suffix selects the format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from phishcli.artifacts.manifest import Damaged
from phishcli.documents.base import Document
from phishcli.files import parse_json, read_bounded


class Codec(msgspec.Struct, frozen=True):
    """How a format is written and read. Pickles are loaded unchecked here: `Entry.read` verifies the hash first."""

    write: Callable[[Path, Any], None]
    read: Callable[[Path], Any]


def _write_parquet(path: Path, value: Any) -> None:
    if hasattr(type(value), "batches"):  # a table that may be larger than memory
        write_batches(path, value.schema, value.batches())
    else:
        with path.open("wb") as file:  # given a path, pandas would take ~ and http: in it for more than names
            value.to_parquet(file, index=False, compression="zstd")


def write_batches(path: Path, schema: Any, batches: Iterable[Any]) -> None:
    """Write record batches to a Parquet file, a row group for each: one of them is in memory at a time."""
    from pyarrow.parquet import ParquetWriter

    with path.open("wb") as file, ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)


def _read_parquet(path: Path) -> Any:
    import pandas as pd

    with path.open("rb") as file:
        return pd.read_parquet(file)


def _write_csv(path: Path, value: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        value.to_csv(file, index=False, lineterminator="\n")


def _read_csv(path: Path) -> Any:
    import pandas as pd

    with path.open(encoding="utf-8", newline="") as file:
        return pd.read_csv(file)


def _write_json(path: Path, value: Any) -> None:
    value = value.to_plain() if isinstance(value, Document) else value
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _read_json(path: Path) -> Any:
    try:
        return parse_json(read_bounded(path))
    except ValueError as error:
        raise Damaged(f"{path.name} cannot be read ({error})") from error


def _write_joblib(path: Path, value: Any) -> None:
    import joblib

    joblib.dump(value, path)


def _read_joblib(path: Path) -> Any:
    import joblib

    return joblib.load(path)


def _write_text(path: Path, value: str) -> None:
    path.write_text(value, encoding="utf-8", newline="")


def _read_text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _write_bytes(path: Path, value: bytes) -> None:
    path.write_bytes(value)


_TEXT = Codec(_write_text, _read_text)
CODECS: dict[str, Codec] = {
    ".parquet": Codec(_write_parquet, _read_parquet),
    ".csv": Codec(_write_csv, _read_csv),
    ".json": Codec(_write_json, _read_json),
    ".joblib": Codec(_write_joblib, _read_joblib),
    ".html": _TEXT,
    ".md": _TEXT,
    ".png": Codec(_write_bytes, Path.read_bytes),
    ".svg": _TEXT,
    ".txt": _TEXT,
    ".skops": Codec(_write_bytes, Path.read_bytes),
    ".ubj": Codec(_write_bytes, Path.read_bytes),
    ".yaml": _TEXT,
}


def write(path: Path, value: Any) -> None:
    """Write ``value`` in the format of the suffix; if it is a `Path`, that file is copied.

    Raises
    ------
    Damaged
        When the file to copy is missing.
    """
    if isinstance(value, Path):
        _copy(value, path)
        return
    CODECS[path.suffix].write(path, value)


def _copy(source: Path, path: Path) -> None:
    import shutil

    try:
        shutil.copyfile(source, path)
    except FileNotFoundError as error:
        if error.filename != str(source):
            raise
        raise Damaged(f"{source.name} is missing") from error


def read(path: Path) -> Any:
    """Read a file in the format of its suffix."""
    return CODECS[path.suffix].read(path)
