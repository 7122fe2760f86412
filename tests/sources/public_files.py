"""Twenty files as people publish them, all of one table of which each cell is known."""

from __future__ import annotations

import bz2
import csv
import datetime as dt
import gzip
import io
import json
import lzma
import random
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather, parquet

NAMES = ("length", "ratio", "host", "label")
Row = tuple[int, float | None, str, str]


def rows(number: int = 60) -> list[Row]:
    """Lengths, ratios (every seventh missing), hosts with accents, and labels."""
    draw = random.Random(5)
    hosts = ("café.example", "naïve.example", "plain.example")
    return [
        (
            draw.randint(5, 4000),
            None if at % 7 == 3 else draw.randint(-400, 9000) / 4,
            hosts[at % 3],
            "bad" if draw.random() < 0.4 else "good",
        )
        for at in range(number)
    ]


def text(
    table: list[Row],
    *,
    mark: str = ",",
    missing: str = "",
    header: bool = True,
    number: Callable[[float], str] = str,
) -> str:
    """The table as lines of text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator="\n")
    if header:
        writer.writerow(NAMES)
    for length, ratio, host, label in table:
        writer.writerow([number(length), missing if ratio is None else number(ratio), host, label])
    return out.getvalue()


def comma(value: float) -> str:
    """12345.5 as 12.345,5."""
    return f"{value:,}".replace(",", " ").replace(".", ",").replace(" ", ".")


def percent(value: float) -> str:
    """A number with a percent sign."""
    return f"{value}%"


def _zip(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _zst(content: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packed:
        packed.write(content)
    return bytes(out.getvalue().to_pybytes())


def _arff(table: list[Row]) -> str:
    head = "% made up\n@RELATION sites\n@ATTRIBUTE length NUMERIC\n@ATTRIBUTE ratio REAL\n@ATTRIBUTE host STRING\n"
    return f"{head}@ATTRIBUTE label {{good,bad}}\n@DATA\n{text(table, missing='?', header=False)}"


def _blanks(table: list[Row]) -> str:
    lines = [" ".join(NAMES)]
    lines += [f"  {a:>6}   {'?' if b is None else b:>9}  {c}\t{d}" for a, b, c, d in table]
    return "\n".join(lines) + "\n"


def texts(table: list[Row]) -> dict[str, bytes]:
    """The files that are text, by their names."""
    plain = text(table)
    records = [dict(zip(NAMES, row, strict=True)) for row in table]
    columns = {name: [row[at] for row in table] for at, name in enumerate(NAMES)}
    return {
        "plain.csv": plain.encode(),
        "tabs.tsv": text(table, mark="\t").encode(),
        "marks.csv": text(table, missing=" ?").encode(),
        "german.csv": ("sep=;\n" + text(table, mark=";", number=comma)).encode(),
        "thousands.txt": text(table, mark="|", number="{:,}".format, missing="-").encode(),
        "percent.csv": text(table, number=percent).encode(),
        "latin1.csv": plain.encode("latin-1"),
        "utf16.csv": plain.encode("utf-16"),
        "titled.csv": ("Sites of May\n\n" + plain).encode(),
        "comments.csv": ("# made by a script\n# version 2\n" + plain).encode(),
        "blanks.dat": _blanks(table).encode(),
        "compiler.csv": text(table, missing="1.#QNAN").encode(),
        "weka.arff": _arff(table).encode(),
        "records.json": json.dumps(records).encode(),
        "columns.json": json.dumps(columns).encode(),
        "lines.jsonl": "\n".join(map(json.dumps, records)).encode(),
        "packed.csv.gz": gzip.compress(plain.encode(), mtime=0),
        "packed.csv.bz2": bz2.compress(plain.encode()),
        "packed.csv.xz": lzma.compress(plain.encode()),
        "packed.csv.zst": _zst(plain.encode()),
        "archive.zip": _zip({"data/sites.csv": plain, "README.txt": "about"}),
        "zipped.csv": _zip({"sites.csv": plain}),
        "gzipped.csv": gzip.compress(plain.encode(), mtime=0),
    }


def headless(table: list[Row]) -> bytes:
    """The table without a line of names, as UCI publishes them."""
    return text(table, header=False, missing="?").encode()


def write_all(folder: Path, table: list[Row]) -> list[Path]:
    """Write every file, and give their paths."""
    for name, content in texts(table).items():
        (folder / name).write_bytes(content)
    arrow = pa.table({name: [row[at] for row in table] for at, name in enumerate(NAMES)})
    parquet.write_table(arrow, folder / "table.parquet")
    parquet.write_table(arrow, folder / "parquet.csv")
    feather.write_feather(arrow, folder / "table.feather")
    with pa.OSFile(str(folder / "table.arrows"), "wb") as file, pa.ipc.new_stream(file, arrow.schema) as stream:
        stream.write_table(arrow)
    with closing(sqlite3.connect(folder / "table.db")) as connection:
        connection.execute(f"CREATE TABLE sites ({', '.join(NAMES)})")
        connection.executemany("INSERT INTO sites VALUES (?, ?, ?, ?)", table)
        connection.commit()
    _excel(folder / "table.xlsx", table)
    return sorted(folder.iterdir())


def _excel(path: Path, table: list[Row]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    book.properties.created = book.properties.modified = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - Excel has no zones
    sheet.append(["Sites of May"])
    for row in (NAMES, *table):
        sheet.append(row)
    book.save(path)
