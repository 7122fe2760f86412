"""ONNX: raw columns in, probability and verdict out, preprocessing included; runs without Python."""

from __future__ import annotations

import copy
import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.proof import Proof
from phishcli.errors import PersistError
from phishcli.serving.exports import ExportFormat

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.onnx_graph import Graph
    from phishcli.serving.rows import Rows

FILE = "model.onnx"


def write(bundle: Bundle, proof: Proof, folder: Path) -> float:
    """Write the model and compare it on the rows of the proof."""
    model = graph_of(bundle)
    content = model.SerializeToString()
    (folder / FILE).write_bytes(content)
    (folder / "schema.json").write_text(json.dumps(bundle.schema.to_plain(), indent=2, ensure_ascii=False) + "\n")
    found = run(content, bundle, proof.as_columns())
    expected = np.array(proof.probabilities[bundle.metadata.model])
    return float(np.abs(found - expected).max(initial=0.0))


def graph_of(bundle: Bundle) -> Any:
    """Build the ONNX model of a release.

    Raises
    ------
    PersistError
        When the model has no converter.
    """
    import onnx

    from phishcli.serving.onnx_graph import Graph, calibrated, encoded, picked

    graph = Graph()
    matrix, view = encoded(graph, bundle), bundle.metadata.view
    converted = _converted(bundle)
    matrix = matrix if view is None else picked(graph, matrix, view)
    nodes, constants, scores = _inlined(converted, matrix)
    graph.nodes += nodes
    graph.constants += constants
    positive = graph.add("Gather", scores, graph.constant(np.array([1], dtype=np.int64)), axis=1)
    probability = calibrated(graph, graph.cast(positive, "DOUBLE"), bundle.metadata.calibration)
    model = _finished(graph, probability, bundle)
    onnx.checker.check_model(model)
    return model


def _finished(graph: Graph, probability: str, bundle: Bundle) -> Any:
    """Name the outputs, and make a model of the graph."""
    from onnx import TensorProto, helper

    from phishcli.serving.onnx_graph import ML_OPSET, OPSET, inputs_of

    graph.nodes += [
        helper.make_node("Identity", [probability], ["probability"]),
        helper.make_node("GreaterOrEqual", ["probability", graph.number(bundle.threshold)], ["positive"]),
    ]
    outputs = [
        helper.make_tensor_value_info("probability", TensorProto.DOUBLE, [None, 1]),
        helper.make_tensor_value_info("positive", TensorProto.BOOL, [None, 1]),
    ]
    made = helper.make_graph(graph.nodes, "phish", inputs_of(bundle.schema), outputs, graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=9, producer_name="phish")
    helper.set_model_props(model, _about(bundle))
    return model


def _about(bundle: Bundle) -> dict[str, str]:
    about = bundle.metadata
    return {
        "model": about.model,
        "version": about.version,
        "bundle_sha256": bundle.sha256,
        "target": about.target,
        "positive_label": str(about.positive_label),
        "threshold": repr(about.threshold),
    }


def _converted(bundle: Bundle) -> Any:
    """The model alone, from the float32 matrix to the probabilities of both classes."""
    name = bundle.metadata.model
    estimator, view = _estimator(bundle), bundle.metadata.view
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of converters, about their own libraries
        try:
            return _convert(name, estimator, bundle.encoder.width if view is None else len(view))
        except Exception as error:  # converters raise whatever they like
            reason = (str(error) or type(error).__name__).splitlines()[0]
            hint = "Export it as joblib, skops, mlflow or docker, or another model of the release"
            raise PersistError(f"{name} cannot be written as ONNX: {reason}", hint=hint) from error


def _estimator(bundle: Bundle) -> Any:
    """The fitted estimator: the one that is open; of boosters, open in another form, that of the joblib file."""
    from phishcli.artifacts import Entry, Manifest
    from phishcli.models.own_format import PositiveClass
    from phishcli.models.view import ScoreOfView, without_view

    score = bundle.score.score if isinstance(bundle.score, ScoreOfView) else bundle.score
    if isinstance(score, PositiveClass):
        return score.estimator

    entry = Entry(bundle.folder, Manifest.read(bundle.folder))
    return without_view(entry.read(f"{bundle.metadata.model}_model.joblib")).model


def _convert(name: str, estimator: Any, width: int) -> Any:
    from phishcli.serving.onnx_graph import ML_OPSET, OPSET

    shape = [None, width]
    if name in ("LightGBM", "XGBoost"):
        import onnxmltools
        from onnxmltools.convert.common.data_types import FloatTensorType

        types = [("features", FloatTensorType(shape))]
        if name == "XGBoost":
            return onnxmltools.convert_xgboost(estimator, initial_types=types, target_opset=15)
        return onnxmltools.convert_lightgbm(estimator, initial_types=types, zipmap=False, target_opset=15)
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    estimator = _with_wide_labels(estimator)
    return convert_sklearn(
        estimator,
        initial_types=[("features", FloatTensorType(shape))],
        options={id(estimator): {"zipmap": False}},
        target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET},
    )


def _with_wide_labels(estimator: Any) -> Any:
    """Neighbors keep the classes of the training rows as int8, which the runtime does not take."""
    last = estimator[-1] if hasattr(estimator, "steps") else estimator
    if not hasattr(last, "_y") or last.classes_.dtype != np.int8:
        return estimator
    made = copy.deepcopy(estimator)
    last = made[-1] if hasattr(made, "steps") else made
    last._y = last._y.astype(np.int64)  # noqa: SLF001 (there is no other place for it)
    last.classes_ = last.classes_.astype(np.int64)
    return made


def _inlined(converted: Any, matrix: str) -> tuple[list[Any], list[Any], str]:
    """The nodes of a converted model, fed by ours: its names get a prefix."""
    from onnx import compose

    prefixed = compose.add_prefix(converted, "model_").graph
    given, scores = prefixed.input[0].name, prefixed.output[1].name
    for node in prefixed.node:
        for at, name in enumerate(node.input):
            if name == given:
                node.input[at] = matrix
    return list(prefixed.node), list(prefixed.initializer), scores


def run(content: bytes, bundle: Bundle, rows: Any) -> Any:
    """Probabilities of raw rows by an exported model, shape (n,)."""
    import onnxruntime

    from phishcli.serving.rows import read_rows

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    wanted = {each.name for each in session.get_inputs()}
    given = {name: column for name, column in typed(read_rows(rows, bundle.schema)).items() if name in wanted}
    return np.asarray(session.run(["probability"], given)[0])[:, 0]


def typed(rows: Rows) -> dict[str, Any]:
    """Rows as the exported model takes them: doubles, NaN where missing, and texts, empty where missing."""
    from phishcli.serving.onnx_graph import MISSING

    columns: dict[str, Any] = {name: each.floats.reshape(-1, 1) for name, each in rows.numbers.items()}
    for name, each in rows.categories.items():
        names = np.array([*each.names, MISSING], dtype=object)
        columns[name] = names[each.codes].reshape(-1, 1)
    return columns


FORMAT = ExportFormat(
    name="onnx",
    title="ONNX with the preprocessing, for any runtime",
    write=write,
    needs=("onnx", "skl2onnx", "onnxmltools", "onnxruntime"),
    extra="onnx",
)
