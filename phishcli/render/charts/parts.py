"""What the charts share: colors, axes, and the look of all of them.

Lines and letters take the color of the text around them, so one chart serves light and dark pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from phishcli.documents.base import Part, plain_of
from phishcli.render.assemble import ReportData

if TYPE_CHECKING:
    import altair as alt

PALETTE = (
    *("#3b82c4", "#d9772b", "#3f9b62", "#c8504f", "#8a6fc0", "#a0764f", "#d069a8", "#7d8590", "#a3a02c", "#2ba3b0"),
    *("#6b5bd6", "#c9a227", "#7a9e3d", "#e0807a", "#4f9c94", "#b05fc2"),
)
"""Colors of about the same lightness, readable on white and on black."""
FEW = 5
"""Models whose lines can all be followed; of more, that of the selected one stands out."""
INK = "currentColor"

Drawn: TypeAlias = "alt.LayerChart | alt.FacetChart"
Spec = dict[str, Any]
Rows = list[dict[str, Any]]

LOOK: Spec = {
    "background": "transparent",
    "font": "Arial, Helvetica, sans-serif",
    "view": {"stroke": None},
    "title": {"color": INK, "fontSize": 12, "anchor": "start"},
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "symbolStrokeWidth": 3, "columnPadding": 28},
    "axis": {
        **dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor", "gridColor"), INK),
        "gridOpacity": 0.12,
        "domainOpacity": 0.3,
        "tickOpacity": 0.3,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
}


def rows_of(parts: Iterable[Part], **more: Any) -> Rows:
    """Pieces of a document as rows of a chart, each with ``more``."""
    return [{**more, **plain_of(part)} for part in parts]


def chart_of(values: Rows) -> alt.Chart:
    """A chart of these rows, to be marked and encoded."""
    import altair as alt

    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]  # Altair's schema is not annotated


def x_axis(field: tuple[str, str]) -> alt.X:
    """An axis of shares from 0 to 1, for the field and title given."""
    import altair as alt

    return alt.X(f"{field[0]}:Q", title=field[1], **_axis())


def y_axis(field: tuple[str, str]) -> alt.Y:
    """An axis of shares from 0 to 1, for the field and title given."""
    import altair as alt

    return alt.Y(f"{field[0]}:Q", title=field[1], **_axis())


def _axis() -> Spec:
    import altair as alt

    return {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format=".0%", tickCount=5)}


def strength_of(data: ReportData) -> Any:
    """How strongly the line of a model is drawn: all of a few alike, of many the selected one above the others."""
    import altair as alt

    selected, others = data.summary.selection.model, 1.0 if len(data.summary.models) <= FEW else 0.4
    return alt.condition(alt.datum.model == selected, alt.value(1), alt.value(others))


def color_of(data: ReportData, *, legend: alt.Legend | None) -> alt.Color:
    """A color for each model, the same in all charts."""
    import altair as alt

    names = list(data.summary.models)
    colors = [PALETTE[position % len(PALETTE)] for position in range(len(names))]
    return alt.Color("model:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
