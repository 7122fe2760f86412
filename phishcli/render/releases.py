"""Releases, the log of promotions, and what changes from one release to another, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from phishcli.documents.promotion import Promotion
from phishcli.documents.release import ListedRelease, ModelMetadata
from phishcli.wording import counted

SHOWN = ("accuracy", "recall", "fpr", "roc_auc")


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for name in names:
        table.add_column(name)
    return table


def releases_table(found: Sequence[ListedRelease]) -> RenderableType:
    """One row per release."""
    if not found:
        return Text("There are no releases. Write one: phish persist")
    table = _table("Version", "Alias", "Model", "Accuracy", "ROC-AUC", "Created")
    for each in found:
        alias = Text(", ".join(each.aliases), "green")
        if each.selected is None:
            table.add_row(each.version, alias, Text(each.damage or "", "bold red"))
            continue
        table.add_row(
            each.version,
            alias,
            each.selected.model,
            _value(each.selected, "accuracy"),
            _value(each.selected, "roc_auc"),
            each.created[:16].replace("T", " "),
        )
    return table


def _value(about: ModelMetadata, metric: str) -> str:
    score = about.metrics.get(metric)
    return "" if score is None or score.value is None else f"{score.value:.4f}"


def release_table(release: ListedRelease) -> RenderableType:
    """One release in detail."""
    about = release.selected
    if about is None:
        return Text(f"{release.version} is damaged: {release.damage}", "bold red")
    rows = [
        ("version", f"{release.version}{' (' + ', '.join(release.aliases) + ')' if release.aliases else ''}"),
        *([("parent", f"continues v{release.parent}")] if release.parent else []),
        ("model", f"{about.model}; the release holds {', '.join(release.models)}"),
        ("target", f"{about.target}, positive class {about.positive_label}"),
        ("threshold", f"{about.threshold:g}"),
        ("columns", ", ".join(about.columns)),
        ("data", f"{about.data.source} ({about.data.sha256[:12]})"),
        ("trained", about.trained),
        ("test rows", "  ".join(f"{name} {_value(about, name)}" for name in SHOWN if _value(about, name))),
    ]
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, text in rows:
        table.add_row(Text(name, "dim"), text)
    return table


def log_table(entries: Sequence[Promotion]) -> RenderableType:
    """One row per entry, oldest first."""
    if not entries:
        return Text("Nothing has been promoted yet. To start: phish models promote")
    table = _table("No", "Time (UTC)", "Action", "Alias", "Version", "Who", "Why")
    for each in entries:
        time = each.time[:16].replace("T", " ")
        table.add_row(str(each.number), time, each.action, each.alias, f"v{each.version}", each.who, each.why)
    return table


def diff_table(before: str, after: str, rows: Sequence[tuple[str, str, str]]) -> RenderableType:
    """What differs between two releases."""
    if not rows:
        return Text(f"{before} and {after} do not differ in model, data or metrics.")
    table = _table("", before, after)
    for row in rows:
        table.add_row(*row)
    return table


def flips_table(changes: Any) -> RenderableType:
    """How many verdicts change, and the rows with the largest changes."""
    share = f"{changes.flipped:,} of {counted(changes.rows, 'verdict')} change"
    if not changes.flipped:
        return Text(f"{share}.")
    table = _table("Row", "Before", "After", "Probability")
    for each in changes.largest:
        probability = f"{each.probability_before:.4f} -> {each.probability_after:.4f}"
        table.add_row(str(each.row), each.verdict_before, each.verdict_after, probability)
    return Group(Text(f"{share}; the largest changes of probability:"), table)
