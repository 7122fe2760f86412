"""The sentences of a report: how good the selected model is, how certain that is, and what to watch out for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from phishcli.documents.segments import Segment
from phishcli.evaluation.metrics import BY_NAME
from phishcli.render.facts import findings_of
from phishcli.render.formats import amounts, at_most, in_brackets, interval, number
from phishcli.wording import counted, out_of, short_percent

Summary = Mapping[str, Any]

LOW_FPR = "tpr@fpr=0.01"
"""The recall that matters most to security teams."""


@dataclass(frozen=True)
class Caution:
    """Something that a reader has to know before trusting a number."""

    title: str
    text: str
    level: Literal["warning", "note"] = "warning"


def selected(summary: Summary) -> Mapping[str, Any]:
    """Find the entry of the selected model."""
    entry: Mapping[str, Any] = summary["models"][summary["selection"]["model"]]
    return entry


def segments_of_selected(summary: Summary) -> list[Segment]:
    """The scores of the selected model on parts of the test rows."""
    segments = msgspec.convert(summary["segments"]["rows"], list[Segment])
    return [segment for segment in segments if segment.model == summary["selection"]["model"]]


def confidence(summary: Summary) -> str:
    """``95% interval``; empty if nothing was resampled."""
    resampling = selected(summary)["evaluation"]["bootstrap"]
    return f"{short_percent(resampling['confidence'])} interval" if resampling["n_boot"] else ""


def headline(summary: Summary) -> list[str]:
    """Say in a few sentences how good the selected model is, how certain that is, and what it means in a day."""
    return [_detection(summary), _accuracy(summary), *_without_a_leak(summary), _in_a_day(summary)]


def _detection(summary: Summary) -> str:
    scores = selected(summary)["evaluation"]["metrics"]
    positive, negative = (summary["classes"][side]["name"] for side in ("positive", "negative"))
    noun = summary["classes"]["noun"]
    return (
        f"{summary['selection']['model']} detects {out_of(scores['recall']['value'])} {positive} {noun}, and raises a "
        f"false alarm on {out_of(scores['fpr']['value'])} {negative} ones."
    )


def _accuracy(summary: Summary) -> str:
    evaluation, baseline = selected(summary)["evaluation"], summary["baseline"]
    score = evaluation["metrics"]["accuracy"]
    bounds = f" ({confidence(summary)} {interval(score)})" if interval(score) else ""
    return (
        f"On {evaluation['n']:,} test rows that it was not trained on, its accuracy is {number(score['value'])}"
        f"{bounds}. Always predicting {baseline['answer']} gives {number(baseline['accuracy'])}."
    )


def small_print(summary: Summary) -> list[str]:
    """What to know about the scores and their intervals, a sentence each."""
    evaluation, model = selected(summary)["evaluation"], summary["selection"]["model"]
    bounds, groups = evaluation["delong"], evaluation["bootstrap"]["groups"]
    sentences = [
        evaluation["resolution"],
        bounds and f"By DeLong's method, the ROC-AUC of {model} is {number(bounds[0])} to {number(bounds[1])}.",
        groups and f"Rows come in {groups:,} groups, which were resampled as a whole.",
    ]
    return [sentence for sentence in sentences if sentence]


def _in_a_day(summary: Summary) -> str:
    """What the threshold in use means in operation, where precision differs from that on the test rows."""
    operation, classes = summary["operation"], summary["classes"]
    place = operation["settings"]
    in_use = next(point for point in operation["models"][summary["selection"]["model"]] if point["in_use"])
    found = in_use["quantities"]
    return (
        f"If {short_percent(place['base_rate'])} of {place['volume']:,.0f} {classes['noun']} a day are "
        f"{classes['positive']['name']}, that means {at_most(found['alerts'])} alerts a day "
        f"({amounts(found['alerts'])}), {at_most(found['true_alerts'])} of them true, and {at_most(found['hours'])} "
        "hours of work."
    )


def doubts(summary: Summary) -> str:
    """Say how many rows have a doubtful label; empty if none has."""
    found = summary["suspects"]
    reasons = [
        f"{found['contradicted']:,} contradicted by models that had not seen them" if found["contradicted"] else "",
        f"{found['twins']:,} with an identical row of the other label" if found["twins"] else "",
    ]
    listed = " and ".join(reason for reason in reasons if reason)
    rows = counted(found["rows"], "row")
    return f"label_suspects.csv lists {rows} whose label should be checked: {listed}." if listed else ""


def in_operation(summary: Summary) -> str:
    """Say for which operation the operating points are worked out."""
    place, classes = summary["operation"]["settings"], summary["classes"]
    return (
        f"At {short_percent(place['base_rate'])} {classes['positive']['name']} and {place['volume']:,.0f} "
        f"{classes['noun']} a day, {place['analyst_minutes']:g} minutes per alert"
    )


def cautions(summary: Summary) -> list[Caution]:
    """What to watch out for, most severe first."""
    return [
        *_synthetic(summary),
        *_selected_on_test(summary),
        *_findings(summary, "error"),
        *_leaks(summary),
        *_findings(summary, "warning"),
        *_tuned(summary),
        *_failures(summary),
        *_training_warnings(summary),
        *_notes(summary),
    ]


def _synthetic(summary: Summary) -> list[Caution]:
    text = (
        "The built-in sample was drawn at random from aggregate statistics, so these scores say nothing about real "
        "sites. Use your own table: phish run-all --source TABLE --target COLUMN --positive-label LABEL"
    )
    return [Caution("The data is synthetic", text)] if summary["data"]["synthetic"] else []


def _selected_on_test(summary: Summary) -> list[Caution]:
    text = (
        "The model was selected because it did best on these test rows, so its test scores are optimistic. Set "
        "evaluate.select_on to cv to select by cross-validation and keep the test set for a final check."
    )
    on_test = summary["selection"]["on"] == "test" and len(summary["models"]) > 1
    return [Caution("The model was selected on the test set", text)] if on_test else []


def _tuned(summary: Summary) -> list[Caution]:
    text = (
        "The hyperparameters were tuned on the same folds that the cross-validated scores come from, so these scores "
        "are slightly optimistic. Test scores are not affected."
    )
    tuned = selected(summary)["training"]["tuned"]
    return [Caution("Cross-validated scores are optimistic", text, "note")] if tuned else []


def _findings(summary: Summary, severity: str) -> list[Caution]:
    findings = findings_of(summary).active("warning")
    return [Caution(finding.title, finding.detail) for finding in findings if finding.severity == severity]


def _non_missing(summary: Summary) -> list[Segment]:
    """The scores of the selected model on rows where no missing value gives the label away."""
    return [segment for segment in segments_of_selected(summary) if segment.without_a_leak]


def _without_a_leak(summary: Summary) -> list[str]:
    """Say how good the model is without the values whose absence gives the label away."""
    positive, noun = summary["classes"]["positive"]["name"], summary["classes"]["noun"]
    return [
        f"On {noun} with {segment.column} (a missing value alone reveals the label), the accuracy is "
        f"{number(segment.accuracy.value)}{in_brackets(segment.accuracy)}; always predicting the majority class gives "
        f"{number(segment.baseline)}. There it detects {out_of(segment.recall.value or 0)} {positive} ones"
        f"{_ranking(summary, segment.column)}."
        for segment in _non_missing(summary)
    ]


def _ranking(summary: Summary, column: str) -> str:
    """How well the model ranks the rows that have a value; empty if they are too few."""
    scores = _scores_non_missing(summary, column)
    if not scores:
        return ""
    at = scores[LOW_FPR]["value"]
    detected = f" ({out_of(at)} at 1% FPR)" if at is not None else ""
    return f"{detected}, and the ROC-AUC is {number(scores['roc_auc']['value'])}{in_brackets(scores['roc_auc'])}"


def _leaks(summary: Summary) -> list[Caution]:
    noun = summary["classes"]["noun"]
    whole = selected(summary)["evaluation"]["metrics"]["accuracy"]["value"]
    return [
        Caution(
            f"On {noun} with {segment.column} the accuracy is {number(segment.accuracy.value)}",
            f"That is {interval(segment.accuracy)} on {segment.n:,} test rows, compared with {number(whole)} on all of "
            f"them: a missing value alone reveals the label.{_other_scores(summary, segment.column)}",
        )
        for segment in _non_missing(summary)
    ]


def _other_scores(summary: Summary, column: str) -> str:
    """Other scores that the missing values raise, without them and on all rows."""
    without, everywhere = _scores_non_missing(summary, column), selected(summary)["evaluation"]["metrics"]
    scores = [
        f"{BY_NAME[name].sentence_label} {number(without[name]['value'])} compared with "
        f"{number(everywhere[name]['value'])}"
        for name in ("recall", "roc_auc", LOW_FPR)
        if without and without[name]["value"] is not None
    ]
    return f" Likewise {', '.join(scores)}." if scores else ""


def _scores_non_missing(summary: Summary, column: str) -> Mapping[str, Any]:
    """The scores of the selected model on the rows that have a value; none if they are too few."""
    known = summary["selection"]["missingness"].get(column)
    found: Mapping[str, Any] = known[summary["selection"]["model"]]["metrics"] if known else {}
    return found


def _failures(summary: Summary) -> list[Caution]:
    return [Caution(f"{name} could not be trained", reason) for name, reason in summary["failed"].items()]


def _training_warnings(summary: Summary) -> list[Caution]:
    name, warnings = summary["selection"]["model"], selected(summary)["training"]["warnings"]
    return [Caution(f"{name} gave warnings during training", "; ".join(warnings), "note")] if warnings else []


def _notes(summary: Summary) -> list[Caution]:
    notes = selected(summary)["evaluation"]["notes"]
    return [Caution("Some scores or intervals need care", "; ".join(notes), "note")] if notes else []
