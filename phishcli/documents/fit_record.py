"""What the trial ledger keeps of a fit on a fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class FitRecord:
    """One fit on a fold, kept so that it need not be repeated; a line of SQLite rather than a JSON document.

    Parameters
    ----------
    params
        As JSON text, for people.
    fold
        The number of the fold.
    seconds
        How long the fit took.
    probability
        Shape (n,), of the positive class, one per held-out row; None where the fit failed or was pruned.
    stopped
        The number of rounds after which it was pruned, 0 if it was not.
    error
        Why it failed.
    warnings
        What the library warned of.
    scoring, score
        The metric of the search at hand and its value on the fold, for people.
    """

    params: str
    fold: int
    seconds: float
    probability: NDArray[Any] | None = None
    stopped: int = 0
    error: str | None = None
    warnings: tuple[str, ...] = ()
    scoring: str = ""
    score: float | None = None
