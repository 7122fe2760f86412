"""The chart of models under attack: the recall that is left by what a change may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.render.assemble import ReportData
from phishcli.render.charts.parts import Drawn, Rows, chart_of, color_of, y_axis

if TYPE_CHECKING:
    import altair as alt

    from phishcli.documents.evasion import Evasion

WIDTH, HEIGHT = 560, 260
SEARCHED, CERTIFIED = "found by the search", "certified"
FURTHEST = 30
"""The budget at the right end; the table has what is left at any price."""


def curves(data: ReportData) -> Drawn | None:
    """A line of what the search left and a broken line of what is certified for each model."""
    import altair as alt

    if data.summary.evasion is None:
        return None
    rows = [row for each in data.summary.evasion.models for row in _points(each)]
    x = alt.X("budget:Q", title="Attack budget", scale=alt.Scale(domain=[0, FURTHEST]))
    kind = alt.StrokeDash("kind:N", title=None, scale=alt.Scale(domain=[SEARCHED, CERTIFIED], range=[[1, 0], [5, 4]]))
    line = chart_of(rows).mark_line(interpolate="step-after", strokeWidth=2)
    drawn = line.encode(x, y_axis(("recall", "Remaining recall")), color_of(data, legend=_legend()), kind)
    return alt.layer(drawn, width=WIDTH, height=HEIGHT)


def _legend() -> alt.Legend:
    import altair as alt

    return alt.Legend(title=None, orient="bottom", columns=3)


def _points(found: Evasion) -> Rows:
    points = [point for point in found.curve if point.budget is not None and point.budget <= FURTHEST]
    rows: Rows = [
        {"model": found.model, "budget": each.budget, "recall": each.recall, "kind": SEARCHED} for each in points
    ]
    sure = [each for each in points if each.certified is not None]
    return rows + [
        {"model": found.model, "budget": each.budget, "recall": each.certified, "kind": CERTIFIED} for each in sure
    ]
