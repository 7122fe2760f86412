"""Columns that were learned from labels, without scikit-learn: tables of shares, and scores of texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.encoder import Score, Shares
from phishcli.features.ngrams import BUCKETS, Grams
from phishcli.features.strongest import Word, strongest_words
from phishcli.features.text_score import Weights, text_scores
from phishcli.features.values import Categories

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import TargetEncoder

    from phishcli.documents.encoder import Real
    from phishcli.features.codes import TableEncoder
    from phishcli.features.learned import TextScore


def describe_learned(columns: ColumnTransformer) -> Iterator[Shares | Score]:
    """Write down what the learned columns of a fitted preprocessor hold."""
    from phishcli.features.parts import LEARNED

    for name, frozen, names in columns.transformers_:
        if name.startswith(LEARNED):
            steps = frozen.estimator.named_steps
            encoder, scaler = steps["learn"], steps["scale"]
            common = {"column": names[0], "center": float(scaler.center_[0]), "scale": float(scaler.scale_[0])}
            if hasattr(encoder, "weights_"):
                yield _score(encoder, common)
            else:
                yield _numbers(encoder, common) if hasattr(encoder, "table") else _shares(encoder, common)


def _shares(encoder: TargetEncoder, common: dict[str, Any]) -> Shares:
    shares = dict(zip(encoder.categories_[0].tolist(), encoder.encodings_[0].tolist(), strict=True))
    other = float(encoder.target_mean_)
    named = {name: share for name, share in shares.items() if isinstance(name, str)}
    return Shares(
        **common,
        values=tuple(named),
        shares=tuple(named.values()),
        missing=next((share for name, share in shares.items() if not isinstance(name, str)), other),
        other=other,
    )


def _numbers(encoder: TableEncoder, common: dict[str, Any]) -> Shares:
    table = encoder.numbers
    named = {name: number for name, number in table.items() if name is not None}
    return Shares(
        **common,
        values=tuple(named),
        shares=tuple(named.values()),
        missing=real(table[None]),
        other=real(encoder.other),
    )


def _score(encoder: TextScore, common: dict[str, Any]) -> Score:
    idf, weights, intercept = encoder.weights_
    buckets = np.flatnonzero(idf).astype("<i4")
    return Score(
        **common,
        characters=encoder.characters,
        words=encoder.words,
        buckets=buckets.tobytes(),
        idf=idf[buckets].astype("<f4").tobytes(),
        weights=weights[buckets].astype("<f4").tobytes(),
        intercept=intercept,
    )


def real(value: float) -> Real:
    """Write a number as JSON can."""
    if math.isnan(value):
        return "nan"
    return value if math.isfinite(value) else "inf" if value > 0 else "-inf"


class LearnedEncoder:
    """One learned column at work; gives the same numbers as the transformer that it describes, to the bit."""

    def __init__(self, learned: Shares | Score) -> None:
        self.name = learned.column
        self._center, self._scale = float(learned.center), float(learned.scale)
        self._fitted = _weights(learned) if isinstance(learned, Score) else None
        self._of_names = _scorer(*self._fitted) if self._fitted else _table(learned)  # type: ignore[arg-type]  # shares

    def words(self, text: str, *, positive: bool) -> list[Word]:
        """The words of a text that speak most for the positive class, or most against it; none of a name."""
        if self._fitted is None:
            return []
        grams, fitted = self._fitted
        return strongest_words(text, grams, fitted, positive=positive)

    def values(self, column: Categories) -> NDArray[np.float64]:
        """The numbers of n values, scaled, shape (n,)."""
        found = self._of_names([*column.names, None])[column.codes]  # code -1: the last
        scaled: NDArray[np.float64] = (found - self._center) / self._scale
        return scaled


def _table(shares: Shares) -> Any:
    known = table_of(shares)
    other = float(shares.other)

    def of_names(names: Sequence[str | None]) -> NDArray[np.float64]:
        return np.array([known.get(name, other) for name in names])

    return of_names


def table_of(shares: Shares) -> dict[str | None, float]:
    """The number of each name, and of a missing one."""
    return {**dict(zip(shares.values, shares.shares, strict=True)), None: float(shares.missing)}


def _weights(score: Score) -> tuple[Grams, Weights]:
    buckets = np.frombuffer(score.buckets, dtype="<i4")
    if len(buckets) and not 0 <= buckets.min() <= buckets.max() < BUCKETS:
        raise ValueError("buckets of n-grams are out of range")
    fitted = Weights(_spread(buckets, score.idf), _spread(buckets, score.weights), _finite(score.intercept))
    return Grams(score.characters, score.words), fitted


def _scorer(grams: Grams, fitted: Weights) -> Any:
    def of_names(names: Sequence[str | None]) -> NDArray[np.float64]:
        return text_scores(names, grams, fitted)

    return of_names


def _spread(buckets: NDArray[Any], values: bytes) -> NDArray[np.float32]:
    array = np.zeros(BUCKETS, dtype=np.float32)
    array[buckets] = np.frombuffer(values, dtype="<f4")
    return array


def _finite(value: Real) -> float:
    if not math.isfinite(float(value)):
        raise ValueError("the constant of a score is not a finite number")
    return float(value)
