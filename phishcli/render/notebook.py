"""The comparison of a run as a table of HTML, for notebooks."""

from __future__ import annotations

from html import escape

from phishcli.documents.selection import Selection
from phishcli.evaluation.metrics import METRICS
from phishcli.render.formats import number

SHOWN = ("accuracy", "precision", "recall", "f1", "fpr", "roc_auc", "pr_auc", "brier")
"""Metrics of the table, in its order."""
LEFT, RIGHT = "text-align:left", "text-align:right"


def comparison_html(selection: Selection, origin: str) -> str:
    """One row a model, the best first, one column a metric; the selected model is bold.

    Parameters
    ----------
    selection
        What ``evaluate`` found.
    origin
        What the user called the source.
    """
    labels: dict[str, str] = {metric.name: metric.label for metric in METRICS}
    heads = ["CV accuracy", *(labels[name] for name in SHOWN)]
    head = "".join(f"<th style='{RIGHT}'>{escape(each)}</th>" for each in heads)
    rows = "".join(_row(selection, model) for model in selection.ranking)
    return (
        f"<table><thead><tr><th style='{LEFT}'>Model</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p>{escape(selection.rationale)} Data: {escape(origin)}.</p>"
    )


def _row(selection: Selection, model: str) -> str:
    cv, test = selection.cv[model]["accuracy"], selection.table[model]
    cells = [number(cv.mean), *(number(test[name]) for name in SHOWN)]
    style = "font-weight:bold" if model == selection.model else ""
    body = "".join(f"<td style='{RIGHT}'>{each}</td>" for each in cells)
    return f"<tr style='{style}'><td style='{LEFT}'>{escape(model)}</td>{body}</tr>"
