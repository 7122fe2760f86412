"""How well a model does on parts of the rows: per category, and with and without a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LEAST = 10
"""Rows below which a segment is counted and not scored."""
MOST = 50
"""Segments of a column; further ones are put together."""
OTHERS = "(others)"
MISSING = "(missing)"
WITH_OR_WITHOUT = " (missing or not)"
"""How a part by a telling absence is called, after the column; its segments are `PRESENT` and `ABSENT`."""
PRESENT, ABSENT = "present", "missing"


def wilson(hits: float, trials: float, confidence: float = 0.95) -> tuple[float, float] | None:
    """Give the interval of a rate (Wilson 1927, JASA 22, 209-212); None without trials."""
    from math import sqrt

    from scipy.special import ndtri

    if not trials:
        return None
    z = float(ndtri((1 + confidence) / 2))
    rate = hits / trials
    centre = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    return max(0.0, centre - half), min(1.0, centre + half)


def names_of(values: pd.Series[Any]) -> NDArray[np.object_]:
    """Name the segment of each row, shape (n,): its value as text, quartiles for numbers with many values."""
    import numpy as np
    import pandas as pd

    if not isinstance(values.dtype, pd.CategoricalDtype) and values.nunique() > MOST:
        values = pd.qcut(values, 4, duplicates="drop")
    texts = values.astype(object).map(lambda value: MISSING if pd.isna(value) else _text(value))
    by_size = texts.value_counts().index
    frequent = by_size if len(by_size) <= MOST else by_size[: MOST - 1]
    return np.asarray(texts.where(texts.isin(frequent), OTHERS), dtype=object)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def segments(
    predictions: Mapping[str, pd.DataFrame], column: str, names: NDArray[np.object_], confidence: float = 0.95
) -> Iterator[dict[str, Any]]:
    """Score every model on every segment of a column.

    Parameters
    ----------
    predictions
        Per model ``target`` and ``prediction`` (0 or 1) of n rows, the same rows in the same order.
    column, names
        What the rows are parted by, and the segment of each row, shape (n,).

    Yields
    ------
    dict
        ``model``, ``column``, ``segment``, ``n``, ``n_positive``, and ``accuracy``, ``recall``, ``fpr`` with their
        Wilson intervals (``accuracy_low`` ...; None without rows or below `LEAST` of them). The worst segment first:
        that of the lowest accuracy; too small ones last.
    """
    for model, frame in predictions.items():
        target, verdict = frame["target"].to_numpy(), frame["prediction"].to_numpy()
        found = [
            {
                "model": model,
                "column": column,
                "segment": name,
                **_scored(target[names == name], verdict[names == name], confidence),
            }
            for name in sorted(set(names))
        ]
        yield from sorted(found, key=lambda each: 2.0 if each["accuracy"] is None else each["accuracy"])


def _scored(target: NDArray[Any], verdict: NDArray[Any], confidence: float) -> dict[str, Any]:
    positive, flagged = target == 1, verdict == 1
    n, n_positive = len(target), int(positive.sum())
    rates = {
        "accuracy": (int((positive == flagged).sum()), n),
        "recall": (int((positive & flagged).sum()), n_positive),
        "fpr": (int((~positive & flagged).sum()), n - n_positive),
    }
    scores: dict[str, Any] = {"n": n, "n_positive": n_positive}
    for name, (hits, trials) in rates.items():
        interval = wilson(hits, trials, confidence) if n >= LEAST else None
        scores |= {
            name: hits / trials if interval else None,
            f"{name}_low": interval[0] if interval else None,
            f"{name}_high": interval[1] if interval else None,
        }
    return scores


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Lines of a table as plain values; NaN becomes None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in line.items()} for line in plain.to_dict("records")]
