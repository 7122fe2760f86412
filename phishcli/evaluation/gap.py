"""The optimism gap: the same model on splits that are ever less kind to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from threadpoolctl import ThreadpoolController

from phishcli.errors import PreprocessError
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.intervals import intervals_of
from phishcli.evaluation.metrics import values_of
from phishcli.evaluation.resampling import Resampling, resample
from phishcli.events import OnEvent, Progress, ignore
from phishcli.features.row_keys import groups_of, times_of
from phishcli.features.transform import fit_preprocessor, transform
from phishcli.models import get
from phishcli.tables.split import Split, split_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import EvaluateConfig, PreprocessConfig
    from phishcli.types import Schema

MODEL = "HistGradientBoosting"
"""Default parameters, no search: it needs no library of its own and is about as good as any."""
THRESHOLD = 0.5
SHOWN = ("accuracy", "roc_auc")
RANDOM = "random"


def gap(
    settings: PreprocessConfig,
    evaluation: EvaluateConfig,
    *,
    seed: int,
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
    keys: pd.DataFrame,
    threads: int = 1,
    on_event: OnEvent = ignore,
) -> dict[str, Any]:
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
    threads
        How many a fit may use; it changes no result.
    on_event
        Hears how many splits are done.

    Returns
    -------
    dict
        ``model``, and ``splits``: a list of ``split`` (its name), ``train_rows``, ``test_rows``, and ``accuracy`` and
        ``roc_auc`` with ``value``, ``low``, ``high``, and ``lost``: by how much its accuracy is below that of the
        random split, likewise; or ``skipped``, why it could not be made.

    Raises
    ------
    PreprocessError
        When not even the random split can be made.
    """
    variants = list(_variants(settings, target, keys))
    made = []
    with ThreadpoolController().limit(limits=threads, user_api="openmp"):
        for done, variant in enumerate(variants):
            on_event(Progress("splits", done, len(variants), "models"))
            scored = _scored(variant, settings, evaluation, seed, features, target, schema)
            made.append({"split": variant.name, **scored})
    return {"model": MODEL, "threshold": THRESHOLD, "splits": _set_beside_random(made, evaluation.confidence)}


def _set_beside_random(splits: list[dict[str, Any]], confidence: float) -> list[dict[str, Any]]:
    """Say what each split loses.

    The interval takes the two test parts for independent; rows that are in both make it wider than it need be.
    """
    z, errors = float(norm.ppf((1 + confidence) / 2)), [split.pop("error", None) for split in splits]
    for split, error in zip(splits[1:], errors[1:], strict=True):
        if "skipped" not in split:
            lost = splits[0]["accuracy"]["value"] - split["accuracy"]["value"]
            known = error is not None and errors[0] is not None
            half = z * hypot(error, errors[0]) if known else None
            split["lost"] = {"value": lost, **_bounds((lost - half, lost + half) if half is not None else None)}
    return splits


@dataclass(frozen=True)
class _Variant:
    """A split to be made: of which rows, and by which column (``group`` or ``time`` to its values); or why not."""

    name: str
    rows: NDArray[np.intp]
    by: Mapping[str, pd.Series[Any]] = field(default_factory=dict)
    skipped: str | None = None


def _variants(settings: PreprocessConfig, target: pd.DataFrame, keys: pd.DataFrame) -> Iterator[_Variant]:
    everything = np.arange(len(target))
    yield _Variant(RANDOM, everything)
    different = np.flatnonzero(~keys["twin"].duplicated().to_numpy())
    unique = "every row is different already" if len(different) == len(target) else None
    yield _Variant("random, without twins", different, skipped=unique)
    groups = {name: pd.Series(_alone(codes)) for name, codes in groups_of(keys).items()}
    if settings.split.group and "group" in target:
        groups[settings.split.group] = target["group"]
    times = dict(times_of(keys))
    if settings.split.time and "time" in target:
        times[settings.split.time] = target["time"]
    for word, what, columns in (("group", "grouped by", groups), ("time", "ordered by", times)):
        known: dict[bytes, str] = {}
        for name, values in columns.items():
            alike = known.setdefault(pd.factorize(values)[0].tobytes(), name) if word == "group" else name
            same = None if alike == name else f"its groups are those of {alike}"
            yield _Variant(f"{what} {name}", everything, {word: values.reset_index(drop=True)}, skipped=same)
        if not columns:
            yield _Variant(
                f"{what} a column", everything, skipped=f"no {word} found; preprocess.split.{word} names one"
            )


def _scored(
    variant: _Variant,
    settings: PreprocessConfig,
    evaluation: EvaluateConfig,
    seed: int,
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
) -> dict[str, Any]:
    if variant.skipped:
        return {"skipped": variant.skipped}
    try:
        split = _split(settings, target, variant)
    except PreprocessError as error:
        if variant.name == RANDOM:
            raise
        return {"skipped": error.what}
    groups = variant.by["group"].to_numpy()[split.test] if "group" in variant.by else None
    return _score(evaluation, seed, features, target, schema, split, groups)


def _alone(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Make each missing value a group of its own."""
    missing = codes < 0
    alone = codes.copy()
    alone[missing] = codes.max(initial=0) + 1 + np.arange(np.count_nonzero(missing))
    return alone


def _split(settings: PreprocessConfig, target: pd.DataFrame, variant: _Variant) -> Split:
    by = {"group": None, "time": None, **dict.fromkeys(variant.by, "column")}
    asked = settings.model_copy(update={"split": settings.split.model_copy(update=by)})
    labels = target[["label", "target"]].iloc[variant.rows].reset_index(drop=True).assign(**variant.by)
    split = split_rows(asked, labels)
    return Split(variant.rows[split.train], variant.rows[split.test], split.folds)


def _score(
    evaluation: EvaluateConfig,
    seed: int,
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
    split: Split,
    groups: NDArray[Any] | None,
) -> dict[str, Any]:
    preprocessor = fit_preprocessor(features, schema, split.train)
    y = target["target"].to_numpy(np.int8)
    model = get(MODEL).build({}, seed)
    model.fit(transform(preprocessor, features, rows=split.train), y[split.train])
    scores = model.predict_proba(transform(preprocessor, features, rows=split.test))[:, 1].astype(np.float64)
    scored, how = ScoredRows(y[split.test] == 1, scores, THRESHOLD), Resampling.of(evaluation, groups)
    drawn = resample(scored, how)
    values, intervals = values_of(scored), intervals_of(scored, drawn, how)
    return {
        "train_rows": len(split.train),
        "test_rows": len(split.test),
        "error": float(drawn["accuracy"].std()) if "accuracy" in drawn else None,
        **{name: {"value": float(values[name]), **_bounds(intervals[name])} for name in SHOWN},
    }


def _bounds(interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {"low": low, "high": high}
