"""Features of what a page does by itself: it leads elsewhere, opens windows, embeds other pages."""

from __future__ import annotations

import re

from phishcli.features.pages.feature import Feature
from phishcli.features.pages.moves import MOST
from phishcli.features.pages.page import Page

OPENS = re.compile(r"open\s{0,9}\(")
WINDOW = re.compile(r"\bwindow\s{0,9}\.\s{0,9}$")
BEFORE = 30
"""Characters before ``open`` that tell whose it is."""


def _to_itself(page: Page) -> int:
    return sum(target is not None and page.home.place(target) in ("self", "empty") for target in page.redirects)


def _popups(page: Page) -> int:
    everywhere = _opened(page.text)
    in_scripts = _opened(page.script) if everywhere else 0
    return in_scripts + (_opened(page.handlers) if everywhere > in_scripts else 0)


def _opened(text: str) -> int:
    """The number of calls of ``window.open``; the rarer word is searched first."""
    starts = (found.start() for found in OPENS.finditer(text))
    return sum(WINDOW.search(text[max(0, start - BEFORE) : start]) is not None for start in starts)


def _frames(page: Page) -> int:
    return len(page.elements("iframe")) + len(page.elements("frame"))


FEATURES = (
    Feature(
        "NoOfURLRedirect",
        "Redirects in the page: `meta http-equiv=refresh` with an address, and scripts that set `location` or "
        f"`location.href`, or call `location.replace` or `assign`; at most {MOST:,}. Redirects by the server are "
        "not visible.",
        lambda page: len(page.redirects),
    ),
    Feature(
        "NoOfSelfRedirect",
        "Those that lead to the site of the page itself; not those whose target a script computes.",
        _to_itself,
        needs_url=True,
    ),
    Feature(
        "NoOfPopup",
        "Calls of `window.open` in scripts, in attributes such as `onclick`, and in `javascript:` links.",
        _popups,
    ),
    Feature("NoOfiFrame", "`iframe` and `frame` elements.", _frames),
)
