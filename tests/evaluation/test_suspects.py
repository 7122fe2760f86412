"""Rows that somebody should look at."""

from __future__ import annotations

import numpy as np
import pandas as pd

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


def test_equal_rows_of_both_labels_are_listed_side_by_side_whatever_part_they_are_in() -> None:
    oof, twins, target = made(flipped=0)
    twins[[100, 299]] = 7_000  # a training and a test row
    target[[100, 299]] = [1, 0]
    found = suspects(oof, twins, target)
    assert sorted(found["row"]) == [100, 299]
    assert (found["reason"].str.contains("conflicting twins")).all()
    assert found.loc[found["row"] == 299, "probability"].isna().all()
    assert len(set(found["twin"])) == 1


def test_equal_rows_of_one_label_are_nothing_to_look_at() -> None:
    oof, twins, target = made(flipped=0)
    twins[[100, 101]] = 7_000
    target[[100, 101]] = 1
    found = suspects(oof, twins, target)
    assert "conflicting twins" not in set(found["reason"])


def test_the_list_is_bounded() -> None:
    oof, twins, target = made(rows=2_000, flipped=900)
    assert len(suspects(oof, twins, target)) == MOST
