"""Features of the head of a page: its title, its icon, what it tells robots and small screens."""

from __future__ import annotations

import re

from phishcli.features.pages.feature import Feature
from phishcli.features.pages.page import Page, attribute

WORD = re.compile(r"[a-z0-9]{3,}")
LONGEST = 1000
"""Characters of a title that are compared."""


def _is_responsive(page: Page) -> int:
    return int("viewport" in page.metas or any("@media" in node.text().lower() for node in page.elements("style")))


def _icon(page: Page) -> str | None:
    """The reference of the first icon that has one."""
    icons = (node for node in page.elements("link") if "icon" in attribute(node, "rel").lower().split())
    return next((href for node in icons if (href := attribute(node, "href").strip())), None)


def _foreign_icon(page: Page) -> int | None:
    icon = _icon(page)
    place = "self" if icon is None else page.home.place(icon)
    return None if place == "unknown" else int(place == "external")


def _named(page: Page) -> float:
    words = WORD.findall(page.title[:LONGEST].lower())
    return sum(word in (page.home.host or "") for word in words) / len(words) if words else 0.0


FEATURES = (
    Feature("Robots", "Whether there is `meta name=robots`.", lambda page: int("robots" in page.metas), "flag"),
    Feature("IsResponsive", "Whether there is `meta name=viewport`, or `@media` in a `style`.", _is_responsive, "flag"),
    Feature("HasTitle", "Whether there is a title that is not blank.", lambda page: int(bool(page.title)), "flag"),
    Feature("TitleLength", "Characters of the title, runs of blanks as one.", lambda page: len(page.title)),
    Feature(
        "TitleInHost",
        "Share of the title's words (of at least three letters or digits) that occur in the host.",
        _named,
        "share",
        needs_url=True,
    ),
    Feature(
        "HasDescription",
        "Whether there is a `meta name=description` that is not blank.",
        lambda page: int(bool(page.metas.get("description", "").strip())),
        "flag",
    ),
    Feature("HasFavicon", "Whether an icon is linked.", lambda page: int(_icon(page) is not None), "flag"),
    Feature("FaviconExternal", "Whether the first icon comes from another tenant.", _foreign_icon, "flag"),
)
