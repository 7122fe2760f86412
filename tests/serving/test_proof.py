"""A release carries test rows with their probabilities, and notices when it no longer gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from phishcli import load_bundle
from phishcli.documents.proof import Proof
from phishcli.serving.proof import largest_difference


@pytest.fixture
def release(on_sites: Callable, tmp_path: Path) -> Path:
    assert on_sites("run-all", "--persist").code == 0
    return tmp_path / "results" / "artifacts" / "latest"


def proof_of(release: Path) -> Proof:
    return Proof.of_plain(json.loads((release / "proof.json").read_text()))


def test_the_rows_are_test_rows_as_the_source_has_them(release: Path, sites: Path, tmp_path: Path) -> None:
    proof = proof_of(release)
    source = pd.read_csv(sites, keep_default_na=False, na_values=[""])
    split = pd.read_parquet(tmp_path / ".cache/preprocess/latest/split.parquet")
    assert set(proof.columns) == {"Lines", "NoOfImage", "Industry"}
    test = source.iloc[split.loc[split["part"] == "test", "row"]][list(proof.columns)]
    known = {tuple(None if pd.isna(value) else value for value in row) for row in test.itertuples(index=False)}
    assert len(proof.rows) == len(test) == 48
    assert set(proof.rows) == known


def test_the_probabilities_are_those_of_the_evaluation(release: Path, tmp_path: Path) -> None:
    for model, expected in proof_of(release).probabilities.items():
        found = pd.read_parquet(tmp_path / f".cache/evaluate/{model}/latest/predictions.parquet")
        assert list(expected) == found["probability"].tolist()


@pytest.mark.parametrize("model", ["LogisticRegression", "NaiveBayes"])
def test_an_open_release_gives_them_again(release: Path, model: str) -> None:
    assert largest_difference(load_bundle(release, model), proof_of(release)) == 0


def test_another_model_does_not(release: Path) -> None:
    proof = proof_of(release)
    swapped = dict(zip(proof.probabilities, reversed(proof.probabilities.values()), strict=True))
    other = msgspec.structs.replace(proof, probabilities=swapped)
    assert largest_difference(load_bundle(release), other) > 1000 * proof.tolerance
