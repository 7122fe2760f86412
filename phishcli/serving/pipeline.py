"""The preprocessor and the model of a release as one pipeline of scikit-learn, for people who have no phish."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.proof import Proof

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

USE = """# {model} v{version}

Needs: {packages}.

`{file}` is a pipeline of scikit-learn from features to the probability of {target} = {positive}.
It takes a data frame with these columns, in this order, read as in training (`schema.json` says how):

{columns}

{indicators}The verdict is positive from a probability of {threshold} on{calibration}.
`proof.json` has rows and the probabilities that they must get.
"""


def pipeline_of(bundle: Bundle) -> Any:
    """Put the fitted preprocessor and estimator of a release together."""
    from sklearn.pipeline import Pipeline

    from phishcli.artifacts import Entry, Manifest

    entry = Entry(bundle.folder, Manifest.read(bundle.folder))
    steps = ("preprocess", "preprocessor.joblib"), ("model", f"{bundle.metadata.model}_model.joblib")
    return Pipeline([(name, entry.read(file)) for name, file in steps])


def frame_of(bundle: Bundle, proof: Proof) -> Any:
    """The rows of a proof as the pipeline takes them."""
    import pandas as pd

    from phishcli.serving.rows import read_rows

    read = read_rows(proof.as_columns(), bundle.schema)
    columns: dict[str, Any] = {name: each.floats for name, each in read.numbers.items()}
    for name, each in {**read.categories, **read.texts}.items():
        columns[name] = np.array([*each.names, None], dtype=object)[each.codes]
    return pd.DataFrame({name: columns[name] for name in bundle.schema.names()})


def difference(bundle: Bundle, proof: Proof, pipeline: Any) -> float:
    """The largest difference of a pipeline from the probabilities of a proof."""
    import warnings

    from phishcli.evaluation.calibration_map import apply_map

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of categories that training has not seen, which the proof has as well
        scores = np.asarray(pipeline.predict_proba(frame_of(bundle, proof))[:, 1], dtype=np.float64)
    found = apply_map(bundle.metadata.calibration, scores)
    return float(np.abs(found - np.array(proof.probabilities[bundle.metadata.model])).max(initial=0.0))


def needs_us(bundle: Bundle) -> bool:
    """Whether the pipeline holds classes of this package: for means, and columns that scikit-learn has no class for."""
    from phishcli.models.mean import MeanScore

    encoder = bundle.encoder.encoder
    ours = any(each.pair for each in encoder.numeric) or any(each.rare for each in encoder.categorical)
    return ours or bool(encoder.learned) or isinstance(bundle.score, MeanScore)


def write_readme(bundle: Bundle, folder: Path, file: str) -> None:
    """Say how the file is used."""
    about, schema = bundle.metadata, bundle.schema
    made = [column for column in schema.columns if column.indicator_of]
    lines = [f"- `{each.name}` is 1 where `{each.indicator_of}` has no value, else 0" for each in made]
    if any(column.derived for column in schema.columns):
        lines.append(
            "- columns such as `url.length` are derived from their column by phishcli; `load_bundle` does this itself"
        )
    packages = {**about.packages, **({"phishcli": version("phishcli")} if needs_us(bundle) else {})}
    text = USE.format(
        model=about.model,
        version=about.version,
        file=file,
        packages=", ".join(f"{name} {version}" for name, version in packages.items() if version),
        target=about.target,
        positive=about.positive_label,
        columns="\n".join(f"- `{name}`" for name in schema.names()),
        indicators="".join(f"{line}\n" for line in lines) + ("\n" if lines else ""),
        threshold=about.threshold,
        calibration="" if about.calibration is None else ", after the calibration map in `metadata.json`",
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def write_documents(bundle: Bundle, folder: Path) -> None:
    """Copy the schema and the metadata of the model."""
    import json

    for name, document in (("schema.json", bundle.schema), ("metadata.json", bundle.metadata)):
        text = json.dumps(document.to_plain(), indent=2, ensure_ascii=False)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
