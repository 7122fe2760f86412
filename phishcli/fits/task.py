"""One fit: what is requested, what a worker is given, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phishcli.documents.features import Balance
from phishcli.fits.matrices import MatrixRef
from phishcli.fits.protocols import Pruner
from phishcli.models.abilities import EarlyStopping
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

Params = dict[str, Any]


@dataclass(frozen=True)
class FitRequest:
    """One fit that a workload needs.

    Parameters
    ----------
    params
        All parameters other than the defaults of the model.
    fold
        The fold whose training rows are fitted on and whose held-out rows are predicted. None: all training rows, and
        the estimator itself is returned.
    trial
        The trial of a search that the fit belongs to.
    essential
        Whether it is made even after the time budget of the search is spent.
    pruner
        For a model that grows in rounds: what may stop it before the last one.
    refit
        Of several fits on all training rows that are averaged, the number of this one: it is added to the seed.
    resampled
        Whether that fit draws its rows with replacement.
    rows
        How many rows it is fitted on, where that is fewer than the workload allows.
    """

    params: Mapping[str, Any]
    fold: int | None = None
    trial: int | None = None
    essential: bool = False
    pruner: Pruner | None = None
    refit: int = 0
    resampled: bool = False
    rows: int | None = None


@dataclass(frozen=True)
class FitTask:
    """A fit as a worker is given it; it can be pickled.

    Parameters
    ----------
    spec, params, seed
        What is fitted.
    matrices
        Where the worker finds the matrices.
    fold
        The number of the fold, None for all training rows.
    shorter
        For a model that grows in rounds: smaller numbers of rounds, ascending, whose predictions are wanted too.
    early
        Whether and how it stops early.
    pruner
        What may stop it before its last round.
    resampled
        Whether its rows are drawn with replacement.
    separate_process
        Whether the library holds the interpreter lock while it fits, so that a worker thread should leave the fit to a
        process. A backend without threads may ignore it.
    threads
        How many threads the fit may use at most.
    most_rows
        How many rows it is fitted on at most, a stratified sample; None for all of them.
    spread
        Whether the rows are spread over the workers of a cluster, which fit together; see `phishcli.fits.spread`.
    view
        The number of the view of the matrices that the model sees; None for all of them.
    balance
        Whether classes count alike.
    """

    spec: ModelSpec
    params: Mapping[str, Any]
    seed: int
    matrices: MatrixRef
    fold: int | None
    shorter: tuple[int, ...] = ()
    early: EarlyStopping | None = None
    pruner: Pruner | None = None
    resampled: bool = False
    separate_process: bool = False
    threads: int = 1
    most_rows: int | None = None
    spread: bool = False
    view: int | None = None
    balance: Balance = "none"


@dataclass(frozen=True)
class FoldFit:
    """A fit on a fold: probabilities (one per held-out row, in order) and the seconds it took."""

    probability: NDArray[Any]
    seconds: float


@dataclass(frozen=True)
class PrunedFit:
    """A fit on a fold that was stopped after so many rounds, because the trial will not win."""

    rounds: int
    seconds: float


@dataclass(frozen=True)
class FinalFit:
    """A fit on all training rows: the estimator and the seconds it took."""

    model: Any
    seconds: float


@dataclass(frozen=True)
class FitResult:
    """The result of a fit: a value or an error; neither if the fit was skipped because the time was up.

    ``warnings`` has one line each, without repetition.
    """

    value: FoldFit | PrunedFit | FinalFit | None = None
    error: Exception | None = None
    warnings: tuple[str, ...] = ()

    @property
    def skipped(self) -> bool:
        """Whether the fit was not made at all."""
        return self.value is None and self.error is None


SKIPPED = FitResult()
