"""``campaigns``: rows that are nearly alike, and the recall by such groups; part of ``phish evaluate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.campaigns import Campaigns
from phishcli.flow.nodes import document, frame
from phishcli.flow.stage import TABLES, Result, Stage
from phishcli.stages import evaluate, load, preprocess
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import EvaluateConfig
    from phishcli.flow.job import Job

CAMPAIGNS = document("campaigns", "campaigns.json", Campaigns)
"""The recall of each model by row and by campaign."""
MEMBERS = frame("campaigns", "members.parquet")
"""One line per positive row: ``row``, ``campaign``, ``part``."""


@dataclass(frozen=True)
class Settings:
    """The bootstrap of the intervals."""

    bootstrap: EvaluateConfig


def settings(config: Config, _: str) -> Settings:
    """The bootstrap of ``evaluate``."""
    return Settings(config.evaluate.only("n_boot", "confidence", "seed"))


def run(job: Job[Settings]) -> Result:
    """Group the positive rows, and count by group."""
    import numpy as np
    import pandas as pd

    from phishcli.evaluation.campaigns import group_rows, recall_by_campaign
    from phishcli.tables.arrow import frame as as_frame

    target = job.read(load.TARGET)["target"].to_numpy()
    rows = np.flatnonzero(target == 1)
    split = job.read(preprocess.SPLIT).set_index("row").loc[rows]
    grouped = group_rows(as_frame(job.read(load.FEATURES).select(rows)), job.read(load.SCHEMA))
    how = job.settings.bootstrap
    found = recall_by_campaign(
        grouped,
        rows,
        (split["part"] == "train").to_numpy(),
        job.each(evaluate.PREDICTIONS),
        n_boot=how.n_boot,
        confidence=how.confidence,
        seed=how.seed,
    )
    members = pd.DataFrame({"row": rows, "campaign": grouped.campaign, "part": split["part"].to_numpy()})
    summary = f"{counted(found.campaigns, 'campaign')} of {counted(found.rows, 'positive row')}"
    return Result({CAMPAIGNS: found, MEMBERS: members}, f"{summary}, {found.unseen:,} unseen in training")


STAGE = Stage(
    name="campaigns",
    title="Group rows that are nearly alike, and count by group.",
    version=1,
    settings=settings,
    reads=(load.FEATURES, load.TARGET, load.SCHEMA, preprocess.SPLIT, evaluate.PREDICTIONS),
    writes=(CAMPAIGNS, MEMBERS),
    libraries=(*TABLES, "scipy"),
    enabled=lambda config: config.evaluate.campaigns,
    after=("evaluate",),
    command=False,
    run=run,
)
