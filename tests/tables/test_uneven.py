"""Parts of a split that are not what was asked for are named with their cause."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from phishcli.config.schema import PreprocessConfig
from phishcli.tables.split import split_rows
from phishcli.tables.uneven import Uneven, uneven_parts


def settings(folds: int = 5, **split: Any) -> PreprocessConfig:
    return PreprocessConfig.model_validate({"folds": folds, "split": split})


def found(asked: PreprocessConfig, labels: Any, **columns: Any) -> list[Uneven]:
    frame = pd.DataFrame({"label": labels, "target": np.asarray(labels, dtype="int8"), **columns})
    split = split_rows(asked, frame)
    return list(uneven_parts(asked, frame, split.train, split.folds))


def alternating(rows: int) -> Any:
    return np.arange(rows) % 2


def test_one_large_group_is_named_for_the_test_part_and_for_the_folds() -> None:
    hosts = np.where(np.arange(400) < 361, "big.example", np.arange(400).astype(str))
    test, folds, one_class = found(settings(group="host"), alternating(400), group=hosts)
    assert test.sentence == (
        "The test part holds 35 of 400 rows (8.8%), not the 20% of preprocess.split.test_size: rows with the same host "
        "stay together, and 361 of them (90.2%) have 'big.example'."
    )
    assert (test.column, test.numbers) == ("host", {"rows": 35, "share": 0.0875, "asked": 0.2})
    assert folds.sentence == (
        "The 5 folds hold out from 1 to 361 of 365 training rows instead of about 73 each: rows with the same host "
        "stay together, and 361 of them (98.9%) have 'big.example'. "
        "Means over the folds give each fold the same weight."
    )
    assert (folds.numbers["smallest"], folds.numbers["largest"]) == (1, 361)
    assert one_class.sentence.startswith("Folds ")
    assert len(one_class.numbers["folds"]) == 4


def test_two_times_are_named() -> None:
    days = pd.to_datetime(np.repeat(["2026-03-01", "2026-03-02"], [67, 533]))
    (test,) = found(settings(time="seen"), alternating(600), time=days)
    assert test.sentence.startswith("The test part holds 533 of 600 rows (88.8%), not the 20% of")
    assert test.sentence.endswith(
        "rows with the same seen stay together, and 533 of them (88.8%) have '2026-03-02 00:00:00'."
    )


def test_a_long_value_is_cut() -> None:
    hosts = np.where(np.arange(400) < 361, "x" * 500, np.arange(400).astype(str))
    test = found(settings(group="host"), alternating(400), group=hosts)[0]
    assert f"have '{'x' * 40}...'." in test.sentence


def test_folds_of_one_class_are_named_whatever_the_split() -> None:
    labels = np.r_[np.zeros(30), np.tile([0, 1], 55)].astype(int)
    (one,) = found(settings(time="seen"), labels, time=np.arange(140))
    assert one.sentence == (
        "Fold 1 of 5 holds out rows of one class only: ROC-AUC and other metrics that need both are averaged over the "
        "other folds."
    )
    assert (one.column, one.numbers) == (None, {"folds": [1]})


def test_even_splits_are_not_mentioned() -> None:
    labels = np.random.default_rng(0).integers(0, 2, 600)
    assert not found(settings(), labels)
    assert not found(settings(group="host"), labels, group=np.random.default_rng(1).integers(0, 60, 600))
    assert not found(settings(time="seen"), labels, time=np.arange(600) // 10)
