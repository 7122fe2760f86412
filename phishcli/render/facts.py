"""The facts of a report as pairs of a name and a value, shared by the text and the page."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from phishcli.documents.explanations import Explanations
from phishcli.documents.sections import ClassInfo
from phishcli.documents.summary import ModelSection, Summary
from phishcli.documents.training import SearchSummary
from phishcli.render.formats import number, plain, seconds
from phishcli.wording import bounded, counted, percent

Facts = list[tuple[str, str]]

IMPORTANT = 5
"""Features of a model that are named."""


def about_data(summary: Summary) -> Facts:
    """Where the table came from, and how it was split."""
    data, split, classes = summary.data, summary.split, summary.classes
    return [
        ("Source", data.origin + (" (synthetic)" if data.synthetic else "")),
        *([("Table", data.table)] if data.table else []),
        ("SHA-256", data.sha256),
        ("Rows", f"{data.rows:,}"),
        ("Target", data.target),
        ("Positive class", _class(classes.positive, data.rows)),
        ("Negative class", _class(classes.negative, data.rows)),
        *(_labels(name, rows) for name, rows in data.merged.items()),
        *([("Without a label", f"{counted(data.unlabelled, 'row')}, left out")] if data.unlabelled else []),
        ("Features", f"{len(data.columns):,} as loaded, {split.features:,} as processed"),
        ("Training part", counted(split.train_rows, "row")),
        ("Test part", counted(split.test_rows, "row")),
        *((f"Set aside: {column}", reason) for column, reason in data.set_aside.items()),
        *((f"Cleaned: {what.replace('_', ' ')}", f"{count:,}") for what, count in data.cleaned.items()),
    ]


def _labels(name: str, rows: Mapping[str, int]) -> tuple[str, str]:
    return f"Labels of {name}", bounded([f"{label} ({counted(number, 'row')})" for label, number in rows.items()])


def _class(found: ClassInfo, rows: int) -> str:
    share = percent(found.rows / rows if rows else 0)
    return f"{found.name} (label {found.label}): {counted(found.rows, 'row')}, {share}"


def about_model(model: ModelSection) -> Facts:
    """How long a model took, how it was tuned, what matters to it, and its warnings."""
    spent = {name: value for name, value in msgspec.structs.asdict(model.training.seconds).items() if value}
    return [
        ("Threshold", plain(model.evaluation.threshold)),
        ("Time", ", ".join(f"{name} {seconds(value)}" for name, value in spent.items()) or "-"),
        ("Search", _search(model.training.tuned)),
        *_strategy(model),
        *_important(model.explanation),
        *(("Warning", text) for text in model.training.warnings),
        *(("Note", text) for text in model.evaluation.notes),
    ]


def _strategy(model: ModelSection) -> Facts:
    """How columns became features for the model, where that is not as usual, and what it does to probabilities."""
    training = model.training
    if not training.strategy.said:
        return []
    facts = [("Preprocessing", f"{training.strategy.said}; {counted(training.n_features, 'feature')}")]
    if training.strategy.balance != "none" and model.evaluation.calibration.map is None:
        facts.append(
            ("Probabilities", "not those of the table, since classes were balanced; evaluate.calibrate maps them")
        )
    return facts


def _important(explanation: Explanations | None) -> Facts:
    """The features without which the model would lose most."""
    top = explanation.permutation[:IMPORTANT] if explanation else ()
    named = ", ".join(f"{each.feature} {number(each.drop)}" for each in top)
    return [("Loss of ROC-AUC without", named)] if named else []


def _search(search: SearchSummary | None) -> str:
    if search is None:
        return "none, parameters as configured"
    best = f"best of {counted(search.n_trials, 'candidate')} by {search.scoring} ({search.method})"
    within = search.n_within_error
    return f"{best}; the best {within:,} are within one standard error" if within > 1 else best


def parameters(model: ModelSection) -> Facts:
    """The parameters of a model that are set."""
    return [(name, plain(value)) for name, value in model.training.params.items() if value is not None]
