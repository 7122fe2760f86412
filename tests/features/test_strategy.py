"""Strategies of preprocessing, against scikit-learn's own classes and by hand; training and serving to the bit."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.preprocessing import MinMaxScaler, OrdinalEncoder, QuantileTransformer, StandardScaler, TargetEncoder

from phishcli.config.schema import LoadConfig, PreprocessConfig
from phishcli.documents.features import Encode, Impute, NumericScale
from phishcli.features.loading import load
from phishcli.features.preprocessing import Preprocessed, preprocess
from phishcli.serving.encoder import MatrixEncoder, describe_encoder
from phishcli.serving.one_row import RowEncoder
from phishcli.serving.rows import read_rows
from phishcli.tables.arrow import whole
from phishcli.tables.memory import MemoryTable

ROWS = 400
RANDOM = np.random.default_rng(0)
SIZE = np.exp(RANDOM.normal(size=ROWS) * 2)
GAP = np.where(RANDOM.random(ROWS) < 0.1, np.nan, RANDOM.normal(size=ROWS) * 5)
COLUMNS: dict[str, Any] = {
    "size": SIZE,
    "gap": GAP,
    "zeros": np.where(RANDOM.random(ROWS) < 0.8, 0.0, RANDOM.integers(1, 9, ROWS)),
    "flag": RANDOM.integers(0, 2, ROWS),
    "kind": RANDOM.choice(["a", "b", "c", "d"], ROWS, p=[0.5, 0.3, 0.15, 0.05]),
    "label": RANDOM.integers(0, 2, ROWS),
}
TABLE = pa.Table.from_pandas(pd.DataFrame(COLUMNS), preserve_index=False)


def made(**settings: Any) -> tuple[Preprocessed, Any]:
    found = load(
        LoadConfig(target="label", positive_label=1), MemoryTable(TABLE), name=None, origin="t", synthetic=False
    )
    done = preprocess(PreprocessConfig.model_validate(settings), found.features, found.target, found.schema)
    frames: Any = {"train": whole(done.train), "test": whole(done.test)}  # easier to look at
    return replace(done, **frames), found.schema


def rows_of(found: Preprocessed, part: str) -> pd.DataFrame:
    rows = found.split.loc[found.split["part"] == part, "row"].to_numpy()
    return pd.DataFrame(COLUMNS).iloc[rows]


def scaled(how: NumericScale, **more: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The test values of ``size``, and the raw values of the training and test rows."""
    found, _ = made(numeric={"scale": how, **more})
    train, test = (rows_of(found, part)["size"].to_numpy() for part in ("train", "test"))
    return found.test["size"].to_numpy(), train, test


@pytest.mark.parametrize(
    ("how", "transformer"),
    [
        ("standard", StandardScaler()),
        ("minmax", MinMaxScaler()),
        ("quantile", QuantileTransformer(n_quantiles=101, subsample=None)),
    ],
)
def test_a_scale_is_that_of_scikit_learn(how: NumericScale, transformer: Any) -> None:
    found, train, test = scaled(how)
    expected = transformer.fit(train[:, None]).transform(test[:, None]).ravel()
    np.testing.assert_allclose(found, expected.astype(np.float32), rtol=1e-5, atol=1e-6)


def test_none_leaves_numbers_as_they_are() -> None:
    found, _, test = scaled("none")
    np.testing.assert_array_equal(found, test.astype(np.float32))


def test_values_beyond_the_ends_are_limited_and_logarithms_taken() -> None:
    found, train, test = scaled("none", clip=0.05, log=True)
    low, high = np.quantile(train, [0.05, 0.95])
    np.testing.assert_allclose(found, np.arcsinh(np.clip(test, low, high)), rtol=1e-6)


def test_a_mark_is_not_limited() -> None:
    found, _ = made(numeric={"scale": "none", "clip": 0.2})
    assert set(found.test["gap_Missing"]) == {0, 1}


@pytest.mark.parametrize("how", get_args(Impute))
def test_a_missing_number_becomes_what_was_asked(how: Impute) -> None:
    found, _ = made(numeric={"scale": "none", "impute": how})
    train, test = (rows_of(found, part)["gap"] for part in ("train", "test"))
    expected = {"median": train.median(), "mean": train.mean(), "zero": 0.0, "none": np.nan}[how]
    np.testing.assert_allclose(found.test["gap"].to_numpy()[test.isna()], expected, rtol=1e-6)


def test_places_and_counts_of_categories() -> None:
    place, _ = made(categorical={"encode": "ordinal"})
    names = rows_of(place, "train")["kind"].to_numpy()[:, None]
    expected = OrdinalEncoder().fit_transform(names).ravel() + 1
    assert np.corrcoef(place.train["kind"], expected)[0, 1] == pytest.approx(1)
    count, _ = made(categorical={"encode": "count"})
    rows = pd.Series(names.ravel()).map(pd.Series(names.ravel()).value_counts())
    assert np.corrcoef(count.train["kind"], np.log1p(rows))[0, 1] == pytest.approx(1)


def test_shares_of_the_test_rows_are_those_of_scikit_learn() -> None:
    found, _ = made(categorical={"encode": "target"})
    train, test = rows_of(found, "train"), rows_of(found, "test")
    encoder = TargetEncoder(target_type="binary").fit(train[["kind"]].astype(object), train["label"])
    expected = encoder.transform(test[["kind"]].astype(object)).ravel()
    assert np.corrcoef(found.test["kind"], expected)[0, 1] == pytest.approx(1)
    assert found.features.features[-1].kind == "share"


STRATEGIES = [
    {"numeric": {"scale": scale, "impute": impute, "clip": clip, "log": log}, "categorical": {"encode": encode}}
    for scale, impute, (clip, log), encode in product(
        get_args(NumericScale), get_args(Impute), [(None, False), (0.05, True)], get_args(Encode)
    )
][::5]


@pytest.mark.parametrize("settings", STRATEGIES, ids=str)
def test_raw_rows_get_the_numbers_of_the_test_part_to_the_bit(settings: Any) -> None:
    found, schema = made(**settings)
    encoder = MatrixEncoder(describe_encoder(found.preprocessor, found.features.names))
    raw = rows_of(found, "test").drop(columns="label")
    expected = found.test.drop(columns="target").to_numpy()
    np.testing.assert_array_equal(encoder.encode(read_rows(raw, schema)), expected)
    if settings["categorical"]["encode"] == "onehot" and settings["numeric"]["impute"] != "none":
        alone = RowEncoder(schema, encoder.encoder)
        outputs = [alone.encode(row).outputs for row in raw.to_dict("records")]
        np.testing.assert_array_equal(np.array(outputs).astype(np.float32), expected)
