"""The reference of a release: training rows with out-of-fold scores, and the curve that those of all rows make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.columns import PROBABILITY, TARGET
from phishcli.documents.reference import Curve, ModelReference, Reference
from phishcli.evaluation.calibration_map import apply_map
from phishcli.evaluation.counts import ScoredRows
from phishcli.serving.proof import raw_rows

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.documents.calibration import CalibrationMap
    from phishcli.documents.schema import Schema
    from phishcli.tables.table import Table

ROWS = 2_000
POINTS = 1_000
"""Thresholds of a curve at most, about."""


def make_reference(
    features: Table, schema: Schema, oof: Mapping[str, pd.DataFrame], maps: Mapping[str, CalibrationMap | None]
) -> Reference:
    """Choose training rows, evenly spread, with what each model said of them in the fold that left them out.

    Parameters
    ----------
    features
        Raw features, as ``load`` gives them.
    schema
        Its columns of the source are those that a row needs.
    oof
        By model: ``row``, class and out-of-fold score of the training rows.
    maps
        By model: from scores to probabilities.
    """
    from phishcli.tables.table import spread

    first = next(iter(oof.values()))
    chosen = first.iloc[spread(len(first), ROWS)]
    places = chosen["row"].to_numpy()
    columns = tuple(column.name for column in schema.given())
    return Reference(
        training_rows=len(first),
        places=tuple(places.tolist()),
        columns=columns,
        rows=raw_rows(features, columns, places),
        positive=tuple((chosen[TARGET] == 1).tolist()),
        models={name: _of_model(found, places, maps[name]) for name, found in oof.items()},
    )


def _of_model(oof: pd.DataFrame, places: Any, calibration: CalibrationMap | None) -> ModelReference:
    scores = oof.set_index("row")[PROBABILITY].reindex(places).to_numpy(np.float64)
    known = ~np.isnan(scores)
    probabilities = np.full(len(scores), np.nan)
    probabilities[known] = apply_map(calibration, scores[known])
    raw = ScoredRows.validated(oof[TARGET], oof[PROBABILITY])
    return ModelReference(
        scores=_plain(scores),
        probabilities=_plain(probabilities),
        curve=curve_of(ScoredRows(raw.positive, apply_map(calibration, raw.scores))),
    )


def _plain(values: Any) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else value for value in values.tolist())


def curve_of(rows: ScoredRows, points: int = POINTS) -> Curve:
    """The curve of scored rows; the highest thresholds stay, and of the others every so many."""
    counts = rows.by_score
    last = len(counts.scores) - 1
    kept = np.unique(np.append(np.geomspace(1, max(last, 1), points).astype(np.intp) - 1, last))
    tp, fp = (each[kept].astype(int).tolist() for each in (counts.tp, counts.fp))
    return Curve(thresholds=tuple(counts.scores[kept].tolist()), tp=tuple(tp), fp=tuple(fp))


def rows_of(curve: Curve) -> ScoredRows:
    """Rows that have this curve: each with the highest of its thresholds that it reaches."""
    scores = np.array(curve.thresholds)
    hits, others = (np.diff(np.array(each), prepend=0) for each in (curve.tp, curve.fp))
    positive = np.repeat([True, False], [hits.sum(), others.sum()])
    return ScoredRows(positive, np.concatenate([np.repeat(scores, hits), np.repeat(scores, others)]))
