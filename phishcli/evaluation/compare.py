"""The evaluate stage, over all models: put them side by side, test whether the best is better, select one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from phishcli.documents.columns import GROUP, LABEL, ROW, TARGET, TWIN
from phishcli.documents.findings import Findings
from phishcli.documents.metrics import FoldSummary, Metrics
from phishcli.documents.segments import Segment
from phishcli.documents.selection import Comparison, NonMissingScores, Selection
from phishcli.errors import EvaluateError
from phishcli.evaluation.constant import constant_answer, skills
from phishcli.evaluation.metrics import BY_NAME, METRICS
from phishcli.evaluation.missingness import score_non_missing
from phishcli.evaluation.pairwise import against_best
from phishcli.evaluation.resampling import Resampling
from phishcli.evaluation.segments import as_frame, by_missingness, by_value, check_columns, segments
from phishcli.evaluation.selection import Choice, Scores, best, comparable, select
from phishcli.evaluation.suspects import suspects
from phishcli.evaluation.verdict import verdict
from phishcli.tables.arrow import frame, series

if TYPE_CHECKING:
    from phishcli.config.schema import EvaluateConfig
    from phishcli.evaluation.evaluate import Scored
    from phishcli.tables.table import Table

MISSINGNESS = "missing-in-one-class"
"""The finding of the audit for a column whose missing values give the label away."""
NO_FINDINGS = Findings()


@dataclass(frozen=True)
class Compared:
    """What ``evaluate`` gives over all models.

    ``results`` has one line per model and metric (``value``, ``low``, ``high``, ``cv_mean``, ``cv_std``; NaN where
    there is none); ``segments`` the scores of all models on parts of the rows; ``suspects`` rows with a doubtful label.
    """

    results: pd.DataFrame
    selection: Selection
    segments: pd.DataFrame
    suspects: pd.DataFrame


def compare(
    settings: EvaluateConfig,
    models: Mapping[str, Scored],
    *,
    features: Table,
    target: pd.DataFrame,
    keys: Table,
    findings: Findings = NO_FINDINGS,
    costs: Mapping[str, float] | None = None,
) -> Compared:
    """Put the models side by side and select one of them.

    Parameters
    ----------
    settings
        How to select, and by which columns to report scores.
    models
        What is known of each, in display order.
    features, target, keys
        What ``load`` gave.
    findings
        The audit: where missing values give the label away, scores are also given for rows with and without a value.
    costs
        For each model how complex or slow it is, if that decides.

    Raises
    ------
    EvaluateError
        When there is no model, or none can be selected by the chosen metric.
    DataError
        When a column of ``evaluate.by`` does not exist.
    """
    if not models:
        raise EvaluateError("There is no evaluated model to compare.", hint="See why the models failed: phish train -v")
    leaky = _leaky(findings)
    table = {model: _test_scores(scored.metrics) for model, scored in models.items()}
    cv = {model: _cv_scores(scored.metrics) for model, scored in models.items()}
    scores = table if settings.select_on == "test" else {model: _means(found) for model, found in cv.items()}
    tests = against_best(settings, comparable(scores, settings.select_by), models)
    chosen = _select(settings, scores, tests, costs)
    parts = _segments(settings, models, features, leaky)
    selected = models[chosen.model]
    constant = constant_answer(selected.oof, selected.predictions)
    skill = skills(models, constant, settings.confidence)
    selection = Selection(
        model=chosen.model,
        on=settings.select_on,
        by=settings.select_by,
        prefer=settings.prefer,
        top_group=chosen.top_group,
        rationale=" ".join([chosen.rationale, *_over_some_folds(settings, cv[chosen.ranking[0]])]),
        ranking=chosen.ranking,
        tests=tuple(tests),
        table=table,
        best=best(table),
        cv=cv,
        scores=selected.metrics.metrics,
        confidence=settings.confidence,
        segments=tuple(part for part in parts if part.model == chosen.model),
        missingness=_without_a_leak(settings, models, features, target, leaky),
        constant=constant,
        skill=skill,
        verdict=verdict(chosen.model, settings.select_by, selected.metrics, constant, skill),
    )
    results = pd.DataFrame(_lines(models))
    return Compared(results, selection, as_frame(parts), _suspects(models, features, target, keys))


def _leaky(findings: Findings) -> list[str]:
    """The columns whose missing values give the label away."""
    return [finding.column for finding in findings.findings if finding.code == MISSINGNESS and finding.column]


def _test_scores(metrics: Metrics) -> dict[str, float | None]:
    return {each.name: metrics.metrics[each.name].value for each in METRICS}


def _cv_scores(metrics: Metrics) -> dict[str, FoldSummary]:
    return {each.name: metrics.cv[each.name].summary for each in METRICS}


def _means(found: Mapping[str, FoldSummary]) -> Scores:
    return {name: each.comparable for name, each in found.items()}


def _over_some_folds(settings: EvaluateConfig, cv: Mapping[str, FoldSummary]) -> Iterator[str]:
    found = cv[settings.select_by]
    if settings.select_on == "cv" and found.partial:
        label = BY_NAME[settings.select_by].sentence_label
        yield f"These means are over the {found.n_folds} of {found.n_all} folds that define {label}."


def _select(
    settings: EvaluateConfig,
    scores: Mapping[str, Scores],
    tests: Sequence[Comparison],
    costs: Mapping[str, float] | None,
) -> Choice:
    return select(
        scores,
        settings.select_on,
        by=settings.select_by,
        group=[test.model for test in tests if not test.significant],
        test=tests[0].decided_by if tests else "folds",
        prefer=settings.prefer,
        costs=costs,
    )


def _segments(
    settings: EvaluateConfig, models: Mapping[str, Scored], features: Table, leaky: Sequence[str]
) -> list[Segment]:
    """Score all models per value of columns in ``evaluate.by``, and with and without a value of ``leaky`` columns."""
    predictions = {model: scored.predictions for model, scored in models.items()}
    rows = _test_rows(models)
    check_columns(settings.by, features.schema.names)
    found: list[Segment] = []
    for column in settings.by:
        found += segments(predictions, column, by_value(_column(features, column, rows)), settings.confidence)
    for column in leaky:
        grouping = by_missingness(_column(features, column, rows))
        found += segments(predictions, column, grouping, settings.confidence, missingness=True)
    return found


def _column(features: Table, name: str, rows: Any) -> pd.Series[Any]:
    values: pd.Series[Any] = series(features.column(name), name).iloc[rows]
    return values


def _test_rows(models: Mapping[str, Scored]) -> pd.Series[int]:
    """Positions of the test rows in the table, which are the same for all models."""
    return next(iter(models.values())).predictions[ROW]


def _without_a_leak(
    settings: EvaluateConfig,
    models: Mapping[str, Scored],
    features: Table,
    target: pd.DataFrame,
    leaky: Sequence[str],
) -> dict[str, dict[str, NonMissingScores]]:
    """Score all models on the rows with a value of ``leaky`` columns; none of a column if one cannot be scored."""
    rows = _test_rows(models).to_numpy()
    how = Resampling.of(settings, target[GROUP].to_numpy()[rows] if GROUP in target else None)
    found: dict[str, dict[str, NonMissingScores]] = {}
    for column in leaky:
        non_missing = _column(features, column, rows).notna().to_numpy()
        scored = {
            model: score_non_missing(each.predictions, each.metrics, non_missing, how) for model, each in models.items()
        }
        known = {model: scores for model, scores in scored.items() if scores is not None}
        if len(known) == len(models):
            found[column] = known
    return found


def _suspects(models: Mapping[str, Scored], features: Table, target: pd.DataFrame, keys: Table) -> pd.DataFrame:
    """Rows with a doubtful label, followed by their features."""
    oof = {model: scored.oof for model, scored in models.items()}
    doubtful = suspects(oof, keys.column(TWIN).to_numpy(), target[TARGET].to_numpy("int8"))
    rows = doubtful[ROW].to_numpy()
    doubtful.insert(1, LABEL, target[LABEL].iloc[rows].array)
    listed = frame(features.select(rows))
    return pd.concat([doubtful, listed.drop(columns=[c for c in listed if c in doubtful])], axis=1)


def _lines(models: Mapping[str, Scored]) -> Iterator[dict[str, Any]]:
    """The lines of ``results.parquet``; None becomes NaN."""
    for model, scored in models.items():
        for each in METRICS:
            score, folds = scored.metrics.metrics[each.name], scored.metrics.cv[each.name]
            values = {"value": score.value, "low": score.low, "high": score.high}
            values |= {"cv_mean": folds.mean, "cv_std": folds.std}
            known = {name: float("nan") if value is None else value for name, value in values.items()}
            yield {"model": model, "metric": each.name, **known}
