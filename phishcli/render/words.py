"""The sentences of a report: how good the selected model is, how sure that is, and what to watch out for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from phishcli.evaluation.selection import spoken
from phishcli.render.facts import findings_of
from phishcli.render.formats import amounts, at_most, counted, interval, number, share
from phishcli.render.segments import baseline_of, bounds_of, column_of, telling

Summary = Mapping[str, Any]

LOW_FPR = "tpr@fpr=0.01"
"""The recall that security teams ask for."""


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


def confidence(summary: Summary) -> str:
    """``95 % interval``; empty where nothing was resampled."""
    resampling = selected(summary)["evaluation"]["bootstrap"]
    return f"{100 * resampling['confidence']:g} % interval" if resampling["n_boot"] else ""


def headline(summary: Summary) -> list[str]:
    """Say in a few sentences how good the selected model is, how sure that is, and what it means on a day."""
    return [_catches(summary), _accuracy(summary), *_honest(summary), _in_a_day(summary)]


def _catches(summary: Summary) -> str:
    scores = selected(summary)["evaluation"]["metrics"]
    positive, negative = (summary["classes"][side]["name"] for side in ("positive", "negative"))
    noun = summary["classes"]["noun"]
    return (
        f"{summary['selection']['model']} catches {share(scores['recall']['value'])} {positive} {noun}, and raises a "
        f"false alarm on {share(scores['fpr']['value'])} {negative} ones."
    )


def _accuracy(summary: Summary) -> str:
    evaluation, baseline = selected(summary)["evaluation"], summary["baseline"]
    score = evaluation["metrics"]["accuracy"]
    bounds = f" ({confidence(summary)} {interval(score)})" if interval(score) else ""
    return (
        f"On {evaluation['n']:,} test rows that it was not trained on, its accuracy is {number(score['value'])}"
        f"{bounds}; always answering '{baseline['answer']}' would reach {number(baseline['accuracy'])}."
    )


def small_print(summary: Summary) -> list[str]:
    """What is to be known of the scores and their intervals, a sentence each."""
    evaluation, model = selected(summary)["evaluation"], summary["selection"]["model"]
    bounds, groups = evaluation["metrics"]["roc_auc"].get("delong"), evaluation["bootstrap"].get("groups")
    told = [
        evaluation["resolution"],
        bounds
        and f"By DeLong's formula the ROC-AUC of {model} lies within {number(bounds[0])} and {number(bounds[1])}.",
        groups and f"The rows come in {groups:,} groups, and intervals are of whole groups.",
    ]
    return [sentence for sentence in told if sentence]


def _in_a_day(summary: Summary) -> str:
    """What the threshold in use means where the model is to work: a precision on the test rows says little of it."""
    operation, classes = summary["operation"], summary["classes"]
    place = operation["settings"]
    in_use = next(point for point in operation["models"][summary["selection"]["model"]] if point["in_use"])
    found = in_use["quantities"]
    return (
        f"Where {100 * place['base_rate']:g} % of {place['volume']:,.0f} {classes['noun']} a day are "
        f"{classes['positive']['name']}, that makes {at_most(found['alerts'])} alerts a day "
        f"({amounts(found['alerts'])}), {at_most(found['true_alerts'])} of them true, and {at_most(found['hours'])} "
        "hours of work."
    )


def doubts(summary: Summary) -> str:
    """Say how many rows have a doubtful label; empty where there is none."""
    found = summary["suspects"]
    reasons = [
        f"{found['contradicted']:,} contradicted by models that had not seen them" if found["contradicted"] else "",
        f"{found['twins']:,} with an equal row of the other label" if found["twins"] else "",
    ]
    told = " and ".join(reason for reason in reasons if reason)
    return (
        f"label_suspects.csv lists {counted(found['rows'], 'row')} with a label that somebody should look at: {told}."
        if told
        else ""
    )


def in_operation(summary: Summary) -> str:
    """Say for which place the operating points are worked out."""
    place, positive, noun = summary["operation"]["settings"], summary["classes"]["positive"]["name"], summary["classes"]
    return (
        f"At {100 * place['base_rate']:g} % {positive} and {place['volume']:,.0f} {noun['noun']} a day, "
        f"{place['analyst_minutes']:g} minutes per alert"
    )


def cautions(summary: Summary) -> list[Caution]:
    """What to watch out for, the gravest first."""
    return [
        *_synthetic(summary),
        *_flattered(summary),
        *_findings(summary, "error"),
        *_revealing(summary),
        *_findings(summary, "warning"),
        *_searched(summary),
        *_failures(summary),
        *_training_warnings(summary),
        *_notes(summary),
    ]


def _synthetic(summary: Summary) -> list[Caution]:
    text = (
        "The built-in sample was drawn at random from aggregate statistics. These scores say nothing about real sites. "
        "Use your own table with: phish run-all --source TABLE --target COLUMN --positive-label LABEL"
    )
    return [Caution("The data is synthetic", text)] if summary["data"]["synthetic"] else []


def _flattered(summary: Summary) -> list[Caution]:
    text = (
        "The model was chosen because it did best on these very test rows, so its test scores are somewhat too good. "
        "Set evaluate.select_on to cv to choose by cross-validation and keep the test set for a single, honest look."
    )
    flattered = summary["selection"]["on"] == "test" and len(summary["models"]) > 1
    return [Caution("The selection flatters itself", text)] if flattered else []


def _searched(summary: Summary) -> list[Caution]:
    text = (
        "Its parameters were searched on the same folds that its cross-validated scores come from, so those are "
        "somewhat too good; its test scores are not affected."
    )
    tuned = selected(summary)["training"]["tuned"]
    return [Caution("Cross-validation flatters a search", text, "note")] if tuned else []


def _findings(summary: Summary, severity: str) -> list[Caution]:
    findings = findings_of(summary).active("warning")
    return [Caution(finding.title, finding.detail) for finding in findings if finding.severity == severity]


def _without_a_leak(summary: Summary) -> list[Mapping[str, Any]]:
    """The scores of the selected model where no missing value gives the label away."""
    model = summary["selection"]["model"]
    return telling([row for row in summary["segments"]["rows"] if row["model"] == model])


def _honest(summary: Summary) -> list[str]:
    """Say how good the model is without the values whose absence is the answer."""
    positive, noun = summary["classes"]["positive"]["name"], summary["classes"]["noun"]
    return [
        f"On {noun} that have {column_of(row)} (its absence gives the label away) the accuracy is "
        f"{number(row['accuracy'])} ({interval(bounds_of(row, 'accuracy'))}); always the more frequent answer would "
        f"reach {number(baseline_of(row))}. Of the {positive} ones {share(row['recall'])} are caught there"
        f"{_ranked(summary, column_of(row))}."
        for row in _without_a_leak(summary)
    ]


def _ranked(summary: Summary, column: str) -> str:
    """How well the model ranks the rows that have a value; empty where they are too few."""
    scores = _where_present(summary, column)
    if not scores:
        return ""
    at = scores[LOW_FPR]
    caught = f" ({share(at['value'])} at an FPR of 1 %)" if at["value"] is not None else ""
    return f"{caught}, and the ROC-AUC is {number(scores['roc_auc']['value'])} ({interval(scores['roc_auc'])})"


def _revealing(summary: Summary) -> list[Caution]:
    noun = summary["classes"]["noun"]
    whole = selected(summary)["evaluation"]["metrics"]["accuracy"]["value"]
    return [
        Caution(
            f"On {noun} with {column_of(row)} the accuracy is {row['accuracy']:.4f}",
            f"That is {interval(bounds_of(row, 'accuracy'))} on {row['n']:,} test rows, against {whole:.4f} on all of "
            f"them: where the value is missing, its absence alone tells the label.{_instead(summary, column_of(row))}",
        )
        for row in _without_a_leak(summary)
    ]


def _instead(summary: Summary, column: str) -> str:
    """The other scores that the absence of a value lifts, with it and on all rows."""
    there, everywhere = _where_present(summary, column), selected(summary)["evaluation"]["metrics"]
    told = [
        f"{spoken(name)} {number(there[name]['value'])} against {number(everywhere[name]['value'])}"
        for name in ("recall", "roc_auc", LOW_FPR)
        if there and there[name]["value"] is not None
    ]
    return f" Likewise {', '.join(told)}." if told else ""


def _where_present(summary: Summary, column: str) -> Mapping[str, Any]:
    """The scores of the selected model on the rows that have a value; none where they are too few."""
    known = summary["selection"]["present"].get(column)
    found: Mapping[str, Any] = known[summary["selection"]["model"]]["metrics"] if known else {}
    return found


def _failures(summary: Summary) -> list[Caution]:
    return [Caution(f"{name} could not be trained", reason) for name, reason in summary["failed"].items()]


def _training_warnings(summary: Summary) -> list[Caution]:
    name, warnings = summary["selection"]["model"], selected(summary)["training"]["warnings"]
    return [Caution(f"{name} warned while it was trained", "; ".join(warnings), "note")] if warnings else []


def _notes(summary: Summary) -> list[Caution]:
    notes = selected(summary)["evaluation"]["notes"]
    return [Caution("Some scores are not what they seem", "; ".join(notes), "note")] if notes else []
