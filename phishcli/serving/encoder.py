"""The fitted preprocessor without scikit-learn: numbers imputed and scaled, categories one-hot, in NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.encoder import Encoder, OneHot, Real, Scaling
from phishcli.serving.learned import LearnedEncoder, describe_learned
from phishcli.serving.rows import Rows

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

FLOAT32_MAX = float(np.finfo(np.float32).max)
CHUNK = 4_096
"""Rows encoded at once: the steps work in float64 on numbers that stay in the processor's cache."""


def describe_encoder(preprocessor: Pipeline, outputs: Sequence[str]) -> Encoder:
    """Write down what a fitted preprocessor has learnt.

    Parameters
    ----------
    preprocessor
        A fitted preprocessor of `phishcli.features.transform.build_preprocessor`.
    outputs
        The names of the processed features.
    """
    columns = preprocessor.named_steps["columns"]
    return Encoder(
        numeric=tuple(_scalings(columns)),
        categorical=tuple(_one_hots(columns)),
        outputs=tuple(outputs),
        limit=FLOAT32_MAX,
        learned=tuple(describe_learned(columns)),
    )


def _fitted(columns: ColumnTransformer, part: str) -> tuple[Any, list[str]]:
    return next((step, list(names)) for name, step, names in columns.transformers_ if name == part)


def _scalings(columns: ColumnTransformer) -> list[Scaling]:
    steps, names = _fitted(columns, "numeric")
    if not names:
        return []
    impute, scale = steps.named_steps["impute"].statistics_, steps.named_steps["scale"]
    quantiles = getattr(scale, "quantiles_", None)
    centers = np.zeros(len(names)) if quantiles is not None else scale.center_
    scales = np.ones(len(names)) if quantiles is not None else scale.scale_
    learnt = zip(*(map(_real, each.tolist()) for each in (impute, centers, scales)), strict=True)
    bounds = steps.named_steps["clip"].kw_args if "clip" in steps.named_steps else {}
    none = np.full(len(names), np.inf)
    lows, highs = bounds.get("a_min", -none), bounds.get("a_max", none)
    return [
        Scaling(
            column=name,
            impute=fill,
            center=center,
            scale=width,
            low=_bound(lows[place]),
            high=_bound(highs[place]),
            log="log" in steps.named_steps,
            quantiles=() if quantiles is None else tuple(quantiles[:, place].tolist()),
        )
        for place, (name, (fill, center, width)) in enumerate(zip(names, learnt, strict=True))
    ]


def _bound(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _real(value: float) -> Real:
    if math.isnan(value):
        return "nan"
    return value if math.isfinite(value) else "inf" if value > 0 else "-inf"


def _one_hots(columns: ColumnTransformer) -> list[OneHot]:
    encoder, names = _fitted(columns, "categorical")
    if not names:
        return []
    return [
        OneHot(column=name, categories=tuple(known if isinstance(known, str) else None for known in categories))
        for name, categories in zip(names, encoder.categories_, strict=True)
    ]


class MatrixEncoder:
    """An encoder at work; gives the same matrix as the preprocessor that it describes, to the bit."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._numeric = [each.column for each in encoder.numeric]
        self._impute = np.array([float(each.impute) for each in encoder.numeric])
        self._center = np.array([float(each.center) for each in encoder.numeric])
        self._scale = np.array([float(each.scale) for each in encoder.numeric])
        self._shaped = [(place, each) for place, each in enumerate(encoder.numeric) if not each.is_plain]
        self._places = {
            each.column: {category: place for place, category in enumerate(each.categories)}
            for each in encoder.categorical
        }
        self._learned = [LearnedEncoder(each) for each in encoder.learned]

    @property
    def width(self) -> int:
        """The number of outputs."""
        return len(self.encoder.outputs)

    def encode(self, rows: Rows) -> NDArray[np.float32]:
        """Make the matrix of n rows, shape (n, `width`)."""
        matrix = np.zeros((rows.n, self.width), dtype=np.float32)
        marks = list(self._marks(rows))
        for begin in range(0, rows.n, CHUNK):
            part = slice(begin, begin + CHUNK)
            if self._numeric:
                values = self._scaled([rows.numbers[name].floats[part] for name in self._numeric])
                matrix[part, : len(self._numeric)] = values.astype(np.float32).T
            for codes, place_of in marks:
                _mark(matrix[part], place_of[codes[part]])
        start = self.width - len(self._learned)
        for place, column in enumerate(self._learned, start):
            matrix[:, place] = np.clip(column.values(rows.names(column.name)), -self.encoder.limit, self.encoder.limit)
        return matrix

    def _marks(self, rows: Rows) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Of each categorical column its codes, and for each code the output that is 1; -1 for the first category."""
        start = len(self._numeric)
        for name, places in self._places.items():
            column = rows.categories[name]
            found = [*(places.get(category, 0) for category in column.names), places.get(None, 0)]  # code -1: the last
            yield column.codes, np.array([start - 1 + place if place else -1 for place in found], dtype=np.intp)
            start += len(places) - 1

    def _scaled(self, columns: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        values = np.array(columns)
        np.copyto(values, self._impute[:, None], where=np.isnan(values))
        for place, scaling in self._shaped:
            values[place] = shaped(values[place], scaling)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is limited below
            values -= self._center[:, None]
            values /= self._scale[:, None]
        np.clip(values, -self.encoder.limit, self.encoder.limit, out=values)
        return values


def shaped(values: NDArray[np.float64], scaling: Scaling) -> NDArray[np.float64]:
    """What becomes of n imputed values before they are shifted and scaled, as scikit-learn has it."""
    if scaling.low is not None or scaling.high is not None:
        values = np.clip(values, scaling.low, scaling.high)
    if scaling.log:
        values = np.arcsinh(values)
    return _ranked(values, np.array(scaling.quantiles)) if scaling.quantiles else values


def _ranked(values: NDArray[np.float64], quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of training values below; of values that stand for several shares the middle one."""
    shares = np.linspace(0, 1, len(quantiles))
    known = ~np.isnan(values)
    there = values[known]
    ranks = 0.5 * (np.interp(there, quantiles, shares) - np.interp(-there, -quantiles[::-1], -shares[::-1]))
    ranks[there == quantiles[-1]] = 1
    ranks[there == quantiles[0]] = 0
    found = values.copy()
    found[known] = ranks
    return found


def _mark(matrix: NDArray[np.float32], places: NDArray[np.intp]) -> None:
    """Set the output of each row's category to 1; none for -1."""
    cells = np.arange(len(matrix)) * matrix.shape[1] + places
    matrix.reshape(-1)[cells[places >= 0]] = 1
