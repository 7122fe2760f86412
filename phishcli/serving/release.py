"""persist: what goes into a release, and which version it gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from phishcli.documents.features import Features
from phishcli.documents.metrics import Metrics
from phishcli.documents.release import DataSource, ModelMetadata
from phishcli.documents.schema import Schema
from phishcli.documents.training import Training
from phishcli.documents.verdicts import Bands
from phishcli.models import combined, get, mean, safe
from phishcli.models.combined import mean_file
from phishcli.models.own_format import NoSafeFormat, PositiveClass
from phishcli.models.view import without_view

Level = Literal["major", "minor", "patch"]

MAJOR = ("config.load", "config.preprocess", "input.preprocess/features.json", "version")
"""Parts that shape what goes into a model: whoever sends rows to the old release may have to change something."""


def level(changed: Iterable[str]) -> Level:
    """Say how much changed since the last release, from the names of the parts that differ.

    Features or preprocessing: major; the data: minor; otherwise patch.
    """
    keys = tuple(changed)
    if any(key.startswith(MAJOR) for key in keys):
        return "major"
    return "minor" if any(key.startswith("source.") for key in keys) else "patch"


WHY: dict[Level, str] = {
    "major": "features or preprocessing have changed",
    "minor": "the data have changed",
    "patch": "models or evaluation have changed",
}


def next_version(last: str | None, changed: Iterable[str]) -> str:
    """Count the version on: ``next_version("1.2.3", ["source.sha256"])`` is ``"1.3.0"``; the first is ``"1.0.0"``."""
    if last is None:
        return "1.0.0"
    major, minor, patch = map(int, last.split("."))
    following = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }[level(changed)]
    return ".".join(map(str, following))


PROBED = 512
"""Rows on which a model is compared with itself in the format of its library."""


def own_format_file(name: str, estimator: Any, width: int) -> dict[str, str | bytes]:
    """Give a fitted model in a format that runs no code when it is read, by file name: of its own library, or of skops.

    Parameters
    ----------
    name
        The model.
    estimator
        As it was fitted on matrices with ``width`` columns; a view of them is left out, the metadata have it.

    Returns
    -------
    dict
        Empty where a library has none, or where the model would not predict the same to the bit.
    """
    import numpy as np

    estimator, places = without_view(estimator)
    width = width if places is None else len(places)
    own, expected = get(name).own_format, PositiveClass(estimator)
    if isinstance(estimator, mean.MeanOfModels) and name not in combined():
        return _as_mean(name, estimator, width)
    if own is None:
        return _as_data(name, estimator, width)
    if not own.holds(estimator.get_params()):
        return {}
    try:
        content = own.write(estimator)
    except NoSafeFormat:
        return {}
    probe = _probe(width)
    return {own.file(name): content} if np.array_equal(own.read(content)(probe), expected(probe)) else {}


def _as_mean(name: str, estimator: mean.MeanOfModels, width: int) -> dict[str, str | bytes]:
    """The file of a model whose fits were averaged."""
    import numpy as np

    try:
        content = mean.write(estimator)
    except NoSafeFormat:
        return {}
    same = np.array_equal(mean.read(content)(_probe(width)), PositiveClass(estimator)(_probe(width)))
    return {mean_file(name): content} if same else {}


def _as_data(name: str, estimator: Any, width: int) -> dict[str, str | bytes]:
    import numpy as np

    content, probe = safe.written(name, estimator), _probe(width)
    if content is None:
        return {}
    same = np.array_equal(PositiveClass(safe.read(name, content))(probe), PositiveClass(estimator)(probe))
    return {safe.file_of(name): content} if same else {}


def _probe(width: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).normal(scale=3, size=(PROBED, width)).astype(np.float32)


@dataclass(frozen=True)
class Origin:
    """Where a model comes from: its data, the packages and the time (ISO, UTC) of its training, and the commit."""

    data: DataSource
    packages: Mapping[str, str | None]
    trained: str
    git_commit: str | None


def model_metadata(
    *,
    version: str,
    schema: Schema,
    features: Features,
    metrics: Metrics,
    training: Training,
    origin: Origin,
    bands: Bands | None = None,
    view: tuple[int, ...] | None = None,
) -> ModelMetadata:
    """Collect what one should know about a model before trusting it: ``{Model}_metadata.json``.

    Parameters
    ----------
    metrics, training
        What ``evaluate`` found for the model, and its ``training.json``.
    origin
        Where the model comes from.
    bands
        Which rows are blocked and reviewed.
    view
        The features that the model sees, by their places; None for all.
    """
    return ModelMetadata(
        model=metrics.model,
        version=version,
        target=schema.target,
        positive_label=schema.positive_label,
        negative_label=schema.negative_label,
        threshold=metrics.threshold,
        threshold_rule=metrics.threshold_rule,
        calibration=metrics.calibration.map,
        hyperparameters=training.params,
        metrics=metrics.metrics,
        delong=metrics.delong,
        confusion=metrics.confusion,
        cross_validation=metrics.cv,
        training_seconds=training.seconds,
        warnings=training.warnings,
        synthetic_data=schema.synthetic,
        features=tuple(features.names),
        columns=tuple(column.name for column in schema.given()),
        data=origin.data,
        packages=origin.packages,
        trained=origin.trained,
        git_commit=origin.git_commit,
        bands=bands,
        view=view,
    )
