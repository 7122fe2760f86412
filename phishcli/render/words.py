"""The sentences of a report: how good the selected model is, how certain that is, and what it means in operation."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.metrics import Score
from phishcli.documents.segments import Segment
from phishcli.documents.summary import Summary
from phishcli.render.formats import amounts, at_most, in_brackets, interval, number
from phishcli.wording import counted, listed, out_of, short_percent

LOW_FPR = "tpr@fpr=0.01"
"""The recall that matters most to security teams."""


def confidence(summary: Summary) -> str:
    """``95% interval``; empty if nothing was resampled."""
    resampling = summary.selected.evaluation.bootstrap
    return f"{short_percent(resampling.confidence)} interval" if resampling.n_boot else ""


def headline(summary: Summary) -> list[str]:
    """Say in a few sentences how good the selected model is, how certain that is, and what it means in a day."""
    without_a_leak = [_without_a_leak(summary, segment) for segment in non_missing(summary)]
    return [_detection(summary), _accuracy(summary), *without_a_leak, _in_a_day(summary)]


def _detection(summary: Summary) -> str:
    scores, classes = summary.selected.evaluation.metrics, summary.classes
    return (
        f"{summary.selection.model} detects {_out_of(scores['recall'])} {classes.positive.name} {classes.noun}, and "
        f"raises a false alarm on {_out_of(scores['fpr'])} {classes.negative.name} ones."
    )


def _accuracy(summary: Summary) -> str:
    evaluation, baseline = summary.selected.evaluation, summary.baseline
    score = evaluation.metrics["accuracy"]
    bounds = f" ({confidence(summary)} {interval(score)})" if score.has_interval else ""
    return (
        f"On {evaluation.n:,} test rows that it was not trained on, its accuracy is {number(score.value)}{bounds}. "
        f"Always predicting {baseline.answer} gives {number(baseline.accuracy)}."
    )


def _without_a_leak(summary: Summary, segment: Segment) -> str:
    """How good the model is without the values whose absence gives the label away."""
    classes = summary.classes
    return (
        f"On {classes.noun} with {segment.column} (a missing value alone reveals the label), the accuracy is "
        f"{number(segment.accuracy.value)}{in_brackets(segment.accuracy)}; always predicting the majority class gives "
        f"{number(segment.baseline)}. There it detects {_out_of(segment.recall)} {classes.positive.name} ones"
        f"{_ranking(summary, segment.column)}."
    )


def _ranking(summary: Summary, column: str) -> str:
    """How well the model ranks the rows that have a value; empty if they are too few."""
    scores = scores_non_missing(summary, column)
    if not scores:
        return ""
    detected = f" ({_out_of(scores[LOW_FPR])} at 1% FPR)" if scores[LOW_FPR].value is not None else ""
    return f"{detected}, and the ROC-AUC is {number(scores['roc_auc'].value)}{in_brackets(scores['roc_auc'])}"


def _out_of(rate: Score) -> str:
    return out_of(rate.value or 0)


def non_missing(summary: Summary) -> list[Segment]:
    """The scores of the selected model on rows that have a value whose absence gives the label away."""
    return [segment for segment in summary.selected_segments if segment.without_a_leak]


def scores_non_missing(summary: Summary, column: str) -> Mapping[str, Score]:
    """All scores of the selected model on the rows where a column has a value; empty if they are too few."""
    by_model = summary.selection.missingness.get(column)
    return by_model[summary.selection.model].metrics if by_model else {}


def _in_a_day(summary: Summary) -> str:
    """What the threshold in use means in operation, where precision differs from that on the test rows."""
    in_use = next(line for line in summary.operating_sheet if line.in_use)
    found, place, classes = in_use.quantities, summary.operation.settings, summary.classes
    return (
        f"If {short_percent(place.base_rate)} of {place.volume:,.0f} {classes.noun} a day are {classes.positive.name}, "
        f"that means {at_most(found.alerts)} alerts a day ({amounts(found.alerts)}), {at_most(found.true_alerts)} of "
        f"them true, and {at_most(found.hours)} hours of work."
    )


def small_print(summary: Summary) -> list[str]:
    """What to know about the scores and their intervals, a sentence each."""
    evaluation, model = summary.selected.evaluation, summary.selection.model
    sentences = [evaluation.resolution] if evaluation.resolution else []
    if evaluation.delong:
        low, high = map(number, evaluation.delong)
        sentences.append(f"By DeLong's method, the ROC-AUC of {model} is {low} to {high}.")
    if groups := evaluation.bootstrap.groups:
        sentences.append(f"Rows come in {counted(groups, 'group')}, which were resampled as a whole.")
    if evaluation.bootstrap.weighted:
        sentences.append("The test rows are so many that intervals come from random weights (Poisson bootstrap).")
    return sentences


def doubts(summary: Summary) -> str:
    """Say how many rows have a doubtful label; empty if none has."""
    found = summary.suspects
    reasons = {
        "contradicted by models that had not seen them": found.contradicted,
        "with an identical row of the other label": found.twins,
    }
    counts = listed([f"{count:,} {reason}" for reason, count in reasons.items() if count])
    rows = counted(found.rows, "row")
    return f"label_suspects.csv lists {rows} whose label should be checked: {counts}." if counts else ""


def in_operation(summary: Summary) -> str:
    """Say for which operation the operating points are worked out."""
    return f"{base_rate_and_volume(summary)}, {summary.operation.settings.analyst_minutes:g} minutes per alert"


def base_rate_and_volume(summary: Summary) -> str:
    """``At 0.1% phishing and 200,000 sites a day``."""
    place, classes = summary.operation.settings, summary.classes
    return f"At {short_percent(place.base_rate)} {classes.positive.name} and {place.volume:,.0f} {classes.noun} a day"
