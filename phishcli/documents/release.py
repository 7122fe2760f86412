"""``{Model}_metadata.json`` of a release: what one should know of a model before trusting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from phishcli.documents.base import Document, Part, plain_of
from phishcli.documents.calibration import CalibrationMap
from phishcli.documents.metrics import ConfusionMatrix, FoldScores, Score, ThresholdRule
from phishcli.documents.schema import Label
from phishcli.documents.training import Seconds, Value
from phishcli.documents.verdicts import Bands


class DataSource(Part, frozen=True, kw_only=True):
    """The table: where it lay, without passwords and tokens, and the SHA-256 of its content."""

    source: str
    sha256: str


class ModelMetadata(Document, frozen=True, kw_only=True):
    """One model of a release.

    ``threshold`` is the probability from which a row counts as positive, ``threshold_rule`` how it was chosen, and
    ``calibration`` the map from scores to probabilities (None: they are the same). ``metrics``, ``delong`` (interval of
    the ROC-AUC) and ``confusion`` are on the test rows, ``cross_validation`` on the folds of the training rows.
    ``features`` are the processed features, ``columns`` the columns of the source that a row must have. ``packages``
    has the versions of the libraries that it was trained with, None for one that was not installed. ``trained`` is an
    ISO time in UTC, ``git_commit`` the commit in the folder where the release was made, None outside of a repository.
    ``bands`` says which rows are blocked and reviewed; None in releases of earlier versions. ``view`` are the features
    that the model sees, by their places; None for all of them.
    """

    FORMAT: ClassVar[int] = 3

    model: str
    version: str
    target: str
    positive_label: Label
    negative_label: Label
    threshold: float
    threshold_rule: ThresholdRule
    calibration: CalibrationMap | None
    hyperparameters: Mapping[str, Value]
    metrics: Mapping[str, Score]
    delong: tuple[float, float] | None
    confusion: ConfusionMatrix
    cross_validation: Mapping[str, FoldScores]
    training_seconds: Seconds
    warnings: tuple[str, ...]
    synthetic_data: bool
    features: tuple[str, ...]
    columns: tuple[str, ...]
    data: DataSource
    packages: Mapping[str, str | None]
    trained: str
    git_commit: str | None
    bands: Bands | None = None
    view: tuple[int, ...] | None = None

    @classmethod
    def upgrade(cls, plain: Mapping[str, Any], written: int) -> Mapping[str, Any]:
        """Read format 2, which had no bands, and 1, where DeLong's interval stood in the score."""
        if written == 2:  # noqa: PLR2004 (the format before this one)
            return plain
        if written != 1:
            return super().upgrade(plain, written)
        roc_auc = plain["metrics"]["roc_auc"]
        scores = {name: {k: score[k] for k in ("value", "low", "high")} for name, score in plain["metrics"].items()}
        folds = {name: {**each, "n_folds": len(each["folds"])} for name, each in plain["cross_validation"].items()}
        return {**plain, "metrics": scores, "delong": roc_auc.get("delong"), "cross_validation": folds}


class Contents(Part, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What a release holds, as its manifest says beside the files.

    ``models`` are its models and ``selected`` is one of them; ``parent`` is the version that an update continued, None
    for a release of a run.
    """

    selected: str
    models: tuple[str, ...]
    parent: str | None = None

    @classmethod
    def of(cls, extra: Mapping[str, Any]) -> Contents:
        """Read what a manifest says.

        Raises
        ------
        ValueError
            When it is not that of a release.
        """
        return msgspec.convert(dict(extra), cls)


class ListedRelease(Part, frozen=True, kw_only=True):
    """A release in a list: its version, aliases and selected model; without metadata where it is damaged.

    ``parent`` is the version that an update continued, None for a release of a run.
    """

    version: str
    folder: str
    aliases: tuple[str, ...]
    created: str = ""
    models: tuple[str, ...] = ()
    selected: ModelMetadata | None = None
    parent: str | None = None
    damage: str | None = None

    def document(self) -> dict[str, Any]:
        """What is said of it as JSON values."""
        about = self.selected
        return {
            "version": self.version,
            "folder": self.folder,
            "aliases": list(self.aliases),
            "created": self.created,
            "models": list(self.models),
            "selected": about.model if about else None,
            "threshold": about.threshold if about else None,
            "metrics": {name: plain_of(score) for name, score in about.metrics.items()} if about else {},
            "parent": self.parent,
            "damage": self.damage,
        }
