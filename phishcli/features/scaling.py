"""How a column of numbers is scaled: by one center and one scale that keep different values different in float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phishcli.documents.features import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.features import NumericScale

    Values = NDArray[np.float64]

LEARNED = ("robust", "standard", "published")
"""Scales that `learn_scaling` knows."""
FLOAT32_MAX = float(np.finfo(np.float32).max)
FLOAT64_MAX = float(np.finfo(np.float64).max)
TINY = 1e-4
"""A quartile distance below this share of the standard deviation is tiny (``python -m benchmarks.scaling``)."""
NOISE = 10 * float(np.finfo(np.float64).eps)
"""A standard deviation below this share of the largest value is rounding noise, as in a constant column."""
HUGE, DOWN = 2.0**1000, 64
"""Where values are larger, sums and differences may overflow: they are formed of values divided by 2**64, which is
exact."""
CROWDED = 0.001
"""The share of values that may become one in float32 before a different center is tried; chance alone makes a third of
that, in `LOOKED_AT` rows of which each has a value of its own."""
LOOKED_AT = 10_000


class Scaling(NamedTuple):
    """A missing value becomes ``impute``, then a value becomes ``(value - center) / scale``."""

    impute: float
    center: float
    scale: float


class Number(NamedTuple):
    """What becomes of a column of numbers.

    Before it is scaled, a value is limited to ``low`` and ``high``; with ``quantiles`` it becomes the share of training
    values below it, interpolated between them.
    """

    scaling: Scaling
    low: float = -np.inf
    high: float = np.inf
    quantiles: tuple[float, ...] = ()


STEPS = 100
"""Steps between the quantiles of a scale by quantiles."""


def learn_number(numbers: Values, strategy: Strategy) -> Number:
    """Learn what becomes of a column of numbers.

    Parameters
    ----------
    numbers
        n finite values, NaN where one is missing.
    strategy
        What is done.
    """
    present = numbers[~np.isnan(numbers)]
    if strategy == Strategy(scale=strategy.scale) and strategy.scale in LEARNED:
        return Number(learn_scaling(numbers, strategy.scale))
    impute, low, high = _imputed(present, strategy), -np.inf, np.inf
    if strategy.clip and len(np.unique(present[:LOOKED_AT])) > 2:  # noqa: PLR2004 (a mark has two values)
        low, high = (float(each) for each in np.quantile(present, [strategy.clip, 1 - strategy.clip]))
    filled = np.where(
        np.isnan(numbers), learn_scaling(present, "robust").impute if np.isnan(impute) else impute, numbers
    )
    shaped = np.clip(np.nan_to_num(filled), low, high)
    shaped = np.arcsinh(shaped) if strategy.log else shaped
    center, scale, quantiles = _spread(shaped, strategy.scale)
    return Number(Scaling(impute, center, scale), low, high, quantiles)


def _imputed(present: Values, strategy: Strategy) -> float:
    if strategy.impute == "none":
        return float("nan")
    if strategy.impute == "zero" or not len(present):
        return 0.0
    if strategy.impute == "median":
        return learn_scaling(present, "robust").impute
    down = DOWN if float(np.abs(present).max()) > HUGE else 0
    return _up(_down(present, down).mean(), down)


def _spread(values: Values, how: NumericScale) -> tuple[float, float, tuple[float, ...]]:
    if how == "none":
        return 0.0, 1.0, ()
    if how == "quantile":
        return 0.0, 1.0, tuple(np.quantile(values, np.linspace(0, 1, STEPS + 1)).tolist())
    if how == "minmax":
        lowest, highest = float(values.min()), float(values.max())
        wide = max(abs(lowest), abs(highest)) > HUGE  # the difference may overflow
        return (0.0, max(abs(lowest), abs(highest)), ()) if wide else (lowest, highest - lowest or 1.0, ())
    _, center, scale = learn_scaling(values, how)
    return center, scale, ()


def learn_scaling(numbers: Values, how: NumericScale) -> Scaling:
    """Learn how to scale a column.

    Parameters
    ----------
    numbers
        n finite values, NaN where one is missing; a missing value counts as the median.
    how
        As of `phishcli.documents.features.NumericScale`.
    """
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        return Scaling(0.0, 0.0, 1.0)
    top = float(np.abs(present).max())
    down = DOWN if top > HUGE else 0
    median = _up(np.median(_down(present, down)), down)
    filled = np.where(np.isnan(numbers), median, numbers)
    near = _down(filled, down)
    low, high = np.percentile(near, [25, 75])
    distance = _up(high - low, down)
    if how == "published":
        return Scaling(median, 0.0 if down else median, distance if distance >= NOISE else 1.0)
    deviation = _deviation(filled, top)
    if deviation <= NOISE * top:
        return Scaling(median, median, 1.0)
    scale = deviation if how == "standard" or distance < TINY * deviation else distance
    if down:
        return Scaling(median, 0.0, scale)
    middle = float(filled.mean()) if how == "standard" else median
    return Scaling(median, *_keeping_apart(filled, middle, scale, distance))


def _down(values: Values, down: int) -> Values:
    return np.ldexp(values, -down) if down else values


def _up(value: float, down: int) -> float:
    with np.errstate(over="ignore"):
        return min(float(np.ldexp(value, down)), FLOAT64_MAX)


def _deviation(values: Values, top: float) -> float:
    """The standard deviation, formed of values below 1, whose squares neither overflow nor vanish."""
    exponent = int(np.frexp(top)[1])
    return float(np.ldexp(np.ldexp(values, -exponent).std(), exponent))


def _keeping_apart(values: Values, middle: float, scale: float, distance: float) -> tuple[float, float]:
    """The first center and scale that keep different values apart, or those that do so best.

    Float32 has the same number of digits at any distance from zero, so differences survive where the center is near
    them. Values of many magnitudes are kept apart by the center 0, and a narrow range far from the most frequent value
    by the median of the others. The quartile distance serves where others are beyond the range of float32.
    """
    distinct, rows = np.unique(values[:: -(-len(values) // LOOKED_AT)], return_counts=True)
    if _crowding(distinct, rows, middle, scale) <= CROWDED:
        return middle, scale
    others = rows * (rows < rows.max())
    rare = float(distinct[np.searchsorted(others.cumsum(), others.sum() / 2)])
    if distance and _crowding(distinct, rows, middle, distance) <= CROWDED:
        return middle, distance
    return min((middle, 0.0, rare), key=lambda center: _crowding(distinct, rows, center, scale)), scale


def _crowding(distinct: Values, rows: NDArray[np.intp], center: float, scale: float) -> float:
    """The share of values that meet another one in float32, or of rows that do so in one number, if larger."""
    with np.errstate(over="ignore"):
        cells = ((distinct - center) / scale).clip(-FLOAT32_MAX, FLOAT32_MAX).astype(np.float32)
    starts = np.flatnonzero(np.append(True, cells[1:] != cells[:-1]))
    lost = np.add.reduceat(rows, starts) - np.maximum.reduceat(rows, starts)
    return float(max(1 - len(starts) / len(distinct), lost.max() / rows.sum()))
