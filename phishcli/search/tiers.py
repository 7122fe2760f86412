"""Models that know only part of the columns: trained and scored as the whole one, on the same rows and folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from phishcli.documents.gap import Estimate
from phishcli.documents.tiers import Tier, Tiers
from phishcli.errors import ConfigError
from phishcli.evaluation.calibration_map import apply_map
from phishcli.evaluation.evaluate import evaluate
from phishcli.evaluation.significance import corrected_t
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.tiers import is_known, tiers_of
from phishcli.fits.matrices import training_data
from phishcli.models.bounds import Bounds, NoBounds, bounds_of
from phishcli.models.own_format import PositiveClass
from phishcli.search.monotone import held
from phishcli.search.training import train
from phishcli.tables.disk import Disk
from phishcli.tables.matrix import matrix_of
from phishcli.tables.view import TableView
from phishcli.wording import counted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.config.schema import EvaluateConfig
    from phishcli.documents.features import Features
    from phishcli.documents.metrics import Metrics
    from phishcli.documents.schema import Schema
    from phishcli.search.settings import ModelSettings
    from phishcli.tables.table import Table

ANYTHING = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Given:
    """The artifacts that tiers are made from; ``test_rows`` are the places of the test rows in the table."""

    schema: Schema
    features: Table
    target: pd.DataFrame
    train: Table
    test: Table
    split: pd.DataFrame
    processed: Features

    @property
    def test_rows(self) -> NDArray[np.intp]:
        """The places of the test rows in the table."""
        return np.asarray(self.split.loc[self.split["part"] == "test", "row"])

    def knowing(self, known: Sequence[str]) -> Given:
        """The same with these columns of the source alone.

        Raises
        ------
        ConfigError
            When they give no feature.
        """
        columns = tuple(column for column in self.schema.columns if is_known(column, known))
        own = {column.indicator_of or column.name for column in columns}
        kept = tuple(each for each in self.processed.features if each.column in own)
        if not kept:
            raise ConfigError("The columns of a tier give no feature", where="evaluate.tiers", hint=", ".join(known))
        names = [each.name for each in kept] + ["target"]
        schema = msgspec.structs.replace(self.schema, columns=columns)
        processed = msgspec.structs.replace(self.processed, features=kept)
        train, test = (TableView(part, columns=names) for part in (self.train, self.test))
        return Given(schema, self.features, self.target, train, test, self.split, processed)


def tiers(
    settings: EvaluateConfig,
    model: ModelSettings,
    fitted: Any,
    threshold: Metrics,
    given: Given,
    *,
    in_blocks: int = 0,
    jobs: int = 1,
    on_event: OnEvent = ignore,
) -> Tiers:
    """Train and score a model on what is known at each moment.

    Parameters
    ----------
    settings
        The section ``evaluate``, with the tiers.
    model
        How the model is trained.
    fitted, threshold
        The model of all columns, and its scores.
    given
        The artifacts of the table.
    in_blocks
        As of `phishcli.models.spec.ModelSpec`.
    jobs
        Fits that run in parallel.
    on_event
        Receives progress and warnings.

    Raises
    ------
    ConfigError
        When the tiers do not suit the table.
    """
    added = tiers_of(settings.tiers, given.schema)
    bounds, why = _bounds(fitted, in_blocks, len(given.processed))
    known: list[str] = []
    made: list[tuple[Tier, Metrics]] = []
    for name, adds in added.items():
        known = [*known, *adds]
        part = given.knowing(known)
        metrics = _scored(settings, model, part, in_blocks, jobs, on_event)
        settled = _settled(bounds, given, known, threshold) if bounds else None
        made.append((_tier(name, adds, part, metrics, settled), metrics))
        width = counted(len(part.processed), "feature")
        on_event(Notice(f"{name}: {width}, accuracy {made[-1][0].accuracy.value:.4f}"))
    last = made[-1][1]
    compared = tuple(_compared(tier, metrics, last, settings.confidence) for tier, metrics in made)
    return Tiers(model=model.model, tiers=compared, why=why)


def _bounds(fitted: Any, in_blocks: int, width: int) -> tuple[Bounds | None, str]:
    try:
        return bounds_of(PositiveClass(fitted, in_blocks), width), ""
    except NoBounds as none:
        return None, str(none)


def _scored(
    settings: EvaluateConfig, model: ModelSettings, part: Given, in_blocks: int, jobs: int, on_event: OnEvent
) -> Metrics:
    places = tuple(range(len(part.processed)))
    data = training_data(
        train=part.train,
        split=part.split,
        features=part.features,
        schema=part.schema,
        views=[msgspec.structs.replace(view, places=places) for view in part.processed.views],
    )
    (result,) = train([held(model, part.schema)], data, jobs=jobs)
    if result.trained is None:
        raise result.error or ConfigError(f"{model.model} could not be trained on a tier")
    target = part.target.iloc[part.test_rows]
    return evaluate(
        settings,
        result.trained.model,
        model.model,
        part.test,
        oof=result.trained.oof,
        rows=part.test_rows,
        labels=target["label"],
        groups=target.get("group"),
        in_blocks=in_blocks,
        on_event=on_event,
    ).metrics


def _settled(bounds: Bounds, given: Given, known: Sequence[str], metrics: Metrics) -> float:
    """The share of test rows whose label the columns that are not known yet cannot change."""
    matrix, _ = matrix_of(given.test, Disk())
    low, high = np.array(matrix), np.array(matrix)
    own = {column.indicator_of or column.name for column in given.schema.columns if is_known(column, known)}
    for place, feature in enumerate(given.processed.features):
        if feature.column not in own:
            low[:, place], high[:, place] = unknown_range(feature.kind)
    least, most = (apply_map(metrics.calibration.map, each) for each in bounds(low, high))
    return float(np.mean((least >= metrics.threshold) | (most < metrics.threshold)))


def unknown_range(kind: str) -> tuple[float, float]:
    """Between which values an unknown column of the matrix lies: a category is there or not, a number is any."""
    return (0.0, 1.0) if kind in ("category", "rare") else (-ANYTHING, ANYTHING)


def _tier(name: str, adds: Sequence[str], part: Given, metrics: Metrics, settled: float | None) -> Tier:
    def score(metric: str) -> Estimate:
        found = metrics.metrics[metric]
        return Estimate(value=found.value or 0.0, low=found.low, high=found.high)

    return Tier(
        name=name,
        adds=tuple(adds),
        features=len(part.processed),
        threshold=metrics.threshold,
        accuracy=score("accuracy"),
        recall=score("recall"),
        fpr=score("fpr"),
        roc_auc=score("roc_auc"),
        settled=settled,
    )


def _compared(tier: Tier, metrics: Metrics, last: Metrics, confidence: float) -> Tier:
    """Test over the folds how much less accurate a tier is than the last one."""
    if metrics is last:
        return tier
    folds = [np.asarray(each.cv["accuracy"].folds, dtype=np.float64) for each in (last, metrics)]
    found = corrected_t(folds[0] - folds[1], n_train=len(folds[0]) - 1, n_test=1, confidence=confidence)
    lost = Estimate(value=found.value, low=found.low, high=found.high)
    return msgspec.structs.replace(tier, lost=lost, p=found.p)


def strongest(ranking: Sequence[str], settings: Mapping[str, ModelSettings]) -> str:
    """The best model that is fitted on the table: one that is put together from others is not."""
    return next(name for name in ranking if name in settings)
