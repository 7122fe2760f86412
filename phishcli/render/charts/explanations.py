"""Charts of explanations: what the selected model relies on, and how its prediction varies with it."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING, TypeAlias

from phishcli.documents.explanations import DependencePoint
from phishcli.render.assemble import ReportData
from phishcli.render.charts.parts import INK, PALETTE, Drawn, Rows, chart_of, rows_of

if TYPE_CHECKING:
    import altair as alt

Panel: TypeAlias = "alt.Chart | alt.LayerChart | alt.FacetChart"

FEATURES = 12
"""Features in the charts of importance."""
MISSING = "missing"
HALF = 0.5
SHORT = "format(datum.value, '~s')"
"""Labels of an axis, each with a prefix of its own: 10, 1k, 1M; the format of an axis would give all the same one."""
PLAIN, THOUSAND = "format(datum.value, '~g')", 1000
"""Labels below a thousand have no prefix: 0.2, not 200m."""


def importance(data: ReportData) -> alt.ConcatChart | None:
    """What the selected model relies on: loss of ROC-AUC by shuffling, and contributions if it has them."""
    import altair as alt

    found = data.summary.selected.explanation
    if found is None:
        return None
    shuffled = [
        {"feature": each.feature, "drop": each.drop, "from": each.drop - each.std, "to": each.drop + each.std}
        for each in found.permutation
    ]
    panels = [_bars(shuffled, "drop", "Loss of ROC-AUC when shuffled", whiskers=True)]
    if found.contributions:
        panels.append(_bars(rows_of(found.contributions), "mean_abs", "Mean contribution in log odds"))
    return alt.concat(*panels, columns=2, spacing=30)


def _bars(rows: Rows, value: str, title: str, *, whiskers: bool = False) -> Drawn:
    import altair as alt

    shown = rows[:FEATURES]
    y = alt.Y("feature:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False))
    bars = chart_of(shown).mark_bar(color=PALETTE[0], opacity=0.8).encode(alt.X(f"{value}:Q", title=title), y)
    lines = chart_of(shown).mark_rule(color=INK, opacity=0.6).encode(alt.X("from:Q"), alt.X2("to:Q"), y)
    return alt.layer(bars, *([lines] if whiskers else []), width=240, height=20 * len(shown))


def dependence(data: ReportData) -> alt.ConcatChart | None:
    """How the prediction of the selected model varies with each of its most important features."""
    import altair as alt

    found = data.summary.selected.explanation
    curves = found.partial_dependence if found else {}
    panels = [_varies(feature, points) for feature, points in curves.items() if points]
    return alt.concat(*panels, columns=2, spacing=28) if panels else None


def _varies(feature: str, points: Sequence[DependencePoint]) -> Panel:
    """A line along numbers, bars for categories; the prediction for a missing value as a bar, or as a dashed line."""
    import altair as alt

    y = alt.Y("probability:Q", title="Mean probability", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=4))
    numbers = [(each.value, each.probability) for each in points if isinstance(each.value, int | float)]
    missing = [each.probability for each in points if each.value is None]
    chart = _along_numbers(numbers, missing, y) if numbers else _by_category(points, y)
    sized: Panel = chart.properties(width=250, height=130, title=feature)
    return sized


def _by_category(points: Sequence[DependencePoint], y: alt.Y) -> alt.Chart:
    import altair as alt

    x = alt.X("value:N", sort="-y", title=None, axis=alt.Axis(labelAngle=-40, labelLimit=90))
    rows: Rows = [
        {"value": MISSING if each.value is None else each.value, "probability": each.probability} for each in points
    ]
    chart: alt.Chart = chart_of(rows).mark_bar(color=PALETTE[0], opacity=0.8).encode(x, y)
    return chart


def _along_numbers(points: Sequence[tuple[float, float]], missing: Sequence[float], y: alt.Y) -> Panel:
    import altair as alt

    values = [value for value, _ in points]
    scale = alt.Scale(type="symlog") if _is_wide(values) else alt.Scale(zero=False)
    ticks = {"values": _powers(values)} if _is_wide(values) else {"tickCount": 5}
    short = SHORT if max(map(abs, values)) >= THOUSAND else PLAIN
    x = alt.X("value:Q", title=None, scale=scale, axis=alt.Axis(**ticks, labelExpr=short, labelOverlap=True))
    rows: Rows = [{"value": value, "probability": probability} for value, probability in points]
    line = chart_of(rows).mark_line(color=PALETTE[0], point=True).encode(x, y)
    return alt.layer(line, *_level(missing[0], values[0], y)) if missing else line


def _level(probability: float, left: float, y: alt.Y) -> list[alt.Chart]:
    """The prediction for a missing value, across the chart, with its name."""
    import altair as alt

    rows: Rows = [{"value": left, "probability": probability, "name": MISSING}]
    name = chart_of(rows).mark_text(align="left", dy=9 if probability > HALF else -7, color=PALETTE[1])
    return [
        chart_of(rows).mark_rule(color=PALETTE[1], strokeDash=[5, 4]).encode(y),
        name.encode(alt.X("value:Q"), y, alt.Text("name:N")),
    ]


def _powers(values: Sequence[float]) -> list[float]:
    """Powers of ten as ticks of a logarithmic axis, and zero if it is crossed; at most about five on either side."""
    most = max(map(abs, values))
    exponents = range(floor(log10(max(most, 1))) + 1)
    powers = [10.0**each for each in exponents[:: max(1, len(exponents) // 4)]]
    low, high = min(values), max(values)
    return [each for each in (*(-power for power in reversed(powers)), 0.0, *powers) if low <= each <= high]


def _is_wide(values: Sequence[float]) -> bool:
    """Whether the largest value is far from the middle one, so that a logarithmic axis shows more."""
    ascending = sorted(map(abs, values))
    return ascending[-1] > 20 * max(ascending[len(ascending) // 2], 1)
