"""An ensemble from what training left: out-of-fold predictions of final models and of the other trials of searches.

Only members that are no final models have to be fitted, on all training rows; nothing is fitted again on a fold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.columns import FOLD, PROBABILITY, ROW, TARGET
from phishcli.documents.training import MemberSummary, Seconds, Training
from phishcli.ensemble.latency import seconds_per_row
from phishcli.ensemble.methods import Table, Weights, chosen, cross_fitted
from phishcli.errors import TrainError
from phishcli.evaluation.folds import cross_validated
from phishcli.models.combined import combined
from phishcli.models.mean import MeanOfModels, model_of
from phishcli.models.spec import plain
from phishcli.search.trained import TrainedModel

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.config.schema import EnsembleMethod
    from phishcli.fits.task import FinalFit


@dataclass(frozen=True)
class Wanted:
    """A trial that a member is to be made of: its name (``XGBoost#12``), its model, and its parameters."""

    name: str
    model: str
    params: Mapping[str, Any]


Fit = Callable[[Sequence[Wanted]], Mapping[str, "FinalFit"]]
"""Fits trials on all training rows; one that cannot be fitted is missing in what it gives."""


@dataclass(frozen=True)
class Trained:
    """What training left.

    Parameters
    ----------
    models, training, oof
        The final models by name, how they were trained, and their out-of-fold predictions, all of the same rows.
    others, trials
        By model the out-of-fold probabilities of the other complete trials of its search, a column for each, and the
        list of all trials. Empty without a search.
    """

    models: Mapping[str, Any]
    training: Mapping[str, Training]
    oof: Mapping[str, pd.DataFrame]
    others: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    trials: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def probabilities(self) -> dict[str, NDArray[Any]]:
        """The out-of-fold probabilities of all that can be members: the final models first."""
        found: dict[str, NDArray[Any]] = {name: self.oof[name][PROBABILITY].to_numpy() for name in self.models}
        for model, columns in self.others.items():
            found |= {f"{model}#{trial}": columns[trial].to_numpy() for trial in columns}
        return found

    def wanted(self, name: str) -> Wanted:
        """What is needed to fit a trial by the name of its member."""
        model, _, trial = name.partition("#")
        params = json.loads(self.trials[model]["params"].iloc[int(trial)])
        return Wanted(name, model, {key: tuple(v) if isinstance(v, list) else v for key, v in params.items()})


@dataclass(frozen=True)
class Candidates:
    """What members are chosen among: their names, in the order of the columns of the table."""

    names: tuple[str, ...]
    table: Table

    @classmethod
    def of(cls, trained: Trained) -> Candidates:
        """All that training left."""
        first, columns = next(iter(trained.oof.values())), trained.probabilities()
        y, folds = first[TARGET].to_numpy(np.int8), first[FOLD].to_numpy()
        members = np.stack(list(columns.values()), axis=1)
        return cls(tuple(columns), Table(members, y, folds, np.zeros(len(columns)), np.inf))

    def among(self, seconds: Mapping[str, float], most: float | None) -> Candidates:
        """Those that have been timed, and what all that are used may take together for one row."""
        places = [place for place, name in enumerate(self.names) if name in seconds]
        costs = np.array([seconds[self.names[place]] for place in places])
        bound = np.inf if most is None else most
        table = self.table._replace(members=self.table.members[:, places], costs=costs, most=bound)
        return Candidates(tuple(self.names[place] for place in places), table)

    def used(self, weights: Weights) -> dict[str, float]:
        """The members that count, with their weights."""
        return {name: weight for name, weight in zip(self.names, weights.each.tolist(), strict=True) if weight}


def combine(
    name: str,
    trained: Trained,
    *,
    method: EnsembleMethod = "greedy",
    max_latency: float | None = None,
    fit: Fit = lambda _: {},
    probe: NDArray[np.float32] | None = None,
) -> TrainedModel:
    """Put fitted models together.

    Parameters
    ----------
    name
        The model to make.
    trained
        Its members.
    method
        How they are weighed.
    max_latency
        Seconds that all members together may take for one row.
    fit
        Fits those that are no final models.
    probe
        Rows on which members are timed, shape (n, k); none by default.

    Returns
    -------
    TrainedModel
        Its out-of-fold predictions are those of weights that were chosen on the other folds, so that its
        cross-validated scores are as honest as those of its members; the weights of the model come from all folds.

    Raises
    ------
    TrainError
        When there are fewer than two members, or none is fast enough.
    """
    if len(trained.models) < 2:  # noqa: PLR2004 (members)
        hint = "Add others to train.models, or leave it out"
        raise TrainError(f"{name} needs at least two models that could be trained", where=f"train/{name}", hint=hint)
    candidates = Candidates.of(trained)
    weights = chosen(method, candidates.table)
    fits = fit([trained.wanted(each) for each in candidates.used(weights) if each not in trained.models])
    models = {**trained.models, **{each: fitted.model for each, fitted in fits.items()}}
    seconds = {each: seconds_per_row(each, model, probe) for each, model in models.items()}
    if max_latency is not None or candidates.used(weights).keys() - models.keys():
        candidates = candidates.among(seconds, max_latency)
        weights = chosen(method, candidates.table)
    used = candidates.used(weights)
    if not used:
        raise _too_slow(name, seconds, max_latency)
    probability = cross_fitted(method, candidates.table)
    model = MeanOfModels(list(used), [models[each] for each in used], list(used.values()), weights.intercept)
    first = next(iter(trained.oof.values()))
    return TrainedModel(
        model=model,
        training=_document(name, trained, candidates, used, probability, fits, seconds),
        oof=first[[ROW, FOLD, TARGET]].assign(**{PROBABILITY: probability}),
    )


def _document(
    name: str,
    trained: Trained,
    candidates: Candidates,
    used: Mapping[str, float],
    probability: NDArray[np.float64],
    fits: Mapping[str, FinalFit],
    seconds: Mapping[str, float],
) -> Training:
    """Describe the ensemble; members that are no final models are named after their trial."""
    some, table = next(iter(trained.training.values())), candidates.table
    weights = {each: used.get(each, 0.0) for each in dict.fromkeys((*trained.models, *used)) if each in seconds}
    versions = {each: trained.training[model_of(each)].libraries for each in used}
    return Training(
        model=name,
        title=combined()[name].title,
        params=weights,
        seed=some.seed,
        cv=cross_validated(table.y, probability, table.folds),
        seconds=Seconds(fit=sum(fitted.seconds for fitted in fits.values()), cv=0.0, search=0.0),
        warnings=(),
        n_train=some.n_train,
        n_features=some.n_features,
        libraries={library: version for each in versions.values() for library, version in each.items()},
        tuned=None,
        members=tuple(_member(trained, each, weight, seconds) for each, weight in used.items()),
    )


def _member(trained: Trained, name: str, weight: float, seconds: Mapping[str, float]) -> MemberSummary:
    known = name in trained.models
    params = trained.training[name].params if known else plain(trained.wanted(name).params)
    return MemberSummary(name=name, weight=weight, seconds_per_row=seconds[name], params=params)


def _too_slow(name: str, seconds: Mapping[str, float], most: float | None) -> TrainError:
    fastest = min(seconds, key=lambda each: seconds[each])
    return TrainError(
        f"{name} has no member that predicts a row within {1e6 * (most or 0):.3g} µs; the fastest, {fastest}, takes "
        f"{1e6 * seconds[fastest]:.3g} µs",
        where="train.ensemble.max_latency",
        hint="Allow more time, or add faster models to train.models",
    )
