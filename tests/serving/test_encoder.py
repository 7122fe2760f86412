"""The encoder gives the matrix of the preprocessor, to the bit, without scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from phishcli.documents.encoder import Encoder
from phishcli.documents.features import NumericScale, Strategy
from phishcli.documents.schema import Column, Schema
from phishcli.features.clean import to_categories
from phishcli.features.described import describe_features
from phishcli.features.learned import Learner
from phishcli.features.preprocessor import fit_preprocessor
from phishcli.features.transform import transform
from phishcli.features.values import read_categories, read_numbers
from phishcli.serving import encoder as module
from phishcli.serving.encoder import MatrixEncoder, describe_encoder
from phishcli.serving.rows import Rows
from phishcli.tables.memory import MemoryTable
from tests.made import schema_of


def schema_for(frame: pd.DataFrame) -> Schema:
    columns = (
        Column(
            name=str(name),
            role="categorical" if values.dtype == "category" else "numeric",
            dtype=str(values.dtype),
        )
        for name, values in frame.items()
    )
    return schema_of(*columns, rows=len(frame))


def categories(texts: Any) -> pd.Series[Any]:
    """A categorical column as ``load`` gives it."""
    return to_categories(pd.Series(texts, dtype=object))


def rows_of(frame: pd.DataFrame) -> Rows:
    schema = schema_for(frame)
    numbers = {name: read_numbers(frame[name].to_numpy(), name="x") for name in schema.names("numeric")}
    texts = {name: read_categories(frame[name].to_numpy(object)) for name in schema.names("categorical")}
    return Rows(len(frame), numbers, texts)


def encoder_of(preprocessor: Any, schema: Schema) -> MatrixEncoder:
    described = describe_encoder(preprocessor, describe_features(preprocessor, schema).names)
    return MatrixEncoder(Encoder.of_plain(json.loads(json.dumps(described.to_plain(), allow_nan=False))))


def check(train: pd.DataFrame, asked: pd.DataFrame, scale: NumericScale = "robust") -> MatrixEncoder:
    schema = schema_for(train)
    learner = Learner(np.arange(len(train), dtype=np.int8) % 2, np.arange(len(train)) % 3)
    rows = np.arange(len(train))
    strategy = Strategy(scale=scale)
    preprocessor = fit_preprocessor(MemoryTable.of_frame(train), schema, rows, learner, strategy).preprocessor
    expected = transform(preprocessor, MemoryTable.of_frame(asked))
    assert np.isfinite(expected).all()
    encoder = encoder_of(preprocessor, schema)
    found = encoder.encode(rows_of(asked))
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert found.shape == expected.shape == (len(asked), encoder.width)
    assert found.tobytes() == expected.tobytes()  # 0.0 and -0.0 differ here
    return encoder


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([1.0, 2.0, 3.5, np.nan, -4.0], id="plain"),
        pytest.param([7.0] * 5, id="constant"),
        pytest.param([np.nan] * 5, id="all missing"),
        pytest.param([0.0, -0.0, 0.0, -0.0, -0.0], id="signed zeros"),
        pytest.param([1e308, -1e308, 1e308, 0.0, -1e308], id="overflows"),
        pytest.param([5e-324, 1e-310, 0.0, -5e-324, 2e-308], id="denormal"),
        pytest.param([1e300, 1e300, 1e300, 1e300, 5e-324], id="no quartile distance"),
        pytest.param([1.0, 1.0 + 2**-52, 1.0, 1.0, 1.0 - 2**-53], id="tiny quartile distance"),
        pytest.param([True, False, True, True, False], id="booleans"),
        pytest.param([2**60, 2**60 + 1, 5, 6, -(2**62)], id="large integers"),
    ],
)
@pytest.mark.parametrize("scale", get_args(NumericScale))
def test_numbers_are_encoded_to_the_bit(values: list[Any], scale: NumericScale) -> None:
    frame = pd.DataFrame({"x": values, "y": [1.0, 2.0, 3.0, 4.0, 5.0]})
    check(frame, frame, scale)


@pytest.mark.parametrize("train", [["b", "a", "b"], ["b", None, "a"], ["a", "a", "a"], [None, None, "a"], [None] * 3])
def test_categories_are_encoded_as_they_were_learnt(train: list[Any]) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "c": categories(train)})
    asked = pd.DataFrame({"x": [1.0] * 4, "c": categories(["a", "b", None, "zoo"])})
    encoder = check(frame, asked)
    assert encoder.encoder.categorical[0].categories[-1] == (None if None in train else max(train))


def test_a_table_may_hold_numbers_or_categories_only() -> None:
    numbers = pd.DataFrame({"x": [1.0, 2.0, np.nan]})
    texts = pd.DataFrame({"c": categories(["a", "b", None])})
    assert check(numbers, numbers).encoder.categorical == ()
    assert check(texts, texts).encoder.numeric == ()
    both = check(numbers.join(texts), numbers.join(texts))
    assert both.encoder.outputs == ("x", "c_b", "c_nan")


def test_a_table_of_float32_alone_is_scaled_in_float64_too() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": (1000 * random.normal(size=1000)).astype(np.float32), "b": random.integers(0, 2, 1000).astype(np.int8)}
    )
    check(frame, frame)
    check(frame[["x"]], frame[["x"]])


def test_rows_are_encoded_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 3)
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=10), "c": categories(random.choice(["a", "b", "c"], 10))})
    check(frame, frame)
    assert check(frame, frame.head(0)).encode(rows_of(frame.head(0))).shape == (0, 3)


FLOATS = st.floats(allow_nan=True, allow_infinity=False, allow_subnormal=True)
TEXTS = st.sampled_from(["", "a", "b", " b", "zoo", "é", None])


@st.composite
def frames(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table to fit on, and one with the same columns to encode."""
    kinds = draw(st.lists(st.sampled_from(["float", "count", "constant", "missing", "text"]), min_size=1, max_size=4))
    made = []
    for rows in draw(st.tuples(st.integers(1, 12), st.integers(1, 8))):
        values: dict[str, Any] = {}
        for position, kind in enumerate(kinds):
            elements = {"count": st.integers(-3, 9).map(float), "constant": st.just(0.1), "missing": st.just(np.nan)}
            values[f"{kind}{position}"] = (
                categories(draw(st.lists(TEXTS, min_size=rows, max_size=rows)))
                if kind == "text"
                else draw(hnp.arrays(np.float64, rows, elements=elements.get(kind, FLOATS)))
            )
        made.append(pd.DataFrame(values))
    return made[0], made[1]


@given(frames(), st.sampled_from(get_args(NumericScale)))
def test_any_table_is_encoded_to_the_bit(tables: tuple[pd.DataFrame, pd.DataFrame], scale: NumericScale) -> None:
    check(*tables, scale)


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_parts_of_the_real_table_are_encoded_to_the_bit(real: Path, part: str) -> None:
    from phishcli.config.schema import LoadConfig, PreprocessConfig
    from phishcli.features.loading import load
    from phishcli.features.preprocessing import preprocess
    from phishcli.serving.rows import read_rows

    table = _table(real)
    settings = LoadConfig(target="label", positive_label=0)
    loaded = load(settings, MemoryTable(table), name=None, origin="t", synthetic=False)
    made = preprocess(PreprocessConfig(), loaded.features, loaded.target, loaded.schema)
    described = describe_encoder(made.preprocessor, made.features.names)
    rows = table.take(made.split.loc[made.split["part"] == part, "row"].to_numpy())
    expected = np.asarray(getattr(made, part).matrix)
    for raw in (rows, rows.to_pandas(), rows.to_pylist()):
        assert np.array_equal(MatrixEncoder(described).encode(read_rows(raw, loaded.schema)), expected)


def _table(path: Path) -> Any:
    from phishcli.sources.readers.sqlite_reader import read_sqlite

    return read_sqlite(path)[0]
