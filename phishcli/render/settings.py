"""The settings that hold and where each comes from, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.config import Resolved, Setting

DEFAULT = "default"
WIDEST_ORIGIN = 24
"""Longer ones are broken over lines, so that values keep their room in 80 columns."""


def settings_table(resolved: Resolved) -> Group:
    """Key, value (as in YAML) and origin, grouped under the section they belong to; what is no default stands out."""
    sections: dict[str, list[Setting]] = {}
    for setting in resolved.settings():
        sections.setdefault(setting.key.rpartition(".")[0], []).append(setting)
    keys = max(len(_name(setting)) for setting in resolved.settings())
    origins = max(len(origin) for origin in resolved.origins.values())
    return Group(*(Group(Text(name, "bold"), _rows(members, keys, origins)) for name, members in sections.items()))


def settings_document(resolved: Resolved) -> dict[str, Any]:
    """Each dotted key with its value and origin, for ``jq '.["train.seed"].value'``."""
    return {setting.key: {"value": setting.value, "origin": setting.origin} for setting in resolved.settings()}


def _rows(settings: Iterable[Setting], keys: int, origins: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=keys + 2, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(width=min(origins, WIDEST_ORIGIN), overflow="fold")
    for setting in settings:
        style = "dim" if setting.origin == DEFAULT else ""
        table.add_row(*(Text(text, style) for text in (f"  {_name(setting)}", setting.text, setting.origin)))
    return table


def _name(setting: Setting) -> str:
    return setting.key.rpartition(".")[2]
