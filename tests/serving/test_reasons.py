"""Reasons add up to the log odds, name the raw column, and compare its value with the usual one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from phishcli import load_bundle
from phishcli.documents.calibration import SigmoidMap
from phishcli.errors import DataError
from phishcli.serving.bundle import Bundle
from tests.serving.served import ROW, make_release, table

MODELS = ("LogisticRegression", "LightGBM", "XGBoost", "RandomForest", "NaiveBayes")
BOOSTERS = ("LightGBM", "XGBoost")
OTHERS = ("LogisticRegression", "RandomForest")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("reasons"), models=MODELS)


@pytest.fixture(scope="module")
def bundles(root: Path) -> dict[str, Bundle]:
    return {name: load_bundle(root / "latest", name) for name in MODELS}


def odds(bundle: Bundle, rows: Any) -> np.ndarray:
    p = bundle.predict_proba(rows)
    return np.log(p / (1 - p))


def by_column(bundle: Bundle, rows: Any) -> list[dict[str, float]]:
    return [{each.column: each.contribution for each in reasons} for reasons in bundle.explain(rows, 99)]


def usual(rows: pd.DataFrame) -> dict[str, Any]:
    """Median or most frequent value of the training rows, worked out by pandas from the source."""
    found: dict[str, Any] = {}
    for name in ROW:
        column = (
            rows[name].map(lambda text: str(text).strip(), na_action="ignore") if name == "Industry" else rows[name]
        )
        if name in ("Industry", "Code"):
            found[name] = column.value_counts().index[0]
        elif name == "Price":
            numbers = column.str.replace(".", "").str.replace(",", ".").astype(float)
            found[name] = f"{numbers.median():,.6f}".translate(str.maketrans(",.", ".,"))
        elif name == "NoOfImage":
            found[name] = column.where(column >= 0).median()
        else:
            found[name] = float(column.astype(float).median())
    return found


@pytest.fixture(scope="module")
def training_rows(root: Path) -> pd.DataFrame:
    split = pd.read_parquet(root.parents[1] / "cache/preprocess/latest/split.parquet")
    return table().iloc[split.loc[split["part"] == "train", "row"]]


@pytest.mark.parametrize("model", BOOSTERS)
def test_contributions_of_a_booster_and_a_constant_add_up_to_the_log_odds(
    bundles: dict[str, Bundle], model: str
) -> None:
    rows, bundle = table().head(50), bundles[model]
    rest = odds(bundle, rows) - [sum(each.values()) for each in by_column(bundle, rows)]
    assert np.ptp(rest) < 1e-4


@pytest.mark.parametrize("model", OTHERS)
def test_of_another_model_it_is_the_change_when_the_usual_value_takes_the_place(
    bundles: dict[str, Bundle], training_rows: pd.DataFrame, model: str
) -> None:
    bundle, common = bundles[model], usual(training_rows)
    rows = table().iloc[:30].to_dict("records")
    for column in ROW:
        replaced = [{**row, column: common[column]} for row in rows]
        change = odds(bundle, rows) - odds(bundle, replaced)
        found = [each.get(column, 0.0) for each in by_column(bundle, rows)]
        assert found == pytest.approx(change, abs=2e-5)


@pytest.mark.parametrize("model", MODELS)
def test_the_strongest_come_first_and_those_that_add_nothing_not_at_all(bundles: dict[str, Bundle], model: str) -> None:
    for all_of_them, three in zip(
        bundles[model].explain(table().head(40), 99), bundles[model].explain(table().head(40), 3), strict=True
    ):
        sizes = [abs(each.contribution) for each in all_of_them]
        assert sizes == sorted(sizes, reverse=True)
        assert 0.0 not in sizes
        assert three == all_of_them[:3]


@pytest.mark.parametrize("model", MODELS)
def test_a_row_has_the_same_reasons_alone_and_among_others(bundles: dict[str, Bundle], model: str) -> None:
    rows = table().head(30)
    together = by_column(bundles[model], rows)
    for place, row in enumerate(rows.to_dict("records")):
        assert by_column(bundles[model], row)[0] == pytest.approx(together[place], abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_reasons_are_in_words(bundles: dict[str, Bundle], training_rows: pd.DataFrame, model: str) -> None:
    row = {**ROW, "Lines": None, "Industry": "a\nb", "Code": 7, "Ratio": 1e30}
    texts = {each.column: each.text for each in bundles[model].explain(row, 99)[0]}
    common = usual(training_rows)
    expected = {
        "Lines": f"Lines is missing (usually {common['Lines']:,.6g}): ",
        "NoOfImage": f"NoOfImage = 7 (usually {common['NoOfImage']:g}): ",
        "IsSecure": f"IsSecure = true ({'as usual' if common['IsSecure'] else 'usually false'}): ",
        "Industry": f"Industry = 'a\\nb' (usually {common['Industry']}): ",
        "Code": f"Code = 007 ({'as usual' if common['Code'] == '007' else 'usually ' + common['Code']}): ",
    }
    for column, text in texts.items():
        assert text.startswith(expected.get(column, f"{column} = "))
        assert text.rpartition(": ")[2][0] in "+-"
    assert texts


def test_a_calibration_by_a_line_stretches_them(bundles: dict[str, Bundle]) -> None:
    bundle = bundles["LightGBM"]
    metadata = msgspec.structs.replace(bundle.metadata, calibration=SigmoidMap(slope=2.0, intercept=0.5))
    calibrated = replace(bundle, metadata=metadata)
    for before, after in zip(by_column(bundle, table().head(5)), by_column(calibrated, table().head(5)), strict=True):
        assert after == pytest.approx({name: 2 * value for name, value in before.items()})


@pytest.mark.parametrize("model", MODELS)
def test_a_release_without_a_profile_explains_too_and_claims_no_usual_category(
    bundles: dict[str, Bundle], model: str
) -> None:
    for reasons in replace(bundles[model], profile=None).explain(table().head(5), 99):
        assert reasons
        assert not any("usual" in each.text for each in reasons if each.column in ("Industry", "Code"))


def test_reasons_are_plain_data(bundles: dict[str, Bundle]) -> None:
    reason = json.loads(msgspec.json.encode(bundles["LightGBM"].explain(ROW, 1)[0]))[0]
    assert reason.keys() == {"column", "value", "usual", "contribution", "text"}


def test_no_rows_have_no_reasons_and_rows_that_cannot_be_read_are_refused(bundles: dict[str, Bundle]) -> None:
    assert bundles["LightGBM"].explain([]) == []
    with pytest.raises(DataError, match="lack 1 of 7 columns: Lines"):
        bundles["LightGBM"].explain({name: value for name, value in ROW.items() if name != "Lines"})


def test_the_profile_describes_the_training_rows(bundles: dict[str, Bundle], training_rows: pd.DataFrame) -> None:
    profile = bundles["LightGBM"].profile
    assert profile is not None
    assert profile.rows == len(training_rows)
    lines = profile.numeric["Lines"]
    assert lines.missing == training_rows["Lines"].isna().mean()
    assert lines.quantiles == pytest.approx(training_rows["Lines"].quantile(np.arange(41) / 40))
    assert lines.range == (training_rows["Lines"].min(), training_rows["Lines"].max())
    industry = training_rows["Industry"].str.strip()
    assert profile.categorical["Industry"].missing == industry.isna().mean()
    assert dict(profile.categorical["Industry"].counts) == industry.value_counts().to_dict()
