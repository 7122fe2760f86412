"""How well a model does on parts of the rows: per value of a column, and with and without a value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.documents.columns import PREDICTION, TARGET
from phishcli.documents.metrics import Score
from phishcli.documents.segments import MISSING, NON_MISSING, Segment
from phishcli.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LEAST = 10
"""Rows below which a segment is counted and not scored."""
MOST = 50
"""Segments of a column; rarer values are combined."""
OTHERS = "(others)"
NO_VALUE = "(missing)"
RATES = ("accuracy", "recall", "fpr")
"""Scores of a segment; in a table, each has columns ``NAME``, ``NAME_low`` and ``NAME_high``."""
PLAIN = ("model", "column", "segment", "by_missingness", "n", "n_positive")
"""The other columns of the table of segments."""
COLUMNS = (*PLAIN, *(f"{name}{end}" for name in RATES for end in ("", "_low", "_high")))


def check_columns(by: Sequence[str], features: Sequence[str], set_aside: Collection[str] = ()) -> None:
    """Raise a `DataError` for the first column of ``evaluate.by`` that is not a feature."""
    for column in by:
        if column not in features:
            why = " It was left out of the table." if column in set_aside else ""
            hint = f"The features are {', '.join(features)}."
            raise DataError(f"There is no feature {column!r} to report scores by.{why}", where="evaluate.by", hint=hint)


def wilson(hits: float, trials: float, confidence: float = 0.95) -> tuple[float, float] | None:
    """Give the interval of a rate (Wilson 1927, JASA 22, 209-212); None without trials."""
    from math import sqrt

    from scipy.special import ndtri

    if not trials:
        return None
    z = float(ndtri((1 + confidence) / 2))
    rate = hits / trials
    center = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    return max(0.0, center - half), min(1.0, center + half)


def by_value(values: pd.Series[Any]) -> NDArray[np.object_]:
    """Name the segment of each row by its value, shape (n,): as text, or quartiles for numbers with many values."""
    import numpy as np
    import pandas as pd

    if not isinstance(values.dtype, pd.CategoricalDtype) and values.nunique() > MOST:
        values = pd.qcut(values, 4, duplicates="drop")
    texts = values.astype(object).map(lambda value: NO_VALUE if pd.isna(value) else _text(value))
    by_size = texts.value_counts().index
    frequent = by_size if len(by_size) <= MOST else by_size[: MOST - 1]
    return np.asarray(texts.where(texts.isin(frequent), OTHERS), dtype=object)


def by_missingness(values: pd.Series[Any]) -> NDArray[np.object_]:
    """Name the segment of each row by whether it has a value, shape (n,)."""
    import numpy as np

    return np.where(values.isna().to_numpy(), MISSING, NON_MISSING).astype(object)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def segments(
    predictions: Mapping[str, pd.DataFrame],
    column: str,
    names: NDArray[np.object_],
    confidence: float = 0.95,
    *,
    missingness: bool = False,
) -> Iterator[Segment]:
    """Score every model on every segment of a column: lowest accuracy first, those that are too small last.

    Parameters
    ----------
    predictions
        For each model the classes and predicted classes of n rows, the same rows in the same order.
    column, names, missingness
        The column, the segment of each row, shape (n,), and whether that says if the row has a value.
    """
    for model, frame in predictions.items():
        positive, flagged = frame[TARGET].to_numpy() == 1, frame[PREDICTION].to_numpy() == 1
        found = []
        for name in sorted(set(names)):
            inside = names == name
            found.append(
                Segment(
                    model=model,
                    column=column,
                    segment=name,
                    by_missingness=missingness,
                    n=int(inside.sum()),
                    n_positive=int(positive[inside].sum()),
                    **_scores(positive[inside], flagged[inside], confidence),
                )
            )
        yield from sorted(found, key=lambda each: 2.0 if each.accuracy.value is None else each.accuracy.value)


def _scores(positive: NDArray[np.bool], flagged: NDArray[np.bool], confidence: float) -> dict[str, Score]:
    n, n_positive = len(positive), int(positive.sum())
    rates = {
        "accuracy": (int((positive == flagged).sum()), n),
        "recall": (int((positive & flagged).sum()), n_positive),
        "fpr": (int((~positive & flagged).sum()), n - n_positive),
    }
    return {
        name: _rate(hits, trials, confidence) if n >= LEAST else Score(value=None)
        for name, (hits, trials) in rates.items()
    }


def _rate(hits: int, trials: int, confidence: float) -> Score:
    interval = wilson(hits, trials, confidence)
    return Score(value=hits / trials, low=interval[0], high=interval[1]) if interval else Score(value=None)


def as_frame(found: Iterable[Segment]) -> pd.DataFrame:
    """Segments as a table with the columns `COLUMNS`, for ``segments.parquet``; NaN where there is no score."""
    import pandas as pd

    lines = []
    for each in found:
        scores = {name: getattr(each, name) for name in RATES}
        flat = {f"{name}{end}": value for name, score in scores.items() for end, value in _ends(score).items()}
        lines.append({name: getattr(each, name) for name in PLAIN} | flat)
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _ends(score: Score) -> dict[str, float | None]:
    return {"": score.value, "_low": score.low, "_high": score.high}


def of_frame(frame: pd.DataFrame) -> list[Segment]:
    """Read what `as_frame` made."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [_of_line(line) for line in plain.to_dict("records")]


def _of_line(line: Mapping[Any, Any]) -> Segment:
    rates = {name: {"value": line[name], "low": line[f"{name}_low"], "high": line[f"{name}_high"]} for name in RATES}
    return msgspec.convert({name: line[name] for name in PLAIN} | rates, Segment)
