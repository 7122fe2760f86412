"""The optimism gap: the same model on increasingly strict splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import hypot
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd
from scipy.stats import norm
from threadpoolctl import ThreadpoolController

from phishcli.documents.gap import MODEL, Estimate, Gap, ScoredSplit, SkippedSplit
from phishcli.errors import PreprocessError
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.intervals import intervals_of
from phishcli.evaluation.metrics import values_of
from phishcli.evaluation.resampling import Resampling, resample
from phishcli.events import OnEvent, Progress, ignore
from phishcli.features.folds import fold_matrices
from phishcli.features.row_keys import RowKeys
from phishcli.features.strategies import strategy_of
from phishcli.fits.worker import fit
from phishcli.models import get
from phishcli.tables.split import Split, split_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import EvaluateConfig, PreprocessConfig
    from phishcli.documents.features import Strategy
    from phishcli.documents.schema import Schema
    from phishcli.tables.disk import Disk
    from phishcli.tables.table import Table

THRESHOLD = 0.5
RANDOM = "random"


def gap(
    settings: PreprocessConfig,
    evaluation: EvaluateConfig,
    *,
    seed: int,
    features: Table,
    target: pd.DataFrame,
    schema: Schema,
    keys: Table,
    strategy: Strategy | None = None,
    threads: int = 1,
    disk: Disk | None = None,
    on_event: OnEvent = ignore,
) -> Gap:
    """Score one default model on a random split, a de-duplicated one, and by every group and time that the table has.

    Parameters
    ----------
    settings
        Size and seed of the splits.
    evaluation
        The settings of the bootstrap.
    seed
        The seed of the model.
    features, target, schema, keys
        What ``load`` gave for n rows.
    strategy
        How columns become features for the model; by default as for all.
    threads
        How many a fit may use; it changes no result.
    disk
        Where matrices wait for which there is no room in memory.
    on_event
        Receives how many splits are done.

    Raises
    ------
    PreprocessError
        When not even the random split can be made.
    """
    variants = list(_variants(settings, target, RowKeys(keys)))
    scorer = _Scorer(settings, evaluation, seed, features, target, schema, strategy or strategy_of(settings), disk)
    results: list[_Score | SkippedSplit] = []
    with ThreadpoolController().limit(limits=threads, user_api="openmp"):
        for done, variant in enumerate(variants):
            on_event(Progress("splits", done, len(variants), "models"))
            results.append(scorer.score(variant))
    return Gap(
        model=MODEL,
        threshold=THRESHOLD,
        splits=_with_losses([result for result in results if isinstance(result, _Score)], evaluation.confidence),
        skipped=tuple(result for result in results if isinstance(result, SkippedSplit)),
    )


@dataclass(frozen=True)
class _Score:
    """A scored split, and the standard error of its accuracy where it is known."""

    split: ScoredSplit
    error: float | None


def _with_losses(scores: list[_Score], confidence: float) -> tuple[ScoredSplit, ...]:
    """Compare each split with the random one.

    The interval takes the two test parts for independent; rows that are in both make it wider than needed.
    """
    random, *others = scores
    z = float(norm.ppf((1 + confidence) / 2))
    made = [random.split]
    for other in others:
        lost = random.split.accuracy.value - other.split.accuracy.value
        known = random.error is not None and other.error is not None
        half = z * hypot(random.error or 0.0, other.error or 0.0) if known else None
        bounds = None if half is None else (lost - half, lost + half)
        made.append(msgspec.structs.replace(other.split, lost=_estimate(lost, bounds)))
    return tuple(made)


@dataclass(frozen=True)
class _Variant:
    """A split to make: of which rows, and by which column (``group`` or ``time`` to its values); or why not."""

    name: str
    rows: NDArray[np.intp]
    by: Mapping[str, pd.Series[Any]] = field(default_factory=dict)
    skipped: str | None = None


def _variants(settings: PreprocessConfig, target: pd.DataFrame, keys: RowKeys) -> Iterator[_Variant]:
    everything = np.arange(len(target))
    yield _Variant(RANDOM, everything)
    different = np.flatnonzero(~pd.Series(keys.twins).duplicated().to_numpy())
    unique = "all rows already differ" if len(different) == len(target) else None
    yield _Variant("random, without twins", different, skipped=unique)
    groups = {name: pd.Series(_separate_missing(keys.group(name))) for name in keys.groups}
    if settings.split.group and "group" in target:
        groups[settings.split.group] = target["group"]
    times = {name: keys.time(name) for name in keys.times}
    if settings.split.time and "time" in target:
        times[settings.split.time] = target["time"]
    yield from _without_repeats(_by("group", "grouped by", groups, everything))
    yield from _by("time", "ordered by", times, everything)


def _by(word: str, relation: str, columns: Mapping[str, pd.Series[Any]], rows: NDArray[np.intp]) -> Iterator[_Variant]:
    for name, values in columns.items():
        yield _Variant(f"{relation} {name}", rows, {word: values.reset_index(drop=True)})
    if not columns:
        reason = f"no {word} column found; name one with preprocess.split.{word}"
        yield _Variant(f"{relation} a column", rows, skipped=reason)


def _without_repeats(variants: Iterator[_Variant]) -> Iterator[_Variant]:
    """Skip splits by groups that are those of an earlier column under other names."""
    known: dict[bytes, str] = {}
    for variant in variants:
        codes = b"".join(pd.factorize(values)[0].tobytes() for values in variant.by.values())
        earlier = known.setdefault(codes, variant.name)
        same = None if earlier == variant.name else f"same groups as {earlier.removeprefix('grouped by ')}"
        yield variant if same is None else replace(variant, skipped=same)


def _separate_missing(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Make each missing value a group of its own."""
    missing = codes < 0
    separate = codes.copy()
    separate[missing] = codes.max(initial=0) + 1 + np.arange(np.count_nonzero(missing))
    return separate


@dataclass(frozen=True)
class _Scorer:
    """Splits a table in different ways, and scores the model on each."""

    settings: PreprocessConfig
    evaluation: EvaluateConfig
    seed: int
    features: Table
    target: pd.DataFrame
    schema: Schema
    strategy: Strategy
    disk: Disk | None

    def score(self, variant: _Variant) -> _Score | SkippedSplit:
        if variant.skipped:
            return SkippedSplit(split=variant.name, reason=variant.skipped)
        try:
            split = self._split(variant)
        except PreprocessError as error:
            if variant.name == RANDOM:
                raise
            return SkippedSplit(split=variant.name, reason=error.what)
        groups = variant.by["group"].to_numpy()[split.test] if "group" in variant.by else None
        return self._score(variant.name, split, groups)

    def _split(self, variant: _Variant) -> Split:
        by = {"group": None, "time": None, **dict.fromkeys(variant.by, "column")}
        asked = self.settings.model_copy(update={"split": self.settings.split.model_copy(update=by)})
        labels = self.target[["label", "target"]].iloc[variant.rows].reset_index(drop=True).assign(**variant.by)
        split = split_rows(asked, labels)
        return Split(variant.rows[split.train], variant.rows[split.test], split.folds)

    def _score(self, name: str, split: Split, groups: NDArray[Any] | None) -> _Score:
        y = self.target["target"].to_numpy(np.int8)[split.test]
        scored, how = ScoredRows(y == 1, self._predict(split), THRESHOLD), Resampling.of(self.evaluation, groups)
        drawn = resample(scored, how)
        values, intervals = values_of(scored), intervals_of(scored, drawn, how)
        result = ScoredSplit(
            split=name,
            train_rows=len(split.train),
            test_rows=len(split.test),
            accuracy=_estimate(values["accuracy"], intervals["accuracy"]),
            roc_auc=_estimate(values["roc_auc"], intervals["roc_auc"]),
        )
        return _Score(result, float(drawn["accuracy"].std()) if "accuracy" in drawn else None)

    def _predict(self, split: Split) -> NDArray[np.float64]:
        """Fit on the training part; the probability of the positive class for each test row."""
        rows, test = np.concatenate([split.train, split.test]), int(split.folds.max()) + 1
        folds = np.concatenate([split.folds, np.full(len(split.test), test)])
        y = self.target["target"].to_numpy(np.int8)[rows]
        made = fold_matrices(self.features, rows, y, folds, self.schema, test, [self.strategy], self.disk)
        codes, balance = made.views[0].categories, self.strategy.balance
        model = fit(get(MODEL), {}, self.seed, made.x_train, made.y_train, codes=codes, balance=balance)
        scores: NDArray[np.float64] = model.predict_proba(made.x_valid)[:, 1].astype(np.float64)
        return scores


def _estimate(value: float, interval: tuple[float, float] | None) -> Estimate:
    low, high = interval or (None, None)
    return Estimate(value=float(value), low=low, high=high)
