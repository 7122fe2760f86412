"""The charts of a report, declared with Vega-Altair; the page draws them, vl-convert draws them as files."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from typing import Any

from phishcli.render.assemble import ReportData
from phishcli.render.charts import evasion, explanations, scores
from phishcli.render.charts.parts import INK, LOOK, Spec

INSTALL = 'pip install "phishcli[charts]"'
"""How to get charts."""
EXPOSE = "window.vegaEmbed = vegaEmbed;"
"""What the bundle of the Vega libraries ends with."""


def charts_available() -> bool:
    """Whether the libraries that draw are installed."""
    return all(find_spec(name) is not None for name in ("altair", "vl_convert"))


def charts(data: ReportData) -> dict[str, Spec]:
    """Declare the charts.

    Returns
    -------
    dict
        Vega-Lite specifications by name; those that have nothing to show are left out, and all where charts are not
        wanted or cannot be drawn. The same data and versions give the same specifications.
    """
    if not (data.charts and charts_available()):
        return {}
    with ThreadPoolExecutor(1) as beside:
        beside.submit(libraries)  # which lets go of the interpreter, while Altair is imported
        return _declared(data)


def _declared(data: ReportData) -> dict[str, Spec]:
    made = {
        "roc": scores.roc(data),
        "precision_recall": scores.precision_recall(data),
        "intervals": scores.intervals(data),
        "distribution": scores.distribution(data),
        "calibration": scores.calibration(data),
        "importance": explanations.importance(data),
        "dependence": explanations.dependence(data),
        "evasion": evasion.curves(data),
    }
    return {
        name: {**chart.to_dict(validate=False), "config": LOOK} for name, chart in made.items() if chart is not None
    }


@cache
def libraries() -> str:
    """The Vega libraries that draw the charts on a page, as one script; bundling them takes a second."""
    import vl_convert

    return str(vl_convert.javascript_bundle(EXPOSE))


def pictures(data: ReportData, specs: Mapping[str, Spec]) -> dict[str, str | bytes]:
    """Draw charts as SVG and PNG (on white), by file name, with the ring at the threshold in use."""
    import vl_convert

    made: dict[str, str | bytes] = {}
    evaluation = data.summary.selected.evaluation
    live = {name: evaluation.metrics[name].value for name in ("recall", "fpr", "precision")}
    live["threshold"] = evaluation.threshold
    for name, given in specs.items():
        spec = {**given, "datasets": {**given["datasets"], "live": [live]}} if "datasets" in given else given
        plain = {**spec, "config": {**_black(LOOK), "background": "white"}}
        made[f"{name}.svg"] = vl_convert.vegalite_to_svg(_black(plain))
        made[f"{name}.png"] = vl_convert.vegalite_to_png(_black(plain), scale=2)
    return made


def _black(spec: Any) -> Any:
    """The same with black for the color of the surrounding text, which a file does not have."""
    if isinstance(spec, dict):
        return {key: _black(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_black(value) for value in spec]
    return "#1b2430" if spec == INK else spec
