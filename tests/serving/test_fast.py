"""A single row has on the fast path the probability of the slow one, or the slow one's message."""

from __future__ import annotations

import json
import math
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phishcli import load_bundle
from phishcli.errors import DataError
from phishcli.serving.bundle import Bundle
from phishcli.serving.fast import FastRow, compile_row
from tests.serving.served import MODELS, ROW, make_release, table

FAST = ("LogisticRegression", "LightGBM", "XGBoost", "RandomForest", "HistGradientBoosting")
NUMBERS = (
    st.floats()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 3.5e38, 1e308, 5e-324, np.float32(0.1), np.int8(-3), Decimal("1.5"), None])
    | st.sampled_from(
        ["7", " 7 ", "-7.5e3", "1.234,5", "1,5 ", "nan", "inf", "", " ", "NA", "null", "?", "true", "seven"]
    )
    | st.booleans()
    | st.sampled_from([[], {}, b"7", 1j, pd.NA, pd.NaT])
)
TEXTS = (
    st.sampled_from(["Banking", "eCommerce", " eCommerce ", "Zoo", "007", "7", "A", "", " ", "NA", "null", "\x00", "É"])
    | st.text(max_size=5)
    | st.integers(-1, 200)
    | st.sampled_from([7.0, 12, True, None, math.nan, math.inf, np.float64(101), [], {}, b"x", pd.NA])
)
ROWS = st.fixed_dictionaries(
    {name: TEXTS if name in ("Industry", "Code") else NUMBERS for name in ROW}, optional={"other": st.none()}
)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    root = make_release(tmp_path_factory.mktemp("fast"))
    return {name: load_bundle(root / "latest", name) for name in MODELS}


@pytest.fixture(scope="module")
def fast(bundles: dict[str, Bundle]) -> dict[str, FastRow]:
    return {name: compile_row(bundle) for name, bundle in bundles.items()}


def slow_way(bundle: Bundle, row: dict[str, Any]) -> float | str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(bundle.predict_proba([row])[0])
        except DataError as error:
            return str(error)


def fast_way(fast: FastRow, row: dict[str, Any]) -> float | str:
    try:
        return fast(row)
    except DataError as error:
        return str(error)


def same(one: float | str, other: float | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) <= 1e-6


@given(row=ROWS)
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_any_row_has_the_same_probability_or_the_same_message(
    bundles: dict[str, Bundle], fast: dict[str, FastRow], row: dict[str, Any]
) -> None:
    for name in ("LogisticRegression", "LightGBM", "XGBoost"):
        assert same(slow_way(bundles[name], row), fast_way(fast[name], row)), name


@given(row=ROWS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_forests_and_models_without_a_fast_path_agree_as_well(
    bundles: dict[str, Bundle], fast: dict[str, FastRow], row: dict[str, Any]
) -> None:
    for name in ("RandomForest", "HistGradientBoosting", "NaiveBayes"):
        assert same(slow_way(bundles[name], row), fast_way(fast[name], row)), name


@pytest.mark.parametrize("name", MODELS)
def test_the_rows_of_the_table_have_the_probabilities_of_the_table(
    bundles: dict[str, Bundle], fast: dict[str, FastRow], name: str
) -> None:
    frame = table()
    at_once = bundles[name].predict_proba(frame)
    alone = [fast[name](row) for row in frame.astype(object).to_dict("records")]
    assert np.abs(at_once - alone).max() <= 1e-6


def test_what_is_fast_is_said_and_what_is_not_says_why(fast: dict[str, FastRow]) -> None:
    assert {name for name, each in fast.items() if each.exact} == set(FAST)
    assert {name: each.way for name, each in fast.items() if each.exact} == {
        "LogisticRegression": "formula",
        "LightGBM": "lightgbm",
        "XGBoost": "treelite",
        "RandomForest": "treelite",
        "HistGradientBoosting": "treelite",
    }
    assert fast["NaiveBayes"].why_slow == "GaussianNB has no fast path; its own call is used"


def test_a_row_says_what_is_missing_and_what_is_unseen(fast: dict[str, FastRow]) -> None:
    assert (fast["LightGBM"].judge(ROW).missing, fast["LightGBM"].judge(ROW).unseen) == ([], [])
    odd = {**ROW, "Lines": None, "NoOfImage": -1, "Price": "?", "Industry": "Zoo", "Code": 12}
    with pytest.raises(DataError, match="column Price: expected numbers"):
        fast["LightGBM"](odd)
    judged = fast["LightGBM"].judge({**odd, "Price": ""})
    assert (judged.missing, judged.unseen) == (["Lines", "NoOfImage", "Price"], ["Industry"])


def test_a_missing_column_is_named(fast: dict[str, FastRow]) -> None:
    with pytest.raises(DataError, match="lack 1 of 7 columns: Price"):
        fast["XGBoost"]({name: value for name, value in ROW.items() if name != "Price"})


def test_without_treelite_forests_take_the_slow_way_and_boosters_their_own(
    bundles: dict[str, Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("treelite", "treelite.sklearn", "treelite.frontend", "treelite.gtil"):
        monkeypatch.setitem(sys.modules, module, None)
    forest, booster = compile_row(bundles["RandomForest"]), compile_row(bundles["XGBoost"])
    assert "treelite is not installed" in str(forest.why_slow)
    assert (booster.way, booster.exact) == ("xgboost", True)
    for each, name in ((forest, "RandomForest"), (booster, "XGBoost")):
        assert same(each(ROW), slow_way(bundles[name], ROW))


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_calibrated_probabilities_are_the_same(tmp_path: Path, kind: str) -> None:
    models = ("LogisticRegression", "LightGBM")
    root = make_release(tmp_path, f"evaluate.calibrate={kind}", models=models)
    for name in models:
        bundle = load_bundle(root / "latest", name)
        assert bundle.metadata.calibration is not None
        judge = compile_row(bundle)
        for lines in (0, 40, 400, 1e30, -1e30):
            row = {**ROW, "Lines": lines}
            assert judge(row) == pytest.approx(slow_way(bundle, row), abs=1e-12)


def test_a_column_that_is_divided_by_zero_takes_the_slow_way(bundles: dict[str, Bundle]) -> None:
    from dataclasses import replace

    from phishcli.documents.encoder import Encoder
    from phishcli.serving.encoder import MatrixEncoder

    bundle = bundles["LightGBM"]
    plain = json.loads(json.dumps(bundle.encoder.encoder.to_plain()))
    plain["numeric"][1]["scale"] = 0.0
    odd = replace(bundle, encoder=MatrixEncoder(Encoder.of_plain(plain)))
    judge = compile_row(odd)
    assert (judge.exact, judge.why_slow) == (False, "a column is divided by zero")
    row = {**ROW, "NoOfImage": 3}
    with np.errstate(divide="ignore"):
        assert judge(row) == slow_way(odd, row)


def test_a_row_alone_has_of_a_mean_of_fits_the_probability_that_it_has_among_others(tmp_path: Path) -> None:
    root = make_release(tmp_path, "train.refits=2", models=("XGBoost", "RandomForest"))
    rows = table().astype(object).to_dict("records")[:100]
    for name in ("XGBoost", "RandomForest"):
        bundle = load_bundle(root / "latest", name)
        mean = compile_row(bundle)
        assert (mean.exact, mean.way) == (True, "treelite")
        together = [each.probability for each in mean.judge_many(rows)]
        assert together == [mean(row) for row in rows]
        assert together == pytest.approx(bundle.predict_proba(rows), abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_a_row_alone_has_the_probability_that_it_has_among_others(fast: dict[str, FastRow], name: str) -> None:
    rows = table().astype(object).to_dict("records")[:100]
    together = [each.probability for each in fast[name].judge_many(rows)]
    alone = [fast[name](row) for row in rows]
    assert together == pytest.approx(alone, abs=0 if fast[name].way in ("treelite", "lightgbm") else 1e-15)
