"""Features of the file as text: its lines."""

from __future__ import annotations

from phishcli.features.pages.feature import Feature

FEATURES = (
    Feature(
        "LineOfCode",
        "Lines of the file, each ended by LF, CR LF or CR; a last line without an end counts.",
        lambda page: len(page.lines),
    ),
    Feature(
        "LargestLineLength",
        "Characters of the longest line, without its end.",
        lambda page: max(map(len, page.lines), default=0),
    ),
)
