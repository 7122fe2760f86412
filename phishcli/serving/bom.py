"""A bill of materials of a model in CycloneDX 1.6: its files, its libraries, and a model card with intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from phishcli.files import appearing_file

if TYPE_CHECKING:
    from phishcli.documents.release import ModelMetadata
    from phishcli.serving.bundle import Bundle

SPEC = "1.6"


def write_bom(bundle: Bundle, path: Path) -> None:
    """Write the bill of materials of an open release."""
    with appearing_file(path) as file:
        file.write_text(json.dumps(bom_of(bundle), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def bom_of(bundle: Bundle) -> dict[str, Any]:
    """The bill of materials as JSON values; the same for the same release."""
    from phishcli.artifacts import Manifest

    about, manifest = bundle.metadata, Manifest.read(bundle.folder)
    libraries = [(name, version) for name, version in about.packages.items() if version and name != "python"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{UUID(bundle.sha256[:32])}",
        "version": 1,
        "metadata": {
            "timestamp": manifest.created,
            "tools": {"components": [{"type": "application", "name": "phish"}]},
            "component": _model(bundle, about),
        },
        "components": [
            *(_file(name, note.sha256) for name, note in manifest.files.items()),
            *(_library(name, version) for name, version in libraries),
            _data(about),
        ],
    }


def _model(bundle: Bundle, about: ModelMetadata) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": about.model,
        "version": about.version,
        "hashes": [{"alg": "SHA-256", "content": bundle.sha256}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": "binary classification",
                "architectureFamily": about.model,
                "datasets": [{"ref": "data"}],
                "inputs": [{"format": f"{column.name}: {column.dtype}"} for column in bundle.schema.columns],
                "outputs": [{"format": f"probability of {about.target} = {about.positive_label}"}],
            },
            "quantitativeAnalysis": {"performanceMetrics": _metrics(about)},
            "considerations": {"technicalLimitations": [*about.warnings] or ["none recorded in training"]},
        },
    }


def _metrics(about: ModelMetadata) -> list[dict[str, Any]]:
    found = []
    for name, score in about.metrics.items():
        if score.value is None:
            continue
        metric: dict[str, Any] = {"type": name, "value": f"{score.value:.6f}", "slice": "test rows"}
        if score.low is not None and score.high is not None:
            metric["confidenceInterval"] = {"lowerBound": f"{score.low:.6f}", "upperBound": f"{score.high:.6f}"}
        found.append(metric)
    return found


def _file(name: str, sha256: str) -> dict[str, Any]:
    return {"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": sha256}]}


def _library(name: str, version: str) -> dict[str, Any]:
    return {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}


def _data(about: ModelMetadata) -> dict[str, Any]:
    return {
        "type": "data",
        "bom-ref": "data",
        "name": about.data.source,
        "hashes": [{"alg": "SHA-256", "content": about.data.sha256}],
        "data": [{"type": "dataset", "name": about.data.source}],
    }
