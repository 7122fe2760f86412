"""The sentences of a report: how good the selected model is, how sure that is, and what to watch out for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from phishcli.render.formats import interval, number, share

Summary = Mapping[str, Any]
PROMINENT = ("error", "warning")
"""Severities of the audit's findings that belong into the opening of a report."""


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
    """Say in two sentences how good the selected model is and how sure that is."""
    return [_catches(summary), _accuracy(summary)]


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


def cautions(summary: Summary) -> list[Caution]:
    """What to watch out for, the gravest first."""
    return [
        *_synthetic(summary),
        *_flattered(summary),
        *_searched(summary),
        *_findings(summary),
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


def _findings(summary: Summary) -> list[Caution]:
    findings = summary["audit"]["findings"]
    return [Caution(f["title"], f["detail"]) for f in findings if f["severity"] in PROMINENT]


def _failures(summary: Summary) -> list[Caution]:
    return [Caution(f"{name} could not be trained", reason) for name, reason in summary["failed"].items()]


def _training_warnings(summary: Summary) -> list[Caution]:
    name, warnings = summary["selection"]["model"], selected(summary)["training"]["warnings"]
    return [Caution(f"{name} warned while it was trained", "; ".join(warnings), "note")] if warnings else []


def _notes(summary: Summary) -> list[Caution]:
    notes = selected(summary)["evaluation"]["notes"]
    return [Caution("Some scores are not what they seem", "; ".join(notes), "note")] if notes else []
