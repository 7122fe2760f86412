"""The opening of a report says how good the model is and what to watch out for, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from phishcli.render.words import cautions, confidence, doubts, headline
from phishcli.types import ReportData

Make = Callable[..., ReportData]


def titles(data: ReportData) -> list[str]:
    return [caution.title for caution in cautions(data.summary)]


def test_the_headline_counts_detections_and_false_alarms(data: ReportData) -> None:
    assert headline(data.summary)[0] == (
        "XGBoost detects 83 of 100 phishing sites, and raises a false alarm on 13 of 100 legitimate ones."
    )


def test_the_headline_gives_the_accuracy_with_its_interval_beside_the_plainest_guess(data: ReportData) -> None:
    assert headline(data.summary)[1] == (
        "On 200 test rows that it was not trained on, its accuracy is 0.8550 (95% interval 0.8050 to 0.9050). Always "
        "predicting legitimate gives 0.5500."
    )


def test_the_headline_says_what_that_means_on_a_day_where_the_model_is_to_work(make: Make) -> None:
    """75 of 90 detected and 14 of 110 false: of 10,000 sites of which 100 are phishing, 83.3 and 1,260."""
    place = {"base_rate": 0.01, "volume": 10_000, "analyst_minutes": 3}
    assert headline(make(operation=place).summary)[2] == (
        "If 1% of 10,000 sites a day are phishing, that means 1,343 alerts a day (825 to 2,049), 83 of them true, and "
        "67 hours of work."
    )


def test_without_resampling_no_interval_is_mentioned(make: Make) -> None:
    summary = make(bounds=False).summary
    assert "its accuracy is 0.8550. Always" in headline(summary)[1]
    assert confidence(summary) == ""


def test_a_clean_run_has_nothing_to_watch_out_for(data: ReportData) -> None:
    assert titles(data) == []


def test_synthetic_data_is_said_first_with_the_way_to_ones_own(make: Make) -> None:
    first = cautions(make(schema={"synthetic": True}, on="test").summary)[0]
    assert first.title == "The data is synthetic"
    assert "--source" in first.text


def test_a_selection_on_the_test_set_is_said_to_be_optimistic(make: Make) -> None:
    assert titles(make(on="test")) == ["The model was selected on the test set"]


def test_a_searched_model_is_said_to_have_optimistic_folds(make: Make) -> None:
    searched = make(training={"tuned": {"method": "race", "n_trials": 20, "scoring": "accuracy", "n_within_error": 1}})
    assert titles(searched) == ["Cross-validated scores are optimistic"]


def test_severe_findings_of_the_audit_come_into_the_opening_and_notes_do_not(make: Make) -> None:
    def finding(severity: str) -> dict[str, Any]:
        return {"code": severity, "title": f"A {severity}", "severity": severity, "detail": "2,355 of 2,355"}

    def ignored(severity: str) -> dict[str, Any]:
        return finding(severity) | {"title": "Known", "ignored": "it is known"}

    audited = make(audit=[finding("note"), finding("warning"), finding("error"), ignored("error")])
    assert titles(audited) == ["A error", "A warning"]


def test_a_value_that_is_missing_in_one_class_only_has_the_accuracy_without_it_reported(
    make: Make, revealing: dict[str, Any]
) -> None:
    """A quarter of the rows have no lines: rows 0, 4, 8 ... of the test part."""
    warnings = [caution for caution in cautions(make(audit=[revealing]).summary) if caution.level == "warning"]
    first, second = warnings
    assert re.fullmatch(r"On sites with Lines the accuracy is 0\.\d{4}", first.title)
    assert re.match(r"That is 0\.\d{4} to 0\.\d{4} on 150 test rows, compared with 0\.8550 on all of them", first.text)
    assert second.title == revealing["title"]


def test_doubtful_labels_are_counted_by_reason(make: Make) -> None:
    suspects = pd.DataFrame({"reason": ["contradicted", "contradicted, conflicting twins", "conflicting twins"]})
    assert doubts(make(suspects=suspects).summary) == (
        "label_suspects.csv lists 3 rows whose label should be checked: 2 contradicted by models that had not seen "
        "them and 2 with an identical row of the other label."
    )
    assert doubts(make(suspects=suspects[:0]).summary) == ""


def test_failed_models_warnings_and_undefined_scores_are_mentioned(make: Make) -> None:
    told = make(
        failed={"SVM": "too many rows"},
        training={"warnings": ["did not converge"]},
        evaluation={"notes": ("No row is negative",)},
    )
    assert [(caution.title, caution.text) for caution in cautions(told.summary)] == [
        ("SVM could not be trained", "too many rows"),
        ("XGBoost gave warnings during training", "did not converge"),
        ("Some scores or intervals need care", "No row is negative"),
    ]
