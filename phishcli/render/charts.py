"""The charts of a report, declared with Vega-Altair; the page draws them, vl-convert draws them as files.

Lines and letters take the colour of the text around them, so one chart serves light and dark pages. A chart that the
slider of the page moves reads a named data set: ``live`` (where the threshold is), ``scores`` (rows by score).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from phishcli.types import ReportData

if TYPE_CHECKING:
    import altair as alt

INSTALL = 'pip install "phishcli[charts]"'
"""How to get charts."""

SIZE = 330
COLUMNS = 3
SHOWN = ("accuracy", "recall", "fpr", "f1", "mcc", "roc_auc")
"""Metrics in the chart of intervals; all of them stand in the table."""
FEATURES = 12
"""Features in the charts of importance."""
BINS = 40
"""Bars of the distribution of scores."""
PALETTE = ("#3b82c4", "#d9772b", "#3f9b62", "#c8504f", "#8a6fc0", "#a0764f", "#d069a8", "#7d8590", "#a3a02c", "#2ba3b0")
"""Colours of about the same lightness, readable on white and on black."""
POSITIVE, NEGATIVE = "#c8504f", "#3b82c4"
INK = "currentColor"
MISSING = "missing"
HALF = 0.5

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


def charts_available() -> bool:
    """Whether the libraries that draw are installed."""
    return all(find_spec(name) is not None for name in ("altair", "vl_convert"))


def charts(data: ReportData) -> dict[str, Spec]:
    """Declare the charts.

    Parameters
    ----------
    data
        The report.

    Returns
    -------
    dict
        Vega-Lite specifications by name; those that have nothing to show are left out, and all where charts are not
        wanted or cannot be drawn. The same data and versions give the same specifications.
    """
    if not (data.charts and charts_available()):
        return {}
    made = {
        "roc": _roc(data),
        "precision_recall": _precision_recall(data),
        "intervals": _intervals(data),
        "distribution": _distribution(data),
        "calibration": _calibration(data),
        "importance": _importance(data),
        "dependence": _dependence(data),
    }
    return {
        name: {**chart.to_dict(validate=False), "config": LOOK} for name, chart in made.items() if chart is not None
    }


def pictures(data: ReportData, specs: Mapping[str, Spec]) -> dict[str, str | bytes]:
    """Draw charts as SVG and PNG (on white), by file name, with the ring at the threshold in use."""
    import vl_convert

    made: dict[str, str | bytes] = {}
    scores = _chosen(data)["evaluation"]["metrics"]
    live = {name: scores[name]["value"] for name in ("recall", "fpr", "precision")}
    live["threshold"] = _chosen(data)["evaluation"]["threshold"]
    for name, given in specs.items():
        spec = {**given, "datasets": {**given["datasets"], "live": [live]}} if "datasets" in given else given
        plain = {**spec, "config": {**_black(LOOK), "background": "white"}}
        made[f"{name}.svg"] = vl_convert.vegalite_to_svg(_black(plain))
        made[f"{name}.png"] = vl_convert.vegalite_to_png(_black(plain), scale=2)
    return made


def _black(spec: Any) -> Any:
    """The same with black in place of the colour of the surrounding text, which a file has not."""
    if isinstance(spec, dict):
        return {key: _black(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_black(value) for value in spec]
    return "#1b2430" if spec == INK else spec


def _roc(data: ReportData) -> Drawn:
    negative, positive = (data.summary["classes"][side]["name"] for side in ("negative", "positive"))
    return _curves(
        data,
        ("roc", "fpr", "tpr"),
        ("fpr", "recall"),
        (f"Share of {negative} that raises an alarm", f"Share of {positive} that is caught"),
        chance=(0, 1),
    )


def _precision_recall(data: ReportData) -> Drawn:
    positive = data.summary["classes"]["positive"]["name"]
    evaluation = _chosen(data)["evaluation"]
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
    x, y = _share("x", titles[0]), _share("y", titles[1])
    color = _color(data, legend=alt.Legend(title=None, orient="bottom", columns=2))
    guide = _rows([{"x": side, "y": height} for side, height in enumerate(chance)])
    live = alt.Chart(alt.NamedData("live")).mark_point(size=190, strokeWidth=2.5, color=INK)
    return alt.layer(
        guide.mark_line(color=INK, opacity=0.45, strokeDash=[4, 4]).encode(_x(x), _y(y)),
        _rows(lines).mark_line(strokeWidth=1.8).encode(_x(x), _y(y), color, alt.Order("at:Q")),
        _rows(dots).mark_point(size=50, filled=True, opacity=1).encode(_x(x), _y(y), color),
        live.encode(alt.X(f"{point[0]}:Q"), alt.Y(f"{point[1]}:Q")),
        width=SIZE,
        height=SIZE,
        datasets={"live": []},
    )


def _distribution(data: ReportData) -> Drawn:
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


def _calibration(data: ReportData) -> Drawn:
    """What was predicted against what happened, for all models; intervals for the selected one."""
    import altair as alt

    chosen = data.summary["selection"]["model"]
    curves = {name: entry["evaluation"]["calibration"]["curve"] for name, entry in data.summary["models"].items()}
    points = [{"model": name, **each} for name, curve in curves.items() for each in curve]
    x, y = _share("predicted", "Predicted probability"), _share("observed", "Share that is positive")
    color = _color(data, legend=alt.Legend(title=None, orient="bottom", columns=2))
    own = alt.datum.model == chosen
    strength = alt.condition(own, alt.value(1), alt.value(0.35))
    return alt.layer(
        _rows([{"predicted": side, "observed": side} for side in (0, 1)])
        .mark_line(color=INK, opacity=0.45, strokeDash=[4, 4])
        .encode(_x(x), _y(y)),
        _rows(points).mark_line(strokeWidth=1.4).encode(_x(x), _y(y), color, opacity=strength),
        _rows([point for point in points if point["model"] == chosen])
        .mark_rule(strokeWidth=1.6)
        .encode(_x(x), alt.Y("low:Q"), alt.Y2("high:Q"), color),
        _rows([point for point in points if point["model"] == chosen])
        .mark_point(size=45, filled=True, opacity=1)
        .encode(_x(x), _y(y), color),
        width=SIZE,
        height=SIZE,
    )


def _intervals(data: ReportData) -> alt.ConcatChart:
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
    y, color = alt.Y("model:N", sort=list(models), title=None, axis=bare), _color(data, legend=None)
    return alt.layer(
        _rows([score for score in scores if score["low"] is not None])
        .mark_rule(strokeWidth=2)
        .encode(alt.X("low:Q", **look), alt.X2("high:Q"), y, color),
        _rows(scores).mark_point(size=55, filled=True, opacity=1).encode(alt.X("value:Q", **look), y, color),
        width=170,
        height=20 * len(models),
        title=metric["label"] + ("" if metric["higher_is_better"] else " (lower is better)"),
    )


def _importance(data: ReportData) -> alt.HConcatChart | None:
    """What the selected model looks at: loss of ROC-AUC by shuffling, and contributions where it has them."""
    import altair as alt

    found = _chosen(data)["explanation"]
    if not found:
        return None
    panels = [_bars(found["permutation"], "drop", "Loss of ROC-AUC when shuffled", "std")]
    if found["contributions"]:
        panels.append(_bars(found["contributions"], "mean_abs", "Mean contribution in log odds"))
    return alt.hconcat(*panels, spacing=30)


def _bars(rows: Rows, value: str, title: str, spread: str | None = None) -> Drawn:
    import altair as alt

    shown = [
        {**row, "to": row[value] + row[spread], "from": row[value] - row[spread]} if spread else row for row in rows
    ]
    shown = shown[:FEATURES]
    y = alt.Y("feature:N", sort=[row["feature"] for row in shown], title=None, axis=alt.Axis(domain=False, ticks=False))
    bars = _rows(shown).mark_bar(color=PALETTE[0], opacity=0.8).encode(alt.X(f"{value}:Q", title=title), y)
    whiskers = _rows(shown).mark_rule(color=INK, opacity=0.6).encode(alt.X("from:Q"), alt.X2("to:Q"), y)
    return alt.layer(bars, *([whiskers] if spread else []), width=240, height=20 * len(shown))


def _dependence(data: ReportData) -> alt.ConcatChart | None:
    """How the answer of the selected model moves with each of the features at the top."""
    import altair as alt

    found = _chosen(data)["explanation"]
    if not found or not any(found["partial_dependence"].values()):
        return None
    panels = [_moves(feature, points) for feature, points in found["partial_dependence"].items() if points]
    return alt.concat(*panels, columns=2, spacing=28)


def _moves(feature: str, points: Rows) -> alt.Chart | alt.LayerChart:
    """A line along numbers, bars of categories; what a missing value makes of it as a bar, or as a dashed line."""
    import altair as alt

    y = alt.Y("probability:Q", title="Mean probability", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=4))
    known = [point for point in points if point["value"] is not None]
    missing = [point for point in points if point["value"] is None]
    if not known or isinstance(known[0]["value"], str):
        x = alt.X("value:N", sort="-y", title=None, axis=alt.Axis(labelAngle=-40, labelLimit=90))
        named = [*known, *({**point, "value": MISSING} for point in missing)]
        chart = _rows(named).mark_bar(color=PALETTE[0], opacity=0.8).encode(x, y)
    else:
        scale = alt.Scale(type="symlog") if _wide(known) else alt.Scale(zero=False)
        x = alt.X("value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5, format="~s"))
        line = _rows(known).mark_line(color=PALETTE[0], point=True).encode(x, y)
        chart = alt.layer(line, *_level(missing, known[0]["value"], y)) if missing else line
    sized: alt.Chart | alt.LayerChart = chart.properties(width=250, height=130, title=feature)
    return sized


def _level(missing: Rows, left: float, y: alt.Y) -> list[alt.Chart]:
    """The answer where the value is missing, across the chart, with its name."""
    import altair as alt

    rows = [{**point, "value": left, "name": MISSING} for point in missing]
    name = _rows(rows).mark_text(align="left", dy=9 if rows[0]["probability"] > HALF else -7, color=PALETTE[1])
    return [
        _rows(rows).mark_rule(color=PALETTE[1], strokeDash=[5, 4]).encode(y),
        name.encode(alt.X("value:Q"), y, alt.Text("name:N")),
    ]


def _wide(points: Rows) -> bool:
    """Whether the greatest value is far from the middle one, so that a logarithmic axis shows more."""
    values = sorted(abs(point["value"]) for point in points)
    return bool(values[-1] > 20 * max(values[len(values) // 2], 1))


def _chosen(data: ReportData) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = data.summary["models"][data.summary["selection"]["model"]]
    return entry


def _rows(values: Rows) -> alt.Chart:
    import altair as alt

    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]  # Altair's schema is not annotated


def _share(name: str, title: str) -> tuple[str, str]:
    return f"{name}:Q", title


def _axis() -> Spec:
    import altair as alt

    return {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format=".0%", tickCount=5)}


def _x(field: tuple[str, str]) -> alt.X:
    import altair as alt

    return alt.X(field[0], title=field[1], **_axis())


def _y(field: tuple[str, str]) -> alt.Y:
    import altair as alt

    return alt.Y(field[0], title=field[1], **_axis())


def _color(data: ReportData, *, legend: alt.Legend | None) -> alt.Color:
    import altair as alt

    names = list(data.summary["models"])
    colors = [PALETTE[position % len(PALETTE)] for position in range(len(names))]
    return alt.Color("model:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
