"""What a reader of a report has to know before trusting a number, most severe first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from phishcli.documents.findings import Severity
from phishcli.documents.segments import Segment
from phishcli.documents.summary import Summary
from phishcli.evaluation.metrics import BY_NAME
from phishcli.render.formats import interval, number
from phishcli.render.words import LOW_FPR, non_missing, scores_non_missing


@dataclass(frozen=True)
class Caution:
    """One thing to know, with a title for those who skim."""

    title: str
    text: str
    level: Literal["warning", "note"] = "warning"


def cautions(summary: Summary) -> list[Caution]:
    """List what to watch out for, most severe first."""
    return [
        *_synthetic(summary),
        *_no_skill(summary),
        *_selected_on_test(summary),
        *_findings(summary, "error"),
        *(_leak(summary, segment) for segment in non_missing(summary)),
        *_findings(summary, "warning"),
        *_tuned(summary),
        *(Caution(f"{name} could not be trained", reason) for name, reason in summary.failed.items()),
        *_training_warnings(summary),
        *_notes(summary),
    ]


def _synthetic(summary: Summary) -> list[Caution]:
    text = (
        "The built-in sample was drawn at random from aggregate statistics, so these scores say nothing about real "
        "sites. Use your own table: phish run-all --source TABLE --target COLUMN --positive-label LABEL"
    )
    return [Caution("The data is synthetic", text)] if summary.data.synthetic else []


def _no_skill(summary: Summary) -> list[Caution]:
    verdict = summary.selection.verdict
    return [Caution("The model may be of no use", verdict)] if verdict else []


def _selected_on_test(summary: Summary) -> list[Caution]:
    text = (
        "The model was selected because it did best on these test rows, so its test scores are optimistic. Set "
        "evaluate.select_on to cv to select by cross-validation and keep the test set for a final check."
    )
    on_test = summary.selection.on == "test" and len(summary.models) > 1
    return [Caution("The model was selected on the test set", text)] if on_test else []


def _findings(summary: Summary, severity: Severity) -> list[Caution]:
    findings = summary.audit.active("warning")
    return [Caution(finding.title, finding.detail) for finding in findings if finding.severity == severity]


def _leak(summary: Summary, segment: Segment) -> Caution:
    """A column whose missing values give the label away: what is left of the scores without them."""
    everywhere = summary.selected.evaluation.metrics["accuracy"]
    return Caution(
        f"On {summary.classes.noun} with {segment.column} the accuracy is {number(segment.accuracy.value)}",
        f"That is {interval(segment.accuracy)} on {segment.n:,} test rows, compared with {number(everywhere.value)} on "
        f"all of them: a missing value alone reveals the label.{_other_scores(summary, segment.column)}",
    )


def _other_scores(summary: Summary, column: str) -> str:
    """Other scores that the missing values raise, without them and on all rows."""
    without, everywhere = scores_non_missing(summary, column), summary.selected.evaluation.metrics
    scores = [
        f"{BY_NAME[name].sentence_label} {number(without[name].value)} compared with {number(everywhere[name].value)}"
        for name in ("recall", "roc_auc", LOW_FPR)
        if name in without and without[name].value is not None
    ]
    return f" Likewise {', '.join(scores)}." if scores else ""


def _tuned(summary: Summary) -> list[Caution]:
    text = (
        "The hyperparameters were tuned on the same folds that the cross-validated scores come from, so these scores "
        "are slightly optimistic. Test scores are not affected."
    )
    tuned = summary.selected.training.tuned is not None
    return [Caution("Cross-validated scores are optimistic", text, "note")] if tuned else []


def _training_warnings(summary: Summary) -> list[Caution]:
    name, warnings = summary.selection.model, summary.selected.training.warnings
    return [Caution(f"{name} gave warnings during training", "; ".join(warnings), "note")] if warnings else []


def _notes(summary: Summary) -> list[Caution]:
    notes = summary.selected.evaluation.notes
    return [Caution("Some scores or intervals need care", "; ".join(notes), "note")] if notes else []
