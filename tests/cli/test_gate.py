"""``phish gate``: exit code 8 when the model, or the data, is not good enough, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

EASY, HARD = "--require=accuracy>=0.5", "--require=accuracy>=0.99"


def test_what_is_met_passes(on_sites: Callable) -> None:
    said = on_sites("gate", EASY, "--require=fpr<=0.5")
    assert said.code == 0
    assert said.out.count("met ") == 2
    assert "NOT MET" not in said.out


def test_what_is_not_met_is_exit_code_8_with_the_measured_number(on_sites: Callable) -> None:
    said = on_sites("gate", EASY, HARD)
    assert said.code == 8
    accuracy = on_sites("evaluate", "--json").document["selection"]["table"]["LogisticRegression"]["accuracy"]
    assert f"accuracy>=0.99: it is {accuracy:.4f}" in said.err
    assert "1 of 2 requirements is not met" in said.err
    assert "NOT MET" in said.out


def test_the_lower_bound_of_the_interval_can_be_what_counts(on_sites: Callable) -> None:
    scores = on_sites("show", "evaluate/LogisticRegression", "--file=metrics.json")
    on_sites("evaluate")
    scores = on_sites("show", "evaluate/LogisticRegression", "--file=metrics.json").document["metrics"]["accuracy"]
    between = (scores["low"] + scores["value"]) / 2
    assert on_sites("gate", f"--require=accuracy>={between}").code == 0
    said = on_sites("gate", f"--require=accuracy>={between}:lower")
    assert said.code == 8
    assert f"its lower bound is {scores['low']:.4f}" in said.err


def test_what_so_few_rows_cannot_resolve_is_not_met(on_sites: Callable) -> None:
    said = on_sites("gate", "--require=tpr@fpr=0.01>=0.0")
    assert said.code == 8
    assert "it is not resolvable on so few rows" in said.err


def test_another_model_than_the_selected_one_can_be_asked_for(on_sites: Callable) -> None:
    table = on_sites("evaluate", "--json").document["selection"]["table"]
    assert table["NaiveBayes"]["accuracy"] < table["LogisticRegression"]["accuracy"]
    limit = f"--require=accuracy>={table['LogisticRegression']['accuracy']}"
    assert on_sites("gate", limit).code == 0
    said = on_sites("gate", limit, "--model=NaiveBayes")
    assert said.code == 8
    assert "NaiveBayes" in said.out
    missing = on_sites("gate", limit, "--model=KNN")
    assert missing.code == 2
    assert "There is no evaluated model 'KNN'\n   next: The models are LogisticRegression, NaiveBayes" in missing.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Nothing to check\n   next: Add --require 'accuracy>=0.82' or --no-audit-errors"),
        (["--require=accuracy"], "'accuracy' is not a requirement\n  where: --require"),
        (["--require=goodness>=1"], "There is no metric 'goodness'\n  where: --require goodness>=1"),
    ],
)
def test_a_mistake_is_found_before_anything_runs(
    on_sites: Callable, tmp_path: Path, options: list[str], message: str
) -> None:
    said = on_sites("gate", *options)
    assert said.code == 2
    assert message in said.err
    assert not (tmp_path / ".cache").exists()


def test_errors_of_the_audit_fail_only_where_that_is_asked_for(on_sites: Callable, sites: Path) -> None:
    assert on_sites("gate", "--no-audit-errors").code == 0
    frame = pd.read_csv(sites)
    frame["Serial"] = (frame["label"] == "phishing").astype(int) * 1000 + frame.index
    frame.to_csv(sites, index=False)
    assert on_sites("gate", EASY, "--keep=Serial").code == 0
    said = on_sites("gate", EASY, "--keep=Serial", "--no-audit-errors")
    assert said.code == 8
    assert "no audit errors: 1: decisive-column" in said.err


def test_an_error_of_the_audit_that_is_known_and_accepted_does_not_fail(on_sites: Callable, sites: Path) -> None:
    frame = pd.read_csv(sites)
    frame["Serial"] = (frame["label"] == "phishing").astype(int) * 1000 + frame.index
    frame.to_csv(sites, index=False)
    accepted = "--set=audit.ignore={decisive-column: a blocklist, identifier: a blocklist}"
    assert on_sites("gate", "--keep=Serial", "--no-audit-errors", accepted).code == 0


def test_junit_is_written_whether_or_not_the_gate_is_passed(on_sites: Callable, tmp_path: Path) -> None:
    path = tmp_path / "build" / "gate.xml"
    path.parent.mkdir()
    assert on_sites("gate", EASY, HARD, "--no-audit-errors", f"--junit={path}").code == 8
    suite = ET.parse(path).getroot()[0]  # noqa: S314 (written a line above)
    assert [suite.get(name) for name in ("tests", "failures")] == ["3", "1"]
    assert [case.get("name") for case in suite if len(case)] == ["accuracy>=0.99"]
    assert on_sites("gate", EASY, f"--junit={path}").code == 0
    assert ET.parse(path).getroot().get("failures") == "0"  # noqa: S314 (written a line above)


def test_json_is_one_document_met_or_not(on_sites: Callable) -> None:
    document = on_sites("gate", EASY, "--json").document
    assert (document["model"], document["met"]) == ("LogisticRegression", True)
    said = on_sites("gate", EASY, HARD, "--json")
    assert said.code == 8
    assert said.document["met"] is False
    assert [result["met"] for result in said.document["results"]] == [True, False]


def test_a_junit_file_that_cannot_be_written_is_named_and_the_result_is_shown(on_sites: Callable, sites: Path) -> None:
    said = on_sites("gate", EASY, f"--junit={sites}/gate.xml")
    assert said.code == 7
    assert "met" in said.out
    assert "The JUnit file could not be written" in said.err
    assert f"{sites}/gate.xml" in said.err


def test_a_junit_file_of_somebody_else_is_kept_and_one_of_ours_is_replaced(on_sites: Callable, tmp_path: Path) -> None:
    (tmp_path / "gate.xml").write_text("<testsuite name='mine'/>")
    said = on_sites("gate", EASY, f"--junit={tmp_path}/gate.xml")
    assert said.code == 7
    assert "did not write" in said.err
    assert (tmp_path / "gate.xml").read_text() == "<testsuite name='mine'/>"
    (tmp_path / "gate.xml").unlink()
    for _ in range(2):
        assert on_sites("gate", EASY, f"--junit={tmp_path}/gate.xml").code == 0
    assert "phish gate" in (tmp_path / "gate.xml").read_text()
