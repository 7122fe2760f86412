"""An MLflow model: a pyfunc on the release itself, with a signature and an example."""

from __future__ import annotations

import logging
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.proof import Proof
from phishcli.errors import PersistError
from phishcli.serving.exports import ExportFormat

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.serving.bundle import Bundle

CODE = '''"""Loads a release of phish as an MLflow model."""

import mlflow
from mlflow.pyfunc import PythonModel


class Phish(PythonModel):
    """Raw rows in, probability and label out."""

    def load_context(self, context):
        from phishcli import load_bundle

        self.bundle = load_bundle(context.artifacts["release"], {model!r})

    def predict(self, context, model_input, params=None):
        import pandas as pd

        probability = self.bundle.predict_proba(model_input)
        flagged = probability >= self.bundle.threshold
        schema = self.bundle.schema
        labels = [str(schema.positive_label if each else schema.negative_label) for each in flagged]
        return pd.DataFrame({{"probability": probability, "label": labels}})


mlflow.models.set_model(Phish())
'''
EXAMPLES = 5


def write(bundle: Bundle, proof: Proof, folder: Path) -> float:
    """Save the model, load it again, and compare it on the rows of the proof.

    Raises
    ------
    PersistError
        When MLflow has dropped the signature.
    """
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    frame = _frame(bundle, proof)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow, about its own libraries
        loaded = _saved(bundle, frame, folder)
        found: pd.DataFrame = loaded.predict(frame)
    if loaded.metadata.signature is None:
        raise PersistError("MLflow has saved the model without its signature", hint="Use another version of mlflow")
    expected = np.array(proof.probabilities[bundle.metadata.model])
    return float(np.abs(found["probability"].to_numpy() - expected).max(initial=0.0))


def _saved(bundle: Bundle, frame: pd.DataFrame, folder: Path) -> Any:
    """Save the model, which has a copy of the release in it, and load it again."""
    import mlflow

    code = folder / "phish_model.py"
    code.write_text(CODE.format(model=bundle.metadata.model), encoding="utf-8")
    release = folder / f"v{bundle.metadata.version}"
    shutil.copytree(bundle.folder, release)
    target = folder / "model"
    mlflow.pyfunc.save_model(
        str(target),
        python_model=str(code),
        artifacts={"release": str(release)},
        signature=_signature(bundle),
        input_example=frame.head(EXAMPLES),
        pip_requirements=["phishcli", *_pinned(bundle)],
    )
    loaded = mlflow.pyfunc.load_model(str(target))
    code.unlink()
    shutil.rmtree(release)
    return loaded


def _pinned(bundle: Bundle) -> list[str]:
    packages = bundle.metadata.packages
    return [f"{name}=={version}" for name, version in packages.items() if version and name != "python"]


def _frame(bundle: Bundle, proof: Proof) -> Any:
    """Rows in the types of the signature: numbers as double, so that a missing one is allowed."""
    import pandas as pd

    from phishcli.serving.rows import read_rows

    given = proof.as_columns()
    read = read_rows(given, bundle.schema)
    columns = {name: read.numbers[name].floats if name in read.numbers else given[name] for name in given}
    return pd.DataFrame({name: _column(values) for name, values in columns.items()})


def _column(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values
    return np.array([None if value is None else str(value) for value in values], dtype=object)


def _signature(bundle: Bundle) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    columns: list[Any] = [
        ColSpec(DataType.double if column.role == "numeric" else DataType.string, column.name, required=False)
        for column in bundle.schema.given()
    ]
    answers: list[Any] = [ColSpec(DataType.double, "probability"), ColSpec(DataType.string, "label")]
    return ModelSignature(inputs=Schema(columns), outputs=Schema(answers))


FORMAT = ExportFormat(
    name="mlflow", title="an MLflow model (pyfunc) of the release", write=write, needs=("mlflow",), extra="mlflow"
)
