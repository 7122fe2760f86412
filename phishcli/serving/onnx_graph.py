"""The encoder and the calibration of a release as an ONNX graph, in double precision.

Scaling in float32, as converters do it, moves values across the splits of trees: probabilities were off by up to 0.32
without an error. Here numbers are imputed, scaled and limited in float64 and then rounded once, as the release does.
Numbers come in as double, NaN where one is missing, categories as text, empty where one is missing; shape [n, 1] each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.calibration import CalibrationMap, IsotonicMap
from phishcli.errors import PersistError
from phishcli.evaluation.calibration_map import CLIP
from phishcli.features.values import STORED, is_count
from phishcli.wording import bounded

if TYPE_CHECKING:
    from phishcli.documents.encoder import OneHot, Pair, Scaling
    from phishcli.documents.schema import Column, Schema
    from phishcli.serving.bundle import Bundle

OPSET, ML_OPSET = 18, 3
MISSING = ""


class Graph:
    """Nodes and constants, added one after another; each method gives the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output."""
        from onnx import helper

        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, value: Any) -> str:
        """Add a constant array."""
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def number(self, value: float) -> str:
        """Add a double."""
        return self.constant(np.array(value, dtype=np.float64))

    def cast(self, name: str, kind: str) -> str:
        """Convert to another type."""
        from onnx import TensorProto

        return self.add("Cast", name, to=getattr(TensorProto, kind))


def inputs_of(schema: Schema) -> list[Any]:
    """The inputs: the columns of the source."""
    from onnx import TensorProto, helper

    kinds = {"numeric": TensorProto.DOUBLE, "categorical": TensorProto.STRING}
    return [
        helper.make_tensor_value_info(column.name, kinds[column.role], [None, 1])
        for column in schema.columns
        if column.indicator_of is None
    ]


def encoded(graph: Graph, bundle: Bundle) -> str:
    """Add the encoder: from the columns to the float32 matrix that the model sees.

    Raises
    ------
    PersistError
        When the release cleans values in a way that ONNX cannot express.
    """
    schema, encoder = bundle.schema, bundle.encoder.encoder
    if other := [column.name for column in schema.given() if column.role not in ("numeric", "categorical")]:
        hint = "Export it as joblib, mlflow or docker"
        raise PersistError(
            (f"ONNX export does not support texts, dates and names of many values: {bounded(other)}"), hint=hint
        )
    if encoder.learned or not all(each.is_plain for each in encoder.numeric):
        hint = "Export it as joblib, skops, mlflow or docker"
        raise PersistError("ONNX export supports only shifted and scaled numbers and one-hot categories", hint=hint)
    if schema.clean.strip_categories and schema.names("categorical"):
        hint = "Export it as joblib, skops, mlflow or docker"
        raise PersistError("ONNX cannot strip blanks around categories (load.clean.strip_categories)", hint=hint)
    columns = {column.name: column for column in schema.columns}
    numbers = {name: _read(graph, column, schema) for name, column in columns.items() if _is_number(column)}
    parts = [_scaled(graph, each, _number(graph, each, columns, numbers), encoder.limit) for each in encoder.numeric]
    parts += [part for each in encoder.categorical for part in _marked(graph, each)]
    whole = graph.add("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]
    return whole if encoder.kept is None else picked(graph, whole, encoder.kept)


def picked(graph: Graph, matrix: str, places: Sequence[int]) -> str:
    """Add the choice of some columns of a matrix."""
    return graph.add("Gather", matrix, graph.constant(np.array(places, dtype=np.int64)), axis=1)


def _is_number(column: Column) -> bool:
    return column.role == "numeric" and column.indicator_of is None


def _read(graph: Graph, column: Column, schema: Schema) -> str:
    """A number as training read it: infinite ones are missing, as are negative counts where that is cleaned."""
    name = column.name
    if column.dtype in STORED:
        narrow = "FLOAT" if STORED[column.dtype] is np.float32 else "FLOAT16"
        name = graph.cast(graph.cast(name, narrow), "DOUBLE")
    missing = graph.add("IsInf", graph.cast(name, "FLOAT"))
    if column.dtype not in STORED:  # what overflows float32 is finite all the same
        huge = graph.add("Greater", graph.add("Abs", name), graph.number(np.finfo(np.float64).max))
        missing = huge
    if schema.clean.negative_counts and is_count(column.name):
        missing = graph.add("Or", missing, graph.add("Less", name, graph.number(0.0)))
    return graph.add("Where", missing, graph.number(np.nan), name)


def _number(graph: Graph, each: Scaling, columns: dict[str, Column], numbers: dict[str, str]) -> str:
    if each.pair is not None:
        return _paired(graph, each.pair, numbers)
    of = columns[each.column].indicator_of
    if of is None:
        return numbers[each.column]
    if of in numbers:
        return graph.cast(graph.add("IsNaN", numbers[of]), "DOUBLE")
    return graph.cast(graph.add("Equal", of, graph.constant(np.array([MISSING], dtype=object))), "DOUBLE")


def _paired(graph: Graph, pair: Pair, numbers: dict[str, str]) -> str:
    kind = "Mul" if pair.how == "product" else "Div"
    value = graph.add(kind, numbers[pair.left], numbers[pair.right])
    huge = graph.add("Greater", graph.add("Abs", value), graph.number(np.finfo(np.float64).max))
    return graph.add("Where", huge, graph.number(np.nan), value)


def _scaled(graph: Graph, each: Scaling, name: str, limit: float) -> str:
    filled = graph.add("Where", graph.add("IsNaN", name), graph.number(float(each.impute)), name)
    centered = graph.add("Sub", filled, graph.number(float(each.center)))
    scaled = graph.add("Div", centered, graph.number(float(each.scale)))
    limited = graph.add("Clip", scaled, graph.number(-limit), graph.number(limit))
    return graph.cast(limited, "FLOAT")


def _marked(graph: Graph, each: OneHot) -> list[str]:
    """One column for each category but the first; a missing value has a category of its own, or none."""
    if MISSING in (*each.categories, *each.rare):
        hint = "Export it as joblib, skops, mlflow or docker"
        raise PersistError(
            f"{each.column} has the empty text as a category, which stands for a missing value", hint=hint
        )
    if not each.width:
        return []
    known = each.places()
    names = [MISSING if name is None else name for name in known]
    places = graph.add(
        "LabelEncoder",
        each.column,
        domain="ai.onnx.ml",
        keys_strings=names,
        values_int64s=list(known.values()),
        default_int64=each.other,
    )
    others = graph.constant(np.arange(1, each.width + 1, dtype=np.int64).reshape(1, -1))
    return [graph.cast(graph.add("Equal", places, others), "FLOAT")]


def calibrated(graph: Graph, score: str, fitted: CalibrationMap | None) -> str:
    """Add the calibration: from scores, double, to probabilities."""
    if fitted is None:
        return score
    if isinstance(fitted, IsotonicMap):
        return _interpolated(graph, score, fitted.x, fitted.y)
    near = graph.add("Clip", score, graph.number(CLIP), graph.number(1 - CLIP))
    odds = graph.add("Log", graph.add("Div", near, graph.add("Sub", graph.number(1.0), near)))
    line = graph.add("Add", graph.add("Mul", odds, graph.number(fitted.slope)), graph.number(fitted.intercept))
    return graph.add("Sigmoid", line)


def _interpolated(graph: Graph, score: str, x: Sequence[float], y: Sequence[float]) -> str:
    """Linear between corners, constant beyond them, as `numpy.interp`."""
    corners, values = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(corners) == 1:
        return graph.add("Add", graph.add("Mul", score, graph.number(0.0)), graph.number(float(values[0])))
    inside = graph.add("Clip", score, graph.number(float(corners[0])), graph.number(float(corners[-1])))
    passed = graph.cast(graph.add("GreaterOrEqual", inside, graph.constant(corners[1:-1].reshape(1, -1))), "INT64")
    axes = graph.constant(np.array([1], dtype=np.int64))
    place = graph.add("ReduceSum", passed, axes, keepdims=1)
    slopes = np.divide(np.diff(values), np.diff(corners), out=np.zeros(len(corners) - 1), where=np.diff(corners) > 0)
    low, start, slope = (
        graph.add("Gather", graph.constant(each), place) for each in (corners[:-1], values[:-1], slopes)
    )
    return graph.add("Add", start, graph.add("Mul", graph.add("Sub", inside, low), slope))
