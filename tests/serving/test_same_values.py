"""A row that is read in another way than in training gives the same values, or somebody is told."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv

from phishcli.config.schema import LoadConfig
from phishcli.documents.schema import Schema
from phishcli.errors import DataError
from phishcli.features.loading import load
from phishcli.serving.rows import Rows, read_rows
from phishcli.sources.formats import formats
from phishcli.sources.source import Reading
from phishcli.tables.arrow import whole
from phishcli.tables.memory import MemoryTable

Table = dict[str, list[Any]]
ROWS = 40
POOLS: dict[str, list[str]] = {
    "codes": ["007", "012", "101", "000"],
    "codes of one value": ["7", "007", "08"],
    "versions": ["1.0", "2.0", "3.0", "unknown"],
    "truth": ["True", "False", "maybe"],
    "shouted truth": ["TRUE", "FALSE", "?"],
    "places": ["NA", "DE", "FR"],
    "blanks": [" a", "a", "a "],
    "sizes": ["1e3", "2e3", "big"],
    "fractions": ["0.1", "0.10", "0.3", "none given"],
    "long": ["12345678901234567890", "12345678901234567891", "x"],
    "words": ["shop", "bank", "zoo"],
    "infinite": ["inf", "-inf", "x"],
}
"""Texts that readers of files like to take for something else."""


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Four columns of texts, one of whole numbers with gaps, one of fractions, one of truth values, and a label."""
    pools = draw(st.lists(st.sampled_from(sorted(POOLS)), min_size=4, max_size=4, unique=True))
    table: Table = {pool: draw(_column(st.sampled_from(POOLS[pool]))) for pool in pools}
    table["whole"] = draw(_column(st.none() | st.integers(-3, 300)))
    table["fraction"] = draw(_column(st.floats(-1e6, 1e6) | st.sampled_from([0.1, 1e-300, 1e300])))
    table["label"] = ["bad", "good"] * (ROWS // 2)
    return table


def _column(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=ROWS, max_size=ROWS)


def as_csv(table: Table, folder: Path) -> Path:
    pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in table.items()}).to_csv(
        folder / "t.csv", index=False
    )
    return folder / "t.csv"


def as_sqlite(table: Table, folder: Path) -> Path:
    path = folder / "t.db"
    path.unlink(missing_ok=True)
    names = ", ".join(f'"{name}"' for name in table)
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE t ({names})")
    marks = ", ".join("?" * len(table))
    connection.executemany(f"INSERT INTO t VALUES ({marks})", list(zip(*table.values(), strict=True)))  # noqa: S608 (our own)
    connection.commit()
    connection.close()
    return path


def as_parquet(table: Table, folder: Path) -> Path:
    pq.write_table(pa.table(table), folder / "t.parquet")
    return folder / "t.parquet"


SOURCES = {"csv": as_csv, "sqlite": as_sqlite, "parquet": as_parquet}


def of_text(read: Callable[[str], Any]) -> Callable[[Table, list[int]], Any]:
    """Write some rows as a CSV file and have them read by somebody else."""

    def rows(table: Table, chosen: list[int]) -> Any:
        frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in table.items()})
        return read(frame.iloc[chosen].to_csv(index=False))

    return rows


def by_json(table: Table, chosen: list[int]) -> Any:
    return json.loads(json.dumps([{name: values[row] for name, values in table.items()} for row in chosen]))


FORMS: dict[str, Callable[[Table, list[int]], Any]] = {
    "pandas": of_text(lambda text: pd.read_csv(io.StringIO(text))),
    "pandas, texts": of_text(lambda text: pd.read_csv(io.StringIO(text), dtype=str)),
    "pandas, no missing words": of_text(lambda text: pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)),
    "Arrow": of_text(lambda text: arrow_csv.read_csv(io.BytesIO(text.encode()))),
    "csv": of_text(lambda text: list(csv.DictReader(io.StringIO(text)))),
    "JSON": by_json,
}


def trained(path: Path, form: str) -> tuple[Schema, pd.DataFrame]:
    rows = formats()[form].read(path, Reading(), lambda _: None)
    loaded = load(
        LoadConfig(target="label", positive_label="bad", max_categories=100),
        MemoryTable.of_batches(rows.schema, rows.batches),
        name=None,
        origin="t",
        synthetic=False,
        missing_words=rows.missing_words,
    )
    return loaded.schema, whole(loaded.features)


def differing(rows: Rows, expected: pd.DataFrame) -> set[str]:
    numbers = {
        name
        for name, column in rows.numbers.items()
        if not np.array_equal(column.floats, expected[name].to_numpy(np.float64), equal_nan=True)
    }
    texts = {
        name
        for name, column in rows.categories.items()
        if [column.names[code] if code >= 0 else None for code in column.codes]
        != [None if pd.isna(value) else value for value in expected[name]]
    }
    return numbers | texts


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("form", FORMS)
@given(table=tables(), chosen=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_rows_have_the_values_of_training_or_somebody_is_told(
    source: str, form: str, table: Table, chosen: list[int], tmp_path: Path
) -> None:
    try:
        schema, features = trained(SOURCES[source](table, tmp_path), source)
    except DataError:  # nothing to learn from: not what is tested here
        return
    told, read = answer(FORMS[form](table, chosen), schema)
    assert told
    if read is not None:
        assert differing(read, features.iloc[chosen]) <= told


def answer(rows: Any, schema: Schema) -> tuple[set[str], Rows | None]:
    """Read rows; the columns that an error or a notice names, and an empty name for none."""
    try:
        read = read_rows(rows, schema)
    except DataError as error:
        return {name for name in schema.names() if f"column {name}" in str(error)}, None
    named = {"", *(notice.split(":")[0] for notice in read.seen.notices())}
    return named | {f"{name}_Missing" for name in named}, read
