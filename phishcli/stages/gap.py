"""The optimism gap: the same model on splits that are ever less kind to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.data.keys import groups_of, times_of
from phishcli.data.split import Split, split_rows
from phishcli.data.transform import fit_preprocessor, transform
from phishcli.errors import PreprocessError
from phishcli.evaluation.counts import confusion, ladder
from phishcli.evaluation.intervals import bootstrap
from phishcli.evaluation.metrics import evaluate_all
from phishcli.events import OnEvent, Progress, ignore
from phishcli.models import get

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import EvaluateConfig, PreprocessConfig
    from phishcli.types import Schema

MODEL = "HistGradientBoosting"
"""Default parameters, no search: it needs no library of its own and is about as good as any."""
SHOWN = ("accuracy", "roc_auc")


def gap(
    settings: PreprocessConfig,
    evaluation: EvaluateConfig,
    *,
    seed: int,
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
    keys: pd.DataFrame,
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

    Returns
    -------
    dict
        ``model``, and ``splits``: a list of ``split`` (its name), ``train_rows``, ``test_rows``, and ``accuracy`` and
        ``roc_auc`` with ``value``, ``low``, ``high``; or ``skipped``, why it could not be made.
    """
    variants = list(_variants(settings, target, keys))
    made = []
    for done, (name, rows, columns) in enumerate(variants):
        on_event(Progress("splits", done, len(variants), "models"))
        try:
            split = _split(settings, target, rows, columns)
        except PreprocessError as error:
            made.append({"split": name, "skipped": error.what})
            continue
        made.append({"split": name, **_score(evaluation, seed, features, target, schema, split)})
    return {"model": MODEL, "threshold": 0.5, "splits": made}


Columns = dict[str, pd.Series]


def _variants(
    settings: PreprocessConfig, target: pd.DataFrame, keys: pd.DataFrame
) -> Iterator[tuple[str, NDArray[np.intp], Columns]]:
    """Name, rows, and the column to split by, of each split."""
    everything = np.arange(len(target))
    yield "random", everything, {}
    yield "random, without twins", np.flatnonzero(~keys["twin"].duplicated().to_numpy()), {}
    groups = {name: pd.Series(_alone(codes)) for name, codes in groups_of(keys).items()}
    if settings.split.group and "group" in target:
        groups[settings.split.group] = target["group"].reset_index(drop=True)
    for name, values in groups.items():
        yield f"grouped by {name}", everything, {"group": values}
    times = dict(times_of(keys))
    if settings.split.time and "time" in target:
        times[settings.split.time] = target["time"]
    for name, values in times.items():
        yield f"ordered by {name}", everything, {"time": values.reset_index(drop=True)}


def _alone(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Make each missing value a group of its own."""
    missing = codes < 0
    alone = codes.copy()
    alone[missing] = codes.max(initial=0) + 1 + np.arange(np.count_nonzero(missing))
    return alone


def _split(settings: PreprocessConfig, target: pd.DataFrame, rows: NDArray[np.intp], columns: Columns) -> Split:
    by = {"group": None, "time": None, **dict.fromkeys(columns, "column")}
    asked = settings.model_copy(update={"split": settings.split.model_copy(update=by)})
    labels = target[["label", "target"]].iloc[rows].reset_index(drop=True).assign(**columns)
    split = split_rows(asked, labels)
    return Split(rows[split.train], rows[split.test], split.folds)


def _score(
    evaluation: EvaluateConfig,
    seed: int,
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
    split: Split,
) -> dict[str, Any]:
    preprocessor = fit_preprocessor(features, schema, split.train)
    y = target["target"].to_numpy(np.int8)
    model = get(MODEL).build({}, seed)
    model.fit(transform(preprocessor, features, rows=split.train), y[split.train])
    scores = model.predict_proba(transform(preprocessor, features, rows=split.test))[:, 1].astype(np.float64)
    positive = y[split.test] == 1
    values = evaluate_all(confusion(positive, scores, 0.5), ladder(positive, scores))
    intervals = bootstrap(
        y[split.test], scores, n_boot=evaluation.n_boot, confidence=evaluation.confidence, seed=evaluation.seed
    )
    return {
        "train_rows": len(split.train),
        "test_rows": len(split.test),
        **{name: {"value": float(values[name]), **_bounds(intervals[name])} for name in SHOWN},
    }


def _bounds(interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {"low": low, "high": high}
