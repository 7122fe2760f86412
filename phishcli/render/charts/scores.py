"""Charts of scores: the curves, the intervals, the distribution of probabilities, the calibration.

A chart that the slider of the page moves reads a named data set: ``live`` (where the threshold is), ``scores`` (rows by
score).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phishcli.documents.metrics import CountsByThreshold
from phishcli.documents.sections import MetricInfo
from phishcli.render.assemble import ReportData
from phishcli.render.charts.parts import (
    INK,
    Drawn,
    Rows,
    Spec,
    chart_of,
    color_of,
    rows_of,
    strength_of,
    x_axis,
    y_axis,
)

if TYPE_CHECKING:
    import altair as alt

SIZE = 330
COLUMNS = 3
SHOWN = ("accuracy", "recall", "fpr", "f1", "mcc", "roc_auc")
"""Metrics in the chart of intervals; the table has all of them."""
BINS = 40
"""Bars of the distribution of scores."""
POSITIVE, NEGATIVE = "#c8504f", "#3b82c4"


def roc(data: ReportData) -> Drawn:
    """Detected positives against false alarms."""
    classes = data.summary.classes
    return _curves(
        data,
        {name: (each.curves.roc.fpr, each.curves.roc.tpr) for name, each in data.metrics.items()},
        ("fpr", "recall"),
        (f"Share of {classes.negative.name} {classes.noun} with a false alarm", _detected(data)),
        chance=(0, 1),
    )


def precision_recall(data: ReportData) -> Drawn:
    """The share of alarms that are true, against detected positives."""
    evaluation = data.summary.selected.evaluation
    share = evaluation.n_positive / evaluation.n
    return _curves(
        data,
        {name: (each.curves.pr.recall, each.curves.pr.precision) for name, each in data.metrics.items()},
        ("recall", "precision"),
        (_detected(data), "Share of alarms that are true"),
        chance=(share, share),
    )


def _detected(data: ReportData) -> str:
    classes = data.summary.classes
    return f"Share of {classes.positive.name} {classes.noun} detected"


def _curves(
    data: ReportData,
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    point: tuple[str, str],
    titles: tuple[str, str],
    *,
    chance: tuple[float, float],
) -> Drawn:
    """One curve per model, a dot at its threshold, a ring that the slider moves, a dashed line for chance."""
    import altair as alt

    lines = [
        {"model": name, "x": x, "y": y, "at": position}
        for name, curve in curves.items()
        for position, (x, y) in enumerate(zip(*curve, strict=True))
    ]
    scores = {name: metrics.metrics for name, metrics in data.metrics.items()}
    dots = [{"model": n, "x": s[point[0]].value, "y": s[point[1]].value} for n, s in scores.items()]
    x, y = ("x", titles[0]), ("y", titles[1])
    color = color_of(data, legend=alt.Legend(title=None, orient="bottom", columns=2))
    guide = chart_of([{"x": side, "y": height} for side, height in enumerate(chance)])
    live = alt.Chart(alt.NamedData("live")).mark_point(size=190, strokeWidth=2.5, color=INK)
    return alt.layer(
        guide.mark_line(color=INK, opacity=0.45, strokeDash=[4, 4]).encode(x_axis(x), y_axis(y)),
        chart_of(lines)
        .mark_line(strokeWidth=1.8)
        .encode(x_axis(x), y_axis(y), color, alt.Order("at:Q"), opacity=strength_of(data)),
        chart_of(dots).mark_point(size=50, filled=True, opacity=1).encode(x_axis(x), y_axis(y), color),
        live.encode(alt.X(f"{point[0]}:Q"), alt.Y(f"{point[1]}:Q")),
        width=SIZE,
        height=SIZE,
        datasets={"live": []},
    )


def intervals(data: ReportData) -> alt.ConcatChart:
    """One small panel per metric: a dot for the score and a line for its interval, a row per model."""
    import altair as alt

    panels = [_panel(data, metric) for metric in data.summary.metrics if metric.name in SHOWN]
    return alt.concat(*panels, columns=COLUMNS, spacing=24)


def _panel(data: ReportData, metric: MetricInfo) -> Drawn:
    import altair as alt

    models = list(data.summary.ranked)
    scores = {name: each.metrics[metric.name] for name, each in data.metrics.items()}
    dots = [row for name, score in scores.items() for row in rows_of([score], model=name)]
    lines = [row for name, score in scores.items() if score.has_interval for row in rows_of([score], model=name)]
    look: Spec = {"title": None, "scale": alt.Scale(zero=False), "axis": alt.Axis(tickCount=3, labelOverlap=True)}
    bare = alt.Axis(ticks=False, domain=False, grid=False)
    y, color = alt.Y("model:N", sort=models, title=None, axis=bare), color_of(data, legend=None)
    return alt.layer(
        chart_of(lines).mark_rule(strokeWidth=2).encode(alt.X("low:Q", **look), alt.X2("high:Q"), y, color),
        chart_of(dots).mark_point(size=55, filled=True, opacity=1).encode(alt.X("value:Q", **look), y, color),
        width=170,
        height=20 * len(models),
        title=metric.label + ("" if metric.higher_is_better else " (lower is better)"),
    )


def distribution(data: ReportData) -> Drawn:
    """How many rows of either class have which score, and where the threshold is."""
    import altair as alt

    classes = [data.summary.classes.positive.name, data.summary.classes.negative.name]
    metrics = data.metrics[data.summary.selection.model]
    line = alt.Chart(alt.NamedData("live")).mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=2)
    return alt.layer(
        _bars(classes),
        line.encode(alt.X("threshold:Q")),
        width=620,
        height=190,
        datasets={"scores": binned(metrics.counts_by_threshold, classes), "live": [{"threshold": metrics.threshold}]},
    )


def _bars(classes: Sequence[str]) -> Any:
    import altair as alt

    return (
        alt.Chart(alt.NamedData("scores"))
        .mark_bar(opacity=0.65)
        .encode(
            alt.X("from:Q", title="Probability of the positive class", scale=alt.Scale(domain=[0, 1])),
            alt.X2("to:Q"),
            alt.Y("rows:Q", title="Test rows", stack=None),
            alt.Y2Datum(0),
            alt.Color(
                "class:N",
                scale=alt.Scale(domain=classes, range=[POSITIVE, NEGATIVE]),
                legend=alt.Legend(title=None, orient="top"),
            ),
        )
    )


def binned(counts: CountsByThreshold, classes: Sequence[str]) -> Rows:
    """Turn rows flagged per threshold into rows per interval of the score; the last one includes a score of 1."""
    width = (len(counts.tp) - 1) // BINS
    rows = []
    for name, flagged in zip(classes, (counts.tp, counts.fp), strict=True):
        edges = [*flagged[: BINS * width : width], 0]
        rows += [
            {"class": name, "from": at / BINS, "to": (at + 1) / BINS, "rows": edges[at] - edges[at + 1]}
            for at in range(BINS)
        ]
    return rows


def calibration(data: ReportData) -> Drawn:
    """What was predicted against what happened, for all models; intervals for the selected one."""
    import altair as alt

    selected = data.summary.selection.model
    curves = {name: rows_of(each.calibration.curve, model=name) for name, each in data.metrics.items()}
    points, own = [row for rows in curves.values() for row in rows], curves[selected]
    x, y = ("predicted", "Predicted probability"), ("observed", "Share that is positive")
    color = color_of(data, legend=alt.Legend(title=None, orient="bottom", columns=2))
    strength = alt.condition(alt.datum.model == selected, alt.value(1), alt.value(0.35))
    return alt.layer(
        chart_of([{"predicted": side, "observed": side} for side in (0, 1)])
        .mark_line(color=INK, opacity=0.45, strokeDash=[4, 4])
        .encode(x_axis(x), y_axis(y)),
        chart_of(points).mark_line(strokeWidth=1.4).encode(x_axis(x), y_axis(y), color, opacity=strength),
        chart_of(own).mark_rule(strokeWidth=1.6).encode(x_axis(x), alt.Y("low:Q"), alt.Y2("high:Q"), color),
        chart_of(own).mark_point(size=45, filled=True, opacity=1).encode(x_axis(x), y_axis(y), color),
        width=SIZE,
        height=SIZE,
    )
