"""How well a model does on parts of the rows: per value of a column, and with and without a value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.documents.columns import PREDICTION, TARGET
from phishcli.documents.metrics import Score
from phishcli.documents.segments import MISSING, NON_MISSING, Segment
from phishcli.errors import DataError
from phishcli.wording import exact

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

HUGE = 2.0**1000
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


@dataclass(frozen=True)
class Grouping:
    """The segment of each of n rows: its number in ``codes``, shape (n,), and the name of each segment in ``names``.

    Rows are grouped by their values; names are for people, and no two segments have the same one.
    """

    codes: NDArray[np.intp]
    names: tuple[str, ...]


def by_value(values: pd.Series[Any]) -> Grouping:
    """Group rows by their value, numbers with many values by quartile; rare values together, missing ones together."""
    import numpy as np
    import pandas as pd

    if not isinstance(values.dtype, pd.CategoricalDtype) and values.nunique() > MOST:
        return _by_quartile(values.to_numpy(np.float64, na_value=np.nan))
    codes, distinct = pd.factorize(values, sort=True)  # equal numbers are one value: -0.0 and 0.0, 1 and 1.0
    names = _distinct_names([_text(value) for value in np.asarray(distinct)])
    codes, names = _with_missing(codes, names)
    return _rare_together(codes, names)


def _by_quartile(numbers: NDArray[np.float64]) -> Grouping:
    """Group numbers by quartile, which are formed of smaller ones where differences might overflow."""
    import numpy as np

    present = numbers[~np.isnan(numbers)]
    unit = 4.0 if np.abs(present).max() > HUGE else 1.0
    edges = np.unique(unit * np.quantile(present / unit, [0, 0.25, 0.5, 0.75, 1]))
    codes = np.where(np.isnan(numbers), -1, np.clip(np.searchsorted(edges, numbers) - 1, 0, len(edges) - 2))
    names = [f"({low:.6g}, {high:.6g}]" for low, high in pairwise(edges)]
    if len(set(names)) < len(names):
        names = [f"({exact(low)}, {exact(high)}]" for low, high in pairwise(edges)]
    names[0] = f"[{names[0][1:]}"
    codes, names = _with_missing(codes, names)
    return Grouping(codes, tuple(names))


def _with_missing(codes: NDArray[np.intp], names: list[str]) -> tuple[NDArray[np.intp], list[str]]:
    import numpy as np

    missing = codes < 0
    return (np.where(missing, len(names), codes), [*names, NO_VALUE]) if missing.any() else (codes, names)


def _rare_together(codes: NDArray[np.intp], names: list[str]) -> Grouping:
    """Combine all segments but the largest if there are more than `MOST`."""
    import numpy as np

    if len(names) <= MOST:
        return Grouping(codes, tuple(names))
    kept = np.sort(np.argsort(-np.bincount(codes), kind="stable")[: MOST - 1])
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    return Grouping(place[codes], (*(names[each] for each in kept), OTHERS))


def by_missingness(values: pd.Series[Any]) -> Grouping:
    """Group rows by whether they have a value."""
    import numpy as np

    return Grouping(values.isna().to_numpy().astype(np.intp), (NON_MISSING, MISSING))


def _text(value: Any) -> str:
    """Name a value; a float32 by the digits that it keeps."""
    import numpy as np

    if isinstance(value, np.float32):
        return str(int(value)) if value.is_integer() else str(value)
    return exact(value) if isinstance(value, float) else str(value)


def _distinct_names(texts: list[str]) -> list[str]:
    """Quote texts that would be taken for the names of other segments."""
    return [repr(text) if text in (OTHERS, NO_VALUE) else text for text in texts]


def segments(
    predictions: Mapping[str, pd.DataFrame],
    column: str,
    grouping: Grouping,
    confidence: float = 0.95,
    *,
    missingness: bool = False,
) -> Iterator[Segment]:
    """Score every model on every segment of a column: lowest accuracy first, those that are too small last.

    Parameters
    ----------
    predictions
        For each model the classes and predicted classes of n rows, the same rows in the same order.
    column, grouping, missingness
        The column, the segment of each row, and whether that says if the row has a value.
    """
    for model, frame in predictions.items():
        positive, flagged = frame[TARGET].to_numpy() == 1, frame[PREDICTION].to_numpy() == 1
        found = []
        for code in sorted(set(grouping.codes.tolist())):
            inside = grouping.codes == code
            found.append(
                Segment(
                    model=model,
                    column=column,
                    segment=grouping.names[code],
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
