"""Where a page leads by itself: refreshes and scripts that set the location."""

from __future__ import annotations

import re
from collections.abc import Iterator

REFRESH = re.compile(r"\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?([^\"']*)", re.IGNORECASE)
LITERAL = r"""(?:'([^'\n]{0,2000})'|"([^"\n]{0,2000})"|`([^`$\n]{0,2000})`)"""
MOVES = re.compile(
    r"location\s{0,9}(?:(?:\.\s{0,9}href\s{0,9})?=(?![=>])\s{0,9}|\.\s{0,9}(?:replace|assign)\s{0,9}\(\s{0,9})"
    rf"(?:{LITERAL}\s{{0,9}}(?=[;)\n}}]|$))?"
)
OWNERS = re.compile(r"(?:\b(?:window|document|self|top|parent)\s{0,9}\.|(?:^|[^\w$.'\"-]))$")
DECLARES = re.compile(r"\b(?:var|let|const)\s{1,9}$")
BEFORE = 40
"""Characters before ``location`` that tell whether it is that of the window."""
LONGEST = 4000
"""Characters of a refresh that are looked at."""
MOST = 1000
"""Redirects that are counted."""


def _moves(script: str) -> Iterator[re.Match[str]]:
    """The places where a script sets the location of a window."""
    for move in MOVES.finditer(script):
        before = script[max(0, move.start() - BEFORE) : move.start()]
        if OWNERS.search(before.rstrip() if before.rstrip().endswith(".") else before) and not DECLARES.search(before):
            yield move


def moved_to(script: str) -> Iterator[str | None]:
    """The targets to which a script sets the location of a window; None where one is computed."""
    return (next((text for text in move.groups() if text is not None), None) for move in _moves(script))


def refreshed_to(content: str) -> str | None:
    """The target of ``meta http-equiv=refresh``; None where it only loads the page again."""
    found = REFRESH.match(content[:LONGEST])
    return (found[1].strip() or None) if found else None
