"""The parent of an update: its release, its fitted models, and the rows that it was trained and tested on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.errors import ConfigError, DataError, PhishError
from phishcli.stages import load, preprocess
from phishcli.update.rows import NewRows, read_new_rows

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.documents.features import Features, Strategy
    from phishcli.documents.release import ModelMetadata
    from phishcli.documents.update import Update
    from phishcli.events import OnEvent
    from phishcli.search.settings import ModelSettings
    from phishcli.serving.bundle import Bundle
    from phishcli.sources.source import Source

SNAPSHOT = "config_snapshot.yaml"
ALONE = "Give --no-retrain to update without the rows of the parent"


@dataclass(frozen=True)
class Parent:
    """A release that is continued, and its selected model."""

    bundle: Bundle
    entry: Entry

    @classmethod
    def of(cls, bundle: Bundle) -> Parent:
        """Read the manifest of an open release."""
        return cls(bundle, Entry(bundle.folder, Manifest.read(bundle.folder)))

    @property
    def version(self) -> str:
        """Its version, as ``1.2.0``."""
        return self.bundle.metadata.version

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it holds."""
        from phishcli.documents.release import Contents

        return Contents.of(self.entry.manifest.extra).models

    def estimator(self, model: str) -> Any:
        """A fitted model, after the hash of its file was compared."""
        return self.entry.read(f"{model}_model.joblib")

    def settings(self, model: str) -> ModelSettings | None:
        """How a model was trained; None where the settings of the run cannot be read, as those of earlier versions."""
        from phishcli.project import Project
        from phishcli.stages import train

        try:
            return train.settings(Project.of(file=self.bundle.folder / SNAPSHOT).config, model)
        except PhishError:
            return None

    def first(self) -> tuple[ModelMetadata, list[Update]]:
        """The release of a run that this one goes back to, and the updates from there to this one, latest first.

        Raises
        ------
        ConfigError
            When a release in between is gone.
        """
        from phishcli.documents.release import Contents, ModelMetadata
        from phishcli.update.release import read_update

        entry, updates = self.entry, []
        while (made := read_update(entry.folder)) is not None:
            updates.append(made)
            folder = self.bundle.folder.parent / f"v{made.parent}"
            try:
                entry = Entry(folder, Manifest.read(folder))
            except Damaged as error:
                what = f"v{made.parent}, which v{made.version} continues, is missing"
                raise ConfigError(what, where=str(folder), hint=ALONE) from error
        selected = Contents.of(entry.manifest.extra).selected
        return ModelMetadata.of_plain(entry.read(f"{selected}_metadata.json")), updates

    def open(self, model: str) -> Bundle:
        """The release, opened for another of its models."""
        from phishcli.serving.bundle import load_bundle

        return load_bundle(self.bundle.folder, model)


@dataclass(frozen=True)
class EarlierRows:
    """The rows of the parent, n training and m test rows.

    ``features`` is the table that ``load`` stored; ``train`` and ``test`` are positions in it, ``folds`` has the fold
    of each training row, ``y_train`` and ``y_test`` the classes, and ``x_test`` the test rows as the parent encodes
    them. ``since`` are the rows of the updates between.
    """

    features: pd.DataFrame
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    folds: NDArray[np.int8]
    y_train: NDArray[np.int8]
    y_test: NDArray[np.int8]
    x_test: NDArray[np.float32]
    strategy: Strategy
    since: tuple[NewRows, ...] = ()


def earlier_rows(parent: Parent, on_event: OnEvent) -> EarlierRows:
    """Bring the parent's rows up to date from its cache or its source.

    Raises
    ------
    ConfigError
        When its settings or its table are not there any more.
    DataError
        When the table is not the one that it was trained on.
    """
    from phishcli.project import Project
    from phishcli.tables.arrow import whole

    settings = parent.bundle.folder / SNAPSHOT
    try:
        outcome = Project.of(file=settings).run("preprocess", keep=False, on_event=on_event).outcome
    except PhishError as error:
        what = f"The table that v{parent.version} was trained on cannot be read: {error.what}"
        raise ConfigError(what, where=error.where, hint=ALONE) from error
    first, updates = parent.first()
    _check_same(outcome.source, first.data.sha256, first.version)
    split, test = outcome.get(preprocess.SPLIT), whole(outcome.get(preprocess.TEST))
    is_train = (split["part"] == "train").to_numpy()
    rows = split["row"].to_numpy()
    return EarlierRows(
        features=whole(outcome.get(load.FEATURES)),
        train=rows[is_train],
        test=rows[~is_train],
        folds=split["fold"].to_numpy()[is_train],
        y_train=outcome.get(preprocess.TRAIN).column("target").to_numpy().astype(np.int8),
        y_test=test["target"].to_numpy(np.int8),
        x_test=test.drop(columns="target").to_numpy(np.float32),
        strategy=_one_strategy(outcome.get(preprocess.FEATURES)),
        since=tuple(_rows_of(parent, each, on_event) for each in reversed(updates)),
    )


def _one_strategy(features: Features) -> Strategy:
    """The strategy of all models.

    Raises
    ------
    ConfigError
        When models have different ones, or classes are balanced or categories told to the models.
    """
    from phishcli.documents.features import DEFAULT

    strategies = features.strategies or (DEFAULT,)
    if len(strategies) > 1 or strategies[0].balance != "none" or strategies[0].encode == "native":
        what = "An update does not support per-model preprocessing, balanced classes or native categories"
        raise ConfigError(what, where="preprocess", hint="Train again on all rows: phish run-all")
    return strategies[0]


def _check_same(source: Source, sha256: str, version: str) -> None:
    if source.sha256 != sha256:
        what = f"The table that v{version} was trained on has changed since"
        raise DataError(what, where=source.origin, hint=ALONE)


def _rows_of(parent: Parent, made: Update, on_event: OnEvent) -> NewRows:
    """The rows of an earlier update, from its source."""
    import tempfile

    from phishcli.sources.locate import locate

    with tempfile.TemporaryDirectory(prefix="phish-update-") as copies:
        source = locate(made.data.source, cache=Path(copies), on_event=on_event)
        _check_same(source, made.data.sha256, made.version)
        return read_new_rows(parent.bundle, source)
