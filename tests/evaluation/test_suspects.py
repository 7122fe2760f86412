"""Rows that somebody should look at."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from phishcli.evaluation.suspects import MOST, suspects


def made(rows: int = 300, flipped: int = 10) -> tuple[dict[str, pd.DataFrame], np.ndarray, np.ndarray]:
    """Two models that know the truth about training rows, of which some carry the wrong label."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, rows)
    target = truth.copy()
    target[:flipped] = 1 - truth[:flipped]
    scores = np.where(truth == 1, 0.9, 0.1) + rng.normal(0, 0.01, rows)
    train = np.arange(rows - 50)
    frame = pd.DataFrame({"row": train, "fold": 0, "target": target[train], "probability": scores[train]})
    return {"A": frame, "B": frame}, np.arange(rows), target.astype(np.int8)


def test_rows_with_a_wrong_label_come_first_and_no_others_are_listed() -> None:
    oof, twins, target = made()
    found = suspects(oof, twins, target)
    assert set(found["row"]) == set(range(10))
    assert (found["reason"] == "contradicted").all()
    assert (found["against"] == 2).all()
    assert (found["twin"] == -1).all()
    doubt = np.where(found["target"] == 1, 1 - found["probability"], found["probability"])
    assert (np.diff(doubt) <= 0).all()


def test_a_table_worked_out_by_hand() -> None:
    """Two models have scored seven of ten rows; three pairs of rows are identical and have both labels."""
    target = np.array([1, 0, 1, 0, 1, 0, 1, 0, 1, 0], dtype=np.int8)
    twins = np.array([0, 3, 2, 5, 3, 4, 4, 6, 1, 1])
    rows = [7, 2, 5, 0, 3, 1, 4]
    scores = {"A": [0.9, 0.4, 0.6, 0.5, 0.1, 0.0, 0.9], "B": [0.7, 0.3, 0.5, 0.5, 0.2, 0.0, 0.8]}
    oof = {
        name: pd.DataFrame({"row": rows, "fold": 0, "target": target[rows], "probability": each})
        for name, each in scores.items()
    }
    both, contradicted, conflicting = "contradicted, conflicting twins", "contradicted", "conflicting twins"
    expected = pd.DataFrame(
        [
            (7, 0, 0.80, 2, contradicted, -1),
            (2, 1, 0.35, 2, contradicted, -1),
            (5, 0, 0.55, 1, both, 4),
            (4, 1, 0.85, 0, conflicting, 3),
            (1, 0, 0.00, 0, conflicting, 3),
            (8, 1, np.nan, 0, conflicting, 1),
            (9, 0, np.nan, 0, conflicting, 1),
            (6, 1, np.nan, 0, conflicting, 4),
        ],
        columns=["row", "target", "probability", "against", "reason", "twin"],
    ).astype({"target": np.int8})
    assert_frame_equal(suspects(oof, twins, target), expected)


def test_of_rows_without_a_score_twins_are_next_to_each_other() -> None:
    oof, twins, target = made(flipped=0)
    twins[[290, 292]], twins[[291, 293]] = 8_000, 7_000
    target[[290, 291, 292, 293]] = [1, 0, 0, 1]
    found = suspects(oof, twins, target)
    assert found["row"].tolist() == [291, 293, 290, 292]
    assert found["twin"].tolist() == [7_000, 7_000, 8_000, 8_000]
    assert found["probability"].isna().all()


def test_of_many_rows_of_the_same_doubt_the_first_are_listed() -> None:
    rows = np.arange(1_000)
    oof = {"A": pd.DataFrame({"row": rows, "fold": 0, "target": 1, "probability": 0.1})}
    found = suspects(oof, rows, np.ones(1_000, dtype=np.int8))
    assert found["row"].tolist() == list(range(MOST))


def test_of_many_twins_those_with_the_lowest_numbers_are_listed_and_no_pair_is_divided() -> None:
    oof, _, target = made(rows=600, flipped=0)
    twins = np.tile(np.arange(300)[::-1], 2)
    target[:300], target[300:] = 1, 0
    found = suspects(oof, twins, target)
    conflicting = found[found["twin"] >= 0]
    assert set(conflicting["twin"]) == set(range(MOST // 2))
    assert (conflicting["twin"].value_counts() == 2).all()


def test_equal_rows_of_one_label_are_nothing_to_look_at() -> None:
    oof, twins, target = made(flipped=0)
    twins[[100, 101]] = 7_000
    target[[100, 101]] = 1
    found = suspects(oof, twins, target)
    assert "conflicting twins" not in set(found["reason"])


def test_the_list_is_bounded() -> None:
    oof, twins, target = made(rows=2_000, flipped=900)
    assert len(suspects(oof, twins, target)) == MOST
