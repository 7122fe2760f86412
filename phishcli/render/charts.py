"""The charts of a report: Vega-Lite specifications, drawn as SVG by vl-convert where it is installed.

The specifications are plain dictionaries: to build and validate the same ones with Altair costs more time than to draw
them. Lines and letters take the colour of the text around them, so one drawing serves light and dark pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from phishcli.types import ReportData

INSTALL = 'pip install "phishcli[charts]"'
"""How to get charts."""

SIZE = 330
COLUMNS = 3
SHOWN = ("accuracy", "recall", "fpr", "f1", "mcc", "roc_auc")
"""Metrics in the chart of intervals; all of them stand in the table."""
PALETTE = ("#3b82c4", "#d9772b", "#3f9b62", "#c8504f", "#8a6fc0", "#a0764f", "#d069a8", "#7d8590", "#a3a02c", "#2ba3b0")
"""Colours of about the same lightness, readable on white and on black."""
INK = "currentColor"

Spec = dict[str, Any]

LOOK: Spec = {
    "background": "transparent",
    "font": "Arial, Helvetica, sans-serif",
    "view": {"stroke": None},
    "title": {"color": INK, "fontSize": 12, "anchor": "start"},
    "legend": {"labelColor": INK, "labelFontSize": 11, "symbolStrokeWidth": 3, "columnPadding": 28},
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
    """Whether the library that draws is installed."""
    return find_spec("vl_convert") is not None


def figures(data: ReportData) -> dict[str, str]:
    """Draw the charts.

    Parameters
    ----------
    data
        The report; ``curves`` holds per model ``roc`` (``fpr``, ``tpr``) and ``pr`` (``recall``, ``precision``).

    Returns
    -------
    dict of str to str
        SVG by name: ``roc``, ``precision_recall``, ``intervals``. The same data and versions give the same text.
        Empty when charts are not wanted or cannot be drawn.
    """
    if not (data.charts and charts_available()):
        return {}
    import vl_convert

    specs = {"roc": _roc(data), "precision_recall": _precision_recall(data), "intervals": _intervals(data)}
    return {name: vl_convert.vegalite_to_svg({**spec, "config": LOOK}) for name, spec in specs.items()}


def _roc(data: ReportData) -> Spec:
    negative, positive = (data.summary["classes"][side]["name"] for side in ("negative", "positive"))
    return _curves(
        data,
        ("roc", "fpr", "tpr"),
        ("fpr", "recall"),
        (f"Share of {negative} that raises an alarm", f"Share of {positive} that is caught"),
        chance=(0, 1),
    )


def _precision_recall(data: ReportData) -> Spec:
    positive = data.summary["classes"]["positive"]["name"]
    evaluation = data.summary["models"][data.summary["selection"]["model"]]["evaluation"]
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
) -> Spec:
    """One curve per model, a dot where its threshold lies, and a dashed line from one side to the other for chance."""
    kind, across, up = curve
    lines = [
        {"model": name, "x": x, "y": y, "at": position}
        for name, curves in data.curves.items()
        for position, (x, y) in enumerate(zip(curves[kind][across], curves[kind][up], strict=True))
    ]
    scores = {name: entry["evaluation"]["metrics"] for name, entry in data.summary["models"].items()}
    dots = [{"model": n, "x": s[point[0]]["value"], "y": s[point[1]]["value"]} for n, s in scores.items()]
    guide = [{"x": side, "y": height} for side, height in enumerate(chance)]
    place = {"x": _share("x", titles[0]), "y": _share("y", titles[1])}
    color = {"color": _color(data, legend={"title": None, "orient": "bottom", "columns": 2})}
    line = {"type": "line", "color": INK, "opacity": 0.45, "strokeDash": [4, 4]}
    return {
        "width": SIZE,
        "height": SIZE,
        "layer": [
            _layer(guide, line, place),
            _layer(lines, {"type": "line", "strokeWidth": 1.8}, {**place, **color, "order": _field("at")}),
            _layer(dots, {"type": "point", "size": 50, "filled": True, "opacity": 1}, {**place, **color}),
        ],
    }


def _intervals(data: ReportData) -> Spec:
    """One small panel per metric: a dot for the score and a line for its interval, a row per model."""
    panels = [_panel(data, metric) for metric in data.summary["metrics"] if metric["name"] in SHOWN]
    return {"concat": panels, "columns": COLUMNS, "spacing": 24}


def _panel(data: ReportData, metric: Mapping[str, Any]) -> Spec:
    models = data.summary["models"]
    scores = [{"model": n, **entry["evaluation"]["metrics"][metric["name"]]} for n, entry in models.items()]
    resampled = [score for score in scores if score["low"] is not None]
    bare = {"ticks": False, "domain": False, "grid": False}
    rows = {"field": "model", "type": "nominal", "sort": list(models), "title": None, "axis": bare}
    shared = {"y": rows, "color": _color(data, legend=None)}
    look = {"title": None, "scale": {"zero": False}, "axis": {"tickCount": 4}}
    span = {"x": _field("low") | look, "x2": {"field": "high"}}
    return {
        "width": 170,
        "height": 20 * len(models),
        "title": metric["label"] + ("" if metric["higher_is_better"] else " (lower is better)"),
        "layer": [
            _layer(resampled, {"type": "rule", "strokeWidth": 2}, {**span, **shared}),
            _layer(
                scores,
                {"type": "point", "size": 55, "filled": True, "opacity": 1},
                {"x": _field("value") | look, **shared},
            ),
        ],
    }


def _layer(values: list[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _field(name: str) -> Spec:
    return {"field": name, "type": "quantitative"}


def _share(name: str, title: str) -> Spec:
    axis = {"format": ".0%", "tickCount": 5}
    return {**_field(name), "title": title, "scale": {"domain": [0, 1]}, "axis": axis}


def _color(data: ReportData, *, legend: Spec | None) -> Spec:
    names = list(data.summary["models"])
    colors = [PALETTE[position % len(PALETTE)] for position in range(len(names))]
    return {"field": "model", "type": "nominal", "scale": {"domain": names, "range": colors}, "legend": legend}
