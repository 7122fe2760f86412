"""The results of ``phish gate``: a table, a JSON document, JUnit XML for build servers."""

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
    from phishcli.evaluation.requirements import RequirementResult


@dataclass(frozen=True)
class GateTable:
    """One row per requirement, the table that was measured on, and whether a model is worth having."""

    model: str
    results: Sequence[RequirementResult]
    origin: str
    verdict: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name in (self.model, "Requirement", "Measured"):
            table.add_column(name)
        for result in self.results:
            mark = Text("met", "green") if result.met else Text("NOT MET", "bold red")
            table.add_row(mark, result.requirement, result.detail)
        yield table
        if self.verdict:
            yield Text(f"\n{self.verdict}", "bold yellow")
        yield Text(f"\ndata  {self.origin}", "dim")


def as_document(model: str, results: Sequence[RequirementResult]) -> dict[str, Any]:
    """The results as JSON values."""
    return {
        "model": model,
        "met": all(result.met for result in results),
        "results": [asdict(result) for result in results],
    }


def as_junit(model: str, results: Sequence[RequirementResult]) -> bytes:
    """The results as JUnit XML: one test case per requirement."""
    failures = sum(not result.met for result in results)
    counts = {"tests": str(len(results)), "failures": str(failures), "errors": "0"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "phish gate", **counts})
    for result in results:
        case = ET.SubElement(suite, "testcase", {"classname": f"phish.{model}", "name": result.requirement})
        if not result.met:
            failure = ET.SubElement(case, "failure", {"message": f"{result.requirement}: {result.detail}"})
            failure.text = result.detail
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"
