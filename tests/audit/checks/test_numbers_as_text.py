"""Columns stored as text that hold numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

LABEL = np.arange(400) % 2
PORTS = np.where(np.arange(400) % 20 == 0, "unknown", (np.arange(400) % 40 + 8000).astype(str))


def test_numbers_that_a_few_words_make_categories_are_found(found: Callable) -> None:
    (finding,) = found("numbers-as-text", {"port": PORTS}, LABEL)
    assert finding.severity == "warning"
    assert finding.numbers == {"share": 0.95, "others": ["unknown"]}
    assert finding.detail == (
        "port holds numbers in 95.0% of its rows and is used as categories because of others, such as 'unknown'."
    )


def test_numbers_that_a_few_words_set_aside_are_found_too(found: Callable) -> None:
    raw = {"port": PORTS, "url": [f"https://a.com/{row}" for row in range(400)], "n": np.arange(400)}
    (finding,) = found("numbers-as-text", {}, LABEL, raw=raw, set_aside={"port": "60 different values are too many"})
    assert finding.column == "port"
    assert "is set aside because of others" in finding.detail


def test_numbers_in_another_spelling_are_told_with_the_reason(found: Callable) -> None:
    reason = "it holds numbers written like '1,5'; only 1234.5 is read as one"
    (finding,) = found("numbers-as-text", {}, LABEL, raw={"odd": ["1,5", "2,25"] * 200}, set_aside={"odd": reason})
    assert finding.severity == "warning"
    assert finding.detail == f"odd is set aside: {reason}."


def test_numbers_that_could_be_read_are_a_note(found: Callable) -> None:
    (finding,) = found("numbers-as-text", {"port": np.arange(400)}, LABEL, dtypes={"port": "large_string"})
    assert finding.severity == "note"
    assert finding.detail == "port is stored as text but holds numbers only, and is read as numbers."


def test_words_codes_and_numbers_stored_as_such_are_no_finding(found: Callable) -> None:
    columns = {
        "words": ["shop", "bank"] * 200,
        "codes": ["200", "404", "500", "200"] * 95 + ["none"] * 20,
        "leading zeros": [f"0{row % 40}" for row in range(400)],
        "half": [f"{row % 40}" if row % 2 else "no" for row in range(400)],
        "number": np.arange(400),
    }
    assert not found("numbers-as-text", columns, LABEL)


def test_empty_columns_are_no_finding(found: Callable) -> None:
    assert not found("numbers-as-text", {}, LABEL, raw={"empty": pa.array([None] * 400, pa.string())})
