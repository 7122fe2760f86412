"""The report as one page that opens without a network: its style, its charts and its numbers are all inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import convert

from phishcli.documents.training import SearchSummary
from phishcli.evaluation.operation import never_seen
from phishcli.render import facts, formats, search, words
from phishcli.render.audit import explained, verdict
from phishcli.render.charts import INSTALL, libraries
from phishcli.render.charts.scores import BINS
from phishcli.types import ReportData
from phishcli.wording import listed

TEMPLATE, SCRIPT = "report.html", "report.js"
LEADING = 3
"""Features named in a sentence, if each matters at least `PART` as much as the first."""
PART = 0.2

Summary = Mapping[str, Any]


def page(data: ReportData, charts: Mapping[str, Any]) -> str:
    """Write the report as a page.

    Parameters
    ----------
    data
        The report.
    charts
        Vega-Lite specifications by name, from `phishcli.render.charts.charts`; may be empty.

    Returns
    -------
    str
        A complete HTML document; the same data gives the same text.
    """
    summary, chosen = data.summary, words.selected(data.summary)
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            s=summary,
            chosen=chosen,
            sections=list(_sections(summary)),
            charts=charts,
            missing_charts=_missing_charts(data, charts),
            headline=words.headline(summary),
            cautions=words.cautions(summary),
            small_print=words.small_print(summary),
            gap_explained=explained(summary["gap"], chosen["evaluation"]["bootstrap"]["confidence"])
            if summary["gap"]
            else "",
            gap_verdict=verdict(summary["gap"]) if summary["gap"] else "",
            in_operation=words.in_operation(summary),
            confidence=words.confidence(summary),
            by_label=next(each["label"] for each in summary["metrics"] if each["name"] == summary["selection"]["by"]),
            best_cv=facts.best_cv(summary["selection"]),
            data_facts=facts.about_data(summary),
            segment_tables=list(_segments(summary)),
            searches=[
                (name, convert(tuned, SearchSummary))
                for name, entry in summary["models"].items()
                if (tuned := entry["training"]["tuned"])
            ],
            effort=search.effort,
            margin=search.margin,
            leading=_leading(chosen),
            page_data=_embedded(_page_data(data, charts)),
            bundle=_script(libraries()) if charts else None,
            script=_script(files("phishcli.render").joinpath(SCRIPT).read_text(encoding="utf-8")),
        )
    )


def _sections(summary: Summary) -> Iterator[tuple[str, str]]:
    yield from (("summary", "Summary"), ("audit", "Audit"), ("comparison", "Comparison"))
    yield from (("threshold-section", "Threshold"), ("calibration", "Calibration"))
    if words.selected(summary)["explanation"]:
        yield "explanation", "Explanation"
    if summary["segments"]["rows"]:
        yield "segments", "Segments"
    if any(entry["training"]["tuned"] for entry in summary["models"].values()):
        yield "search", "Search"
    yield from (("models", "Models"), ("data", "Data"), ("run", "Run details"))


def _missing_charts(data: ReportData, charts: Mapping[str, Any]) -> str:
    if charts:
        return ""
    return f"Charts are not installed; to have them: {INSTALL}" if data.charts else "Charts are turned off."


def _segments(summary: Summary) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """The segments of the selected model, column by column."""
    own = [row for row in summary["segments"]["rows"] if row["model"] == summary["selection"]["model"]]
    for column, rows in groupby(own, key=lambda row: str(row["column"])):
        yield column, list(rows)


def _leading(chosen: Mapping[str, Any]) -> str:
    if not chosen["explanation"]:
        return ""
    ranked = chosen["explanation"]["permutation"][:LEADING]
    return listed([each["feature"] for each in ranked if each["drop"] >= PART * ranked[0]["drop"]])


def _page_data(data: ReportData, charts: Mapping[str, Any]) -> dict[str, Any]:
    """What the script of the page works on."""
    summary = data.summary
    return {
        "model": summary["selection"]["model"],
        "classes": [summary["classes"][side]["name"] for side in ("positive", "negative")],
        "bins": BINS,
        "charts": charts,
        "models": {
            name: {
                "positives": entry["evaluation"]["n_positive"],
                "negatives": entry["evaluation"]["n_negative"],
                "threshold": entry["evaluation"]["threshold"],
                "unseen": never_seen(entry["evaluation"]["n_negative"], entry["evaluation"]["bootstrap"]["confidence"]),
                "steps": data.curves[name]["steps"],
                "points": [_point(point) for point in summary["operation"]["models"][name]],
            }
            for name, entry in summary["models"].items()
        },
    }


def _point(point: Mapping[str, Any]) -> dict[str, Any]:
    cells = point["confusion"]
    name = f"in use: {point['rule']}" if point["in_use"] else point["rule"]
    return {
        "rule": name,
        "why": point["why"],
        "threshold": point["threshold"],
        "tp": cells["tp"],
        "fp": cells["fp"],
    }


def _embedded(document: Any) -> Markup:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 (escaped just here)


def _script(text: str) -> Markup:
    """A script that cannot end the element that it stands in: in its strings, a slash may be escaped."""
    return Markup(text.replace("</script", "<\\/script").replace("<!--", "<\\!--"))  # noqa: S704 (our own, and Vega's)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("phishcli.render", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": formats.number,
        "signed": formats.signed,
        "at_least": formats.at_least,
        "at_most": formats.at_most,
        "amounts": formats.amounts,
        "p_value": formats.p_value,
        "interval": formats.interval,
        "share": formats.share,
        "seconds": formats.seconds,
        "settings": formats.settings,
        "dotted": formats.dotted,
        "model_facts": facts.about_model,
        "parameters": facts.parameters,
    }
    return environment
