"""Scoring in a cluster: one function over Arrow batches, and thin users of it for Spark, Dask and Ray Data."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.artifacts.manifest import NAME
from phishcli.errors import PersistError
from phishcli.sources.hashes import file_hash

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from phishcli.serving.bundle import Bundle
    from phishcli.serving.predict import OnError

    SparkFrame = Any
    DaskFrame = Any
    RayDataset = Any

ONE_LOADS = threading.Lock()
"""Held while a release is opened, so that the threads of a worker open it once."""


@dataclass(frozen=True)
class Scorer:
    """Scores batches with a release, which each process opens once; small enough to be sent with every task.

    The answers of a row are those of ``phish predict``: they do not depend on the batch, the engine or the worker.

    Parameters
    ----------
    release
        The folder of the release, which all workers can read under this path.
    model
        The name of its model.
    sha256
        The hash of its manifest, so that no worker uses another one.
    columns
        The columns that a row must have.
    ids
        Columns that are repeated beside the answers.
    on_error
        What becomes of a row that cannot be read: an error, left out, or an answer without a probability.
    """

    release: str
    model: str
    sha256: str
    columns: tuple[str, ...]
    ids: tuple[str, ...] = ()
    on_error: OnError = "fail"

    @classmethod
    def of(cls, bundle: Bundle, *, ids: Iterable[str] = (), on_error: OnError = "fail") -> Scorer:
        """Make one for an open release."""
        about = bundle.metadata
        return cls(str(bundle.folder), about.model, bundle.sha256, tuple(about.columns), tuple(ids), on_error)

    @property
    def needed(self) -> list[str]:
        """All columns that it looks at."""
        return list(dict.fromkeys((*self.columns, *self.ids)))

    def __call__(self, rows: pa.Table | pa.RecordBatch) -> pa.Table:
        """Answer n rows; see `phishcli.serving.predict.answers` for the columns.

        Raises
        ------
        PersistError
            When the release cannot be read here, or is another one.
        DataError
            When columns are missing, or a row cannot be read and ``on_error`` is ``fail``.
        """
        import pyarrow as pa

        from phishcli.serving.predict import answers, judge_all
        from phishcli.serving.said import Sayer
        from phishcli.serving.verdicts import Judge

        bundle = opened(self.release, self.model, self.sha256)
        batches = _one_batch(rows)
        answered = [
            answers(bundle, judged, self.ids)
            for judged in judge_all(Sayer(Judge(bundle)), batches, on_error=self.on_error)
        ]
        return _without_dictionaries(pa.Table.from_batches(answered))

    # The engines: each hands batches to the function above.

    def on_spark(self, frame: SparkFrame) -> SparkFrame:
        """Score a data frame of Spark, lazily: ``frame.transform(bundle.spark_udf())``."""
        from pyspark.sql import functions
        from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

        from phishcli.serving.rows import check_names

        check_names(frame.columns, self.needed)
        chosen = frame.select([functions.col(f"`{name.replace('`', '``')}`") for name in self.needed])
        schema = self(to_arrow_schema(chosen.schema).empty_table()).schema
        return chosen.mapInArrow(self.over, from_arrow_schema(schema))

    def on_dask(self, frame: DaskFrame) -> DaskFrame:
        """Score a data frame of Dask, lazily; it keeps its index and its partitions."""
        from phishcli.serving.rows import check_names

        check_names(list(frame.columns), self.needed)
        meta = self.on_pandas(frame._meta[self.needed])  # noqa: SLF001 (as Dask's own documentation has it)
        return frame[self.needed].map_partitions(self.on_pandas, meta=meta)

    def on_ray(self, dataset: RayDataset) -> RayDataset:
        """Score a data set of Ray, lazily."""
        from phishcli.serving.rows import check_names

        check_names(dataset.columns() or [], self.needed)
        return dataset.select_columns(self.needed).map_batches(self, batch_format="pyarrow", zero_copy_batch=True)

    def over(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Answer batch by batch, as Spark's ``mapInArrow`` asks for it."""
        for batch in batches:
            yield from self(batch).to_batches()

    def on_pandas(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Answer a data frame; the index stays with its rows unless some are left out."""
        import pyarrow as pa

        answered: pd.DataFrame = self(pa.Table.from_pandas(frame, preserve_index=False)).to_pandas()
        return answered.set_axis(frame.index) if len(answered) == len(frame) else answered


def opened(release: str, model: str, sha256: str) -> Bundle:
    """Open a release once in this process.

    Raises
    ------
    PersistError
        When it cannot be read here, or is not the one that was meant.
    """
    with ONE_LOADS:
        return _opened(release, model, sha256)


@cache
def _opened(release: str, model: str, sha256: str) -> Bundle:
    from phishcli.serving.bundle import load_bundle

    manifest = Path(release, NAME)
    if not manifest.is_file():
        hint = "Put releases where all workers read them under the same path: --results-dir on a shared file system"
        raise PersistError("This worker does not have the release", where=release, hint=hint)
    if file_hash(manifest) != sha256:
        raise PersistError("This worker has a different release", where=release, hint="Copy it there again")
    return load_bundle(release, model)


def _one_batch(rows: pa.Table | pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows as one batch, also where there is none."""
    import pyarrow as pa

    if isinstance(rows, pa.RecordBatch):
        yield rows
        return
    yield from rows.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]


def _without_dictionaries(table: pa.Table) -> pa.Table:
    """Texts that repeat as plain texts, which every engine knows, in a schema that no batch changes."""
    import pyarrow as pa

    plain = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema([pa.field(name, kind) for name, kind in zip(table.column_names, plain, strict=True)]))
