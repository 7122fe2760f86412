"""The results of the gate: a table for people, JUnit XML for build servers."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

from phishcli.evaluation.requirements import RequirementResult
from phishcli.render.gate import GateTable, as_document, as_junit

MET = RequirementResult("accuracy>=0.8", "accuracy", 0.83, met=True, detail="it is 0.8300")
MISSED = RequirementResult("fpr<=0.01", "fpr", 0.1, met=False, detail="it is 0.1000")


def test_a_requirement_that_is_not_met_stands_out_without_colour(drawn: Callable[..., list[str]]) -> None:
    lines = [line.split() for line in drawn(GateTable("XGBoost", [MET, MISSED], "sites.csv", "No model beats it."))]
    assert ["met", "accuracy>=0.8", "it", "is", "0.8300"] in lines
    assert ["NOT", "MET", "fpr<=0.01", "it", "is", "0.1000"] in lines
    assert lines[-3:] == [["No", "model", "beats", "it."], [], ["data", "sites.csv"]]


def test_junit_has_a_case_per_requirement_and_a_failure_per_one_that_is_not_met() -> None:
    root = ET.fromstring(as_junit("XGBoost", [MET, MISSED]))  # noqa: S314 (written a line above)
    assert root.tag == "testsuites"
    (suite,) = root
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["2", "1", "0"]
    assert [(case.get("classname"), case.get("name"), len(case)) for case in suite] == [
        ("phish.XGBoost", "accuracy>=0.8", 0),
        ("phish.XGBoost", "fpr<=0.01", 1),
    ]
    assert suite[1][0].get("message") == "fpr<=0.01: it is 0.1000"


def test_the_document_says_whether_all_are_met() -> None:
    assert as_document("XGBoost", [MET])["met"] is True
    document = as_document("XGBoost", [MET, MISSED])
    assert (document["model"], document["met"]) == ("XGBoost", False)
    assert document["results"][1]["measured"] == 0.1
