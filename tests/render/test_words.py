"""The opening of a report says how good the model is and what to watch out for, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from phishcli.render.words import cautions, confidence, headline
from phishcli.types import ReportData

Make = Callable[..., ReportData]


def titles(data: ReportData) -> list[str]:
    return [caution.title for caution in cautions(data.summary)]


def test_the_headline_counts_what_is_caught_and_what_is_a_false_alarm(data: ReportData) -> None:
    assert headline(data.summary)[0] == (
        "XGBoost catches 83 of 100 phishing sites, and raises a false alarm on 13 of 100 legitimate ones."
    )


def test_the_headline_gives_the_accuracy_with_its_interval_beside_the_plainest_guess(data: ReportData) -> None:
    assert headline(data.summary)[1] == (
        "On 200 test rows that it was not trained on, its accuracy is 0.8550 (95 % interval 0.8250 to 0.8750); always "
        "answering 'legitimate' would reach 0.5500."
    )


def test_without_resampling_no_interval_is_spoken_of(make: Make) -> None:
    summary = make(bounds=False).summary
    assert "its accuracy is 0.8550; always" in headline(summary)[1]
    assert confidence(summary) == ""


def test_a_clean_run_has_nothing_to_watch_out_for(data: ReportData) -> None:
    assert titles(data) == []


def test_synthetic_data_is_said_first_with_the_way_to_ones_own(make: Make) -> None:
    first = cautions(make(schema={"synthetic": True}, on="test").summary)[0]
    assert first.title == "The data is synthetic"
    assert "--source" in first.text


def test_a_selection_on_the_test_set_is_said_to_flatter_itself(make: Make) -> None:
    assert titles(make(on="test")) == ["The selection flatters itself"]


def test_a_searched_model_is_said_to_have_optimistic_folds(make: Make) -> None:
    searched = make(training={"tuned": {"method": "race", "n_trials": 20, "scoring": "accuracy", "n_within_error": 1}})
    assert titles(searched) == ["Cross-validation flatters a search"]


def test_grave_findings_of_the_audit_come_into_the_opening_and_light_ones_do_not(make: Make) -> None:
    def finding(severity: str) -> dict[str, Any]:
        return {"code": severity, "title": f"A {severity}", "severity": severity, "detail": "2,355 of 2,355"}

    audited = make(audit=[finding("info"), finding("warning"), finding("error")])
    assert titles(audited) == ["A warning", "A error"]


def test_failed_models_warnings_and_undefined_scores_are_told(make: Make) -> None:
    told = make(
        failed={"SVM": "too many rows"},
        training={"warnings": ["did not converge"]},
        evaluation={"notes": ["No row is negative"]},
    )
    assert [(caution.title, caution.text) for caution in cautions(told.summary)] == [
        ("SVM could not be trained", "too many rows"),
        ("XGBoost warned while it was trained", "did not converge"),
        ("Some scores are not what they seem", "No row is negative"),
    ]
