"""What a search found is shown with the margin of the winner, and a search that found only noise says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from phishcli.render.search import SearchView, effort, margin


def found(*behind: float | None, within: int = 1, **counts: int) -> dict[str, Any]:
    """What ``training.json`` says under ``tuned``; one complete trial per margin."""
    trials = [
        {
            "trial": place,
            "score": 0.85 - place / 1000,
            "behind": each,
            "params": {"max_depth": 3 + place, "rate": 0.12345},
        }
        for place, each in enumerate(behind)
    ]
    fates = {f"n_{fate}": counts.get(fate, 0) for fate in ("dropped", "failed", "unfinished")}
    total = len(behind) + sum(fates.values())
    return {
        "method": "race",
        "scoring": "accuracy",
        "n_trials": total,
        "n_fits": 97,
        "n_complete": len(behind),
        **fates,
        "n_within_error": within,
        "best_trials": trials[:5],
    }


def drawn(tuned: Mapping[str, Mapping[str, Any]], width: int = 100) -> str:
    console = Console(width=width, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(SearchView(tuned))
    return capture.get()


def test_the_best_trials_stand_there_with_their_scores_margins_and_parameters() -> None:
    lines = drawn({"XGBoost": found(0.0, 1.25, 2.0, 3.0)}).splitlines()
    assert lines[2].split() == ["XGBoost", "0.8500", "max_depth", "3,", "rate", "0.123"]
    assert lines[3].split() == ["0.8490", "1.2", "SE", "max_depth", "4,", "rate", "0.123"]
    assert len([line for line in lines if "max_depth" in line]) == 3


def test_long_parameters_are_cut_off_rather_than_wrapped() -> None:
    lines = drawn({"XGBoost": found(0.0)}, width=48).splitlines()
    assert all(len(line) <= 48 for line in lines)
    assert len([line for line in lines if "max_depth" in line]) == 1


@pytest.mark.parametrize(
    ("tuned", "sentence"),
    [
        (found(0.0), "No other trial came as far."),
        (found(0.0, 2.3), "The next trial is 2.3 standard errors behind."),
        (found(0.0, None), "The next trial is behind on every fold by the same amount."),
        (
            found(*[0.0] * 14, 2.0, within=14),
            "The first 14 trials are within one standard error: between them the search found only noise.",
        ),
    ],
)
def test_the_margin_is_told_in_units_of_the_noise(tuned: dict[str, Any], sentence: str) -> None:
    assert margin(tuned) == sentence
    assert sentence in " ".join(drawn({"KNN": tuned}).split())


def test_the_effort_counts_only_what_there_was() -> None:
    assert effort(found(0.0, 2.0, dropped=48)) == "50 trials (2 complete, 48 dropped) in 97 fits"
    assert "1 failed, 7 unfinished" in effort(found(0.0, failed=1, unfinished=7))
