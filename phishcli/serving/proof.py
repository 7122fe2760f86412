"""The proof of a release: rows whose probabilities are known, to be computed again wherever the release is used."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from phishcli.documents.proof import Proof

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.artifacts import Entry
    from phishcli.documents.proof import RawValue
    from phishcli.documents.schema import Schema
    from phishcli.serving.bundle import Bundle
    from phishcli.tables.table import Table

FILE = "proof.json"
ROWS = 200
TOLERANCE = 1e-6
"""Another processor may round the last digits of a sum in another way; a wrong value shows in the first ones."""


def make_proof(features: Table, schema: Schema, predictions: Mapping[str, pd.DataFrame]) -> Proof:
    """Choose test rows, evenly spread, with what each model said of them.

    Parameters
    ----------
    features
        Raw features, as ``load`` gives them.
    schema
        Its columns of the source are those that a row needs.
    predictions
        By model: ``row`` and ``probability`` of the test rows, in one order for all.
    """
    from phishcli.tables.table import spread

    first = next(iter(predictions.values()))
    places = spread(len(first), ROWS)
    columns = tuple(column.name for column in schema.given())
    return Proof(
        columns=columns,
        rows=raw_rows(features, columns, first["row"].to_numpy()[places]),
        probabilities={
            name: tuple(found["probability"].to_numpy()[places].tolist()) for name, found in predictions.items()
        },
        tolerance=TOLERANCE,
    )


def raw_rows(features: Table, columns: Sequence[str], rows: NDArray[np.intp]) -> tuple[tuple[RawValue, ...], ...]:
    """Some rows of a table as values of JSON, None for a missing one."""
    table = features.select(rows, columns)
    values = [[_plain(value) for value in table.column(name).to_pylist()] for name in columns]
    return tuple(zip(*values, strict=True))


def _plain(value: RawValue) -> RawValue:
    return None if isinstance(value, float) and math.isnan(value) else value


def read_proof(entry: Entry) -> Proof | None:
    """Read the proof of a release; None where it is of a version that wrote none.

    Raises
    ------
    Damaged
        When the file is not what was written.
    """
    return Proof.of_plain(entry.read(FILE)) if FILE in entry.manifest.files else None


def largest_difference(bundle: Bundle, proof: Proof) -> float:
    """Recompute the probabilities of a proof; gives the largest difference from the recorded ones.

    Raises
    ------
    KeyError
        When the proof says nothing about the model of the bundle.
    DataError
        When the bundle does not take the rows.
    """
    expected = proof.probabilities[bundle.metadata.model]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a category that training has not seen belongs to the proof
        found = bundle.predict_proba(proof.as_columns())
    return max((abs(a - b) for a, b in zip(found.tolist(), expected, strict=True)), default=0.0)
