"""Draw a report: charts first, then the page that holds them, the text and the model card."""

from __future__ import annotations

from phishcli.render.card import model_card
from phishcli.render.charts import charts, pictures
from phishcli.render.html import page
from phishcli.render.text import classification_report
from phishcli.types import Report, ReportData


def draw(data: ReportData) -> Report:
    """Turn what a report says into what is published."""
    specs = charts(data)
    return Report(
        html=page(data, specs),
        text=classification_report(data.summary),
        card=model_card(data.summary),
        summary=data.summary,
        suspects=data.suspects,
        figures=pictures(data, specs) if data.figures and specs else {},
    )
