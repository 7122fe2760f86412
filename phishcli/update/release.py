"""The release of an update: files of the parent, the new models with metadata and proof, and ``update.json``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.artifacts.releases import Releases
from phishcli.artifacts.store import Output
from phishcli.documents.release import ModelMetadata
from phishcli.errors import PersistError
from phishcli.evaluation.delong import delong
from phishcli.files import parse_json, read_bounded
from phishcli.models import find
from phishcli.serving.proof import TOLERANCE
from phishcli.serving.release import next_version, own_format_file
from phishcli.stages.persist import git_commit
from phishcli.versions import library_versions

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.artifacts import Entry
    from phishcli.documents.proof import Proof
    from phishcli.documents.update import Update
    from phishcli.update.earlier import Parent
    from phishcli.update.fitting import Fitted
    from phishcli.update.judged import Judged

STEP = "update"
FILE = "update.json"
KEPT = ("preprocessor.joblib", "schema.json", "encoder.json", "config_snapshot.yaml", "profile.json", "tiers.json")
"""Files of the parent that are copied as they are."""
SHOWN = 200
"""Rows of the proof."""


def version_after(root: Path) -> str:
    """The version of an update: the data have changed."""
    return next_version(Releases(root).highest(), ["source.sha256"])


def metadata_of(parent: ModelMetadata, judged: Judged, update: Update, fitted: Fitted) -> ModelMetadata:
    """What one should know of an updated model; threshold, calibration and bands are those of the parent."""
    from phishcli.documents.training import Seconds

    spec = find(parent.model)
    return msgspec.structs.replace(
        parent,
        version=update.version,
        hyperparameters=spec.effective(fitted.model) if spec else parent.hyperparameters,
        metrics=judged.metrics(),
        delong=delong(judged.rows.positive, judged.rows.scores),
        confusion=judged.rows.confusion.matrix(),
        cross_validation={},
        training_seconds=Seconds(fit=fitted.seconds, cv=0.0, search=0.0),
        warnings=(*parent.warnings, f"continued from v{update.parent} on {update.fitted:,} new rows"),
        data=update.data,
        packages=dict(parent.packages) | {k: v for k, v in library_versions(parent.packages).items() if v},
        trained=datetime.now(UTC).isoformat(timespec="milliseconds"),
        git_commit=git_commit(),
    )


def proof_of(rows: pd.DataFrame, columns: tuple[str, ...], scores: Mapping[str, NDArray[Any]]) -> Proof:
    """Held-out new rows with what each model says of them, to be computed again wherever the release is used."""
    from phishcli.documents.proof import Proof

    chosen = rows.loc[:, list(columns)].head(SHOWN)
    values = chosen.astype(object).where(chosen.notna(), None)
    return Proof(
        columns=columns,
        rows=tuple(tuple(row) for row in values.itertuples(index=False, name=None)),
        probabilities={name: tuple(found[:SHOWN].tolist()) for name, found in scores.items()},
        tolerance=TOLERANCE,
    )


def write_release(
    parent: Parent,
    root: Path,
    update: Update,
    models: Mapping[str, Fitted],
    metadata: Mapping[str, ModelMetadata],
    proof: Proof,
    selected: str,
) -> Entry:
    """Write the new version beside the others.

    Raises
    ------
    PersistError
        When another release has appeared meanwhile, or the disk cannot be written.
    """
    files: dict[str, Any] = {name: parent.bundle.folder / name for name in KEPT if name in parent.entry.manifest.files}
    width = len(parent.bundle.metadata.features)
    for name, fitted in models.items():
        files[f"{name}_model.joblib"] = fitted.model
        files[f"{name}_metadata.json"] = metadata[name].to_plain()
        files |= own_format_file(name, fitted.model, width)
    files |= {"proof.json": proof.to_plain(), FILE: update.to_plain()}
    releases, extra = Releases(root), _extra(update, models, selected)
    parts = {**parent.entry.manifest.parts, "source.sha256": update.data.sha256, "update.parent": update.parent_sha256}
    with releases.lock(STEP, ""):
        if version_after(root) != update.version:
            what = "Another release was written meanwhile"
            raise PersistError(what, where=str(root), hint="Run the command again")
        output = Output(files, f"v{update.version}: continued from v{update.parent}", extra=extra)
        return releases.publish(STEP, parts, output, started=time.perf_counter(), packages=metadata[selected].packages)


def _extra(update: Update, models: Mapping[str, Fitted], selected: str) -> dict[str, Any]:
    return {
        "version": update.version,
        "selected": selected,
        "models": list(models),
        "differs": ["source.sha256"],
        "parent": update.parent,
    }


def read_update(folder: Path) -> Update | None:
    """What is written of the update that made a release; None for a release that no update made.

    Raises
    ------
    PersistError
        When it is not what was written.
    """
    from phishcli.documents.update import Update

    path = folder / FILE
    try:
        return Update.of_plain(parse_json(read_bounded(path))) if path.exists() else None
    except ValueError as error:
        raise PersistError(f"What the update wrote cannot be read: {error}", where=str(path)) from error
