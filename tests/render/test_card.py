"""The model card is one page of Markdown with the numbers of the selected model, whatever the data are called."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Finding
from phishcli.render.assemble import ReportData
from phishcli.render.card import model_card
from phishcli.render.words import headline

Make = Callable[..., ReportData]


def section(card: str, title: str) -> str:
    return card.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the lines of a table."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]


def test_it_opens_with_the_model_and_the_headline(data: ReportData) -> None:
    card = model_card(data.summary)
    assert card.startswith("# Model card: XGBoost\n")
    assert all(f"- {sentence}\n" in card for sentence in headline(data.summary))


def test_it_says_what_the_predictions_mean(data: ReportData) -> None:
    facts = {row[0]: row[1] for row in rows(model_card(data.summary).partition("\n## ")[0]) if row[0]}
    assert facts["Predicts"] == "`1` (phishing) if the probability is at least 0.5000, otherwise `0` (legitimate)"
    assert facts["Threshold"] == "0.5 (as given)"
    assert facts["Data"] == f"data/sites.csv, 1,000 rows, SHA-256 `{'ab' * 32}`"
    assert facts["Split"] == "800 training rows, 200 test rows"


def test_every_metric_is_there_with_its_interval(data: ReportData) -> None:
    found = {row[0]: row[1:] for row in rows(section(model_card(data.summary), "Performance"))[1:]}
    score = data.summary.models["XGBoost"].evaluation.metrics["accuracy"]
    assert list(found) == [metric.label for metric in data.summary.metrics]
    assert found["Accuracy"] == ["0.8550", f"{score.low:.4f} to {score.high:.4f}"]
    assert found["TPR at 1% FPR"] == ["not resolvable", ""]


def test_every_threshold_is_described_in_operation(data: ReportData) -> None:
    (head, *found) = rows(section(model_card(data.summary), "In operation"))
    lines = data.summary.operation.models["XGBoost"]
    assert [row[0].removesuffix(" (in use)") for row in found] == [line.rule for line in lines]
    assert {len(row) for row in found} == {len(head)}
    assert [row[0] for row in found if row[0].endswith("(in use)")] == ["0.5 (in use)"]


def test_cautions_are_listed_or_said_to_be_none(make: Make, revealing: Finding) -> None:
    warned = section(model_card(make(audit=[revealing]).summary), "What to watch out for")
    assert f"- **{revealing.title}.** {revealing.detail}" in warned
    clean = section(model_card(make(suspects=None).summary), "What to watch out for")
    assert clean.strip() == "Nothing was found."


def test_segments_and_important_features_are_there_if_they_are_known(
    make: Make, revealing: Finding, explanation: Explanations
) -> None:
    card = model_card(make(audit=[revealing], explanations={"XGBoost": explanation}).summary)
    parts = {row[1]: row[2] for row in rows(section(card, "Performance by segment"))[1:]}
    assert parts == {"not missing": "150", "missing": "50"}
    assert re.match(r"1\. Lines \(ROC-AUC falls by 0\.\d{4}", section(card, "Most important features").strip())
    without = model_card(make().summary)
    assert "Performance by segment" not in without
    assert "Most important features" not in without


@pytest.mark.parametrize("label", ["a|b", "two\nlines"])
def test_a_name_from_the_data_does_not_break_a_table(make: Make, label: str) -> None:
    card = model_card(make(schema={"positive_label": label, "label_counts": {label: 450, "0": 550}}).summary)
    facts = rows(card.partition("\n## ")[0])
    assert {len(row) for row in facts} == {2}


def test_without_intervals_none_is_mentioned(make: Make) -> None:
    card = section(model_card(make(bounds=False).summary), "Performance")
    assert "with the" not in card
    assert {row[2] for row in rows(card)[1:]} == {""}


def test_the_same_run_gives_the_same_card(make: Make) -> None:
    assert model_card(make().summary) == model_card(make().summary)
