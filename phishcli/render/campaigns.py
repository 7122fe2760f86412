"""The recall by campaign beside that by row, in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.render.beside import CAMPAIGNS, Beside
from phishcli.render.formats import interval, number
from phishcli.wording import bounded, counted, percent

if TYPE_CHECKING:
    from phishcli.documents.campaigns import Campaigns
    from phishcli.documents.gap import Estimate

HOW = (
    "Campaigns: each counts once. By size: each counts by its rows in the whole table. Unseen: campaigns without "
    "a training row."
)


def campaigns_view(found: Campaigns, confidence: float) -> Beside:
    """Show the recalls of the models side by side."""
    return Beside(
        title="Recall by row and by campaign (a group of nearly identical rows)",
        source=CAMPAIGNS,
        heads=("Model", "Rows", "Campaigns", "by size", "unseen, rows", "unseen, campaigns"),
        rows=[
            (each.model, *map(_score, (each.rows, each.campaigns, each.weighted, each.unseen, each.unseen_campaigns)))
            for each in found.models
        ],
        explained=[_grouping(found), f"{HOW} {percent(confidence, 0)} intervals, resampled by campaign."],
    )


def _grouping(found: Campaigns) -> str:
    largest = ", ".join(f"{size:,}" for size in found.largest)
    return (
        f"{counted(found.rows, 'positive row')} in {counted(found.campaigns, 'campaign')}, the largest with {largest} "
        f"rows; compared by {bounded(found.columns, 8)}. The test part has {found.test_rows:,} of them in "
        f"{counted(found.tested, 'campaign')}, {found.unseen:,} of which ({counted(found.unseen_rows, 'row')}) have no "
        f"training row."
    )


def _score(score: Estimate | None) -> str:
    return "-" if score is None else f"{number(score.value)}\n{interval(score)}"
