"""The report as one page that opens without a network: its style, its charts and its numbers are all inside.

To add a section:

1. a view, a frozen dataclass derived from `phishcli.render.page.parts.Section`, with an anchor, a title for the
   navigation and the name of its template, and a function that makes it from a summary, in one of the modules here;
2. the template beside it, which gets the view as ``section`` and writes it down: tables, facts and figures by the
   macros of ``macros.html``; numbers are formatted in the view, so that the type checker sees what is read;
3. a line in `_sections`, whose order is that of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from phishcli.documents.summary import Summary
from phishcli.render.assemble import ReportData
from phishcli.render.charts import INSTALL, libraries
from phishcli.render.page.beside import beside
from phishcli.render.page.comparison import comparison
from phishcli.render.page.data import data as data_section
from phishcli.render.page.data import run_details
from phishcli.render.page.embedded import as_script, script_data
from phishcli.render.page.explanation import explanation, segments
from phishcli.render.page.models import models, search
from phishcli.render.page.operation import calibration, threshold
from phishcli.render.page.overview import audit, opening
from phishcli.render.page.parts import Section, breakable, linked
from phishcli.wording import counted

TEMPLATE, MACROS, STYLE, SCRIPT = "page.html", "macros.html", "style.css", "script.js"


def page(data: ReportData, charts: Mapping[str, Any]) -> str:
    """Write the report as a page.

    Parameters
    ----------
    charts
        Vega-Lite specifications by name, from `phishcli.render.charts.charts`; may be empty.

    Returns
    -------
    str
        A complete HTML document; the same data gives the same text.
    """
    summary = data.summary
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            title=summary.title,
            model=summary.selection.model,
            subtitle=_subtitle(summary),
            sections=list(_sections(summary, charts)),
            missing_charts=_missing_charts(data, charts),
            style=Markup(_file(STYLE)),  # noqa: S704 (our own)
            data=script_data(data, charts),
            bundle=as_script(libraries()) if charts else "",
            script=as_script(_file(SCRIPT)),
        )
    )


def _subtitle(summary: Summary) -> str:
    rows = f"{summary.data.rows:,} {summary.classes.noun} from {summary.data.origin}"
    return f"{rows}, {counted(len(summary.models), 'model')} compared; trained on {summary.provenance.trained}"


def _sections(summary: Summary, charts: Mapping[str, Any]) -> Iterator[Section]:
    yield opening(summary)
    yield audit(summary)
    yield comparison(summary, charts)
    yield threshold(summary, charts)
    yield calibration(summary, charts)
    yield from explanation(summary, charts)
    yield from segments(summary)
    yield from beside(summary, charts)
    yield from search(summary)
    yield models(summary)
    yield data_section(summary)
    yield run_details(summary)


def _missing_charts(data: ReportData, charts: Mapping[str, Any]) -> str:
    if charts:
        return ""
    return f"Charts are not installed; to add them: {INSTALL}" if data.charts else "Charts are turned off."


@cache
def _file(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__name__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"breakable": breakable, "linked": linked}
    return environment
