"""The report as one page that opens without a network: its style, its charts and its numbers are all inside."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from phishcli.render import facts, formats, words
from phishcli.render.charts import INSTALL
from phishcli.types import ReportData

FIGURES = {
    "roc": "ROC: what is caught against false alarms",
    "precision_recall": "Precision and recall",
    "intervals": "Scores with their intervals",
}
"""Captions of the figures, in the order of the page."""
TEMPLATE = "report.html"


def page(data: ReportData, figures: Mapping[str, str]) -> str:
    """Write the report as a page.

    Parameters
    ----------
    data
        The report.
    figures
        SVG by name, from `phishcli.render.charts.figures`; may be empty. It is the only thing that enters the page
        unescaped.

    Returns
    -------
    str
        A complete HTML document; the same data gives the same text.
    """
    summary = data.summary
    drawn = [(name, caption, Markup(figures[name])) for name, caption in FIGURES.items() if name in figures]  # noqa: S704 (drawn here, escaped by Vega)
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            s=summary,
            chosen=words.selected(summary),
            figures=drawn,
            missing_charts=_missing_charts(data, figures),
            headline=words.headline(summary),
            cautions=words.cautions(summary),
            confidence=words.confidence(summary),
            best_cv=facts.best_cv(summary["selection"]),
            data_facts=facts.about_data(summary),
        )
    )


def _missing_charts(data: ReportData, figures: Mapping[str, str]) -> str:
    if figures:
        return ""
    return f"Charts are not installed; to have them: {INSTALL}" if data.charts else "Charts are turned off."


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("phishcli.render", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": formats.number,
        "interval": formats.interval,
        "share": formats.share,
        "seconds": formats.seconds,
        "dotted": formats.dotted,
        "model_facts": facts.about_model,
        "parameters": facts.parameters,
    }
    return environment
