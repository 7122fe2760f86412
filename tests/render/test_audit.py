"""The audit as a terminal shows it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from rich.console import Console

from phishcli.documents.findings import Finding, Findings, Severity
from phishcli.documents.gap import Estimate, Gap, ScoredSplit, SkippedSplit
from phishcli.render.audit import AuditView, GapTable, totals, verdict


def drawn(what: Any, width: int = 80) -> str:
    console = Console(width=width, no_color=True)
    with console.capture() as capture:
        console.print(what)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def finding(severity: Severity, code: str, column: str | None = None, **more: str) -> Finding:
    made = {"severity": severity, "code": code, "column": column, "detail": "Seen.", "advice": "Do."}
    return Finding(**{"title": "t", "numbers": {}, **made, **more})


def shown(*findings: Finding, width: int = 80) -> list[str]:
    return drawn(AuditView(Findings(findings=findings)), width).splitlines()


FINDINGS = (
    finding("error", "decisive-column", "id", detail="id alone has an AUC of 1.0000: it decides the label."),
    finding("note", "missing-values", advice="[bold]Look[/bold] at --drop [x]."),
    finding("warning", "negative-counts", "NoOf:Image", ignored="a code"),
)


def test_each_finding_is_a_block_of_its_name_its_numbers_and_what_to_do() -> None:
    assert shown(*FINDINGS) == [
        "Severity  Check, finding, what to do",
        "─" * 80,
        "error     decisive-column:id",
        "          id alone has an AUC of 1.0000: it decides the label.",
        "          Do.",
        "",
        "note      missing-values",
        "          Seen.",
        "          [bold]Look[/bold] at --drop [x].",
        "",
        "ignored  negative-counts:NoOf:Image: a code",
        "1 error, 1 note; 1 ignored.",
        "To accept a finding: --set audit.ignore.CODE='why', or CODE:COLUMN for one",
        "column (see docs/audit.md).",
    ]


@pytest.mark.parametrize("width", [40, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal_or_than_one_reads_with_ease(width: int) -> None:
    lines = shown(
        finding("warning", "extreme-values", detail="far " * 90 + "off.", advice="--set " + "x" * 150), width=width
    )
    assert max(map(len, lines)) <= min(width, 115)


def test_a_table_without_findings_says_so() -> None:
    assert shown() == ["Nothing was found."]


def test_findings_that_are_all_ignored_leave_no_empty_table() -> None:
    assert shown(FINDINGS[2]) == [
        "ignored  negative-counts:NoOf:Image: a code",
        "Nothing was found; 1 ignored.",
    ]


def test_many_are_counted_in_thousands() -> None:
    assert totals(Findings(findings=(finding("note", "a"),) * 1_200)) == "1,200 notes."


def score(value: float, *, bounds: bool = True) -> Estimate:
    low, high = (value - 0.02, value + 0.01) if bounds else (None, None)
    return Estimate(value=value, low=low, high=high)


RANDOM = ScoredSplit(split="random", train_rows=8_400, test_rows=2_100, accuracy=score(0.83), roc_auc=score(0.89))
BY_TIME = ScoredSplit(
    split="ordered by seen",
    train_rows=900,
    test_rows=300,
    accuracy=score(0.7, bounds=False),
    roc_auc=score(0.75, bounds=False),
    lost=score(0.13, bounds=False),
)
GAP = Gap(
    model="HistGradientBoosting",
    threshold=0.5,
    splits=(RANDOM, BY_TIME),
    skipped=(SkippedSplit(split="grouped by host of url", reason="The groups do not do."),),
)


def test_splits_stand_side_by_side_with_their_intervals_and_skipped_ones_below() -> None:
    assert drawn(GapTable(GAP, 0.9)).splitlines() == [
        "Split             Train    Test   Accuracy           Lost      ROC-AUC",
        "─" * 79,
        "random            8,400   2,100   0.8300                       0.8900",
        "                                  0.8100 to 0.8400             0.8700 to 0.9000",
        "ordered by seen     900     300   0.7000             +0.1300   0.7500",
        "",
        "grouped by host of url: skipped (The groups do not do).",
        "HistGradientBoosting with default parameters, threshold 0.5, 90% intervals",
        "(splits by group resample whole groups; losses treat the two test parts as",
        "independent). What a split loses beyond chance was not skill: it came from rows,",
        "groups or times that the model had already seen. Each split is drawn once.",
    ]


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.02, "Accuracy lost relative to the random split, beyond chance: by host 0.1300 (0.0200 to 0.2000)."),
        (-0.01, "No split loses more accuracy than chance explains."),
        (None, ""),
    ],
)
def test_the_verdict_names_what_is_lost_beyond_chance(low: float | None, said: str) -> None:
    lost = Estimate(value=0.13, low=low, high=None if low is None else 0.2)
    by_host = msgspec.structs.replace(BY_TIME, split="by host", lost=lost)
    assert verdict(msgspec.structs.replace(GAP, splits=(RANDOM, by_host))) == said
