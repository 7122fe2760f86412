"""The models side by side, which one was selected and why; also the final output of ``run-all``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from phishcli.cli.views import source, stages
from phishcli.cli.views.train import search
from phishcli.documents.base import plain_of
from phishcli.stages import audit, campaigns, evaluate, tiers, train
from phishcli.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from phishcli.events import Notice
    from phishcli.project import Run


def show(run: Run, notices: Sequence[Notice] = ()) -> RenderableType:
    """The comparison, the selected model, what there is to know about the data, and the files."""
    from phishcli.render.comparison import ModelComparison, selection_text
    from phishcli.render.notices import lines_table
    from phishcli.render.segments import SegmentView

    selection = run.selection
    parts = SegmentView(selection.segments, selection.model)
    table = ModelComparison(selection)
    lines = lines_table([*_known(run, notices), *_where(run)])
    found = parts, selection_text(selection), Text(), *_beside(run), lines
    return Group(*search(run), Text(), table, Text(), *found)


def _beside(run: Run) -> list[RenderableType]:
    """What was asked for beside the comparison: tiers and campaigns."""
    from phishcli.render.campaigns import campaigns_view
    from phishcli.render.tiers import tiers_view

    confidence, found = run.selection.confidence, list[Any]()
    if tiers.STAGE.name in run.outcome.entries:
        found += [tiers_view(run.outcome.get(tiers.TIERS), confidence), Text()]
    if campaigns.STAGE.name in run.outcome.entries:
        found += [campaigns_view(run.outcome.get(campaigns.CAMPAIGNS), confidence), Text()]
    return found


def brief(run: Run) -> RenderableType:
    """The selected model, how good it is, and where the report or the release is."""
    from phishcli.render.comparison import selected_in_brief

    files = {label: path for label, path in _files(run).items() if label in ("report", "release")}
    failed = [Text(f"failed    {reason.splitlines()[0]}", "red") for reason in run.outcome.failed.values()]
    severe = [Text(f"{_severe(run)} (phish audit)", "yellow")] if _severe(run) else []
    paths = (Text(str(path), "dim") for path in files.values())
    return Group(selected_in_brief(run.selection), *failed, *severe, *paths)


def document(run: Run) -> dict[str, Any]:
    """The selection with the findings and the files."""
    return {
        "source": source(run),
        "synthetic": run.outcome.source.synthetic,
        "stages": stages(run),
        **plain_of(run.outcome.get(audit.FINDINGS)),
        "selection": run.selection.to_plain(),
        **_beside_plain(run),
        "files": {label: str(path) for label, path in _files(run).items()},
    }


def _beside_plain(run: Run) -> dict[str, Any]:
    """Tiers and campaigns as JSON values, where they were asked for."""
    found: dict[str, Any] = {}
    if tiers.STAGE.name in run.outcome.entries:
        found["tiers"] = run.outcome.get(tiers.TIERS).to_plain()
    if campaigns.STAGE.name in run.outcome.entries:
        found["campaigns"] = run.outcome.get(campaigns.CAMPAIGNS).to_plain()
    return found


def _known(run: Run, notices: Sequence[Notice]) -> Iterator[tuple[str, str]]:
    """What there is to know about the data and the run, most severe first; of the audit's notes only their number."""
    from phishcli.render.notices import labeled

    findings = run.outcome.get(audit.FINDINGS)
    further = labeled(each for each in notices if each.when != "finding")
    severe = [(found.severity, found.detail) for found in findings.active("warning")]
    yield from (line for line in severe if line[0] == "error")
    yield from (("failed", reason.partition("\n")[0]) for reason in run.outcome.failed.values())
    yield from dict.fromkeys(line for line in (*severe, *further) if line[0] == "warning")
    yield from (line for line in further if line[0] == "note")
    if notes := findings.counts().get("note"):
        yield "audit", f"{counted(notes, 'more note')}: phish audit"


def _where(run: Run) -> Iterator[tuple[str, str]]:
    """The table and the files."""
    yield from _prices(run)
    yield "data", run.outcome.source.origin
    yield from ((label, str(path)) for label, path in _files(run).items())


def _prices(run: Run) -> Iterator[tuple[str, str]]:
    """What an ensemble takes for a row, beside the best single model."""
    from phishcli.models import combined

    single = next((model for model in run.selection.ranking if model not in combined()), None)
    found = [model for model in run.selection.ranking if model in combined()]
    for model in found if single else ():
        both, alone = (1e6 * seconds for seconds in _seconds(run, model, single or ""))
        yield "price", f"{model} takes {both:,.3g} µs for a row, {single} alone {alone:,.3g} µs."


def _seconds(run: Run, combined: str, single: str) -> tuple[float, float]:
    """Seconds for a row of an ensemble and of a single model, which are timed side by side if that is a member."""
    members = {
        each.name: each.seconds_per_row for each in run.outcome.get(train.TRAINING, combined).members if each.weight
    }
    if single in members:
        return sum(members.values()), members[single]
    combined_time, single_time = (run.outcome.get(evaluate.TIMING, each) for each in (combined, single))
    return combined_time.seconds_per_row, single_time.seconds_per_row


def _severe(run: Run) -> str:
    """``1 error, 2 warnings``; empty if there is none."""
    found = run.outcome.get(audit.FINDINGS).counts()
    return ", ".join(counted(number, severity) for severity, number in found.items() if severity != "note")


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
