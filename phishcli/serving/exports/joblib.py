"""A pipeline of scikit-learn in one file, written by joblib; reading it runs what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.documents.proof import Proof
from phishcli.serving.exports import ExportFormat

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

FILE = "pipeline.joblib"


def write(bundle: Bundle, proof: Proof, folder: Path) -> float:
    """Write the pipeline, read it again, and compare it on the rows of the proof."""
    import joblib

    from phishcli.serving.pipeline import difference, pipeline_of, write_documents, write_readme

    path = folder / FILE
    joblib.dump(pipeline_of(bundle), path)
    write_documents(bundle, folder)
    write_readme(bundle, folder, FILE)
    return difference(bundle, proof, joblib.load(path))


FORMAT = ExportFormat(name="joblib", title="a pipeline of scikit-learn in one file (joblib)", write=write)
