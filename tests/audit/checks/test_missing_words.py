"""Categories that stand for a missing value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

LABEL = np.arange(400) % 2
JOBS = np.random.default_rng(0).choice(["cook", "none", "other"], 400)


@pytest.mark.parametrize(
    "word",
    [" ?", "?", "-", "--", "N/A", "n.a.", "NA", "<NA>", "#N/A", "NaN", "null", "Unknown", "not available", "missing"],
)
def test_a_word_is_found_and_counted(found: Callable, word: str) -> None:
    unknown = np.arange(400) % 20 < 2
    (finding,) = found("missing-words", {"job": np.where(unknown, word, JOBS)}, LABEL)
    assert finding.severity == "note"
    assert finding.numbers == {"words": [word], "rows": 40, "one_sided": False}
    assert finding.detail == (
        f"job is {word!r} in 40 rows (10.0%): this text most likely stands for a missing value, and is used as a "
        "category."
    )


def test_one_that_only_one_class_has_is_a_warning(found: Callable) -> None:
    unknown = (LABEL == 1) & (np.arange(400) < 100)
    (finding,) = found("missing-words", {"job": np.where(unknown, "?", JOBS)}, LABEL)
    assert finding.severity == "warning"
    assert finding.detail.endswith("and 50 of them have the label 'phishing'.")


def test_several_are_told_together(found: Callable) -> None:
    jobs = np.select([np.arange(400) % 20 == 0, np.arange(400) % 20 == 1], ["?", "unknown"], JOBS)
    (finding,) = found("missing-words", {"job": jobs}, LABEL)
    assert finding.detail.startswith("job is '?' or 'unknown' in 40 rows (10.0%): these texts most likely stand for")


def test_words_that_are_values_are_no_finding(found: Callable) -> None:
    columns = {"job": JOBS, "grade": np.where(LABEL, "a-", "n"), "nation": np.where(LABEL, "Niger", "Nauru")}
    assert not found("missing-words", columns, LABEL)


def test_numbers_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("missing-words", {"a": LABEL}, LABEL)
