"""Rows that nearly all have the same label, beyond what chance explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import hypergeom

if TYPE_CHECKING:
    from numpy.typing import NDArray

BY_CHANCE = 0.001
"""Rows are not one-sided if random labels would make them so with a greater probability, over all that is tried."""
PURE = 0.95
"""The share of one label that gives it away."""


@dataclass(frozen=True)
class OneSided:
    """``hits`` of ``rows`` have one label, the positive one or not, against its ``share`` among all rows."""

    rows: int
    hits: int
    towards: bool
    share: float

    @property
    def which(self) -> str:
        """``All 121 rows``, ``38 of 40 rows``, ``The only row``."""
        if self.rows == 1:
            return "The only row"
        return f"All {self.rows:,} rows" if self.hits == self.rows else f"{self.hits:,} of {self.rows:,} rows"


def one_sided(marked: NDArray[np.bool_], positive: NDArray[np.bool_], tried: int) -> OneSided | None:
    """Say whether marked rows have one label (nearly) all, as random labels would hardly have it.

    Parameters
    ----------
    marked, positive
        Shape (n,).
    tried
        In how many ways rows are marked; the probability of chance is multiplied by it (Bonferroni).
    """
    rows, positives, n = int(np.count_nonzero(marked)), int(np.count_nonzero(positive)), len(positive)
    if not rows:
        return None
    hits = int(np.count_nonzero(marked & positive))
    towards = 2 * hits >= rows
    hits, of_label = (hits, positives) if towards else (rows - hits, n - positives)
    share = of_label / n
    pure = hits / rows >= PURE and hits / rows > share + (1 - share) / 2
    if not pure or hypergeom.sf(hits - 1, n, of_label, rows) * tried >= BY_CHANCE:
        return None
    return OneSided(rows, hits, towards, share)
