"""The texts that count as missing values in files of text, unless settings say otherwise."""

from __future__ import annotations

MISSING_WORDS = (
    *("", "#N/A", "#N/A N/A", "#NA", "<NA>", "N/A", "NA", "n/a"),
    *("NULL", "null", "NaN", "nan", "-NaN", "-nan", "None"),
)
"""The spellings that pandas takes by default, so that its readers and ours agree."""
