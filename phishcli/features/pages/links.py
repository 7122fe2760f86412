"""Features of what a page links to and shows: images, and links by where they lead."""

from __future__ import annotations

from phishcli.features.pages.feature import Feature
from phishcli.features.pages.page import Page
from phishcli.features.pages.place import Place


def _leading(page: Page, place: Place) -> int:
    return sum(times for (where, _), times in page.links.items() if where == place)


FEATURES = (
    Feature("NoOfImage", "Images: `img`.", lambda page: len(page.elements("img"))),
    Feature(
        "NoOfSelfRef",
        "Links (`a` and `area` with an `href`) to the page's own tenant, relative ones included.",
        lambda page: _leading(page, "self"),
        needs_url=True,
    ),
    Feature(
        "NoOfEmptyRef",
        "Links that lead nowhere: an empty `href`, one that begins with `#` or `javascript:`, or `about:blank`.",
        lambda page: _leading(page, "empty"),
    ),
    Feature("NoOfExternalRef", "Links to other tenants.", lambda page: _leading(page, "external"), needs_url=True),
)
