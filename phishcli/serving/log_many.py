"""The prediction log of `phish predict`: the columns that a service writes, made of whole batches.

Its files wait beside the parts of an unfinished output and appear in the log when the output does: what was interrupted
and is gone on with is logged once.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.files import appearing_file
from phishcli.serving.log import check_writable, hour_of
from phishcli.serving.log_files import write_table
from phishcli.serving.log_table import log_schema
from phishcli.serving.verdicts import DECISIONS
from phishcli.serving.wire import kinds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.serving.rows import Rows
    from phishcli.serving.verdicts import Judge

PATTERN = "part-log-*.parquet"


@dataclass(frozen=True)
class Recorder:
    """Makes the lines of the log for rows that have been judged.

    ``alias`` is what the release was asked for by. A row has the values of the columns ``ids`` for its id, with slashes
    in between; without any, its position behind ``source``: ``new.csv/17``.
    """

    judge: Judge
    alias: str
    source: str
    ids: Sequence[str] = ()

    def table(
        self,
        places: NDArray[np.intp],
        batch: pa.RecordBatch,
        read: Rows,
        scores: NDArray[np.float64],
        probabilities: NDArray[np.float64],
        said: Mapping[str, pa.Array],
    ) -> pa.Table:
        """The lines for n rows; ``places`` are their positions among all."""
        bundle, n = self.judge.bundle, len(places)
        about, kinds = bundle.metadata, kinds_of(bundle.schema)
        labels = pa.array([str(about.negative_label), str(about.positive_label)])
        constant = {"tier": "main", "alias": self.alias, "model": about.model, "version": about.version}
        columns: dict[str, Any] = {
            "id": self._ids(places, batch),
            "time": pa.repeat(pa.scalar(datetime.now(UTC), pa.timestamp("us", tz="UTC")), n),
            **{name: pa.repeat(pa.scalar(text, pa.string()), n) for name, text in constant.items()},
            "bundle_sha256": pa.repeat(bundle.sha256, n),
            "probability": pa.array(probabilities),
            "score": pa.array(scores),
            "verdict": said["verdict"].cast(pa.string()),
            "label": labels.take(pa.array((probabilities >= bundle.threshold).astype(np.int8))),
            "rule": said.get("rule", pa.nulls(n, pa.string())),
            "reason": pc.coalesce(said["why"], self._by_thresholds(said["verdict"])),
        }
        schema = log_schema(kinds)
        features = [_feature(name, kind, batch, read) for name, kind in kinds.items()]
        columns["features"] = pa.StructArray.from_arrays(features, fields=list(schema.field("features").type))
        return pa.Table.from_pydict(columns, schema=schema)

    def _ids(self, places: NDArray[np.intp], batch: pa.RecordBatch) -> pa.Array:
        if not self.ids:
            return pc.binary_join_element_wise(self.source, pa.array(places).cast(pa.string()), "/")
        texts = [pc.fill_null(batch.column(name).cast(pa.string()), "") for name in self.ids]
        return pc.binary_join_element_wise(*texts, "/")

    def _by_thresholds(self, verdicts: pa.DictionaryArray) -> pa.Array:
        return pa.array([self.judge.reason_of(each) for each in DECISIONS]).take(verdicts.indices)


def _feature(name: str, kind: str, batch: pa.RecordBatch, read: Rows) -> pa.Array:
    """One column as it came; numbers that came as texts as they were read."""
    column = batch.column(name)
    if kind == "text":
        return column.cast(pa.string())
    wanted = pa.bool_() if kind == "truth" else pa.float64()
    if column.type == wanted:
        return column
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column.cast(wanted, safe=False)
    floats = pa.array(read.numbers[name].floats, from_pandas=True)
    return pc.not_equal(floats, 0.0) if kind == "truth" else floats


class WaitingLog:
    """Lines of the log that wait in a folder until the answers are complete.

    Raises
    ------
    PersistError
        When the log cannot be written to.
    """

    def __init__(self, log: Path, folder: Path) -> None:
        check_writable(log)
        self._log, self._folder = log, folder
        self._tables: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        """Keep lines in memory until `flush`."""
        self._tables.append(table)

    def flush(self, part: int) -> None:
        """Write what is kept as one file; the same part again replaces it."""
        if self._tables:
            write_table(pa.concat_tables(self._tables), self._folder / PATTERN.replace("*", f"{part:05d}"))
            self._tables.clear()

    def finish(self) -> None:
        """Bring the files into the log, each into the folder of the hour in which its first row was judged."""
        found = sorted(self._folder.glob(PATTERN))
        moments = [_begun(file) for file in found]
        run = sha256(f"{moments[:1]}{found[:1]}".encode()).hexdigest()[:16]
        for number, (file, moment) in enumerate(zip(found, moments, strict=True)):
            with appearing_file(hour_of(self._log, moment) / f"part-{run}-{number:05d}.parquet") as copy:
                shutil.copyfile(file, copy)


def _begun(file: Path) -> float:
    from pyarrow import parquet

    with parquet.ParquetFile(file) as opened:
        column = opened.schema_arrow.get_field_index("time")
        return float(opened.metadata.row_group(0).column(column).statistics.min.timestamp())
