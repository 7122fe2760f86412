"""Rows that are nearly alike, as one campaign, and the recall by campaign.

Each row becomes a set of tokens: pairs of words of its texts and addresses with digits made equal, or where there
are none, its values (numbers by twentieths of the rows). Two rows belong together if their sets share four fifths
(Jaccard); pairs worth comparing come from MinHash with bands (Broder 1997; Leskovec, Rajaraman and Ullman, *Mining of
Massive Datasets*, section 3.4), each row with the first and the previous one of its bucket, so that the work is bounded
by the number of rows. What is linked by such pairs, directly or through others, is a campaign. Nothing is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pandas as pd

from phishcli.documents.campaigns import Campaigns, Recalls
from phishcli.documents.columns import PREDICTION, ROW, TARGET
from phishcli.documents.gap import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.schema import Schema

    Floats = NDArray[np.float64]

SIMILAR = 0.8
BANDS, IN_BAND = 8, 4
"""Rows that share four fifths of their tokens meet in a bucket in 98 of 100 cases, those that share half in 40."""
MOST_TOKENS = 512
"""Of one row: the rest of a long text says little more."""
STEPS = 20
LARGEST = 5
WORD = re.compile(r"[^\W\d_]+|\d+")
TEXTS = ("url", "text", "domain", "email")


@dataclass(frozen=True)
class Grouped:
    """The campaign of each of n rows, from 0 on in the order of first rows; the columns, and the pairs compared."""

    campaign: NDArray[np.int64]
    columns: tuple[str, ...]
    compared: int


def group_rows(rows: pd.DataFrame, schema: Schema) -> Grouped:
    """Group n rows that are nearly alike.

    Parameters
    ----------
    rows
        As the table has them, texts and addresses included.
    schema
        What the columns hold.
    """
    texts = [column.name for column in schema.columns if column.kind in TEXTS and column.derived is None]
    names = texts or [column.name for column in schema.features()]
    tokens = list(_of_texts(rows[texts]) if texts else _of_values(rows[names]))
    pairs = sorted(set(_candidates(_signatures(tokens))))
    alike = [pair for pair in pairs if _jaccard(tokens[pair[0]], tokens[pair[1]]) >= SIMILAR]
    return Grouped(_linked(len(rows), alike), tuple(names), len(pairs))


def _of_texts(rows: pd.DataFrame) -> Iterator[frozenset[int]]:
    """Pairs of words, by column; a text of one word is a token itself."""
    for values in rows.itertuples(index=False):
        found: set[int] = set()
        for place, value in enumerate(values):
            words = [_plain(word) for word in WORD.findall(value.lower())] if isinstance(value, str) else []
            pairs = [f"{place} {one} {other}" for one, other in pairwise(words)] or [
                f"{place} {word}" for word in words
            ]
            found |= {crc32(pair.encode()) for pair in pairs[:MOST_TOKENS]}
        yield frozenset(found)


def _plain(word: str) -> str:
    return "0" if word.isdigit() else word


def _of_values(rows: pd.DataFrame) -> Iterator[frozenset[int]]:
    """A token for each column: its category, its number, or where there are many the twentieth of the rows."""
    columns = [_codes(rows[name]) for name in rows.columns]
    for values in zip(*columns, strict=True):
        yield frozenset(crc32(f"{place} {value}".encode()) for place, value in enumerate(values))


def _codes(column: pd.Series[Any]) -> list[Any]:
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > STEPS:
        known = np.unique(np.nanquantile(column.to_numpy(np.float64), np.linspace(0, 1, STEPS + 1)[1:-1]))
        places = np.searchsorted(known, column.to_numpy(np.float64), side="right").astype(float)
        places[column.isna()] = -1
        return list(places)
    return list(column.astype(str))


def _signatures(tokens: Sequence[frozenset[int]]) -> NDArray[np.uint64]:
    """The lowest of the tokens of each row under 32 fixed random orders, shape (n, 32)."""
    rng = np.random.default_rng(0)
    size = BANDS * IN_BAND
    factors = rng.integers(1, 2**63, size, dtype=np.uint64) | np.uint64(1)
    shifts = rng.integers(0, 2**63, size, dtype=np.uint64)
    found = np.zeros((len(tokens), size), dtype=np.uint64)
    for row, each in enumerate(tokens):
        if each:
            values = np.fromiter(each, dtype=np.uint64, count=len(each))
            found[row] = ((values[:, None] * factors + shifts) >> np.uint64(16)).min(axis=0)
    return found


def _candidates(signatures: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Pairs of rows of one bucket: each row with its first one, and with the one before."""
    for band in range(BANDS):
        part = np.ascontiguousarray(signatures[:, band * IN_BAND : (band + 1) * IN_BAND])
        buckets: dict[bytes, tuple[int, int]] = {}
        for row, key in enumerate(map(bytes, part)):
            first, last = buckets.get(key, (row, row))
            yield from ((other, row) for other in {first, last} if other != row)
            buckets[key] = first, row


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _linked(n: int, pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ends = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    links = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return np.asarray(pd.factorize(connected_components(links, directed=False)[1])[0], dtype=np.int64)


def recall_by_campaign(
    grouped: Grouped,
    rows: NDArray[np.intp],
    training: NDArray[np.bool_],
    predictions: Mapping[str, pd.DataFrame],
    *,
    n_boot: int,
    confidence: float,
    seed: int,
) -> Campaigns:
    """Count what models detect by row and by campaign.

    Parameters
    ----------
    grouped
        The campaigns of n positive rows.
    rows
        Their places in the table, shape (n,).
    training
        Which of them are in the training part, shape (n,).
    predictions
        ``row``, ``target`` and ``prediction`` of the test rows, by model.
    n_boot, confidence, seed
        Of the intervals, which come from resampled campaigns.
    """
    sizes = np.bincount(grouped.campaign)
    seen = np.bincount(grouped.campaign[training], minlength=len(sizes)) > 0
    tested = np.bincount(grouped.campaign[~training], minlength=len(sizes))
    of_row = dict(zip(rows.tolist(), grouped.campaign.tolist(), strict=True))
    present = np.flatnonzero(tested)
    drawn = _drawn(len(present), n_boot, seed)
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)

    def recalls(model: str, found: pd.DataFrame) -> Recalls:
        hits = _hits(found, of_row, len(sizes))[present]
        return _recalls(model, hits, tested[present], sizes[present], seen[present], drawn, tails)

    return Campaigns(
        columns=grouped.columns,
        rows=len(rows),
        campaigns=len(sizes),
        largest=tuple(np.sort(sizes)[::-1][:LARGEST].tolist()),
        tested=len(present),
        test_rows=int(tested.sum()),
        unseen=int((~seen[present]).sum()),
        unseen_rows=int(tested[present][~seen[present]].sum()),
        compared=grouped.compared,
        models=tuple(recalls(model, found) for model, found in predictions.items()),
    )


def _drawn(n: int, n_boot: int, seed: int) -> NDArray[np.int64] | None:
    """How often each of n campaigns is in each resample, shape (n_boot, n); None where there is none."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), n_boot) if n else None


def _hits(predictions: pd.DataFrame, of_row: Mapping[int, int], n: int) -> Floats:
    """The detected rows of each of n campaigns, shape (n,)."""
    positive = predictions[predictions[TARGET] == 1]
    campaigns = np.array([of_row[row] for row in positive[ROW].tolist()], dtype=np.intp)
    detected = positive[PREDICTION].to_numpy(np.float64)
    return np.bincount(campaigns, weights=detected, minlength=n).astype(np.float64)


def _recalls(
    model: str,
    hits: Floats,
    tested: NDArray[np.int64],
    sizes: NDArray[np.int64],
    seen: NDArray[np.bool_],
    drawn: NDArray[np.int64] | None,
    tails: tuple[float, float],
) -> Recalls:
    def mean(weights: Floats) -> Estimate | None:
        """The mean recall of campaigns, each with its weight."""
        if drawn is None or not weights.sum():
            return None
        shares = hits / tested
        with np.errstate(invalid="ignore", divide="ignore"):
            resampled = (drawn @ (weights * shares)) / (drawn @ weights)
        known = resampled[np.isfinite(resampled)]
        low, high = np.quantile(known, tails) if len(known) else (None, None)
        return Estimate(
            value=float(np.average(shares, weights=weights)),
            low=None if low is None else float(low),
            high=None if high is None else float(high),
        )

    one, nothing = np.ones(len(hits)), Estimate(value=0.0, low=None, high=None)
    return Recalls(
        model=model,
        rows=mean(tested.astype(float)) or nothing,
        campaigns=mean(one) or nothing,
        weighted=mean(sizes.astype(float)) or nothing,
        unseen=mean(np.where(seen, 0.0, tested)),
        unseen_campaigns=mean(np.where(seen, 0.0, one)),
    )
