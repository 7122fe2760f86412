"""The reference of a release: training rows, their out-of-fold scores, the curve, a capacity, the nearest rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli import load_bundle
from phishcli.evaluation.counts import ScoredRows
from phishcli.serving.bundle import Bundle
from phishcli.serving.capacity import bands_for
from phishcli.serving.neighbors import nearest_rows
from phishcli.serving.sampled import curve_of, rows_of
from tests.serving.served import make_release, table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    settings = ("verdicts.block=0.9", "operation.volume=1000", "operation.base_rate=0.2", "evaluate.calibrate=sigmoid")
    root = make_release(folder, *settings, models=("LightGBM", "LogisticRegression"))
    return load_bundle(root / "latest", "LightGBM")


def out_of_fold(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(next(folder.rglob("train/LightGBM/latest/oof.parquet"))).set_index("row")


def test_rows_and_scores_are_those_of_training(bundle: Bundle, folder: Path) -> None:
    reference, oof, source = bundle.reference, out_of_fold(folder), table()
    assert reference is not None
    assert reference.training_rows == len(oof)
    assert sorted(reference.places) == sorted(oof.index)  # fewer than are kept at most
    rows = source.loc[list(reference.places)]
    assert bundle.predict_proba(reference.as_columns()).tolist() == bundle.predict_proba(rows).tolist()
    kept = reference.as_columns()["Lines"]
    assert [None if pd.isna(value) else value for value in rows["Lines"]] == kept
    model = reference.models["LightGBM"]
    assert list(model.scores) == oof["probability"].loc[list(reference.places)].tolist()
    assert list(reference.positive) == (oof["target"].loc[list(reference.places)] == 1).tolist()
    assert list(model.probabilities) == bundle.calibrated(np.array(model.scores)).tolist()


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])), min_size=1, max_size=40))
def test_a_curve_counts_the_rows_from_each_threshold_on(rows: list[tuple[bool, float]]) -> None:
    positive, scores = (np.array(each) for each in zip(*rows, strict=True))
    curve = curve_of(ScoredRows(positive, scores))
    for threshold, tp, fp in zip(curve.thresholds, curve.tp, curve.fp, strict=True):
        assert tp == sum(1 for is_positive, score in rows if is_positive and score >= threshold)
        assert fp == sum(1 for is_positive, score in rows if not is_positive and score >= threshold)
    assert list(curve.thresholds) == sorted({score for _, score in rows}, reverse=True)
    again = rows_of(curve)
    assert sorted(zip(again.positive.tolist(), again.scores.tolist(), strict=True)) == sorted(rows)


def test_of_many_thresholds_the_highest_stay() -> None:
    random = np.random.default_rng(0)
    scores = random.permutation(100_000) / 100_000
    rows = ScoredRows(random.random(100_000) < scores, scores)
    curve = curve_of(rows)
    assert len(curve.thresholds) <= 1_001
    assert curve.thresholds[:50] == tuple(np.sort(scores)[::-1][:50])
    assert (curve.tp[-1], curve.fp[-1]) == (rows.positive.sum(), (~rows.positive).sum())
    kept = rows_of(curve)
    assert (kept.scores >= curve.thresholds[300]).sum() == (scores >= curve.thresholds[300]).sum()


@pytest.mark.parametrize("capacity", [5, 40, 300])
def test_a_capacity_takes_the_lowest_threshold_that_it_affords(bundle: Bundle, folder: Path, capacity: float) -> None:
    oof = out_of_fold(folder)
    found = bundle.calibrated(oof["probability"].to_numpy())
    positive = (oof["target"] == 1).to_numpy()
    bands = bands_for(bundle, capacity)

    def reviews(threshold: float) -> float:
        inside = (found >= threshold) & (found < 0.9)
        return 1000 * (0.2 * inside[positive].mean() + 0.8 * inside[~positive].mean())

    affordable = [threshold for threshold in np.unique(found[found < 0.9]) if reviews(threshold) <= capacity + 1e-9]
    assert bands.review is not None
    assert bands.reviews is not None
    assert bands.review.threshold == (min(affordable) if affordable else 0.9)
    assert bands.reviews.value == pytest.approx(reviews(bands.review.threshold))
    assert bands.block == bundle.metadata.bands.block  # type: ignore[union-attr]  # not None
    twice = bands_for(bundle, capacity * 2, 2000)
    assert twice.review is not None
    assert twice.review.threshold == bands.review.threshold


def test_the_nearest_row_of_a_training_row_is_itself(bundle: Bundle) -> None:
    reference = bundle.reference
    assert reference is not None
    row: dict[str, Any] = dict(zip(reference.columns, reference.rows[5], strict=True))
    first, second = nearest_rows(bundle, row)
    assert (first.row, first.distance, first.differences) == (reference.places[5], 0.0, ())
    assert first.probability == reference.models["LightGBM"].probabilities[5]
    assert {first.label, second.label} == {"phishing", "legitimate"}
    assert second.distance > 0
    others = nearest_rows(bundle, row, 3, but=reference.places[5])
    assert len(others) == 6
    assert reference.places[5] not in [each.row for each in others]
    assert [each.distance for each in others] == sorted(each.distance for each in others)


def test_a_row_of_missing_values_and_news_has_neighbors_too(bundle: Bundle) -> None:
    reference = bundle.reference
    assert reference is not None
    nothing = dict.fromkeys(reference.columns)
    assert len(nearest_rows(bundle, nothing)) == 2
    row: dict[str, Any] = dict(zip(reference.columns, reference.rows[5], strict=True))
    apart = nearest_rows(bundle, {**row, "Industry": "Zoo", "NoOfImage": 10**9})[0]
    assert "(here Zoo)" in str(apart)
    assert "(here 1,000,000,000)" in str(apart)
