"""Draw a report: charts first, then the page that holds them, and the text."""

from __future__ import annotations

from phishcli.render.charts import figures
from phishcli.render.html import page
from phishcli.render.text import classification_report
from phishcli.types import Report, ReportData


def draw(data: ReportData) -> Report:
    """Turn what a report says into what is published: page, text, summary and SVG figures."""
    drawn = figures(data)
    return Report(page(data, drawn), classification_report(data.summary), data.summary, drawn)
