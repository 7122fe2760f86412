"""The preprocessor: what it learns, what it makes of rows it has not seen, and what it keeps out of a fold."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phishcli.documents.base import plain_of
from phishcli.documents.features import NumericScale, Strategy
from phishcli.documents.schema import Column, Role, Schema
from phishcli.features import preprocessor as preprocessor_module
from phishcli.features import transform as module
from phishcli.features.described import describe_features
from phishcli.features.folds import fold_matrices
from phishcli.features.learned import Learner
from phishcli.features.preprocessor import build_preprocessor
from phishcli.tables.memory import MemoryTable
from phishcli.tables.parquet import ParquetTable
from tests.made import schema_of

if TYPE_CHECKING:
    from pathlib import Path


def schema(features: pd.DataFrame) -> Schema:
    columns = tuple(
        Column(name=str(name), role=_role(values), dtype=str(values.dtype)) for name, values in features.items()
    )
    return schema_of(*columns)


def _role(values: pd.Series[Any]) -> Role:
    return "categorical" if values.dtype == "category" else "numeric"


def fit_preprocessor(frame: pd.DataFrame, known: Schema, rows: Any, scale: NumericScale = "robust") -> Any:
    table, strategy = MemoryTable.of_frame(frame), Strategy(scale=scale)
    return preprocessor_module.fit_preprocessor(table, known, rows, learner(rows), strategy).preprocessor


def learner(rows: Any) -> Learner:
    return Learner(np.arange(len(rows), dtype=np.int8) % 2, np.arange(len(rows)) % 3)


def transform(preprocessor: Any, frame: pd.DataFrame, **how: Any) -> Any:
    return module.transform(preprocessor, MemoryTable.of_frame(frame), **how)


def table(rows: int = 100) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "lines": random.exponential(1000, rows),
            "links": random.integers(0, 50, rows),
            "secure": random.integers(0, 2, rows).astype("int8"),
            "empty": np.nan,
            "industry": pd.Categorical(random.choice(["shop", "bank", "game"], rows)),
            "host": pd.Categorical(random.choice(["a", "b", None], rows)),
        }
    )
    frame.loc[::7, "lines"] = np.nan
    return frame


def fitted(frame: pd.DataFrame, rows: Any = None, scale: NumericScale = "robust") -> Any:
    return fit_preprocessor(frame, schema(frame), np.arange(len(frame)) if rows is None else rows, scale)


def state(preprocessor: Any) -> dict[str, Any]:
    columns = preprocessor.named_steps["columns"]
    numeric = columns.named_transformers_["numeric"]
    return {
        "median": numeric.named_steps["impute"].statistics_,
        "center": numeric.named_steps["scale"].center_,
        "scale": numeric.named_steps["scale"].scale_,
        "categories": [
            [None if pd.isna(each) else each for each in known]
            for known in columns.named_transformers_["categorical"].categories_
        ],
        "names": columns.get_feature_names_out(),
    }


@pytest.mark.parametrize("rows", [6, 7, 50, 99])
@pytest.mark.parametrize("seed", range(5))
def test_the_published_scale_is_exactly_that_of_scikit_learn(rows: int, seed: Any) -> None:
    frame = table()
    chosen = np.random.default_rng(seed).choice(len(frame), rows, replace=False)
    found, expected = (
        state(fitted(frame, chosen, "published")),
        state(build_preprocessor(schema(frame)).fit(frame.iloc[chosen])),
    )
    np.testing.assert_equal(found, expected)


@pytest.mark.parametrize("categories", range(1, 61))
def test_the_number_of_categories_changes_no_statistic(categories: int) -> None:
    random = np.random.default_rng(categories)
    rows = 4 * categories
    frame = pd.DataFrame(
        {
            "exact": random.exponential(1000, rows),
            "gaps": np.where(random.random(rows) < 0.3, np.nan, random.normal(0, 1e-3, rows)),
            "count": random.integers(-5, 50, rows),
            "flag": random.integers(0, 2, rows).astype("int8"),
            "same": 3.7,
            "empty": np.nan,
            "code": pd.Categorical([f"code {row % categories}" for row in range(rows)]),
        }
    )
    np.testing.assert_equal(
        state(fitted(frame, scale="published")), state(build_preprocessor(schema(frame)).fit(frame))
    )


FLOATS = st.floats(-1e300, 1e300) | st.sampled_from([np.nan, 0.0, 1.0, np.nextafter(1.0, 2.0)])
COLUMNS = {
    "float64": FLOATS,
    "int64": st.integers(-(2**62), 2**62) | st.integers(-3, 3),
    "int8": st.integers(0, 1),
    "category": st.sampled_from([*(f"code {number}" for number in range(60)), None]),
}


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 80))
    kinds = ["float64", "category", *draw(st.lists(st.sampled_from(list(COLUMNS)), max_size=4))]
    made = {}
    for number, kind in enumerate(kinds):
        values = draw(st.lists(COLUMNS[kind], min_size=1, max_size=rows))
        made[f"{kind} {number}"] = pd.Series(np.resize(np.array(values, dtype=object), rows)).astype(kind)
    return pd.DataFrame(made)


@settings(max_examples=50)
@given(frames())
def test_whatever_the_table_every_statistic_is_that_of_all_rows(frame: pd.DataFrame) -> None:
    np.testing.assert_equal(
        state(fitted(frame, scale="published")), state(build_preprocessor(schema(frame)).fit(frame))
    )


def test_the_result_is_float32_without_gaps_and_named_as_by_scikit_learn() -> None:
    frame = table()
    preprocessor = fitted(frame)
    matrix = transform(preprocessor, frame)
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    assert np.isfinite(matrix).all()
    names = describe_features(preprocessor, schema(frame)).names
    assert names == ["lines", "links", "secure", "empty", "industry_game", "industry_shop", "host_b", "host_nan"]
    assert names == list(preprocessor.get_feature_names_out())
    assert matrix.shape == (100, 8)


def test_numbers_are_scaled_by_median_and_quartiles() -> None:
    frame = pd.DataFrame({"x": [0.0, 1, 2, 3, 4, np.nan]})
    assert transform(fitted(frame), frame).ravel() == pytest.approx(np.array([-2, -1, 0, 1, 2, 0]) / 1.5)


def test_batches_and_chosen_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = table()
    preprocessor = fitted(frame)
    into = np.empty((100, 8), dtype=np.float32, order="F")
    whole = transform(preprocessor, frame, into=into)
    assert whole is into
    monkeypatch.setattr("phishcli.tables.memory.BATCH_ROWS", 7)
    np.testing.assert_array_equal(transform(preprocessor, frame), whole)
    rows = np.array([5, 3, 99, 5])
    np.testing.assert_array_equal(transform(preprocessor, frame, rows=rows), whole[rows])
    np.testing.assert_array_equal(whole, preprocessor.transform(frame))


def test_the_order_of_columns_and_extra_columns_do_not_matter() -> None:
    frame = table()
    preprocessor = fitted(frame)
    turned = frame[frame.columns[::-1]].assign(more=1)
    np.testing.assert_array_equal(transform(preprocessor, turned), transform(preprocessor, frame))


@pytest.mark.parametrize("dtype", ["category", "str", "object"])
def test_an_unknown_category_is_all_zeros_without_a_warning(dtype: str) -> None:
    frame = table()
    preprocessor = fitted(frame)
    row = frame.head(2).astype({"industry": object})
    row["industry"] = pd.Series(["zoo", None], dtype=dtype)
    matrix = transform(preprocessor, row)
    assert matrix[:, 4:6].tolist() == [[0, 0], [0, 0]]


def test_a_missing_category_is_a_category_where_training_had_it() -> None:
    frame = table()
    row = frame.head(2).assign(host=pd.Categorical([None, "b"]))
    assert transform(fitted(frame), row)[:, 6:].tolist() == [[0, 1], [1, 0]]


def test_a_column_without_a_category_in_training_does_no_harm() -> None:
    frame = table().assign(host=pd.Categorical([None] * 100, ["a"]))
    preprocessor = fitted(frame)
    assert transform(preprocessor, frame.assign(host=pd.Categorical(["a"] * 100))).shape == (100, 6)


def test_values_beyond_float32_are_limited() -> None:
    frame = pd.DataFrame({"x": [0.0, 1, 2, 3, 4]})
    matrix = transform(fitted(frame), pd.DataFrame({"x": [0.0, 1, 2, 3, 1e300, -1e300]}))
    assert np.isfinite(matrix).all()
    assert matrix[4, 0] == -matrix[5, 0] == np.finfo(np.float32).max


@pytest.mark.parametrize("columns", [["lines", "links"], ["industry", "host"]])
def test_a_table_may_hold_one_role_only(columns: Any) -> None:
    frame = table()[columns]
    preprocessor = fitted(frame)
    assert transform(preprocessor, frame).shape == (100, len(describe_features(preprocessor, schema(frame))))


def test_names_that_meet_are_told_apart() -> None:
    letters = pd.Categorical(["w", "x", "w"])
    frame = pd.DataFrame({"a_x": [1, 2, 3], "target": [1, 2, 4], "a": letters, "a_": letters})
    names = describe_features(fitted(frame), schema(frame)).names
    assert names == ["a_x", "target_2", "a_x_2", "a__x"]
    assert transform(fitted(frame), frame).shape == (3, 4)


def test_features_say_where_they_come_from() -> None:
    columns = (
        Column(name="lines", role="numeric", dtype="double"),
        Column(name="industry", role="categorical", dtype="string"),
        Column(name="lines_Missing", role="numeric", dtype="int8", indicator_of="lines"),
    )
    known = schema_of(*columns)
    frame = pd.DataFrame({"lines": [1, 2], "industry": pd.Categorical(["a", None]), "lines_Missing": [0, 1]})
    found = plain_of(describe_features(fit_preprocessor(frame, known, np.arange(2)), known))["features"]
    where_from = ("name", "column", "role", "kind", "category")
    assert [{key: feature[key] for key in where_from} for feature in found] == [
        {"name": "lines", "column": "lines", "role": "numeric", "kind": "value", "category": None},
        {"name": "lines_Missing", "column": "lines", "role": "numeric", "kind": "indicator", "category": None},
        {"name": "industry_nan", "column": "industry", "role": "categorical", "kind": "category", "category": None},
    ]


def test_a_table_on_disk_gives_the_matrix_of_the_table_in_memory(tmp_path: Path) -> None:
    frame = table()
    frame.to_parquet(tmp_path / "table.parquet", row_group_size=7)
    on_disk, rows = ParquetTable(tmp_path / "table.parquet"), np.random.default_rng(0).permutation(100)[:60]
    preprocessor = preprocessor_module.fit_preprocessor(on_disk, schema(frame), rows, learner(rows)).preprocessor
    np.testing.assert_equal(state(preprocessor), state(fitted(frame, rows)))
    for order in ([3, 3, 99, 0], rows, None):
        chosen = None if order is None else np.array(order)
        expected = transform(preprocessor, frame, rows=chosen)
        np.testing.assert_array_equal(module.transform(preprocessor, on_disk, rows=chosen), expected)


def test_a_fold_is_made_by_a_preprocessor_that_saw_its_training_rows_only() -> None:
    frame, folds, target = table(), np.arange(100) % 4, np.arange(100) % 2
    rows = np.random.default_rng(0).permutation(200)[:100]
    whole = pd.concat([frame, frame], ignore_index=True)
    train = whole.iloc[rows]
    table_, strategy = MemoryTable.of_frame(whole), Strategy(scale="published")
    fold = fold_matrices(table_, rows, target, folds, schema(frame), 1, [strategy])
    preprocessor = build_preprocessor(schema(frame)).fit(train[folds != 1])
    np.testing.assert_array_equal(fold.x_train, preprocessor.transform(train[folds != 1]))
    np.testing.assert_array_equal(fold.x_valid, preprocessor.transform(train[folds == 1]))
    np.testing.assert_array_equal(fold.valid_rows, np.flatnonzero(folds == 1))
    np.testing.assert_array_equal(fold.y_train, target[folds != 1])
    np.testing.assert_array_equal(fold.y_valid, target[folds == 1])
    assert fold.y_train.dtype == fold.y_valid.dtype == np.int8


def test_held_out_rows_never_change_the_training_matrix_of_a_fold() -> None:
    frame, folds = table(), np.arange(100) % 4
    spoilt = frame.copy()
    spoilt.loc[folds == 1, ["lines", "links"]] = 10**9
    clean, other = (
        fold_matrices(MemoryTable.of_frame(each), np.arange(100), folds, folds, schema(frame), 1)
        for each in (frame, spoilt)
    )
    np.testing.assert_array_equal(clean.x_train, other.x_train)
    assert not np.array_equal(clean.x_valid, other.x_valid)


def test_a_saved_preprocessor_needs_scikit_learn_only(tmp_path: Path) -> None:
    frame = table()
    preprocessor = fitted(frame)
    joblib.dump(preprocessor, tmp_path / "preprocessor.joblib")
    frame.to_pickle(tmp_path / "frame.pkl")
    code = (
        "import sys, joblib, pandas as pd\n"
        "made = joblib.load('preprocessor.joblib').transform(pd.read_pickle('frame.pkl'))\n"
        "assert not any(name.startswith('phishcli') for name in sys.modules)\n"
        "print(made.dtype, made.sum())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["float32", str(transform(preprocessor, frame).sum())]


def test_the_same_rows_give_the_same_bytes() -> None:
    def dumped() -> bytes:
        buffer = io.BytesIO()
        joblib.dump(fitted(table()), buffer)
        return buffer.getvalue()

    assert dumped() == dumped()
