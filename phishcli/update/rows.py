"""The new rows of an update: read as the parent read its own, with their labels, and divided into two parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.errors import DataError
from phishcli.features.label_match import label_key
from phishcli.wording import bounded, counted

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from phishcli.documents.schema import Label, Schema
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.rows import Rows
    from phishcli.sources.source import Source

LEAST = 10
"""Rows of each class that an update needs: some to fit on, and some to be held out."""


@dataclass(frozen=True)
class NewRows:
    """n labelled rows: as ``load`` would store them, as a matrix of the parent's features, and their classes 0 or 1."""

    features: pd.DataFrame
    x: NDArray[np.float32]
    y: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.y)

    @classmethod
    def together(cls, several: Sequence[NewRows]) -> NewRows:
        """The rows of several tables, one after the other."""
        import pandas as pd

        features = pd.concat([each.features for each in several], ignore_index=True)
        x, y = (np.concatenate([getattr(each, name) for each in several]) for name in "xy")
        return cls(features, x, y)


def read_new_rows(bundle: Bundle, source: Source) -> NewRows:
    """Read a table with the columns and the labels that the parent knows.

    Raises
    ------
    DataError
        When columns or the target are missing, labels are of neither class or missing, or there are too few rows.
    """
    from phishcli.serving.rows import read_rows

    table = _table(bundle, source)
    y = _classes(table.column(bundle.schema.target), bundle.schema)
    read = read_rows(table, bundle.schema)
    _check_enough(y, bundle.schema)
    return NewRows(stored(read, bundle.schema), bundle.encoder.encode(read), y)


def _table(bundle: Bundle, source: Source) -> pa.Table:
    import tempfile

    import pyarrow as pa

    from phishcli.serving.rows import check_names
    from phishcli.sources.source import Reading
    from phishcli.sources.streamed import streamed

    target, needed = bundle.schema.target, list(bundle.metadata.columns)
    with tempfile.TemporaryDirectory(prefix="phish-update-") as scratch:
        asked = Reading(columns=frozenset((*needed, target)), scratch=Path(scratch))
        with streamed(source, asked) as rows:
            check_names(rows.schema.names, needed)
            if target not in rows.schema.names:
                hint = "An update learns from labels: add the column that the parent was trained on"
                raise DataError(f"The new rows have no column {target!r}", where=source.origin, hint=hint)
            return pa.Table.from_batches(rows.batches, rows.schema).select([*needed, target])


def _classes(column: pa.ChunkedArray, schema: Schema) -> NDArray[np.int8]:
    """The class of each label, by what the parent calls its classes."""
    coded = column.combine_chunks().dictionary_encode()
    known = _known_labels(schema)
    labels = [known.get(label_key(label)) for label in coded.dictionary.to_pylist()]
    if strange := [label for label, found in zip(coded.dictionary.to_pylist(), labels, strict=True) if found is None]:
        hint = (
            f"The parent knows {bounded([*map(str, (schema.positive_label, schema.negative_label))])}; map others first"
        )
        raise DataError(
            f"The new rows hold labels of neither class: {bounded(strange)}", where=schema.target, hint=hint
        )
    if missing := coded.null_count:
        what = f"{counted(missing, 'new row')} {'has' if missing == 1 else 'have'} no label"
        raise DataError(what, where=schema.target, hint="Leave them out: an update learns from labels")
    classes: NDArray[np.int8] = np.array(labels, dtype=np.int8)[coded.indices.to_numpy()]
    return classes


def _known_labels(schema: Schema) -> Mapping[Any, int]:
    found: dict[Any, int] = {}
    for value, name in ((0, schema.negative_label), (1, schema.positive_label)):
        members: tuple[Label, ...] = tuple(schema.merged.get(str(name), {})) or (name,)
        found |= {label_key(member): value for member in members}
    return found


def _check_enough(y: NDArray[np.int8], schema: Schema) -> None:
    counts = {schema.negative_label: int((y == 0).sum()), schema.positive_label: int((y == 1).sum())}
    if min(counts.values()) < LEAST:
        shown = ", ".join(f"{label}: {count:,}" for label, count in counts.items())
        hint = "Collect more rows, or train again on all rows: phish run-all"
        raise DataError(f"An update needs {LEAST} new rows of each class", where=shown, hint=hint)


def stored(read: Rows, schema: Schema) -> pd.DataFrame:
    """Rows as ``load`` stores them: numbers as float64, categories and texts as text."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for column in schema.columns:
        if column.name in read.numbers:
            columns[column.name] = read.numbers[column.name].floats
            continue
        found = read.names(column.name)
        names = np.array([*found.names, None], dtype=object)
        columns[column.name] = pd.Series(names[found.codes], dtype="str")  # code -1 is the last one
    return pd.DataFrame(columns, columns=[column.name for column in schema.columns])


def held_out(y: NDArray[np.int8], share: float, seed: int) -> NDArray[np.bool_]:
    """Choose rows of each class that are not fitted on, by chance."""
    chosen = np.zeros(len(y), dtype=bool)
    random = np.random.default_rng(seed)
    for label in (0, 1):
        places = random.permutation(np.flatnonzero(y == label))
        chosen[places[: max(round(share * len(places)), 1)]] = True
    return chosen


def repeats(rows: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows equal one of the others in every column; missing values are equal."""
    import pandas as pd

    hashes = [pd.util.hash_pandas_object(frame.astype(others.dtypes), index=False) for frame in (rows, others)]
    found: NDArray[np.bool_] = np.isin(hashes[0].to_numpy(), hashes[1].to_numpy())
    return found
