"""Models of different strategies trained side by side are those that each strategy gives alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.config.schema import LoadConfig, PreprocessConfig
from phishcli.documents.features import Strategy
from phishcli.features.loading import load
from phishcli.features.preprocessing import Preprocessed, preprocess
from phishcli.fits.ledger import fit_key
from phishcli.fits.matrices import training_data
from phishcli.models import get
from phishcli.models.mean import MeanOfModels, read, write
from phishcli.models.own_format import PositiveClass
from phishcli.models.view import without_view
from phishcli.search.settings import ModelSettings
from phishcli.search.trained import TrainedModel
from phishcli.search.training import train
from phishcli.serving.release import own_format_file
from phishcli.tables.memory import MemoryTable

N = 300
RANDOM = np.random.default_rng(8)
X = RANDOM.normal(size=(N, 3))
Y = (X[:, 0] * X[:, 1] + 0.4 * RANDOM.normal(size=N) > 0.5).astype(np.int8)
TABLE = pa.table(
    {
        "a": X[:, 0],
        "b": np.where(RANDOM.random(N) < 0.1, np.nan, X[:, 1]),
        "c": X[:, 2],
        "place": RANDOM.choice(["x", "y", "z", "w"], N),
        "label": Y,
    }
)
LOADED = load(LoadConfig(target="label", positive_label=1), MemoryTable(TABLE), name=None, origin="t", synthetic=False)
STRATEGIES = {
    "LogisticRegression": Strategy(interactions=3, balance="weights"),
    "LightGBM": Strategy(impute="none", scale="none", encode="native"),
    "KNN": Strategy(select="variance", keep=3, balance="over"),
}
PARAMS: dict[str, dict[str, Any]] = {"LightGBM": {"n_estimators": 5}}


def prepared(*strategies: Strategy) -> Preprocessed:
    return preprocess(PreprocessConfig(), LOADED.features, LOADED.target, LOADED.schema, strategies=strategies)


def trained(made: Preprocessed, strategies: Mapping[str, Strategy]) -> dict[str, TrainedModel]:
    data = training_data(
        train=made.train, split=made.split, features=LOADED.features, schema=LOADED.schema, views=made.features.views
    )
    settings = [ModelSettings(name, PARAMS.get(name, {}), strategy=each) for name, each in strategies.items()]
    results = {each.name: each for each in train(settings, data)}
    assert not any(each.error for each in results.values())
    return {name: each.trained for name, each in results.items() if each.trained}


@pytest.fixture(scope="module")
def together() -> tuple[Preprocessed, dict[str, TrainedModel]]:
    made = prepared(*STRATEGIES.values())
    return made, trained(made, STRATEGIES)


def matrix(made: Preprocessed) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = made.test.matrix  # type: ignore[attr-defined]  # in memory
    return np.asarray(found)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_model_is_what_its_strategy_gives_alone(
    name: str, together: tuple[Preprocessed, dict[str, TrainedModel]]
) -> None:
    made, models = together
    alone = prepared(STRATEGIES[name])
    expected = trained(alone, {name: STRATEGIES[name]})[name]
    pd.testing.assert_frame_equal(models[name].oof, expected.oof)
    found = models[name].model.predict_proba(matrix(made))  # type: ignore[attr-defined]  # a model
    np.testing.assert_array_equal(found, expected.model.predict_proba(matrix(alone)))  # type: ignore[attr-defined]  # a model
    assert models[name].training.n_features == len(alone.features) < len(made.features)
    assert models[name].training.params == expected.training.params or name == "LightGBM"
    assert models[name].training.strategy == STRATEGIES[name]


def test_the_format_of_a_library_holds_the_model_without_its_view(
    together: tuple[Preprocessed, dict[str, TrainedModel]],
) -> None:
    made, models = together
    files = own_format_file("LightGBM", models["LightGBM"].model, len(made.features))
    assert list(files) == ["LightGBM_model.txt"]
    inner, places = without_view(models["LightGBM"].model)
    own = get("LightGBM").own_format
    assert own is not None
    assert places is not None
    seen = matrix(made)[:, list(places)]
    np.testing.assert_array_equal(own.read(files["LightGBM_model.txt"])(seen), PositiveClass(inner)(seen))


def test_an_ensemble_hands_each_member_its_view(together: tuple[Preprocessed, dict[str, TrainedModel]]) -> None:
    made, models = together
    names = ["LogisticRegression", "LightGBM"]
    mean = MeanOfModels(names, [models[name].model for name in names], [0.25, 0.75])
    single = [models[name].model.predict_proba(matrix(made))[:, 1] for name in names]  # type: ignore[attr-defined]  # a model
    np.testing.assert_allclose(mean.predict_proba(matrix(made))[:, 1], 0.25 * single[0] + 0.75 * single[1])
    np.testing.assert_array_equal(read(write(mean))(matrix(made)), mean.predict_proba(matrix(made))[:, 1])


def test_fits_of_another_strategy_are_not_found_in_the_ledger() -> None:
    asked: tuple[Any, ...] = (get("KNN"), {}, 42, 0)
    keys = {fit_key(*asked, strategy=each) for each in (Strategy(), Strategy(balance="over"), Strategy(rare=5.0))}
    assert len(keys) == 3
    assert fit_key(*asked) in keys
