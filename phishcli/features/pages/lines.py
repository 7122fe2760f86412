"""Features of the file as text: its lines."""

from __future__ import annotations

from phishcli.features.pages.feature import Feature
from phishcli.features.pages.page import Page


def lines_of(text: str) -> list[str]:
    """The lines of a text, which end with LF, CR LF or CR; no empty line follows the last end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _number(page: Page) -> int:
    return len(lines_of(page.text))


def _longest(page: Page) -> int:
    return max(map(len, lines_of(page.text)), default=0)


FEATURES = (
    Feature(
        "LineOfCode", "Lines of the file, each ended by LF, CR LF or CR; a last line without an end counts.", _number
    ),
    Feature("LargestLineLength", "Characters of the longest line, without its end.", _longest),
)
