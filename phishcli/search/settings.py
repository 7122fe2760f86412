"""How one model is trained, and how its hyperparameters are searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from phishcli.documents.features import DEFAULT, Strategy
from phishcli.models import EarlyStopping

if TYPE_CHECKING:
    from phishcli.config.schema import EvasionConfig, MetricName
    from phishcli.documents.training import Method


@dataclass(frozen=True)
class NoSearch:
    """Hyperparameters are not searched."""

    enabled: Literal[False] = False


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How hyperparameters are searched.

    Parameters
    ----------
    enabled
        Tells it from `NoSearch` in a fingerprint.
    method
        How candidates are chosen and compared.
    n_iter
        The number of candidates; a grid is tried whole.
    scoring
        The metric to optimize over the folds.
    seed
        The seed of the candidates.
    space
        Parameter -> list of values or ``{low, high, log}``.
    first
        Candidates that are tried before those that are drawn or proposed.
    time_budget
        Seconds after which the search ends with the best result so far.
    budget
        The budget of the whole run in seconds, after which a search takes what it has, in small heats.
    """

    enabled: Literal[True] = True
    method: Method
    n_iter: int
    scoring: MetricName
    seed: int
    space: Mapping[str, Any]
    first: tuple[Mapping[str, Any], ...] = ()
    time_budget: float | None = None
    budget: float | None = None


@dataclass(frozen=True)
class ModelSettings:
    """How one model is trained.

    Its parameters other than the defaults, its seed, the search, early stopping, and whether its probability may only
    rise or fall with some columns; ``mutable`` are the settings that say which ones, where that is ``auto``.
    ``strategy`` is how columns become features for it, and whether classes are balanced. ``most_rows`` is known once
    there are rows, then part of the fingerprint: fits get a sample of so many at most. ``refits`` fits on all rows are
    averaged, each with a seed of its own; ``bagging``: on rows drawn with replacement.
    """

    model: str
    params: Mapping[str, Any]
    seed: int = 42
    tune: SearchSettings | NoSearch = NoSearch()
    early_stopping: EarlyStopping | None = None
    strategy: Strategy = DEFAULT
    most_rows: int | None = field(default=None, metadata={"shapes": False})
    refits: int = 1
    bagging: bool = False
    distributed: Literal["auto", "never", "always"] = field(default="auto", compare=False, metadata={"shapes": False})
    """Whether rows are spread over the workers of a cluster; `SpreadSettings` where that is sure."""
    monotone: Literal["none", "auto"] | Mapping[str, int] = "none"
    mutable: EvasionConfig | None = None


@dataclass(frozen=True)
class SpreadSettings(ModelSettings):
    """The settings of a model whose rows are always spread, which changes the numbers."""

    spread: Literal[True] = True
