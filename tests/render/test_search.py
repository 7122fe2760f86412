"""What a search found is shown with the margin of the winner, and whether it is more than noise."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from rich.console import Console

from phishcli.documents.training import SearchSummary, TrialSummary
from phishcli.render.search import SearchView, effort, margin


def found(
    *behind: float | None, within: int = 1, pruned: int = 0, failed: int = 0, unfinished: int = 0
) -> SearchSummary:
    """What a search found; one complete trial per margin."""
    trials = [
        TrialSummary(
            trial=place, score=0.85 - place / 1000, behind=each, params={"max_depth": 3 + place, "rate": 0.12345}
        )
        for place, each in enumerate(behind)
    ]
    return SearchSummary(
        method="race",
        scoring="accuracy",
        n_trials=len(behind) + pruned + failed + unfinished,
        n_fits=97,
        n_complete=len(behind),
        n_pruned=pruned,
        n_failed=failed,
        n_unfinished=unfinished,
        best_trial=0,
        best_score=0.85,
        n_within_error=within,
        params={"max_depth": 3},
        best_trials=tuple(trials[:5]),
    )


def drawn(searches: Mapping[str, SearchSummary], width: int = 100) -> str:
    console = Console(width=width, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(SearchView(searches))
    return capture.get()


def test_the_best_trials_are_listed_with_scores_margins_and_parameters() -> None:
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
        (found(0.0), "No other trial was completed."),
        (found(0.0, 2.3), "The next trial is 2.3 standard errors behind."),
        (found(0.0, None), "The next trial is behind by the same amount on every fold."),
        (
            found(*[0.0] * 14, 2.0, within=14),
            "The best 14 trials are within one standard error: the differences between them are noise.",
        ),
    ],
)
def test_the_margin_is_measured_in_standard_errors(tuned: SearchSummary, sentence: str) -> None:
    assert margin(tuned) == sentence
    assert sentence in " ".join(drawn({"KNN": tuned}).split())


def test_the_effort_counts_trials_by_status_without_zeros() -> None:
    assert effort(found(0.0, 2.0, pruned=48)) == "50 trials (2 complete, 48 pruned) in 97 fits"
    assert "1 failed, 7 unfinished" in effort(found(0.0, failed=1, unfinished=7))
