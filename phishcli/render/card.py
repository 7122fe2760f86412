"""The model card: one page of Markdown about the selected model, to go with it wherever it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from phishcli.render import formats, words

TEMPLATE = "model_card.md"
WORST = 6
"""Segments listed."""

Summary = Mapping[str, Any]


def model_card(summary: Summary) -> str:
    """Write the card of the selected model.

    The layout follows Mitchell et al. (2019), *Model Cards for Model Reporting*, FAT*, 220-229.

    Parameters
    ----------
    summary
        The content of ``summary.json``.
    """
    chosen = words.selected(summary)
    name = summary["selection"]["model"]
    text = (
        _environment()
        .get_template(TEMPLATE)
        .render(
            s=summary,
            model=name,
            chosen=chosen,
            tuned=chosen["training"]["tuned"],
            rule=chosen["evaluation"]["threshold_rule"],
            headline=words.headline(summary),
            cautions=words.cautions(summary),
            confidence=words.confidence(summary),
            small_print=words.small_print(summary),
            doubts=words.doubts(summary),
            segments=[segment for segment in words.segments_of_selected(summary) if segment.scored][:WORST],
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("phishcli.render", ""),
        autoescape=False,  # noqa: S701 (Markdown, not a page)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_in_a_cell,
    )
    environment.filters |= {
        "number": formats.number,
        "interval": formats.interval,
        "at_least": formats.at_least,
        "at_most": formats.at_most,
        "grouped": "{:,.0f}".format,
    }
    return environment


def _in_a_cell(value: Any) -> Any:
    """Keep names that come from the data from parting a table."""
    return value.replace("|", "\\|").replace("\n", " ") if isinstance(value, str) else value
