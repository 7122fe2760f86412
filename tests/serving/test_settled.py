"""When a verdict is settled: no value that comes later changes it, which random values try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phishcli import Bundle
from phishcli.serving.settled import settled
from tests.conftest import Phish

TIERS = {"first": ["Lines"], "second": ["NoOfImage"], "last": ["Industry"]}
SET = "--set=evaluate.tiers={first: [Lines], second: ['NoOf*'], last: ['*']}"


@pytest.fixture
def release(on_sites: Phish, tmp_path: Path) -> Path:
    assert on_sites("run-all", "--persist", SET, models="[LogisticRegression,LightGBM,KNN]").code == 0
    return tmp_path / "results" / "artifacts" / "latest"


def completed(row: dict[str, Any], unknown: list[str], number: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    options: dict[str, Any] = {
        "Lines": [None, *rng.integers(0, 900, 40).tolist(), 10**9],
        "NoOfImage": [None, *range(-9, 60), -(10**9)],
        "Industry": [None, "Banking", "eCommerce", "eCommerce ", "something new"],
    }
    return [
        {**row, **{name: rng.choice(np.array(options[name], dtype=object)) for name in unknown}} for _ in range(number)
    ]


@pytest.mark.parametrize("model", ["LogisticRegression", "LightGBM"])
@pytest.mark.filterwarnings("ignore")
def test_no_later_value_changes_what_is_settled(release: Path, model: str) -> None:
    bundle = Bundle.load(release, model)
    assert bundle.tiers == TIERS
    rng = np.random.default_rng(1)
    decided = 0
    for _ in range(30):
        row = {"Lines": float(rng.integers(5, 600)), "NoOfImage": int(rng.integers(-2, 40)), "Industry": "Banking"}
        found = settled(bundle, row, [], bundle.tiers)
        assert found.at is not None  # at the end everything is known
        for moment in found.moments:
            rows = completed(row, list(moment.unknown), 40)
            probabilities = bundle.predict_proba(rows)
            assert moment.low <= probabilities.min() <= probabilities.max() <= moment.high
            if moment.is_settled:
                decided += bool(moment.unknown)
                judged = bundle.judge.decisions(probabilities, np.zeros(len(rows), dtype=int))
                assert len(set(judged.tolist())) == 1
    assert decided > 0


OWN = "--set=preprocess.models={LightGBM: {numeric: {scale: none}}}"
OUTPUTS = {
    "pairs": ("--set=preprocess.interactions=2",),
    "rare": ("--set=preprocess.categorical.rare=0.4",),
    "selection": ("--set=preprocess.select.by=variance", "--set=preprocess.select.keep=2"),
    "views": (OWN,),
    "refits": ("--set=train.refits=2", OWN),
}


@pytest.mark.parametrize("settings", OUTPUTS.values(), ids=OUTPUTS.keys())
@pytest.mark.filterwarnings("ignore")
def test_bounds_hold_whatever_the_outputs_are_made_of(on_sites: Phish, tmp_path: Path, settings: list[str]) -> None:
    assert on_sites("run-all", "--persist", *settings, models="[LogisticRegression,LightGBM]").code == 0
    for model in ("LogisticRegression", "LightGBM"):
        bundle = Bundle.load(tmp_path / "results" / "artifacts" / "latest", model)
        row = {"Lines": 160.0, "NoOfImage": 14, "Industry": "Banking"}
        found = settled(bundle, row, [], TIERS)
        assert found.moments, found.why
        for moment in found.moments:
            probabilities = bundle.predict_proba(completed(row, list(moment.unknown), 200))
            assert moment.low <= probabilities.min() <= probabilities.max() <= moment.high


@pytest.mark.filterwarnings("ignore")
def test_the_last_look_up_settles_it_for_every_value(release: Path) -> None:
    bundle = Bundle.load(release, "LightGBM")
    row = {"Lines": None, "NoOfImage": None, "Industry": None}
    found = settled(bundle, row, ["Lines", "NoOfImage", "Industry"], bundle.tiers)
    if found.at is None:
        assert all(each.settling <= each.tried for each in found.look_ups)
    near = {"Lines": 160.0, "NoOfImage": 14, "Industry": None}
    found = settled(bundle, near, ["Industry"], bundle.tiers)
    if found.at is None:
        (only,) = found.look_ups
        assert (only.columns, only.settling) == (("Industry",), only.tried)
        assert "Industry would for" in " ".join(found.notes())


def test_a_model_without_bounds_says_so(release: Path) -> None:
    found = settled(Bundle.load(release, "KNN"), {"Lines": 3, "NoOfImage": 2, "Industry": "Banking"}, [], TIERS)
    assert found.at is None
    assert "there are none for" in next(found.notes())


def test_the_last_tier_is_the_model_itself(on_sites: Phish) -> None:
    said = on_sites("evaluate", "--json", SET, "--set=evaluate.campaigns=true", models="[LightGBM]").document
    tiers = said["tiers"]["tiers"]
    assert [tier["name"] for tier in tiers] == ["first", "second", "last"]
    whole = said["selection"]["scores"]
    for metric in ("accuracy", "recall", "roc_auc"):
        assert tiers[-1][metric]["value"] == pytest.approx(whole[metric]["value"])
    shares = [tier["settled"] for tier in tiers]
    assert shares == sorted(shares)
    assert shares[-1] > 0.99
    assert said["campaigns"]["models"][0]["rows"]["value"] == pytest.approx(whole["recall"]["value"])


def test_tiers_that_do_not_suit_the_table_are_an_error(on_sites: Phish) -> None:
    said = on_sites("evaluate", "--set=evaluate.tiers={a: [Foo], b: ['*']}", models="[NaiveBayes]")
    assert said.code == 2
    assert "'Foo' fits no column" in said.err
