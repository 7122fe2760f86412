"""The verdicts of ``phish gate``: a table, a JSON document, JUnit XML for build servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.evaluation.requirements import Verdict


@dataclass(frozen=True)
class GateTable:
    """One line a requirement."""

    model: str
    verdicts: Sequence[Verdict]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name in (self.model, "Requirement", "Measured"):
            table.add_column(name)
        for verdict in self.verdicts:
            mark = Text("met", "green") if verdict.met else Text("NOT MET", "bold red")
            table.add_row(mark, verdict.requirement, verdict.detail)
        yield table


def as_document(model: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The verdicts as JSON values."""
    return {
        "model": model,
        "met": all(verdict.met for verdict in verdicts),
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }


def as_junit(model: str, verdicts: Sequence[Verdict]) -> bytes:
    """The verdicts as JUnit XML: one test case per requirement."""
    failures = sum(not verdict.met for verdict in verdicts)
    counts = {"tests": str(len(verdicts)), "failures": str(failures), "errors": "0"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "phish gate", **counts})
    for verdict in verdicts:
        case = ET.SubElement(suite, "testcase", {"classname": f"phish.{model}", "name": verdict.requirement})
        if not verdict.met:
            failure = ET.SubElement(case, "failure", {"message": f"{verdict.requirement}: {verdict.detail}"})
            failure.text = verdict.detail
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"
