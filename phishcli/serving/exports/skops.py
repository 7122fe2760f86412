"""A pipeline of scikit-learn as data: reading it runs no code, and needs the list of types beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.documents.proof import Proof
from phishcli.errors import PersistError
from phishcli.serving.exports import ExportFormat

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

FILE = "pipeline.skops"
PREPROCESSOR = ("numpy.arcsinh", "numpy.asarray", "numpy.clip", "numpy.dtype", "numpy.take")
"""What the preprocessor applies, beyond the types of the model."""
OURS = (
    "builtins.NoneType",
    "builtins.frozenset",
    "phishcli.features.codes.TableEncoder",
    "phishcli.features.interactions.Pairs",
    "phishcli.features.learned.TextScore",
    "phishcli.features.parts.KnownOnly",
    "phishcli.features.text_score.Weights",
)
"""Steps for texts, codes, pairs and rare categories: arrays, numbers and names; reading them needs phishcli."""


def write(bundle: Bundle, proof: Proof, folder: Path) -> float:
    """Write the pipeline, read it again, and compare it on the rows of the proof.

    Raises
    ------
    PersistError
        When the model has types that are not known to be harmless.
    """
    from skops import io

    from phishcli.models.safe import TRUSTED
    from phishcli.serving.pipeline import difference, needs_us, pipeline_of, write_documents, write_readme

    name = bundle.metadata.model
    content = io.dumps(pipeline_of(bundle))
    types = set(io.get_untrusted_types(data=content))
    ours = OURS if needs_us(bundle) else ()
    if strange := types - {*TRUSTED.get(name, ()), *PREPROCESSOR, *ours}:
        what = f"{name} holds types that skops cannot vouch for: {', '.join(sorted(strange))}"
        raise PersistError(what, hint="Export it as onnx, joblib, mlflow or docker")
    (folder / FILE).write_bytes(content)
    (folder / "trusted_types.json").write_text(json.dumps(sorted(types), indent=2) + "\n", encoding="utf-8")
    write_documents(bundle, folder)
    write_readme(bundle, folder, FILE)
    return difference(bundle, proof, io.loads(content, trusted=sorted(types)))


FORMAT = ExportFormat(
    name="skops",
    title="a pipeline of scikit-learn that runs no code when it is read",
    write=write,
    needs=("skops",),
    extra="safe",
)
