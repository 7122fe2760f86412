"""``preprocess``: split the rows, assign folds, and turn features into the matrices that models are trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.features import Features
from phishcli.flow.nodes import content, document, frame, table
from phishcli.flow.stage import FITTED, Result, Stage
from phishcli.stages import load

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import PreprocessConfig
    from phishcli.flow.job import Job

TRAIN = table("preprocess", "train.parquet")
"""Processed features (float32) and ``target`` of the training part."""
TEST = table("preprocess", "test.parquet")
"""The same of the test part."""
SPLIT = frame("preprocess", "split.parquet")
"""One line per row of the table, the training part first: ``row``, ``part``, ``fold`` (test: -1)."""
PREPROCESSOR = content("preprocess", "preprocessor.joblib")
"""The fitted preprocessor."""
FEATURES = document("preprocess", "features.json", Features)
"""The source column of each processed feature."""


@dataclass(frozen=True)
class Settings:
    """How rows are split and transformed."""

    preprocess: PreprocessConfig


def settings(config: Config, _: str) -> Settings:
    """The settings of ``preprocess``."""
    return Settings(config.preprocess)


def run(job: Job[Settings]) -> Result:
    """Split the rows and fit the preprocessor on the training part."""
    from phishcli.features.preprocessing import preprocess

    made = preprocess(
        job.settings.preprocess,
        job.read(load.FEATURES),
        job.read(load.TARGET),
        job.read(load.SCHEMA),
        disk=job.disk(),
        on_event=job.on_event,
    )
    return Result(
        {
            TRAIN: made.train,
            TEST: made.test,
            SPLIT: made.split,
            PREPROCESSOR: made.preprocessor,
            FEATURES: made.features,
        },
        f"{made.train.rows:,} training and {made.test.rows:,} test rows, {len(made.features):,} features",
        extra={"train_rows": made.train.rows, "features": len(made.features)},
    )


STAGE = Stage(
    name="preprocess",
    title="Split the rows; fit the preprocessor.",
    version=6,
    settings=settings,
    reads=(load.FEATURES, load.TARGET, load.SCHEMA),
    writes=(TRAIN, TEST, SPLIT, PREPROCESSOR, FEATURES),
    libraries=FITTED,
    run=run,
)
