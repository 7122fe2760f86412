"""What a bundle imports: NumPy, and what the model's own library brings; nothing of what training needs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from phishcli import load_bundle

TRAINING_ONLY = ("pandas", "pyarrow", "altair", "typer", "rich", "pydantic", "yaml", "filelock", "jinja2", "pooch")
PICKLES = ("sklearn", "joblib")
HEAVY = (*TRAINING_ONLY, *PICKLES, "scipy", "narwhals", "lightgbm", "xgboost")
NEEDED = {
    "LogisticRegression": {"sklearn", "joblib", "scipy", "narwhals"},
    "RandomForest": {"sklearn", "joblib", "scipy", "narwhals"},
    "HistGradientBoosting": {"sklearn", "joblib", "scipy", "narwhals"},
    "XGBoost": {"xgboost", "scipy"},
    "LightGBM": {"lightgbm", "scipy", "narwhals"},
}
"""What each default model cannot do without."""

PROGRAM = """
import json, sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
from phishcli import load_bundle
bundle = load_bundle("results/artifacts/latest", {model!r})
found = {{"probability": float(bundle.predict_proba({row!r})[0])}}
found["imported"] = sorted(set({heavy!r}) & set(sys.modules))
print(json.dumps(found))
"""


@pytest.fixture
def release(on_sites: Callable, tmp_path: Path) -> Path:
    assert on_sites("run-all", "--persist", "--set=evaluate.explain=false", models=f"[{','.join(NEEDED)}]").code == 0
    return tmp_path


def first_row(folder: Path) -> dict[str, Any]:
    row = pd.read_csv(folder / "sites.csv").iloc[0].to_dict()
    return {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}


def judged(folder: Path, model: str, blocked: set[str]) -> Any:
    program = PROGRAM.format(model=model, row=first_row(folder), heavy=HEAVY, blocked=blocked)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_model_works_where_only_its_own_library_is_installed(release: Path) -> None:
    for model, needed in NEEDED.items():
        lean = judged(release, model, set(HEAVY) - needed)
        assert set(lean["imported"]) == needed, model
        assert lean["probability"] == load_bundle("results/artifacts/latest", model).predict_proba(first_row(release))


def test_all_but_the_model_itself_needs_numpy_alone(release: Path) -> None:
    program = f"""
import sys
from phishcli.artifacts import Entry, Manifest
from phishcli.documents.encoder import Encoder
from phishcli.documents.schema import Schema
from phishcli.evaluation.calibration_map import apply_map
from phishcli.serving.bundle import Bundle
from phishcli.serving.encoder import MatrixEncoder
from phishcli.serving.rows import read_rows
from pathlib import Path
entry = Entry(Path("results/artifacts/latest"), Manifest.read(Path("results/artifacts/latest")))
rows = read_rows({first_row(release)!r}, Schema.of_plain(entry.read("schema.json")))
print(MatrixEncoder(Encoder.of_plain(entry.read("encoder.json"))).encode(rows).shape[0])
print(sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=release)
    assert done.stdout.split("\n")[:2] == ["1", "[]"]
