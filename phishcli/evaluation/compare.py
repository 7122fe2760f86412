"""The evaluate stage, over all models: put them side by side, ask whether the best is better, select one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.errors import DataError, EvaluateError
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.missingness import where_present
from phishcli.evaluation.segments import ABSENT, PRESENT, WITH_OR_WITHOUT, names_of, records, segments
from phishcli.evaluation.selection import Scores, best, ranked, select
from phishcli.evaluation.significance import corrected_t, holm, mcnemar, paired_bootstrap
from phishcli.evaluation.suspects import suspects
from phishcli.types import Compared

if TYPE_CHECKING:
    from phishcli.config.schema import EvaluateConfig
    from phishcli.types import Scored

Pair = tuple[str, str]

MISSINGNESS = "missing-in-one-class"
"""The finding of the audit that asks for scores with and without a value."""


def compare(
    settings: EvaluateConfig,
    models: Mapping[str, Scored],
    *,
    features: pd.DataFrame,
    target: pd.DataFrame,
    keys: pd.DataFrame,
    findings: Sequence[Mapping[str, Any]] = (),
    costs: Mapping[str, float] | None = None,
) -> Compared:
    """Put the models side by side and select one of them.

    Parameters
    ----------
    settings
        How to select, and what to score apart.
    models
        What is known of each, in the order shown.
    features, target, keys
        What ``load`` gave.
    findings
        The audit; scores are shown apart with and without a value whose absence gives the label away.
    costs
        Per model how complex or slow it is, if that decides.

    Returns
    -------
    Compared
        ``results``: one line per model and metric (``value``, ``low``, ``high``, ``cv_mean``, ``cv_std``; NaN where
        there is none). ``selection``: what `select` gives, ``tests`` (see `against_best`), and ``table``
        (test), ``best`` (models per metric), ``cv``, and of the selected model ``scores`` with their intervals and
        ``segments``, all as plain values; ``present``: column -> model -> what `where_present` gives, for columns whose
        absence gives the label away. ``segments`` and ``suspects``: see `phishcli.evaluation`.

    Raises
    ------
    EvaluateError
        When there is no model, or none can be selected by the metric that is asked for.
    DataError
        When a column to score apart does not exist.
    """
    if not models:
        raise EvaluateError("There is no evaluated model to compare.", hint="See why the models failed: phish train -v")
    metrics = {model: scored.metrics for model, scored in models.items()}
    cv: dict[str, dict[str, dict[str, float]]] = {
        model: {each.name: _moments(metrics[model]["cv"][each.name]) for each in METRICS} for model in metrics
    }
    table: dict[str, Scores] = {
        model: {each.name: metrics[model]["metrics"][each.name]["value"] for each in METRICS} for model in metrics
    }
    means = {model: {name: each["mean"] for name, each in values.items()} for model, values in cv.items()}
    scores = means if settings.select_on == "cv" else table
    tests = list(against_best(settings, ranked(scores, settings.select_by), models))
    chosen = select(
        scores,
        settings.select_on,
        by=settings.select_by,
        group=[test["model"] for test in tests if not test["apart"]],
        test=tests[0]["decisive"] if tests else "folds",
        prefer=settings.prefer,
        costs=costs,
    )
    parts = _segments(settings, models, features, findings)
    selection = {
        **chosen,
        "tests": tests,
        "table": table,
        "best": best(table),
        "cv": cv,
        "scores": metrics[chosen["model"]]["metrics"],
        "confidence": settings.confidence,
        "segments": records(parts[parts["model"] == chosen["model"]]),
        "present": _present(settings, models, features, target, findings),
    }
    return Compared(
        results=pd.DataFrame(_lines(metrics, cv)),
        selection=selection,
        segments=parts,
        suspects=_suspects(models, features, target, keys),
    )


def against_best(
    settings: EvaluateConfig, ranking: Sequence[str], models: Mapping[str, Scored]
) -> Iterator[dict[str, Any]]:
    """Compare every other model with the best one.

    Which one is the best is known only from these scores, so that p-values are adjusted for all pairs, test by test: as
    many as there are others would let ten equal models seem apart in 17 % of the cases.

    Yields
    ------
    dict
        ``model``, ``against`` (the best), ``decisive`` (the test that counts), ``apart`` (by it), and per test what it
        found, with ``p`` and ``p_adjusted``.
    """
    made = {pair: _test(settings, *(models[model] for model in pair)) for pair in combinations(ranking, 2)}
    adjusted = {name: _adjusted(made, name) for name in ("folds", "mcnemar", "bootstrap")}
    for other in ranking[1:]:
        pair = (ranking[0], other)
        tests = {name: {**found, "p_adjusted": adjusted[name][pair]} for name, found in made[pair].items()}
        decisive = _decisive(settings, tests, grouped=bool(models[other].metrics["bootstrap"]["groups"]))
        apart = tests[decisive]["p_adjusted"] < 1 - settings.confidence
        yield {"model": other, "against": ranking[0], "decisive": decisive, "apart": apart, **tests}


def _adjusted(made: Mapping[Pair, Mapping[str, Mapping[str, Any]]], name: str) -> dict[Pair, float]:
    """Adjust the p-values of one test over the pairs that it could be made for."""
    found = {pair: tests[name]["p"] for pair, tests in made.items() if name in tests}
    return dict(zip(found, holm(list(found.values())), strict=True))


def _decisive(settings: EvaluateConfig, tests: Mapping[str, Any], *, grouped: bool) -> str:
    """The test that counts; McNemar's takes rows for independent, which those of a group are not."""
    if settings.select_on == "cv":
        return "folds"
    by_rows = settings.select_by == "accuracy" and not grouped
    return "mcnemar" if by_rows or "bootstrap" not in tests else "bootstrap"


def _test(settings: EvaluateConfig, top: Scored, other: Scored) -> dict[str, dict[str, Any]]:
    by = settings.select_by
    first, second = (np.asarray(scored.metrics["cv"][by]["folds"]) for scored in (top, other))
    made: dict[str, dict[str, Any]] = {}
    if len(first):
        k = len(first)
        made["folds"] = asdict(corrected_t(first - second, n_train=k - 1, n_test=1, confidence=settings.confidence))
    right = [scored.predictions["prediction"] == scored.predictions["target"] for scored in (top, other)]
    won, lost, p = mcnemar(*right)
    made["mcnemar"] = {"won": won, "lost": lost, "p": p}
    if by in top.resamples and by in other.resamples:
        values = [scored.metrics["metrics"][by]["value"] for scored in (top, other)]
        drawn = [scored.resamples[by].to_numpy() for scored in (top, other)]
        made["bootstrap"] = asdict(paired_bootstrap(values[0], drawn[0], values[1], drawn[1], settings.confidence))
    return made


def _segments(
    settings: EvaluateConfig,
    models: Mapping[str, Scored],
    features: pd.DataFrame,
    findings: Sequence[Mapping[str, Any]],
) -> pd.DataFrame:
    """Score all models by the columns that are asked for, and where the audit found a telling absence."""
    predictions = {model: scored.predictions for model, scored in models.items()}
    rows = next(iter(predictions.values()))["row"].to_numpy()
    found: list[dict[str, Any]] = []
    check_columns(settings.by, list(map(str, features.columns)))
    for column in settings.by:
        found += segments(predictions, column, names_of(features[column].iloc[rows]), settings.confidence)
    for column in _telling(findings):
        missing = features[column].isna().to_numpy()[rows]
        names = np.where(missing, ABSENT, PRESENT).astype(object)
        found += segments(predictions, f"{column}{WITH_OR_WITHOUT}", names, settings.confidence)
    return pd.DataFrame(found, columns=SEGMENT_COLUMNS)


def check_columns(by: Sequence[str], features: Sequence[str], set_aside: Collection[str] = ()) -> None:
    """Raise a `DataError` for the first column to score apart that is no feature."""
    for column in by:
        if column not in features:
            why = " It was left out of the table." if column in set_aside else ""
            hint = f"There is {', '.join(features)}."
            raise DataError(f"There is no feature {column!r} to score apart.{why}", where="evaluate.by", hint=hint)


def _telling(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns whose absence gives the label away."""
    return [finding["column"] for finding in findings if finding["code"] == MISSINGNESS]


def _present(
    settings: EvaluateConfig,
    models: Mapping[str, Scored],
    features: pd.DataFrame,
    target: pd.DataFrame,
    findings: Sequence[Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Score all models without the rows whose missing value gives the label away."""
    how = settings.model_dump(include={"n_boot", "confidence", "seed"})
    rows = next(iter(models.values())).predictions["row"].to_numpy()
    groups = target["group"].to_numpy()[rows] if "group" in target else None
    found: dict[str, dict[str, Any]] = {}
    for column in _telling(findings):
        present = features[column].notna().to_numpy()[rows]
        scores = {
            model: where_present(scored.predictions, scored.metrics, present, groups=groups, **how)
            for model, scored in models.items()
        }
        if all(scores.values()):
            found[column] = scores
    return found


SEGMENT_COLUMNS = [
    *("model", "column", "segment", "n", "n_positive"),
    *(f"{name}{end}" for name in ("accuracy", "recall", "fpr") for end in ("", "_low", "_high")),
]


def _suspects(
    models: Mapping[str, Scored], features: pd.DataFrame, target: pd.DataFrame, keys: pd.DataFrame
) -> pd.DataFrame:
    """Rows with a doubtful label, with what the table says of them."""
    doubtful = suspects(
        {model: scored.oof for model, scored in models.items()},
        keys["twin"].to_numpy(),
        target["target"].to_numpy(np.int8),
    )
    rows = doubtful["row"].to_numpy()
    doubtful.insert(1, "label", target["label"].iloc[rows].array)
    shown = features.iloc[rows].reset_index(drop=True).add_prefix("", axis=1)
    return pd.concat([doubtful, shown.drop(columns=[c for c in shown if c in doubtful])], axis=1)


def _moments(scores: Mapping[str, Any]) -> dict[str, float]:
    return {"mean": scores["mean"], "std": scores["std"]}


def _lines(
    metrics: Mapping[str, Mapping[str, Any]], cv: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> Iterator[dict[str, Any]]:
    """The tidy long form; None becomes NaN."""
    for model, document in metrics.items():
        for each in METRICS:
            scores, folds = document["metrics"][each.name], cv[model][each.name]
            values = {**{name: scores[name] for name in ("value", "low", "high")}}
            values |= {"cv_mean": folds["mean"], "cv_std": folds["std"]}
            known = {name: float("nan") if value is None else value for name, value in values.items()}
            yield {"model": model, "metric": each.name, **known}
