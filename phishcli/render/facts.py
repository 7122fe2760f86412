"""The facts of a report as pairs of a name and a value, shared by the text and the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phishcli.documents.findings import Findings
from phishcli.documents.gap import Gap
from phishcli.render.formats import plain, seconds
from phishcli.wording import counted, percent

Summary = Mapping[str, Any]
Facts = list[tuple[str, str]]


def findings_of(summary: Summary) -> Findings:
    """The findings of the audit."""
    return Findings.of_plain({"findings": summary["audit"]["findings"]})


def gap_of(summary: Summary) -> Gap | None:
    """The optimism gap, where it was asked for."""
    gap = summary["gap"]
    return None if gap is None else Gap.of_plain({key: value for key, value in gap.items() if key != "from"})


def about_data(summary: Summary) -> Facts:
    """Where the table came from, and how it was split."""
    data, split, classes = summary["data"], summary["split"], summary["classes"]
    return [
        ("Source", data["origin"] + (" (synthetic)" if data["synthetic"] else "")),
        *([("Table", data["table"])] if data["table"] else []),
        ("SHA-256", data["sha256"]),
        ("Rows", f"{data['rows']:,}"),
        ("Target", data["target"]),
        ("Positive class", _class(classes["positive"], data["rows"])),
        ("Negative class", _class(classes["negative"], data["rows"])),
        ("Features", f"{len(data['columns'])} as loaded, {split['features']} as processed"),
        ("Training part", counted(split["train_rows"], "row")),
        ("Test part", counted(split["test_rows"], "row")),
        *((f"Set aside: {column}", reason) for column, reason in data["set_aside"].items()),
        *((f"Cleaned: {what.replace('_', ' ')}", f"{count:,}") for what, count in data["cleaned"].items()),
    ]


def _class(side: Mapping[str, Any], rows: int) -> str:
    portion = percent(side["rows"] / rows if rows else 0)
    return f"{side['name']} (label {side['label']}): {counted(side['rows'], 'row')}, {portion}"


def about_model(entry: Mapping[str, Any]) -> Facts:
    """How long a model took, how it was tuned, and its warnings."""
    training, evaluation = entry["training"], entry["evaluation"]
    times = {name: spent for name, spent in training["seconds"].items() if spent}
    return [
        ("Threshold", plain(evaluation["threshold"])),
        ("Time", ", ".join(f"{name} {seconds(spent)}" for name, spent in times.items()) or "-"),
        ("Search", _search(training["tuned"])),
        *_looks_at(entry["explanation"]),
        *(("Warning", text) for text in training["warnings"]),
        *(("Note", text) for text in evaluation["notes"]),
    ]


LOOKED_AT = 5
"""Features of a model that are named."""


def _looks_at(explanation: Mapping[str, Any] | None) -> Facts:
    """The features without which the model would lose most."""
    top = explanation["permutation"][:LOOKED_AT] if explanation else []
    named = ", ".join(f"{each['feature']} {each['drop']:.4f}" for each in top)
    return [("Loss of ROC-AUC without", named)] if named else []


def _search(tuned: Mapping[str, Any] | None) -> str:
    if not tuned:
        return "none, parameters as configured"
    within = tuned["n_within_error"]
    best = f"best of {counted(tuned['n_trials'], 'candidate')} by {tuned['scoring']} ({tuned['method']})"
    return f"{best}; the first {within:,} are within one standard error" if within > 1 else best


def best_cv(selection: Mapping[str, Any]) -> set[str]:
    """Find the models whose cross-validated accuracy no other one exceeds."""
    means = {model: scores["accuracy"]["mean"] for model, scores in selection["cv"].items()}
    return {model for model, mean in means.items() if mean == max(means.values())}


def parameters(entry: Mapping[str, Any]) -> Facts:
    """The parameters of a model that are set."""
    return [(name, plain(value)) for name, value in entry["training"]["params"].items() if value is not None]
