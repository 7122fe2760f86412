"""The models side by side, which one was selected and why; also the final output of ``run-all``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from phishcli.cli.views import source, stages
from phishcli.cli.views.train import search
from phishcli.documents.base import plain_of
from phishcli.stages import audit

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from phishcli.project import Run


def show(run: Run) -> RenderableType:
    """The comparison, the selected model, warnings, and the files."""
    from phishcli.render.comparison import ModelComparison, selection_text
    from phishcli.render.segments import SegmentView

    selection = run.selection
    parts = SegmentView(selection.segments, selection.model)
    table = ModelComparison(selection)
    return Group(*search(run), Text(), table, Text(), parts, selection_text(selection), Text(), _notes(run))


def brief(run: Run) -> RenderableType:
    """The selected model, how good it is, and where the report or the release is."""
    from phishcli.render.comparison import selected_in_brief

    files = {label: path for label, path in _files(run).items() if label in ("report", "release")}
    failed = [Text(f"failed    {reason.splitlines()[0]}", "red") for reason in run.outcome.failed.values()]
    return Group(selected_in_brief(run.selection), *failed, *(Text(str(path), "dim") for path in files.values()))


def document(run: Run) -> dict[str, Any]:
    """The selection with the findings and the files."""
    return {
        "source": source(run),
        "synthetic": run.outcome.source.synthetic,
        "stages": stages(run),
        **plain_of(run.outcome.get(audit.FINDINGS)),
        "selection": run.selection.to_plain(),
        "files": {label: str(path) for label, path in _files(run).items()},
    }


def _notes(run: Run) -> Table:
    """Warnings and files, one per line: a label and a text, with long texts indented."""
    from phishcli.project import SYNTHETIC

    table = run.outcome.source
    lines = [
        *_warnings(run),
        *(("failed", "red", reason.partition("\n")[0]) for reason in run.outcome.failed.values()),
        ("data", "dim", f"{table.origin}: {SYNTHETIC}" if table.synthetic else table.origin),
        *((label, "dim", str(path)) for label, path in _files(run).items()),
    ]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(min_width=9, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, style, text in lines:
        grid.add_row(Text(label, style), Text(text))
    return grid


def _warnings(run: Run) -> list[tuple[str, str, str]]:
    """Audit findings more severe than a note."""
    from phishcli.render.audit import STYLES

    findings = run.outcome.get(audit.FINDINGS).active("warning")
    return [(found.severity, STYLES[found.severity], found.detail) for found in findings]


def _files(run: Run) -> dict[str, Path]:
    """The files and folders to open next."""
    entries = run.outcome.entries
    files = {"artifacts": entries["load"].folder.parent.parent}
    if "report" in entries:
        files["report"] = run.results / "report.html"
        files["text"] = run.results / "classification_report.txt"
        files["summary"] = run.results / "summary.json"
    if "persist" in entries:
        files["release"] = entries["persist"].folder
    return files
