"""The settings that hold and where each comes from, as a table and as JSON."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.config import Resolved, Setting

DEFAULT = "default"


def settings_table(resolved: Resolved) -> Table:
    """One row per key, grouped by section; what is not a default stands out."""
    table = Table("Key", "Value", "Origin", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="")
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.overflow = "fold"
    for _, section in groupby(resolved.settings(), lambda setting: setting.key.partition(".")[0]):
        for setting in section:
            table.add_row(*(Text(text, _style(setting)) for text in (setting.key, setting.text, setting.origin)))
        table.add_section()
    return table


def settings_document(resolved: Resolved) -> dict[str, Any]:
    """Each dotted key with its value and origin, for ``jq '.["train.seed"].value'``."""
    return {setting.key: {"value": setting.value, "origin": setting.origin} for setting in resolved.settings()}


def _style(setting: Setting) -> str:
    return "dim" if setting.origin == DEFAULT else "bold"
