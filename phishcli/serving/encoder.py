"""The fitted preprocessor without scikit-learn: numbers imputed and scaled, categories one-hot, in NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.encoder import Encoder, OneHot, Pair, Scaling
from phishcli.features.pair_values import pair_values
from phishcli.serving.learned import LearnedEncoder, describe_learned, real
from phishcli.serving.rows import Rows

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    from phishcli.features.strongest import Word

FLOAT32_MAX = float(np.finfo(np.float32).max)
CHUNK = 4_096
"""Rows encoded at once: the steps work in float64 on numbers that stay in the processor's cache."""


def describe_encoder(preprocessor: Pipeline, outputs: Sequence[str]) -> Encoder:
    """Write down what a fitted preprocessor has learned.

    Parameters
    ----------
    preprocessor
        A fitted preprocessor of `phishcli.features.preprocessor.build_preprocessor`.
    outputs
        The names of the processed features.
    """
    columns, select = preprocessor.named_steps["columns"], preprocessor.named_steps.get("select")
    return Encoder(
        numeric=tuple(_scalings(columns)),
        categorical=tuple(_one_hots(columns)),
        outputs=tuple(outputs),
        limit=FLOAT32_MAX,
        learned=tuple(describe_learned(columns)),
        kept=None if select is None else tuple(select.kw_args["indices"].tolist()),
    )


def _scalings(columns: ColumnTransformer) -> Iterator[Scaling]:
    for _, steps, names in columns.transformers_:
        if len(names) and hasattr(steps, "named_steps") and "impute" in steps.named_steps:
            pairs = steps.named_steps["pairs"].as_pairs() if "pairs" in steps.named_steps else [None] * len(names)
            yield from _of_part(steps.named_steps, list(names), pairs)


def _of_part(steps: Any, names: Sequence[str], pairs: Sequence[Pair | None]) -> Iterator[Scaling]:
    impute, scale = steps["impute"].statistics_, steps["scale"]
    quantiles = getattr(scale, "quantiles_", None)
    centers = np.zeros(len(pairs)) if quantiles is not None else scale.center_
    scales = np.ones(len(pairs)) if quantiles is not None else scale.scale_
    learnt = zip(*(map(real, each.tolist()) for each in (impute, centers, scales)), strict=True)
    bounds = steps["clip"].kw_args if "clip" in steps else {}
    none = np.full(len(pairs), np.inf)
    lows, highs = bounds.get("a_min", -none), bounds.get("a_max", none)
    for place, (pair, (fill, center, width)) in enumerate(zip(pairs, learnt, strict=True)):
        yield Scaling(
            column=pair.name if pair else names[place],
            impute=fill,
            center=center,
            scale=width,
            low=_bound(lows[place]),
            high=_bound(highs[place]),
            log="log" in steps,
            quantiles=() if quantiles is None else tuple(quantiles[:, place].tolist()),
            pair=pair,
        )


def _bound(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _one_hots(columns: ColumnTransformer) -> Iterator[OneHot]:
    from phishcli.features.described import frequent_and_rare
    from phishcli.features.parts import ONE_HOT

    for part, step, names in columns.transformers_:
        if part.startswith(ONE_HOT):
            frequent, rare = frequent_and_rare(step.estimator.named_steps["encode"])
            yield OneHot(column=names[0], categories=_texts(frequent), rare=_texts(rare))
        elif hasattr(step, "categories_"):
            for name, categories in zip(names, step.categories_, strict=True):
                yield OneHot(column=name, categories=_texts(categories))


def _texts(categories: Iterable[Any]) -> tuple[str | None, ...]:
    return tuple(known if isinstance(known, str) else None for known in categories)


class MatrixEncoder:
    """An encoder at work; gives the same matrix as the preprocessor that it describes, to the bit."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._numeric = [each.pair or each.column for each in encoder.numeric]
        self._impute = np.array([float(each.impute) for each in encoder.numeric])
        self._center = np.array([float(each.center) for each in encoder.numeric])
        self._scale = np.array([float(each.scale) for each in encoder.numeric])
        self._shaped = [(place, each) for place, each in enumerate(encoder.numeric) if not each.is_plain]
        self._one_hot = [(each, each.places()) for each in encoder.categorical]
        self._kept = None if encoder.kept is None else list(encoder.kept)
        self._wide = len(encoder.numeric) + sum(each.width for each in encoder.categorical) + len(encoder.learned)
        self._learned = [LearnedEncoder(each) for each in encoder.learned]

    @property
    def width(self) -> int:
        """The number of outputs."""
        return len(self.encoder.outputs)

    def encode(self, rows: Rows) -> NDArray[np.float32]:
        """Make the matrix of n rows, shape (n, `width`)."""
        matrix = np.zeros((rows.n, self._wide), dtype=np.float32)
        marks = list(self._marks(rows))
        for begin in range(0, rows.n, CHUNK):
            part = slice(begin, begin + CHUNK)
            if self._numeric:
                values = self._scaled([_values(rows, of, part) for of in self._numeric])
                matrix[part, : len(self._numeric)] = values.astype(np.float32).T
            for codes, place_of in marks:
                _mark(matrix[part], place_of[codes[part]])
        start = self._wide - len(self._learned)
        for place, column in enumerate(self._learned, start):
            if self._needs(place):
                numbers = column.values(rows.names(column.name))
                matrix[:, place] = np.clip(numbers, -self.encoder.limit, self.encoder.limit)
        return matrix if self._kept is None else np.ascontiguousarray(matrix[:, self._kept])

    def words(self, column: str, text: str, *, positive: bool) -> list[Word]:
        """The words of a text that speak most for the positive class, or most against it."""
        found = (each.words(text, positive=positive) for each in self._learned if each.name == column)
        return next(found, [])

    def _needs(self, place: int) -> bool:
        return self._kept is None or place in self._kept

    def _marks(self, rows: Rows) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Of each categorical column its codes, and for each code the output that is 1; -1 for the first category."""
        start = len(self._numeric)
        for each, places in self._one_hot:
            column, other = rows.categories[each.column], each.other if each.width else 0
            found = [*(places.get(category, other) for category in column.names), places.get(None, other)]
            yield column.codes, np.array([start - 1 + place if place else -1 for place in found], dtype=np.intp)
            start += each.width  # code -1: the last

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


def _values(rows: Rows, of: str | Pair, part: slice) -> NDArray[np.float64]:
    """The numbers of a column, or those made of two."""
    if isinstance(of, str):
        return rows.numbers[of].floats[part]
    return pair_values(rows.numbers[of.left].floats[part], rows.numbers[of.right].floats[part], of.how)


def _mark(matrix: NDArray[np.float32], places: NDArray[np.intp]) -> None:
    """Set the output of each row's category to 1; none for -1."""
    cells = np.arange(len(matrix)) * matrix.shape[1] + places
    matrix.reshape(-1)[cells[places >= 0]] = 1
