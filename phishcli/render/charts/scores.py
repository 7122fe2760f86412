"""Charts of scores: the curves, the intervals, the distribution of probabilities, the calibration.

A chart that the slider of the page moves reads a named data set: ``live`` (where the threshold is), ``scores`` (rows by
score).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phishcli.render.charts.parts import INK, Drawn, Rows, Spec, chart_of, chosen, color_of, x_axis, y_axis
from phishcli.types import ReportData

if TYPE_CHECKING:
    import altair as alt

SIZE = 330
COLUMNS = 3
SHOWN = ("accuracy", "recall", "fpr", "f1", "mcc", "roc_auc")
"""Metrics in the chart of intervals; all of them stand in the table."""
BINS = 40
"""Bars of the distribution of scores."""
POSITIVE, NEGATIVE = "#c8504f", "#3b82c4"


def roc(data: ReportData) -> Drawn:
    """What is caught against what raises a false alarm."""
    negative, positive = (data.summary["classes"][side]["name"] for side in ("negative", "positive"))
    return _curves(
        data,
        ("roc", "fpr", "tpr"),
        ("fpr", "recall"),
        (f"Share of {negative} that raises an alarm", f"Share of {positive} that is caught"),
        chance=(0, 1),
    )


def precision_recall(data: ReportData) -> Drawn:
    """How many of the alarms are right, against what is caught."""
    positive = data.summary["classes"]["positive"]["name"]
    evaluation = chosen(data)["evaluation"]
    portion = evaluation["n_positive"] / evaluation["n"]
    return _curves(
        data,
        ("pr", "recall", "precision"),
        ("recall", "precision"),
        (f"Share of {positive} that is caught", "Share of alarms that are right"),
        chance=(portion, portion),
    )


def _curves(
    data: ReportData,
    curve: tuple[str, str, str],
    point: tuple[str, str],
    titles: tuple[str, str],
    *,
    chance: tuple[float, float],
) -> Drawn:
    """One curve per model, a dot where its threshold lies, a ring that the slider moves, a dashed line for chance."""
    import altair as alt

    kind, across, up = curve
    lines = [
        {"model": name, "x": x, "y": y, "at": position}
        for name, curves in data.curves.items()
        for position, (x, y) in enumerate(zip(curves[kind][across], curves[kind][up], strict=True))
    ]
    scores = {name: entry["evaluation"]["metrics"] for name, entry in data.summary["models"].items()}
    dots = [{"model": n, "x": s[point[0]]["value"], "y": s[point[1]]["value"]} for n, s in scores.items()]
    x, y = ("x", titles[0]), ("y", titles[1])
    color = color_of(data, legend=alt.Legend(title=None, orient="bottom", columns=2))
    guide = chart_of([{"x": side, "y": height} for side, height in enumerate(chance)])
    live = alt.Chart(alt.NamedData("live")).mark_point(size=190, strokeWidth=2.5, color=INK)
    return alt.layer(
        guide.mark_line(color=INK, opacity=0.45, strokeDash=[4, 4]).encode(x_axis(x), y_axis(y)),
        chart_of(lines).mark_line(strokeWidth=1.8).encode(x_axis(x), y_axis(y), color, alt.Order("at:Q")),
        chart_of(dots).mark_point(size=50, filled=True, opacity=1).encode(x_axis(x), y_axis(y), color),
        live.encode(alt.X(f"{point[0]}:Q"), alt.Y(f"{point[1]}:Q")),
        width=SIZE,
        height=SIZE,
        datasets={"live": []},
    )


def intervals(data: ReportData) -> alt.ConcatChart:
    """One small panel per metric: a dot for the score and a line for its interval, a row per model."""
    import altair as alt

    panels = [_panel(data, metric) for metric in data.summary["metrics"] if metric["name"] in SHOWN]
    return alt.concat(*panels, columns=COLUMNS, spacing=24)


def _panel(data: ReportData, metric: Mapping[str, Any]) -> Drawn:
    import altair as alt

    models = data.summary["models"]
    scores = [
        {"model": n, **{key: entry["evaluation"]["metrics"][metric["name"]][key] for key in ("value", "low", "high")}}
        for n, entry in models.items()
    ]
    look: Spec = {"title": None, "scale": alt.Scale(zero=False), "axis": alt.Axis(tickCount=3, labelOverlap=True)}
    bare = alt.Axis(ticks=False, domain=False, grid=False)
    y, color = alt.Y("model:N", sort=list(models), title=None, axis=bare), color_of(data, legend=None)
    return alt.layer(
        chart_of([score for score in scores if score["low"] is not None])
        .mark_rule(strokeWidth=2)
        .encode(alt.X("low:Q", **look), alt.X2("high:Q"), y, color),
        chart_of(scores).mark_point(size=55, filled=True, opacity=1).encode(alt.X("value:Q", **look), y, color),
        width=170,
        height=20 * len(models),
        title=metric["label"] + ("" if metric["higher_is_better"] else " (lower is better)"),
    )


def distribution(data: ReportData) -> Drawn:
    """How many rows of either class have which score, and where the threshold lies."""
    import altair as alt

    name = data.summary["selection"]["model"]
    classes = [data.summary["classes"][side]["name"] for side in ("positive", "negative")]
    threshold = data.summary["models"][name]["evaluation"]["threshold"]
    bars = (
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
    line = alt.Chart(alt.NamedData("live")).mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=2)
    return alt.layer(
        bars,
        line.encode(alt.X("threshold:Q")),
        width=620,
        height=190,
        datasets={"scores": binned(data.curves[name]["steps"], classes), "live": [{"threshold": threshold}]},
    )


def binned(steps: Mapping[str, Sequence[float]], classes: Sequence[str]) -> Rows:
    """Turn rows per threshold into rows per interval of the score; the last one holds a score of 1."""
    width = (len(steps["tp"]) - 1) // BINS
    return [
        {
            "class": name,
            "from": position / BINS,
            "to": (position + 1) / BINS,
            "rows": steps[cell][position * width] - (steps[cell][(position + 1) * width] if position + 1 < BINS else 0),
        }
        for name, cell in zip(classes, ("tp", "fp"), strict=True)
        for position in range(BINS)
    ]


def calibration(data: ReportData) -> Drawn:
    """What was predicted against what happened, for all models; intervals for the selected one."""
    import altair as alt

    selected = data.summary["selection"]["model"]
    curves = {name: entry["evaluation"]["calibration"]["curve"] for name, entry in data.summary["models"].items()}
    points = [{"model": name, **each} for name, curve in curves.items() for each in curve]
    x, y = ("predicted", "Predicted probability"), ("observed", "Share that is positive")
    color = color_of(data, legend=alt.Legend(title=None, orient="bottom", columns=2))
    own = alt.datum.model == selected
    strength = alt.condition(own, alt.value(1), alt.value(0.35))
    return alt.layer(
        chart_of([{"predicted": side, "observed": side} for side in (0, 1)])
        .mark_line(color=INK, opacity=0.45, strokeDash=[4, 4])
        .encode(x_axis(x), y_axis(y)),
        chart_of(points).mark_line(strokeWidth=1.4).encode(x_axis(x), y_axis(y), color, opacity=strength),
        chart_of([point for point in points if point["model"] == selected])
        .mark_rule(strokeWidth=1.6)
        .encode(x_axis(x), alt.Y("low:Q"), alt.Y2("high:Q"), color),
        chart_of([point for point in points if point["model"] == selected])
        .mark_point(size=45, filled=True, opacity=1)
        .encode(x_axis(x), y_axis(y), color),
        width=SIZE,
        height=SIZE,
    )
