"""A pipeline of scikit-learn in one file, written by pickle; reading it runs what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.documents.proof import Proof
from phishcli.serving.exports import ExportFormat

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

FILE = "pipeline.pickle"


def write(bundle: Bundle, proof: Proof, folder: Path) -> float:
    """Write the pipeline, read it again, and compare it on the rows of the proof."""
    import pickle

    from phishcli.serving.pipeline import difference, pipeline_of, write_documents, write_readme

    path = folder / FILE
    path.write_bytes(pickle.dumps(pipeline_of(bundle)))
    write_documents(bundle, folder)
    write_readme(bundle, folder, FILE)
    return difference(bundle, proof, pickle.loads(path.read_bytes()))  # noqa: S301 (written a moment ago)


FORMAT = ExportFormat(name="pickle", title="a pipeline of scikit-learn in one file (pickle)", write=write)
