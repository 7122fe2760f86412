"""What a reader has to know before trusting a number comes first, most severe first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from phishcli.documents.findings import Finding, Severity
from phishcli.render.assemble import ReportData
from phishcli.render.cautions import cautions

Make = Callable[..., ReportData]


def titles(data: ReportData) -> list[str]:
    return [caution.title for caution in cautions(data.summary)]


def test_a_clean_run_has_nothing_to_watch_out_for(data: ReportData) -> None:
    assert titles(data) == []


def test_synthetic_data_is_said_first_with_the_way_to_ones_own(make: Make) -> None:
    first = cautions(make(schema={"synthetic": True}, on="test").summary)[0]
    assert first.title == "The data is synthetic"
    assert "--source" in first.text


def test_a_selection_on_the_test_set_is_said_to_be_optimistic(make: Make) -> None:
    assert titles(make(on="test")) == ["The model was selected on the test set"]


def test_a_tuned_model_is_said_to_have_optimistic_folds(make: Make, searched: Callable[..., dict[str, Any]]) -> None:
    assert titles(make(training=searched())) == ["Cross-validated scores are optimistic"]


def test_severe_findings_of_the_audit_come_into_the_opening_and_notes_do_not(make: Make) -> None:
    def finding(severity: Severity, ignored: str | None = None) -> Finding:
        return Finding(
            code=severity,
            title="Known" if ignored else f"A {severity}",
            severity=severity,
            column=None,
            detail="2,355 of 2,355",
            advice="Look.",
            numbers={},
            ignored=ignored,
        )

    audited = make(audit=[finding("note"), finding("warning"), finding("error"), finding("error", "it is known")])
    assert titles(audited) == ["A error", "A warning"]


def test_a_value_that_is_missing_in_one_class_only_has_the_accuracy_without_it_reported(
    make: Make, revealing: Finding
) -> None:
    """A quarter of the rows have no lines: rows 0, 4, 8 ... of the test part."""
    warnings = [caution for caution in cautions(make(audit=[revealing]).summary) if caution.level == "warning"]
    first, second = warnings
    assert re.fullmatch(r"On sites with Lines the accuracy is 0\.\d{4}", first.title)
    assert re.match(r"That is 0\.\d{4} to 0\.\d{4} on 150 test rows, compared with 0\.8550 on all of them", first.text)
    assert second.title == revealing.title


def test_failed_models_warnings_and_undefined_scores_are_mentioned(make: Make) -> None:
    run = make(
        failed={"SVM": "too many rows"},
        training={"warnings": ["did not converge"]},
        evaluation={"notes": ("No row is negative",)},
    )
    assert [(caution.title, caution.text) for caution in cautions(run.summary)] == [
        ("SVM could not be trained", "too many rows"),
        ("XGBoost gave warnings during training", "did not converge"),
        ("Some scores or intervals need care", "No row is negative"),
    ]
