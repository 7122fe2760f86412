"""The deployable model: schema, preprocessor, estimator and threshold in one; raw rows in, verdicts out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.documents.schema import Schema
from phishcli.errors import PersistError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator


@dataclass(frozen=True, repr=False)
class Bundle:
    """A model with all it needs to judge raw rows.

    ``metadata`` is the model's ``{Model}_metadata.json``.
    """

    schema: Schema
    preprocessor: BaseEstimator
    model: BaseEstimator
    threshold: float
    metadata: dict[str, Any]

    def predict_proba(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Probability of the positive class for raw rows.

        Parameters
        ----------
        rows
            n rows with the columns of the source, in any order; what a frame can be made of (a list of dicts) will do.

        Returns
        -------
        ndarray of float64, shape (n,)

        Raises
        ------
        DataError
            When a column is missing or does not hold what it held in training.
        """
        import numpy as np
        import pandas as pd

        from phishcli.evaluation.calibration import apply_map
        from phishcli.features.roles import apply_schema
        from phishcli.features.transform import transform_frame

        frame = apply_schema(pd.DataFrame(rows), self.schema)
        if frame.empty:
            return np.empty(0)
        matrix = transform_frame(self.preprocessor, frame)
        scores = np.asarray(self.model.predict_proba(matrix)[:, 1], dtype=np.float64)
        return apply_map(self.metadata.get("calibration"), scores)

    def __repr__(self) -> str:
        name, version = self.metadata["model"], self.metadata["version"]
        return f"Bundle({name} v{version}, {len(self.metadata['columns'])} columns, threshold {self.threshold})"

    def predict(self, rows: pd.DataFrame) -> list[Any]:
        """Give the label, as the source spells it, for each of n raw rows."""
        flagged = self.predict_proba(rows) >= self.threshold
        return [self.schema.positive_label if flag else self.schema.negative_label for flag in flagged]


def load_bundle(release: str | Path, model: str | None = None) -> Bundle:
    """Open a release (``results/artifacts/latest``); files are unpickled only after their hashes have been compared.

    Parameters
    ----------
    model
        Name of a model in the release; by default the selected one.

    Raises
    ------
    PersistError
        When the folder is no release, does not hold the model, or holds a file that is not what was written.
    """
    folder = Path(release).resolve()
    try:
        entry = Entry(folder, Manifest.read(folder))
        name = model or entry.manifest.extra["selected"]
        _check_model(entry, name)
        metadata = entry.read(f"{name}_metadata.json")
        return Bundle(
            schema=Schema.of_plain(entry.read("schema.json")),
            preprocessor=entry.read("preprocessor.joblib"),
            model=entry.read(f"{name}_model.joblib"),
            threshold=metadata["threshold"],
            metadata=metadata,
        )
    except (Damaged, OSError, KeyError) as error:
        raise PersistError(
            f"This folder cannot be opened as a release: {error}",
            where=str(release),
            hint="Give the folder of a release, such as results/artifacts/latest; `phish persist` writes one",
        ) from error


def _check_model(entry: Entry, name: str) -> None:
    models = entry.manifest.extra["models"]
    if name not in models:
        raise PersistError(f"The release holds no model {name!r}", hint=f"It holds {', '.join(models)}")
