"""Features of what a page is made of: scripts, styles, and what it says of others and itself."""

from __future__ import annotations

from phishcli.features.pages.feature import Feature
from phishcli.features.pages.page import Page, attribute

SOCIAL = frozenset(
    {"facebook", "instagram", "linkedin", "pinterest", "reddit", "snapchat", "telegram", "tiktok", "tumblr"}
    | {"twitter", "vk", "weibo", "whatsapp", "x", "youtube"}
)
"""Social networks, by the first label of their registered domains."""
MARKS = ("copyright", "©", "&copy")


def _styles(page: Page) -> int:
    sheets = sum("stylesheet" in attribute(node, "rel").lower().split() for node in page.elements("link"))
    return sheets + len(page.elements("style"))


def _outside(page: Page) -> int:
    sources = (attribute(node, "src") for node in page.elements("script"))
    return sum(bool(source) and page.home.place(source) == "external" for source in sources)


def _social(page: Page) -> int:
    return sum(times for (_, site), times in page.links.items() if site and site.partition(".")[0] in SOCIAL)


FEATURES = (
    Feature("NoOfScript", "Scripts, with or without a source.", lambda page: len(page.elements("script"))),
    Feature("NoOfExternalScript", "Scripts from other tenants.", _outside, needs_url=True),
    Feature("NoOfStyle", "Styles: `style`, and `link rel=stylesheet`.", _styles),
    Feature("NoOfSocial", "Links to social networks.", _social),
    Feature(
        "HasCopyright",
        "Whether the file contains the word copyright or its sign.",
        lambda page: int(any(mark in page.lower for mark in MARKS)),
        "flag",
    ),
)
