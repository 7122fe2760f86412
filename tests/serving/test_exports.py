"""An export gives the probabilities of the release, on its proof and on odd rows, or is not written."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from phishcli import load_bundle
from phishcli.documents.calibration import IsotonicMap, SigmoidMap
from phishcli.errors import ConfigError, PersistError
from phishcli.evaluation.calibration_map import apply_map
from phishcli.serving import exports
from phishcli.serving.bom import bom_of
from tests.conftest import small_table

MODELS = "[LogisticRegression,NaiveBayes,LightGBM,XGBoost,HistGradientBoosting,RandomForest,KNN]"
RELEASE = Path("results/artifacts/latest")


@pytest.fixture
def release(on_sites: Callable, tmp_path: Path) -> Path:
    assert on_sites("persist", models=MODELS).code == 0
    return tmp_path / RELEASE


def odd_rows() -> pd.DataFrame:
    rows = small_table(400, seed=4)
    rows.loc[:3, "Lines"] = [np.inf, -np.inf, 1e300, 1e-300]
    rows["Industry"] = rows["Industry"].astype(object)
    rows.loc[5:8, "Industry"] = [None, "space travel", "Banking", "eCommerce "]
    rows.loc[9:12, "NoOfImage"] = [-5, 0, 2**31, 7]
    return rows


def test_onnx_agrees_on_odd_rows_for_every_model_that_it_knows(release: Path) -> None:
    pytest.importorskip("onnxruntime")
    from phishcli.serving.exports.onnx import run

    for model in ("LogisticRegression", "LightGBM", "XGBoost", "HistGradientBoosting", "RandomForest", "KNN"):
        bundle = load_bundle(release, model)
        difference = exports.export(bundle, "onnx", Path(model))
        assert difference is not None
        assert difference < 1e-5
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one category is unknown on purpose
            expected = bundle.predict_proba(odd_rows())
        found = run(Path(model, "model.onnx").read_bytes(), bundle, odd_rows())
        assert np.abs(found - expected).max() < 1e-5, model


@pytest.mark.parametrize(
    "fitted",
    [
        SigmoidMap(slope=1.7, intercept=-0.4),
        IsotonicMap(x=(0.1, 0.3, 0.3, 0.8), y=(0.0, 0.2, 0.5, 0.9)),
        IsotonicMap(x=(0.5,), y=(0.4,)),
    ],
)
def test_onnx_applies_the_calibration(fitted: SigmoidMap | IsotonicMap) -> None:
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper

    from phishcli.serving.onnx_graph import OPSET, Graph, calibrated

    graph = Graph()
    out = calibrated(graph, "score", fitted)
    tensors = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, 1]) for name in ("score", out)]
    made = helper.make_graph(graph.nodes, "g", tensors[:1], tensors[1:], graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    scores = np.linspace(0, 1, 101)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"score": scores.reshape(-1, 1)})[0][:, 0]
    np.testing.assert_allclose(found, apply_map(fitted, scores), atol=1e-12)


def test_a_model_that_onnx_does_not_know_is_an_error_and_leaves_nothing(release: Path) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(PersistError, match=r"NaiveBayes cannot be written as ONNX[\s\S]*joblib"):
        exports.export(load_bundle(release, "NaiveBayes"), "onnx", Path("out"))
    assert not Path("out").exists()


def test_an_export_that_differs_is_not_written(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = msgspec.structs.replace(exports.formats()["joblib"], write=lambda *_: 0.3)
    monkeypatch.setitem(exports.formats(), "joblib", wrong)
    with pytest.raises(PersistError, match=r"differs by 0\.3 .* not exported"):
        exports.export(load_bundle(release, "KNN"), "joblib", Path("out"))
    assert not Path("out").exists()


@pytest.mark.parametrize("form", ["joblib", "pickle", "skops"])
def test_a_pipeline_opens_without_phish(release: Path, form: str) -> None:
    pytest.importorskip("skops")
    bundle = load_bundle(release, "HistGradientBoosting")
    assert exports.export(bundle, form, Path("out")) == 0
    read = {
        "joblib": "import joblib; p = joblib.load('out/pipeline.joblib')",
        "pickle": "import pickle; p = pickle.load(open('out/pipeline.pickle', 'rb'))",
        "skops": "import json, skops.io as s; t = json.load(open('out/trusted_types.json')); "
        "p = s.load('out/pipeline.skops', trusted=t)",
    }[form]
    rows = "pd.DataFrame({'Lines': [40.0], 'NoOfImage': [3], 'Industry': ['Banking'], 'Lines_Missing': [0]})"
    score = f"p.predict_proba({rows})[0, 1]"
    code = f"import sys, pandas as pd; sys.modules['phishcli'] = None; {read}; print(repr(float({score})))"
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    expected = bundle.predict_proba({"Lines": 40.0, "NoOfImage": 3, "Industry": "Banking"})[0]
    assert float(said.stdout) == pytest.approx(expected, abs=1e-12)
    assert "Lines_Missing" in Path("out/README.md").read_text()


@pytest.mark.parametrize(
    "setting",
    ["categorical.encode=ordinal", "categorical.encode=count", "interactions=2"],
)
def test_skops_holds_every_way_in_which_columns_become_features(
    on_sites: Callable, tmp_path: Path, setting: str
) -> None:
    """A category that is missing in some rows is among them: skops knows no dict with a key that is None."""
    pytest.importorskip("skops")
    models = "[HistGradientBoosting,LightGBM]"
    assert on_sites("persist", f"--set=preprocess.{setting}", models=models).code == 0
    bundle = load_bundle(tmp_path / RELEASE, "HistGradientBoosting")
    assert exports.export(bundle, "skops", Path("out")) == 0
    types = "json.load(open('out/trusted_types.json'))"
    read = f"import json, skops.io as s; p = s.load('out/pipeline.skops', trusted={types})"
    rows = "pd.DataFrame({'Lines': [40.0], 'NoOfImage': [3], 'Industry': [None], 'Lines_Missing': [0]}, dtype=object)"
    code = f"import pandas as pd; {read}; print(repr(float(p.predict_proba({rows})[0, 1])))"
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    expected = bundle.predict_proba({"Lines": 40.0, "NoOfImage": 3, "Industry": None})[0]
    assert float(said.stdout) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("model", "setting"), [("Ensemble", "train.seed=1"), ("RandomForest", "train.refits=2")])
@pytest.mark.parametrize("form", ["joblib", "pickle"])
def test_a_mean_of_models_is_exported_and_says_what_it_needs(
    on_sites: Callable, tmp_path: Path, model: str, setting: str, form: str
) -> None:
    models = f"[LogisticRegression,RandomForest{',Ensemble' if model == 'Ensemble' else ''}]"
    assert on_sites("persist", f"--set={setting}", models=models).code == 0
    bundle = load_bundle(tmp_path / RELEASE, model)
    assert exports.export(bundle, form, Path("out")) < 1e-12
    assert "phishcli" in Path("out/README.md").read_text()


def test_mlflow_loads_the_model_with_its_signature(release: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    bundle = load_bundle(release, "XGBoost")
    assert exports.export(bundle, "mlflow", Path("out")) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow, about its own libraries
        model = mlflow.pyfunc.load_model("out/model")
        rows = small_table(30, seed=2)[["Lines", "NoOfImage", "Industry"]].astype({"NoOfImage": float})
        found = model.predict(rows)
    assert found["probability"].tolist() == bundle.predict_proba(rows).tolist()
    names = [each.name for each in model.metadata.signature.inputs]
    assert names == ["Lines", "NoOfImage", "Industry"]
    assert not any(each.required for each in model.metadata.signature.inputs)


def test_docker_copies_the_release_and_runs_without_root(release: Path) -> None:
    assert exports.export(load_bundle(release, "LightGBM"), "docker", Path("out")) is None
    dockerfile = Path("out/Dockerfile").read_text()
    assert "USER phish" in dockerfile
    assert "HEALTHCHECK" in dockerfile
    assert load_bundle(Path("out/release")).metadata.version == "1.0.0"
    assert "lightgbm==" in Path("out/requirements.txt").read_text()


def test_a_bill_of_materials_is_valid_and_holds_the_intervals(release: Path) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    bundle = load_bundle(release, "LightGBM")
    found = bom_of(bundle)
    assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(found)) is None
    card = found["metadata"]["component"]["modelCard"]
    accuracy = next(each for each in card["quantitativeAnalysis"]["performanceMetrics"] if each["type"] == "accuracy")
    score = bundle.metadata.metrics["accuracy"]
    assert float(accuracy["confidenceInterval"]["lowerBound"]) == pytest.approx(score.low, abs=1e-6)
    assert found == bom_of(bundle)


def test_the_command_says_what_it_wrote_and_never_overwrites(release: Path, phish: Callable) -> None:
    said = phish("export", "latest:LightGBM", "--format", "joblib", "--bom", "--json").document
    assert said["difference"] == 0
    assert "bom.cdx.json" in said["files"]
    assert "proof.json" in said["files"]
    again = phish("export", "latest:LightGBM", "--format", "joblib")
    assert again.code == 2
    assert "already exists" in again.err


def test_a_missing_library_gives_the_line_that_installs_it(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = msgspec.structs.replace(exports.formats()["onnx"], needs=("no_such_module",))
    monkeypatch.setitem(exports.formats(), "onnx", lacking)
    with pytest.raises(ConfigError, match=r"pip install 'phishcli\[onnx\]'"):
        exports.export(load_bundle(release, "LightGBM"), "onnx", Path("out"))
