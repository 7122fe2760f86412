"""``phish audit``: what it shows, when it fails, what can be ignored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

KNOWN = {
    "category-spelling": "warning",
    "negative-counts": "warning",
    "missing-values": "note",
    "conflicting-labels": "note",
    "duplicate-rows": "note",
    "twins-across-split": "note",
}
"""What there is to find in the small table."""


@pytest.fixture
def on_hosts(phish: Callable, tmp_path: Path, sites: Path) -> Callable:
    """Call the program on the small table with an address, a day, and a number of the row that reveals the label."""
    table = pd.read_csv(sites).sort_values("label", kind="stable", ignore_index=True)
    table["url"] = [f"https://h{row % 30}.com/{row}" for row in range(len(table))]
    table["seen_at"] = pd.date_range("2024-01-01", periods=len(table), freq="D").astype(str)
    table["rank"] = table.index * 2
    path = tmp_path / "hosts.csv"
    table.to_csv(path, index=False)

    def call(*arguments: str) -> object:
        data = ("--source", path, "--target=label", "--positive-label=phishing", "--set=evaluate.n_boot=40")
        return phish("audit", *data, *arguments)

    return call


def test_it_is_the_golden_text(on_sites: Callable, golden: Callable) -> None:
    golden("audit", on_sites("audit", "-q").out)


def test_findings_are_sorted_by_severity(on_hosts: Callable) -> None:
    said = on_hosts("--json", "-q").document
    order = [finding["severity"] for finding in said["findings"]]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    assert order[0] == "error"
    assert said["gap"] is None
    assert said["source"]["origin"].endswith("hosts.csv")
    out = on_hosts("-q").out
    places = [out.index(f"{finding['code']}") for finding in said["findings"]]
    assert places == sorted(places)


def test_json_holds_every_finding_with_its_numbers(on_sites: Callable) -> None:
    findings = {finding["code"]: finding for finding in on_sites("audit", "--json").document["findings"]}
    assert {code: finding["severity"] for code, finding in findings.items()} == KNOWN
    negative = findings["negative-counts"]
    assert set(negative) == {"code", "title", "severity", "column", "detail", "advice", "numbers"}
    assert negative["column"] == "NoOfImage"
    assert negative["numbers"]["rows"] > 0


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 8)])
def test_it_fails_on_findings_that_are_severe_enough(on_sites: Callable, fail_on: str, code: int) -> None:
    said = on_sites("audit", f"--fail-on={fail_on}")
    assert said.code == code
    assert "category-spelling:Industry" in said.out
    assert ("The audit has 2 findings of severity warning or above" in said.err) == (code == 8)


def test_it_fails_on_an_error_and_names_it(on_hosts: Callable) -> None:
    said = on_hosts("--fail-on=error", "-q")
    assert said.code == 8
    assert "identifier" in said.err
    assert "--set audit.ignore.CODE='why'" in said.err


def test_what_is_ignored_with_a_reason_fails_nothing_and_is_listed_last(on_sites: Callable) -> None:
    reasons = (
        "--set=audit.ignore.category-spelling=one of them is the mobile shop",
        "--set=audit.ignore.negative-counts:NoOfImage=-1 and -2 mean that the page had no body",
    )
    said = on_sites("audit", "--fail-on=warning", *reasons)
    assert said.code == 0
    assert "ignored  negative-counts:NoOfImage: -1 and -2 mean that the page had no body" in said.out
    assert said.out.index("missing-values") < said.out.index("ignored  category-spelling:Industry: one of them")
    assert "4 notes; 2 ignored." in said.out
    assert "differ only in case" not in said.err


def test_another_column_is_not_ignored(on_sites: Callable) -> None:
    said = on_sites("audit", "--fail-on=warning", "--set=audit.ignore.category-spelling:Lines=no")
    assert said.code == 8


def test_ignoring_computes_nothing_anew_but_the_audit(on_sites: Callable) -> None:
    on_sites("audit")
    plan = on_sites("audit", "--dry-run", "--json", "--set=audit.ignore.negative-counts=known").document
    assert {step["step"]: step["status"] for step in plan["steps"]} == {
        "load": "fresh",
        "preprocess": "fresh",
        "audit": "stale",
    }


@pytest.mark.parametrize(
    ("ignore", "meant"),
    [("negative-count", "did you mean negative-counts?"), ("colour:Industry", r"docs/audit.md lists them")],
)
def test_an_unknown_code_is_refused_with_the_nearest(on_sites: Callable, ignore: str, meant: str) -> None:
    said = on_sites("audit", f"--set=audit.ignore.{ignore}=known")
    assert said.code == 2
    assert f"unknown check {ignore.partition(':')[0]}; " in said.err
    assert meant in said.err


def test_a_reason_must_be_given(on_sites: Callable) -> None:
    said = on_sites("audit", "--set=audit.ignore.negative-counts=")
    assert said.code == 2
    assert "audit.ignore" in said.err


def test_reasons_may_stand_in_the_file(on_sites: Callable, tmp_path: Path) -> None:
    file = tmp_path / "phish.yaml"
    file.write_text("audit:\n  ignore:\n    'category-spelling:Industry': known\n    negative-counts: known\n")
    assert on_sites("audit", "--fail-on=warning", "-c", file).code == 0


def test_the_gap_shows_every_split_side_by_side(on_hosts: Callable) -> None:
    said = on_hosts("--gap", "--drop=rank", "--drop=url", "--drop=seen_at")
    lines = said.out.splitlines()
    for name in ("random  ", "grouped by host of url  "):
        (at,) = (number for number, line in enumerate(lines) if line.startswith(name))
        assert " to " in lines[at + 1]
    assert (
        "ordered by seen_at: skipped (The test part (48 of 240 rows) does not hold rows of both classes)." in said.out
    )
    gap = on_hosts("--gap", "--drop=rank", "--drop=url", "--drop=seen_at", "--json", "-q").document["gap"]
    splits, skipped = gap["splits"], gap["skipped"]
    assert [split["split"] for split in splits] == ["random", "random, without twins", "grouped by host of url"]
    assert [split["split"] for split in skipped] == ["ordered by seen_at"]
    assert splits[0]["accuracy"]["low"] < splits[0]["accuracy"]["value"] < splits[0]["accuracy"]["high"]


def test_the_settings_may_ask_for_the_gap(on_sites: Callable) -> None:
    assert on_sites("audit", "--set=audit.gap=true", "--json", "-q").document["gap"]["model"] == "HistGradientBoosting"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(on_sites: Callable, tmp_path: Path) -> None:
    said = on_sites("audit", "--dry-run", "--gap")
    assert said.code == 0
    steps = [line.split()[0] for line in said.out.splitlines()[1:] if line.strip()]
    assert steps[:4] == ["load", "preprocess", "audit", "gap"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sites.csv"]


def test_a_second_run_computes_nothing_and_force_does(on_sites: Callable) -> None:
    first = on_sites("audit")
    again = on_sites("audit", "-v")
    assert again.out == first.out
    assert "cached" in again.err
    assert "audit: 2 warnings, 4 notes (" in on_sites("audit", "--force").err
