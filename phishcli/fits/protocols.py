"""What fits need from a search, so that they know nothing else of it: its trials, and what prunes a fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.fits.task import FitResult


class Standing(NamedTuple):
    """How a search stands: the best mean score so far (more is better), its standard error, and the trials since."""

    score: float
    error: float
    since: int


class Trials(Protocol):
    """The trials of a search, as far as fitting is concerned."""

    @property
    def scoring(self) -> str:
        """The metric of the search."""

    def record(self, trial: int, fold: int, result: FitResult) -> None:
        """Enter the result of a trial on a fold."""

    def score(self, trial: int, fold: int) -> float:
        """Give the score of a trial on a fold; NaN where there is none."""

    def expected_fits(self) -> float:
        """Estimate how many more fits the search will need."""

    def standing(self) -> Standing | None:
        """Describe how the search stands; None as long as no trial is complete."""

    def leader(self) -> tuple[float, Mapping[str, Any]] | None:
        """Give the mean score and the parameters of the best trial so far."""


class Pruner(Protocol):
    """Decides whether a model that grows in rounds is worth finishing; can be pickled."""

    def digest(self) -> str:
        """Hash all that its decisions depend on besides the fit itself."""

    def observe(self, rounds: int, x: NDArray[Any], y: NDArray[Any], *, averages: bool) -> Observation | None:
        """Begin to observe a fit of so many rounds by its held-out rows; None where it lets every such fit finish."""


class Observation(Protocol):
    """One fit under observation of a pruner."""

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """The numbers of rounds, ascending, after which the pruner is asked."""

    @property
    def stopped(self) -> int:
        """The number of rounds after which the fit was stopped, 0 as long as it was not."""

    def __call__(self, predict: Callable[[Any], Any]) -> bool:
        """Decide at the next checkpoint whether to go on; ``predict`` maps x to the present probabilities."""
