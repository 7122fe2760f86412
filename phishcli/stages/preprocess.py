"""``preprocess``: split the rows, assign folds, and turn features into the matrices that models are trained on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from phishcli.documents.features import Features, Strategy
from phishcli.flow.nodes import content, document, frame, table
from phishcli.flow.stage import FITTED, Result, Stage
from phishcli.stages import load
from phishcli.strategies import strategies_for

if TYPE_CHECKING:
    from phishcli.artifacts import Entry
    from phishcli.config import Config
    from phishcli.config.schema import PreprocessConfig
    from phishcli.features.preprocessing import Preprocessed
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
    """How rows are split, and how columns become features for the models."""

    preprocess: PreprocessConfig
    strategies: tuple[Strategy, ...]


@dataclass(frozen=True)
class Size:
    """How large the training matrix is: said in the manifest, so that plans do not open it."""

    train_rows: int
    features: int

    @classmethod
    def of(cls, entry: Entry) -> Size | None:
        """What an artifact says; None for one of an earlier version."""
        said = entry.manifest.extra
        return cls(said["train_rows"], said["features"]) if {"train_rows", "features"} <= said.keys() else None


def settings(config: Config, _: str) -> Settings:
    """How rows are split, and the different strategies of the models, whichever models have them."""
    return Settings(config.preprocess.only("split", "folds"), strategies_for(config.preprocess, config.train.models))


def run(job: Job[Settings]) -> Result:
    """Split the rows and fit the preprocessor on the training part."""
    from phishcli.features.preprocessing import preprocess

    made = preprocess(
        job.settings.preprocess,
        job.read(load.FEATURES),
        job.read(load.TARGET),
        job.read(load.SCHEMA),
        strategies=job.settings.strategies,
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
        f"{made.train.rows:,} training and {made.test.rows:,} test rows, {len(made.features):,} features{_said(made)}",
        extra=asdict(Size(made.train.rows, len(made.features))),
    )


def _said(made: Preprocessed) -> str:
    """Each strategy with the number of features that its models see, where it is not as usual."""
    views = made.features.views
    if len(views) == 1 and not views[0].strategy.said:
        return ""
    return "".join(f"; {view.strategy.said or 'as usual'}: {len(view.places)}" for view in views)


STAGE = Stage(
    name="preprocess",
    title="Split the rows; fit the preprocessor.",
    version=7,
    settings=settings,
    reads=(load.FEATURES, load.TARGET, load.SCHEMA),
    writes=(TRAIN, TEST, SPLIT, PREPROCESSOR, FEATURES),
    libraries=FITTED,
    run=run,
)
