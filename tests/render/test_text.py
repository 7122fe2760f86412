"""The text report holds every number in 100 columns, and the same run gives the same text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Finding
from phishcli.documents.gap import Gap
from phishcli.render.assemble import ReportData
from phishcli.render.text import WIDTH, classification_report

Make = Callable[..., ReportData]


def section(text: str, title: str) -> list[str]:
    """Give the lines of a section, without its rule."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if line == title and lines[at + 1].startswith("---"))
    after = (at for at in range(start + 2, len(lines)) if lines[at].startswith("---"))
    return lines[start + 2 : next(after, len(lines) + 1) - 1]


def test_no_line_is_longer_than_100_characters_or_ends_in_blanks(make: Make) -> None:
    text = classification_report(make(origin="/".join(["folder"] * 40)).summary)
    assert all(len(line) <= WIDTH and line == line.rstrip() for line in text.splitlines())


def test_the_same_run_gives_the_same_text_whatever_the_terminal(
    data: ReportData, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = classification_report(data.summary)
    for name, value in {"COLUMNS": "40", "FORCE_COLOR": "1", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    assert classification_report(data.summary) == first


def test_it_opens_with_title_headline_and_selection(data: ReportData) -> None:
    lines = classification_report(data.summary).splitlines()
    assert lines[:3] == [
        "Phishing detection",
        "=" * WIDTH,
        "XGBoost detects 83 of 100 phishing sites, and raises a false alarm on 13 of 100 legitimate ones.",
    ]
    assert "Selected by cross-validation: XGBoost" in lines[:10]


def test_what_to_watch_out_for_stands_before_all_numbers_and_only_where_there_is_something(
    make: Make, revealing: Finding
) -> None:
    text = classification_report(make(audit=[revealing]).summary)
    watch = section(text, "What to watch out for")
    assert f"! {revealing.title}" in watch
    assert text.index("What to watch out for") < text.index("SHA-256")
    assert "What to watch out for" not in classification_report(make().summary)


def test_the_data_section_gives_counts_of_both_classes_and_of_the_split(data: ReportData) -> None:
    lines = section(classification_report(data.summary), "Data")
    facts = dict(line.split("   ", 1) for line in lines if "   " in line)
    assert facts["Positive class"].strip() == "phishing (label 1): 450 rows, 45.0%"
    assert facts["Training part"].strip() == "800 rows"
    assert facts["Set aside: URL"].strip() == "free text"
    assert facts["Cleaned: drop duplicates"].strip() == "4"
    assert "Table" not in facts


def test_the_comparison_has_every_metric_with_its_interval_and_marks_the_best(data: ReportData) -> None:
    lines = section(classification_report(data.summary), "Comparison")
    recall = next(line for line in lines if line.startswith("Recall"))
    assert recall.split() == [
        *("Recall", "0.7778", "[0.7000,", "0.8558]"),
        *("*", "0.8444", "[0.7775,", "0.9111]"),
        *("0.8333", "[0.7664,", "0.9111]"),
    ]
    labels = [metric.label for metric in data.summary.metrics]
    assert [line[:18].rstrip() for line in lines if line[:18].rstrip() in labels] == labels


def test_what_the_rows_cannot_resolve_is_a_dash_with_a_reason(data: ReportData) -> None:
    lines = section(classification_report(data.summary), "Comparison")
    assert next(line.split() for line in lines if line.startswith("TPR at 1% FPR"))[4:] == ["-", "-", "-"]
    assert "TPR at 1% FPR, TPR at 0.1% FPR: not resolvable." in " ".join(lines)
    own = section(classification_report(data.summary), "XGBoost (selected)")
    assert ["TPR", "at", "1%", "FPR", "-", "-"] in [line.split() for line in own]


def test_every_other_model_is_tested_against_the_best_and_the_test_that_decides_is_marked(data: ReportData) -> None:
    lines = section(classification_report(data.summary), "Comparison")
    found = [line.split() for line in lines if " > over the folds" in line]
    assert [words[0] for words in found] == ["HistGradientBoosting", "LogisticRegression"]
    folds = data.summary.selection.tests[0].folds
    assert folds is not None
    assert found[0][-4:-1] == ["+0.0075", f"[{folds.low:.4f},", f"{folds.high:.4f}]"]
    assert found[0][-1] == f"{folds.p_adjusted:.3f}"
    assert any("rows only one gets right (McNemar)" in line and "4 : 1" in line for line in lines)


def test_operation_is_described_with_the_interval_of_what_is_true(data: ReportData) -> None:
    lines = section(classification_report(data.summary), "XGBoost in operation")
    assert "At 0.1% phishing and 200,000 sites a day, 5 minutes per alert." in lines
    (in_use,) = [line.split() for line in lines if "(in use)" in line]
    assert in_use[:7] == ["0.5", "(in", "use)", "0.5000", "0.8333", "0.1273", "25,596"]
    assert in_use[7] == f"{0.001 * 75 / 90 / (0.001 * 75 / 90 + 0.999 * 14 / 110):.4f}"


def test_segments_and_doubtful_labels_are_there_if_there_are_any(make: Make, revealing: Finding) -> None:
    text = classification_report(make(audit=[revealing]).summary)
    rows = [line.split() for line in section(text, "Segments") if line.startswith("Lines")]
    assert [row[1:-6] for row in sorted(rows)] == [["missing", "50"], ["not", "missing", "150"]]
    assert "120 contradicted by models that had not seen them" in " ".join(section(text, "Doubtful labels"))
    without = classification_report(make(segments=None, suspects=None).summary)
    assert "Segments" not in without
    assert "Doubtful labels" not in without


def test_a_model_that_was_explained_names_the_features_it_needs_most(make: Make, explanation: Explanations) -> None:
    text = classification_report(make(explanations={"XGBoost": explanation}).summary)
    (line,) = [line for line in text.splitlines() if line.startswith("Loss of ROC-AUC without")]
    assert line.split()[-4::2] == ["Lines", "Host"]


def test_without_resampling_there_are_no_brackets(make: Make) -> None:
    lines = section(classification_report(make(bounds=False).summary), "Comparison")
    assert "On 200 test rows; * best of its line; CV: mean ± std over the folds." in lines
    scores = [line for line in lines if line.startswith(("Accuracy", "Recall", "ROC-AUC"))]
    assert len(scores) == 3
    assert not any("[" in line for line in scores)


def test_each_model_has_its_confusion_matrix_classes_parameters_and_times(data: ReportData) -> None:
    words = [line.split() for line in section(classification_report(data.summary), "XGBoost (selected)")]
    assert ["[evaluate/XGBoost/metrics.json,", "train/XGBoost/training.json]"] in words
    assert ["actual", "phishing", "75", "15"] in words
    assert ["actual", "legitimate", "14", "96"] in words
    assert ["phishing", "0.8427", "0.8333", "0.8380", "90"] in words
    assert ["max_depth", "5"] in words
    assert ["Time", "fit", "0.42", "s,", "cv", "2", "min", "5", "s"] in words
    assert not any("subsample" in line for line in words)


def test_a_tuned_model_says_how_many_candidates_were_tried(make: Make, searched: Callable[..., dict[str, Any]]) -> None:
    text = classification_report(make(training=searched()).summary)
    assert "best of 20 candidates by accuracy (race)" in text
    assert "within one standard error" not in text


def test_a_search_that_found_only_noise_says_so(make: Make, searched: Callable[..., dict[str, Any]]) -> None:
    training = searched(method="random", n_within_error=14)
    text = " ".join(classification_report(make(training=training).summary).split())
    assert "best of 20 candidates by accuracy (random); the best 14 are within one standard error" in text


def test_warnings_notes_failures_and_findings_are_in_it(make: Make) -> None:
    finding = Finding(
        code="twins",
        title="Twins",
        severity="warning",
        column=None,
        detail="85 rows are copies",
        advice="Look.",
        numbers={},
    )
    run = make(
        failed={"SVM": "too many rows"},
        training={"warnings": ["did not converge"]},
        evaluation={"notes": ("No row is negative",)},
        audit=[finding, msgspec.structs.replace(finding, ignored="we know")],
    )
    text = classification_report(run.summary)
    assert next(line.split() for line in section(text, "Models that could not be trained")) == [
        "SVM",
        "too",
        "many",
        "rows",
    ]
    assert "! Twins" in text
    audited = section(text, "What the audit found")
    assert "warning    twins   Twins: 85 rows are copies" in audited
    assert "ignored    twins   Twins: 85 rows are copies (ignored: we know)" in audited
    assert "- XGBoost gave warnings during training" in text
    assert "Note" in text


def test_an_audit_without_findings_says_so(data: ReportData) -> None:
    assert "Nothing." in section(classification_report(data.summary), "What the audit found")


def test_the_optimism_gap_is_a_table_with_what_each_split_loses(make: Make, gap: Gap) -> None:
    lines = section(classification_report(make(gap=gap).summary), "What the audit found")
    row = "by time 0.7000 [0.6900, 0.7100] +0.1000 [0.0500, 0.1500] 0.9000 [0.8900, 0.9100]"
    assert row in [" ".join(line.split()) for line in lines]
    assert "by time 0.1000 (0.0500 to 0.1500)" in " ".join(lines)


def test_it_ends_with_what_is_needed_to_make_the_run_again(data: ReportData) -> None:
    lines = section(classification_report(data.summary), "Reproducing this run")
    words = [line.split() for line in lines]
    assert ["data", "(SHA-256)", "ab" * 32] in words
    assert ["xgboost", "3.2.0"] in words
    assert ["train.seed", "42"] in words
    assert "Artifacts" not in lines


def test_labels_are_not_taken_for_markup_or_emoji(make: Make) -> None:
    named = make(schema={"positive_label": "[red]:bug:", "label_counts": {"[red]:bug:": 450, "0": 550}})
    assert "predicted [red]:bug:" in classification_report(named.summary)
