"""What an attacker can change of a page and of its address, by default and as the settings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from phishcli.config.schema import EvasionConfig, Mutable
    from phishcli.documents.schema import Column, Schema

ADDED = (
    *("LineOfCode", "LargestLineLength", "NoOfURLRedirect", "NoOfPopup", "NoOfiFrame", "NoOfImage", "NoOfSelfRef"),
    *("NoOfEmptyRef", "NoOfExternalRef", "NoOfScript", "NoOfExternalScript", "NoOfStyle", "NoOfSocial", "NoOfForm"),
    *("NoOfHidden", "NoOfInput", "TitleLength"),
)
"""Numbers of what can be added to a page without a visitor noticing it: the copy of a site stays what it is."""
REMOVED = ("NoOfSelfRedirect", "NoOfExternalForm", "NoOfEmptyForm", "NoOfPassword", "FaviconExternal")
"""Numbers of what a page can do without, in another way: a password is typed into a field of another kind."""
SWITCHED = ("Robots", "IsResponsive", "HasTitle", "HasDescription", "HasFavicon", "HasSubmit", "HasCopyright")
"""What a page has or not, as it likes."""
LENGTHENED = (
    *("length", "host.length", "host.labels", "host.subdomains", "path.length", "path.depth", "path.longest"),
    *("query.length", "query.parameters"),
)
"""Parts of addresses that can grow: a copy needs no short one."""
FREE = (
    *("scheme", "fragment", "escapes", "path.digits", "path.entropy", "path.lures", "path.brand", "path.double"),
    *("digits", "marks"),
)
"""Parts of addresses that can be chosen either way; the registered domain and its suffix cost money and stay."""
Direction = Literal["up", "down", "any"]
OF_PAGES: Mapping[str, Direction] = {
    **dict.fromkeys(ADDED, "up"),
    **dict.fromkeys(REMOVED, "down"),
    **dict.fromkeys((*SWITCHED, "TitleInHost"), "any"),
}
"""Columns of pages, and where their numbers can be moved.

Left out is what a look-up tells (age of the domain, hosting provider) and what makes a page worth visiting.
"""
OF_ADDRESSES: Mapping[str, Direction] = {**dict.fromkeys(LENGTHENED, "up"), **dict.fromkeys(FREE, "any")}
"""The same of parts of addresses."""


def mutable_columns(settings: EvasionConfig, schema: Schema) -> dict[str, Mutable]:
    """The columns of a table that an attacker can change, in the order of the table.

    Parameters
    ----------
    settings
        The section ``evasion`` of the configuration.
    schema
        The columns there are; those that are named and missing are in `unknown_columns`.
    """
    found = {column.name: _of(settings, column) for column in schema.features()}
    return {name: each for name, each in found.items() if each is not None}


def unknown_columns(settings: EvasionConfig, schema: Schema) -> list[str]:
    """The columns that the settings name and that are no feature of the table."""
    known = {column.name for column in schema.features()}
    return [name for name, each in settings.mutable.items() if each is not None and name not in known]


def _of(settings: EvasionConfig, column: Column) -> Mutable | None:
    from phishcli.config.schema import Mutable

    if column.name in settings.mutable:
        return settings.mutable[column.name]
    direction = _default(column) if settings.defaults else None
    return None if direction is None else Mutable(direction=direction)


def _default(column: Column) -> Direction | None:
    if column.derived is None:
        return OF_PAGES.get(column.name) if column.role == "numeric" else None
    return OF_ADDRESSES.get(column.derived.part) if column.derived.kind in ("url", "domain") else None


def monotone_columns(
    asked: Literal["auto"] | Mapping[str, int], settings: EvasionConfig | None, schema: Schema
) -> Iterator[tuple[str, Any]]:
    """The numeric columns in which a model is to be monotone, each with 1, -1, or ``data``: as the rows suggest.

    What can only be moved up must not lower the probability: then moving it is of no use. The mark of a missing value
    that can be filled in may only raise it; filling it in takes the mark away, and may still pay.
    """
    if settings is None or asked != "auto":
        yield from () if asked == "auto" else asked.items()
        return
    signs = {"up": 1, "down": -1, "any": "data"}
    mutable = mutable_columns(settings, schema)
    for column in schema.columns:
        if column.name in mutable and column.role == "numeric":
            yield column.name, signs[mutable[column.name].direction]
        elif column.indicator_of in mutable and mutable[column.indicator_of].fill is not None:
            yield column.name, 1
