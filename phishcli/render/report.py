"""Draw a report: charts first, then the page that holds them, the text and the model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.summary import Summary
from phishcli.render.assemble import ReportData
from phishcli.render.card import model_card
from phishcli.render.charts import charts, pictures
from phishcli.render.page import page
from phishcli.render.text import classification_report

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Report:
    """A drawn report: the page, the text, the model card, the summary, and figures by file name."""

    html: str
    text: str
    card: str
    summary: Summary
    suspects: pd.DataFrame | None
    figures: Mapping[str, str | bytes]


def draw(data: ReportData) -> Report:
    """Turn what a report shows into what is published."""
    specs = charts(data)
    return Report(
        html=page(data, specs),
        text=classification_report(data.summary),
        card=model_card(data.summary),
        summary=data.summary,
        suspects=data.suspects,
        figures=pictures(data, specs) if data.figures and specs else {},
    )
