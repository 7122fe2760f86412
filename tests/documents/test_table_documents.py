"""The documents about the table: schema, findings, features and gap, as they are written and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phishcli.documents.base import Document
from phishcli.documents.features import Feature, Features
from phishcli.documents.findings import Finding, Findings, Severity
from phishcli.documents.gap import Estimate, Gap, ScoredSplit, SkippedSplit
from phishcli.documents.schema import Cleaning, Column, Schema

SCHEMA = Schema(
    synthetic=False,
    table="sites",
    rows=3,
    target="label",
    positive_label=0,
    negative_label=1.5,
    label_counts={"0": 1, "1.5": 2},
    columns=(
        Column(name="Industry", role="categorical", dtype="string", categories=("bank", "shop")),
        Column(name="Lines", role="numeric", dtype="double", missing=1),
        Column(name="Lines_Missing", role="numeric", dtype="int8", indicator_of="Lines"),
    ),
    set_aside={"url": "it holds web addresses"},
    clean=Cleaning(negative_counts=True),
    cleaned={"negative_counts": 2},
)


def finding(code: str, severity: Severity = "note", column: str | None = None, ignored: str | None = None) -> Finding:
    return Finding(
        code=code,
        title="A title",
        severity=severity,
        column=column,
        detail="Seen.",
        advice="Do.",
        numbers={"rows": 2, "groups": [["a", "b"], [1, None]], "columns": {"x": {"far": 1.5}}},
        ignored=ignored,
    )


FINDINGS = Findings(findings=(finding("a", "error"), finding("b"), finding("c"), finding("d", "error", "x", "known")))
FEATURES = Features(
    features=(
        Feature(name="Lines", column="Lines", role="numeric", kind="value"),
        Feature(name="Industry_shop", column="Industry", role="categorical", kind="category", category="shop"),
    )
)
ONE = Estimate(value=0.9, low=0.8, high=0.95)
GAP = Gap(
    model="HistGradientBoosting",
    threshold=0.5,
    splits=(
        ScoredSplit(split="random", train_rows=8, test_rows=2, accuracy=ONE, roc_auc=ONE),
        ScoredSplit(split="grouped by host", train_rows=8, test_rows=2, accuracy=ONE, roc_auc=ONE, lost=ONE),
    ),
    skipped=(SkippedSplit(split="ordered by time", reason="no time found"),),
)


@pytest.mark.parametrize("document", [SCHEMA, FINDINGS, FEATURES, GAP], ids=lambda document: type(document).__name__)
def test_it_reads_back_as_what_was_written(document: Document) -> None:
    text = json.dumps(document.to_plain(), allow_nan=False)
    assert type(document).of_plain(json.loads(text)) == document
    assert json.loads(text)["format"] == 1


def test_a_schema_of_a_release_without_a_format_number_is_read() -> None:
    plain: dict[str, Any] = json.loads(json.dumps(SCHEMA.to_plain()))
    del plain["format"]
    assert Schema.of_plain(plain) == SCHEMA


def test_labels_keep_the_type_of_the_source() -> None:
    for label in (True, 0, 0.0, "0"):
        plain = json.loads(json.dumps({**SCHEMA.to_plain(), "positive_label": label}))
        assert type(Schema.of_plain(plain).positive_label) is type(label)


def test_features_are_named_by_role_or_all_together() -> None:
    assert SCHEMA.names() == ["Industry", "Lines", "Lines_Missing"]
    assert SCHEMA.names("numeric") == ["Lines", "Lines_Missing"]
    assert SCHEMA.positives == 1


def test_only_a_finding_that_is_ignored_says_so_on_disk() -> None:
    plain = FINDINGS.to_plain()["findings"]
    assert ["ignored" in each for each in plain] == [False, False, False, True]


@pytest.mark.parametrize(("least", "expected"), [("error", "a"), ("warning", "a"), ("note", "abc")])
def test_active_findings_are_severe_enough_and_not_ignored(least: Severity, expected: str) -> None:
    assert "".join(each.code for each in FINDINGS.active(least)) == expected
    assert [each.name for each in FINDINGS.ignored()] == ["d:x"]
    assert FINDINGS.counts() == {"error": 1, "note": 2}


def test_processed_features_and_losses_are_counted() -> None:
    assert (len(FEATURES), FEATURES.names) == (2, ["Lines", "Industry_shop"])
    assert GAP.losses == [ONE]
