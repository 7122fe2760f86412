"""How the score of a model that is trained on a sample grows with its rows: what more memory would bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.training import CurvePoint
from phishcli.evaluation.folds import cross_validated
from phishcli.fits.task import FitRequest, FoldFit
from phishcli.wording import listed

if TYPE_CHECKING:
    from phishcli.documents.metrics import FoldScores
    from phishcli.fits.matrices import TrainingData
    from phishcli.fits.workload import Requests
    from phishcli.search.settings import ModelSettings
    from phishcli.search.trained import ModelFits

PARTS = (4, 2)
"""The sample is divided by these numbers: a quarter and a half of its rows."""
LEAST = 20
"""Rows below which a part says nothing."""


def with_curve(
    requests: Requests[ModelFits], settings: ModelSettings, data: TrainingData, is_sampled: Callable[[], bool]
) -> Requests[ModelFits]:
    """Make the fits of a model, then those of its folds once more on parts of their sample.

    Parameters
    ----------
    requests
        The fits of the model.
    settings
        With ``most_rows``, the size of the sample.
    is_sampled
        Whether the fits are on a sample indeed, which is known when they are made.
    """
    fits = yield from requests
    params = {**settings.params, **(fits.search.params if fits.search else {})}
    sizes = _sizes(settings, data) if is_sampled() else ()
    if not sizes:
        return fits
    results = yield [FitRequest(params, fold, rows=rows) for rows in sizes for fold in range(data.n_folds)]
    made = [result.value for result in results if isinstance(result.value, FoldFit)]
    if len(made) < len(results):  # the time was up, or a part is too small for the model
        return fits
    per_size = [made[start : start + data.n_folds] for start in range(0, len(made), data.n_folds)]
    return replace(fits, curve=dict(zip(sizes, per_size, strict=True)))


def _sizes(settings: ModelSettings, data: TrainingData) -> tuple[int, ...]:
    """Parts of the rows that a fit on a fold gets."""
    smallest = len(data.y) - int(np.bincount(data.folds).max())
    most = min(settings.most_rows or 0, smallest)
    return tuple(most // part for part in PARTS) if most // PARTS[0] >= LEAST else ()


def points(
    curve: Mapping[int, Sequence[FoldFit]], data: TrainingData, most: int, cv: Mapping[str, FoldScores]
) -> tuple[CurvePoint, ...]:
    """Score the fits on parts; the last point is the sample itself, whose scores are given."""
    found = []
    for rows, fits in curve.items():
        probability = np.full(len(data.y), np.nan)
        for fold, fit in enumerate(fits):
            probability[data.folds == fold] = fit.probability
        found.append(CurvePoint(rows=rows, cv=cross_validated(data.y, probability, data.folds)))
    return (*found, CurvePoint(rows=most, cv=cv)) if found else ()


def sentence(rows: int, of: int, curve: Sequence[CurvePoint]) -> str:
    """Say on how many of all rows a model was trained, and how its accuracy over the folds grew with them."""
    said = f"trained on {rows:,} of {of:,} rows, a stratified sample that run.memory allows"
    scores = [(each.rows, each.cv["accuracy"].mean) for each in curve]
    parts = [f"{score:.4f} on {size:,}" for size, score in scores if score is not None]
    return f"{said}; CV accuracy {listed(parts)} of them" if parts else said
