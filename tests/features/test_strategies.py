"""Strategies of preprocessing: each against scikit-learn on the same rows, each learned without the held-out rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_selection import SelectFromModel, SelectKBest, mutual_info_classif
from sklearn.linear_model import LinearRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from phishcli.config.schema import LoadConfig, PreprocessConfig
from phishcli.documents.encoder import Encoder
from phishcli.documents.features import Features, Strategy
from phishcli.features.described import describe_features
from phishcli.features.folds import fold_matrices
from phishcli.features.interactions import choose_pairs
from phishcli.features.learned import Learner
from phishcli.features.loading import Loaded, load
from phishcli.features.preprocessor import Fitted, fit_preprocessor
from phishcli.features.strategies import strategy_of
from phishcli.features.transform import transform
from phishcli.serving.encoder import MatrixEncoder, describe_encoder
from phishcli.serving.one_row import RowEncoder
from phishcli.serving.rows import read_rows
from phishcli.strategies import strategies_for, strategy_for
from phishcli.tables.memory import MemoryTable

N = 400
RANDOM = np.random.default_rng(3)
Y = RANDOM.integers(0, 2, N).astype(np.int8)
PLACES = ["north", "south", "east", "west", "moon", "mars", None]
COLUMNS: dict[str, Any] = {
    "a": RANDOM.normal(size=N) + Y,
    "b": np.where(RANDOM.random(N) < 0.1, np.nan, RANDOM.normal(size=N)),
    "n": RANDOM.normal(size=N),
    "place": RANDOM.choice(np.array(PLACES, dtype=object), N, p=[0.4, 0.3, 0.2, 0.05, 0.02, 0.01, 0.02]).tolist(),
}
NATIVE = Strategy(impute="none", scale="none", encode="native", rare=10.0)


def loaded(columns: dict[str, Any], y: Any = Y) -> Loaded:
    config = LoadConfig(target="label", positive_label=1)
    table = MemoryTable(pa.table({**columns, "label": pa.array(y)}))
    return load(config, table, name=None, origin="t", synthetic=False)


def fitted(found: Loaded, *strategies: Strategy, y: Any = Y) -> Fitted:
    learner = Learner(np.asarray(y, dtype=np.int8), np.arange(len(y)) % 3)
    return fit_preprocessor(found.features, found.schema, np.arange(len(y)), learner, *strategies)


def matrix_of(found: Loaded, strategy: Strategy) -> tuple[np.ndarray[Any, Any], Features]:
    made = fitted(found, strategy)
    return transform(made.preprocessor, found.features), describe_features(made.preprocessor, found.schema, made.views)


def places_of(values: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"place": pd.Series(values, dtype=object)})


@pytest.mark.parametrize("rare", [30, 0.06, 1, 10_000])
def test_rare_categories_are_merged_as_scikit_learn_merges_them(rare: float) -> None:
    found = loaded({"place": COLUMNS["place"]})
    matrix, features = matrix_of(found, Strategy(rare=float(rare)))
    reference = OneHotEncoder(
        drop="first", min_frequency=rare, handle_unknown="infrequent_if_exist", sparse_output=False, dtype=np.float32
    ).fit(places_of(COLUMNS["place"]))
    np.testing.assert_array_equal(matrix, reference.transform(places_of(COLUMNS["place"])))
    assert [each.kind for each in features.features].count("rare") == (rare in (30, 0.06))


def test_an_unseen_category_counts_as_rare() -> None:
    found, strategy = loaded({"place": COLUMNS["place"]}), Strategy(rare=30.0)
    made = fitted(found, strategy)
    asked = MemoryTable(pa.table({"place": ["mars", "jupiter", "north", "east"]}))
    matrix = transform(made.preprocessor, asked)
    assert matrix[0].tolist() == matrix[1].tolist() == [0, 0, 1]
    assert matrix[3].sum() == 0  # the first in the alphabet


def test_rare_places_in_the_alphabet_share_the_last_one() -> None:
    found = loaded({"place": COLUMNS["place"]})
    made = fitted(found, Strategy(encode="ordinal", rare=30.0))
    encoder = made.preprocessor.named_steps["columns"].transformers_[-1][1].estimator.named_steps["learn"]
    values = [value for value in COLUMNS["place"] if value is not None]
    reference = OrdinalEncoder(min_frequency=30, handle_unknown="use_encoded_value", unknown_value=-1)
    expected = reference.fit_transform(places_of(values))
    np.testing.assert_array_equal(encoder.transform(places_of(values)), expected + 1)
    assert encoder.transform(places_of([None, "jupiter"])).ravel().tolist() == [4, 4]  # both as rare


def test_codes_leave_missing_values_missing() -> None:
    found = loaded({"place": [*["a"] * 6, *["b"] * 6, "c", None]}, y=[0, 1] * 7)
    made = fitted(found, Strategy(encode="native", rare=2.0), y=[0, 1] * 7)
    matrix = transform(made.preprocessor, found.features)
    np.testing.assert_array_equal(matrix[:, 0], [*[0] * 6, *[1] * 6, 2, np.nan])
    assert made.views[0].categories == (0,)


def test_each_strategy_sees_what_it_would_see_alone() -> None:
    found = loaded(COLUMNS)
    strategies = Strategy(), NATIVE, Strategy(scale="standard", interactions=3, rare=10.0), Strategy(balance="weights")
    together = fitted(found, *strategies)
    whole = transform(together.preprocessor, found.features)
    for strategy, view in zip(strategies, together.views, strict=True):
        alone = fitted(found, strategy)
        expected = transform(alone.preprocessor, found.features)
        np.testing.assert_array_equal(whole[:, list(view.places)], expected)
        assert view.categories == alone.views[0].categories
    names = describe_features(together.preprocessor, found.schema).names
    assert len(set(names)) == len(names) == whole.shape[1]
    assert "a [impute none, scale none]" in names


def test_a_strategy_alone_is_made_as_before() -> None:
    """No part beside those of the default, so that what is pickled needs no class of this package."""
    made = fitted(loaded(COLUMNS), Strategy(balance="weights"))
    assert [name for name, _, _ in made.preprocessor.named_steps["columns"].transformers_] == ["numeric", "categorical"]
    assert list(made.preprocessor.named_steps) == ["columns", "limit", "float32"]


def test_the_first_pair_gains_most_in_a_linear_model() -> None:
    a, b, c = RANDOM.normal(size=(3, N))
    y = (a * b + 0.3 * c > 0).astype(float)
    columns = {"a": a, "b": b, "c": c}
    (pair, *others) = choose_pairs(columns, y, 5)
    assert pair.name == "a * b"
    x = np.stack([a, b, c], axis=1)
    gains = {
        name: LinearRegression().fit(wide := np.column_stack([x, made]), y).score(wide, y)
        for name, made in {"a * b": a * b, "a * c": a * c, "b * c": b * c}.items()
    }
    assert max(gains, key=lambda name: gains[name]) == "a * b"
    assert len(others) < 3


def test_noise_has_no_pairs() -> None:
    columns = {name: RANDOM.normal(size=2_000) for name in "abcdefgh"}
    assert choose_pairs(columns, RANDOM.integers(0, 2, 2_000), 10) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"a": np.full(50, np.nan), "b": np.arange(50.0)},
        {"a": np.zeros(50), "b": np.ones(50)},
        {"a": np.full(50, 1e308), "b": np.array([-1e308, 1e308] * 25)},
        {"a": np.array([0.0, 5e-324] * 25), "b": np.arange(50.0)},
        {"a": np.arange(50.0)},
        {},
    ],
)
def test_odd_columns_have_pairs_without_an_error(columns: dict[str, Any]) -> None:
    choose_pairs(columns, np.arange(50) % 2, 3)
    choose_pairs(columns, np.zeros(50), 3)


@pytest.mark.parametrize("by", ["variance", "information", "model"])
def test_features_are_selected_as_scikit_learn_selects_them(by: Any) -> None:
    found = loaded(COLUMNS)
    whole, described = matrix_of(found, Strategy())
    kept, _ = matrix_of(found, Strategy(select=by, keep=4))
    discrete = np.array([each.kind == "category" for each in described.features])
    if by == "model":
        forest = ExtraTreesClassifier(100, min_samples_leaf=5, random_state=0)
        reference = SelectFromModel(forest, max_features=4, threshold=-np.inf)
    else:
        score = (lambda x, _: np.var(x, axis=0)) if by == "variance" else None
        information = lambda x, y: mutual_info_classif(x, y, discrete_features=discrete, random_state=0)  # noqa: E731 (short)
        reference = SelectKBest(score or information, k=4)
    x = whole.astype(np.float64) if by == "variance" else whole
    reference.fit(x, Y)
    np.testing.assert_array_equal(kept, whole[:, reference.get_support()])


def test_what_is_selected_depends_on_no_held_out_row() -> None:
    """Turn the held-out labels around and replace the held-out values: the training matrix stays the same."""
    folds, rows, strategy = np.arange(N) % 4, np.arange(N), Strategy(interactions=4, select="model", keep=3, rare=9.0)
    held_out = folds == 1
    columns = {**COLUMNS, "a": COLUMNS["a"] * COLUMNS["n"]}
    changed = {name: np.where(held_out, 7.5, column) for name, column in columns.items() if name != "place"}
    changed["place"] = ["mars" if out else name for name, out in zip(columns["place"], held_out, strict=True)]
    first, second = loaded(columns), loaded(changed, y=np.where(held_out, 1 - Y, Y))
    made = fold_matrices(first.features, rows, Y, folds, first.schema, 1, [strategy])
    other = np.where(held_out, 1 - Y, Y)
    again = fold_matrices(second.features, rows, other, folds, first.schema, 1, [strategy])
    assert made.x_train.shape[1] == 3
    np.testing.assert_array_equal(made.x_train, again.x_train)


def test_selection_from_noise_teaches_nothing() -> None:
    """The best 5 of 300 random columns, chosen in the fold, say nothing of its held-out rows."""
    noise = {f"x{number}": RANDOM.normal(size=N) for number in range(300)}
    found, rows, folds = loaded(noise), np.arange(N), np.arange(N) % 2
    strategy = Strategy(select="model", keep=5, interactions=5)
    signs = []
    for number in (0, 1):
        fold = fold_matrices(found.features, rows, Y, folds, found.schema, number, [strategy])
        model = LinearRegression().fit(fold.x_train, fold.y_train)
        assert roc_auc_score(fold.y_train, model.predict(fold.x_train)) > 0.57
        signs.append(roc_auc_score(fold.y_valid, model.predict(fold.x_valid)))
    assert np.mean(signs) == pytest.approx(0.5, abs=0.1)


ALL = [
    pytest.param([Strategy(rare=10.0)], id="rare"),
    pytest.param([Strategy(interactions=6)], id="interactions"),
    pytest.param([Strategy(interactions=6, scale="quantile", clip=0.02, log=True)], id="shaped interactions"),
    pytest.param([Strategy(select="information", keep=3)], id="select"),
    pytest.param([NATIVE], id="native"),
    pytest.param([Strategy(encode="ordinal", rare=10.0)], id="ordinal"),
    pytest.param([Strategy(), NATIVE, Strategy(interactions=2, select="model", keep=0.4)], id="several"),
]


@pytest.mark.parametrize("strategies", ALL)
def test_a_release_encodes_to_the_bit_what_the_preprocessor_does(strategies: list[Strategy]) -> None:
    columns = {**COLUMNS, "a": COLUMNS["a"] * COLUMNS["n"], "z": np.where(np.arange(N) % 9 == 0, 0.0, COLUMNS["n"])}
    found = loaded(columns, y=(COLUMNS["a"] * COLUMNS["n"] > 0).astype(np.int8))
    made = fitted(found, *strategies, y=(COLUMNS["a"] * COLUMNS["n"] > 0).astype(np.int8))
    names = describe_features(made.preprocessor, found.schema).names
    plain = json.loads(json.dumps(describe_encoder(made.preprocessor, names).to_plain(), allow_nan=False))
    asked = {
        "a": [0.5, None, 1e308, -1e308, 0.0],
        "b": [1.0, 2.0, None, 1e308, 0.0],
        "n": [0.0, 1.0, 1e308, 1e-308, -2.0],
        "place": ["mars", None, "jupiter", "north", "moon"],
        "z": [0.0, None, -3.5, 0.0, 1e308],
    }
    read = read_rows(asked, found.schema)
    encoder = MatrixEncoder(Encoder.of_plain(plain))
    matrix = encoder.encode(read)
    table = pa.table({name: pa.array(values) for name, values in asked.items()})
    marks = {c.name: [float(v is None) for v in asked[c.indicator_of]] for c in found.schema.columns if c.indicator_of}
    expected = transform(made.preprocessor, MemoryTable(pa.table({**{n: table[n] for n in asked}, **marks})))
    assert matrix.tobytes() == expected.tobytes()
    assert matrix.shape[1] == len(names)
    if any(each.impute == "none" for each in strategies):
        return
    one = RowEncoder(found.schema, encoder.encoder)
    for place in (0, 2, 3, 4):
        row = {name: values[place] for name, values in asked.items()}
        np.testing.assert_array_equal(np.float32(one.encode(row).outputs), matrix[place])


def test_the_matrix_to_train_on_has_cross_fitted_numbers_wherever_they_are() -> None:
    owners = [f"owner {number}" for number in RANDOM.integers(0, 90, N)]
    found = loaded({**COLUMNS, "owner": owners})
    plain = fitted(found, Strategy()).training_matrix(found.features, np.arange(N))
    made = fitted(found, NATIVE, Strategy(), Strategy(select="variance", keep=3))
    matrix = made.training_matrix(found.features, np.arange(N))
    np.testing.assert_array_equal(matrix[:, list(made.views[1].places)], plain)


def test_models_get_what_they_can_take() -> None:
    settings = PreprocessConfig.model_validate(
        {
            "numeric": {"impute": "none", "clip": 0.01},
            "categorical": {"encode": "native"},
            "balance": "weights",
            "models": {"LightGBM": {"numeric": {"clip": "none", "scale": "none"}}},
        }
    )
    assert strategy_for(settings, "LightGBM") == Strategy(
        impute="none", scale="none", encode="native", balance="weights"
    )
    assert strategy_for(settings, "LogisticRegression") == Strategy(clip=0.01, balance="weights")
    assert strategy_for(settings, "KNN") == Strategy(clip=0.01)
    assert strategy_for(settings, "XGBoost") == Strategy(impute="none", clip=0.01, balance="weights")
    assert strategies_for(settings, ["KNN", "SVM"]) == strategies_for(settings, ["SVM", "NaiveBayes", "KNN"])
    assert strategies_for(PreprocessConfig(), ["SVM", "LightGBM"]) == (Strategy(),)
    assert strategy_of(PreprocessConfig()) == Strategy()
