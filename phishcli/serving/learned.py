"""Columns that were learned from labels, without scikit-learn: tables of shares, and scores of texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.encoder import Score, Shares
from phishcli.features.ngrams import BUCKETS, Grams
from phishcli.features.text_score import Weights, text_scores
from phishcli.features.values import Categories

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import TargetEncoder

    from phishcli.documents.encoder import Real
    from phishcli.features.learned import TableEncoder, TextScore


def describe_learned(columns: ColumnTransformer) -> Iterator[Shares | Score]:
    """Write down what the learned columns of a fitted preprocessor hold."""
    from phishcli.features.transform import LEARNED

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
    table = encoder.table or {}
    named = {name: number for name, number in table.items() if name is not None}
    return Shares(
        **common,
        values=tuple(named),
        shares=tuple(named.values()),
        missing=table.get(None, encoder.other),
        other=encoder.other,
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


class LearnedEncoder:
    """One learned column at work; gives the same numbers as the transformer that it describes, to the bit."""

    def __init__(self, learned: Shares | Score) -> None:
        self.name = learned.column
        self._center, self._scale = float(learned.center), float(learned.scale)
        self._of_names = _table(learned) if isinstance(learned, Shares) else _scorer(learned)

    def values(self, column: Categories) -> NDArray[np.float64]:
        """The numbers of n values, scaled, shape (n,)."""
        found = self._of_names([*column.names, None])[column.codes]  # code -1: the last
        scaled: NDArray[np.float64] = (found - self._center) / self._scale
        return scaled


def _table(shares: Shares) -> Any:
    known = dict(zip(shares.values, shares.shares, strict=True))

    def of_names(names: Sequence[str | None]) -> NDArray[np.float64]:
        return np.array([shares.missing if name is None else known.get(name, shares.other) for name in names])

    return of_names


def _scorer(score: Score) -> Any:
    buckets = np.frombuffer(score.buckets, dtype="<i4")
    if len(buckets) and not 0 <= buckets.min() <= buckets.max() < BUCKETS:
        raise ValueError("buckets of n-grams are out of range")
    fitted = Weights(_spread(buckets, score.idf), _spread(buckets, score.weights), _finite(score.intercept))
    grams = Grams(score.characters, score.words)

    def of_names(names: Sequence[str | None]) -> NDArray[np.float64]:
        return text_scores(names, grams, fitted)

    return of_names


def _spread(buckets: NDArray[Any], values: bytes) -> NDArray[np.float32]:
    array = np.zeros(BUCKETS, dtype=np.float32)
    array[buckets] = np.frombuffer(values, dtype="<f4")
    return array


def _finite(value: Real) -> float:
    if not math.isfinite(float(value)):
        raise ValueError("the constant of a score is no finite number")
    return float(value)
