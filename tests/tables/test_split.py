"""The split and the folds: by label as published, by group without a bridge, by time without the future."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold, train_test_split

from phishcli.config.schema import PreprocessConfig
from phishcli.errors import ConfigError, PreprocessError
from phishcli.tables.split import Split, split_rows


def settings(folds: int = 5, **split: Any) -> PreprocessConfig:
    return PreprocessConfig.model_validate({"folds": folds, "split": split})


def target(rows: int = 200, share: float = 0.4, **columns: Any) -> pd.DataFrame:
    labels = np.random.default_rng(0).permutation(np.arange(rows) < rows * share).astype(int)
    return pd.DataFrame({"label": labels, "target": labels.astype("int8"), **columns})


def assert_parted(split: Split, rows: int) -> None:
    assert sorted([*split.train, *split.test]) == list(range(rows))
    assert len(split.folds) == len(split.train)
    assert split.folds.dtype == np.int8


def groups_of(frame: pd.DataFrame, rows: Any) -> set[Any]:
    return set(frame["group"].iloc[rows])


@pytest.mark.parametrize("labels", [(0, 1), ("legitimate", "phishing"), (False, True), (-1.0, 1.0)])
def test_the_split_is_that_of_scikit_learn_on_the_labels_as_stored(labels: Any) -> None:
    frame = target()
    frame["label"] = frame["label"].map(dict(enumerate(labels)))
    found = split_rows(settings(seed=7, test_size=0.25), frame)
    train, test = train_test_split(np.arange(200), test_size=0.25, random_state=7, stratify=frame["label"].to_numpy())
    np.testing.assert_array_equal(found.train, train)
    np.testing.assert_array_equal(found.test, test)


def test_the_order_of_the_classes_shapes_the_split() -> None:
    frame = target()
    flipped = frame.assign(label=1 - frame["label"])
    assert not np.array_equal(split_rows(settings(), frame).train, split_rows(settings(), flipped).train)


def test_the_positive_class_does_not_shape_the_split() -> None:
    frame = target()
    flipped = frame.assign(target=1 - frame["target"])
    np.testing.assert_array_equal(split_rows(settings(), frame).train, split_rows(settings(), flipped).train)


def test_folds_are_stratified_in_split_order_without_shuffling() -> None:
    frame = target()
    found = split_rows(settings(folds=4), frame)
    labels = frame["label"].to_numpy()[found.train]
    for number, (_, held_out) in enumerate(StratifiedKFold(4).split(labels, labels)):
        np.testing.assert_array_equal(np.flatnonzero(found.folds == number), held_out)


def test_another_seed_gives_another_split() -> None:
    assert not np.array_equal(split_rows(settings(seed=1), target()).test, split_rows(settings(seed=2), target()).test)


@pytest.mark.parametrize(("share", "groups"), [(0.2, 40), (0.3, 40), (0.2, 4), (0.05, 150), (0.95, 150)])
def test_no_group_is_on_both_sides_and_the_share_is_near(share: float, groups: Any) -> None:
    frame = target(600, group=np.random.default_rng(1).integers(0, groups, 600))
    found = split_rows(settings(folds=2, group="site", test_size=share), frame)
    assert_parted(found, 600)
    assert not groups_of(frame, found.train) & groups_of(frame, found.test)
    assert len(found.test) / 600 == pytest.approx(share, abs=0.06)


def test_groups_stay_within_a_fold_and_classes_are_spread() -> None:
    frame = target(600, group=np.random.default_rng(1).integers(0, 60, 600).astype(str))
    found = split_rows(settings(group="site"), frame)
    of_fold = [groups_of(frame, found.train[found.folds == number]) for number in range(5)]
    assert sum(map(len, of_fold)) == len(set.union(*of_fold))
    shares = [frame["target"].iloc[found.train[found.folds == number]].mean() for number in range(5)]
    assert shares == pytest.approx([0.4] * 5, abs=0.08)
    assert frame["target"].iloc[found.test].mean() == pytest.approx(0.4, abs=0.08)


@pytest.mark.parametrize("dominant", [120, 200, 280, 320])
def test_a_dominant_group_stays_in_training_where_the_others_make_up_the_share(dominant: int) -> None:
    hosts = np.where(np.arange(400) < dominant, "big", np.arange(400).astype(str))
    found = split_rows(settings(group="site"), target(400, group=hosts))
    assert len(found.test) == pytest.approx(80, abs=8)
    assert "big" in set(hosts[found.train])


def test_one_host_with_361_of_400_rows_trains_on_it_and_leaves_a_group_for_each_fold() -> None:
    hosts = np.where(np.arange(400) < 361, "big", np.arange(400).astype(str))
    found = split_rows(settings(group="site"), target(400, group=hosts))
    for seed in range(10):  # whatever the classes of the few others
        labels = np.random.default_rng(seed).integers(0, 2, 400)
        split = split_rows(settings(group="site"), pd.DataFrame({"label": labels, "group": hosts}))
        assert "big" in set(hosts[split.train])
        assert len(split.test) >= 25
    # Only the 39 other rows can be the test, and at least four of them are needed for the other four folds.
    assert 20 <= len(found.test) <= 35
    assert sorted(np.bincount(found.folds)) == [1, 1, 1, 1, 361]


def test_few_groups_give_the_nearest_share_there_is() -> None:
    for seed in range(30):
        random = np.random.default_rng(seed)
        sizes = random.integers(1, 120, 9)
        frame = target(int(sizes.sum()), group=np.repeat(np.arange(9), sizes))
        tested = len(split_rows(settings(folds=2, group="site"), frame).test)
        sums = [sum(chosen) for count in range(1, 8) for chosen in combinations(sizes, count)]
        nearest = min(abs(each - 0.2 * len(frame)) for each in sums)
        # A split stratified as well as the groups allow is kept while its share is within a tenth.
        assert abs(tested - 0.2 * len(frame)) <= max(nearest, 0.02 * len(frame)) + 1


def test_a_test_part_of_groups_holds_both_classes_if_it_can() -> None:
    labels = np.r_[np.zeros(20), np.tile([0, 1], 10), np.tile([0, 1], 30)].astype(int)
    hosts = np.repeat(["one class", "both", "c", "d", "e"], [20, 20, 20, 20, 20])
    frame = pd.DataFrame({"label": labels, "target": labels, "group": hosts})
    for seed in range(5):
        found = split_rows(settings(folds=2, group="site", seed=seed), frame)
        assert set(labels[found.test]) == {0, 1}
        assert len(found.test) == 20


def test_a_single_group_cannot_be_split() -> None:
    with pytest.raises(PreprocessError, match=r"1 group with.*\npreprocess\.split\.group = site"):
        split_rows(settings(group="site"), target(group="a"))


def test_too_few_groups_for_the_folds_say_how_many_folds_go() -> None:
    frame = target(200, group=np.arange(200) % 5)
    with pytest.raises(PreprocessError, match=r"(?s)holds 4 groups.*5 folds.*--set preprocess\.folds=4"):
        split_rows(settings(group="site"), frame)


@pytest.mark.parametrize("times", [np.arange(200)[::-1], pd.date_range("2024-01-01", periods=200, tz="UTC")[::-1]])
def test_the_latest_rows_are_the_test_and_folds_are_blocks_of_time(times: Any) -> None:
    found = split_rows(settings(time="seen"), target(200, time=times))
    assert_parted(found, 200)
    assert list(found.test) == list(range(40))[::-1]
    assert list(found.train) == list(range(40, 200))[::-1]
    assert list(found.folds) == sorted(found.folds)
    assert list(np.bincount(found.folds)) == [32] * 5


def test_rows_of_the_same_time_stay_on_one_side() -> None:
    frame = target(200, time=np.arange(200) // 30)
    found = split_rows(settings(time="seen"), frame)
    assert frame["time"].iloc[found.train].max() < frame["time"].iloc[found.test].min()


@pytest.mark.parametrize(
    ("rows", "tested"),
    [
        ([467, 66, 67], 133),  # 13 more than 120; the last time alone would be 53 fewer
        ([450, 40, 110], 110),  # 10 fewer; with the time before, 30 more
        ([67, 533], 533),  # there is no other cut
    ],
)
def test_the_cut_in_time_is_the_one_nearest_to_the_share(rows: list[int], tested: int) -> None:
    found = split_rows(settings(time="seen"), target(600, time=np.repeat(np.arange(len(rows)), rows)))
    assert len(found.test) == tested


def test_a_cut_in_time_leaves_both_classes_on_both_sides_if_it_can() -> None:
    labels = np.r_[np.tile([0, 1], 40), np.ones(20)].astype(int)  # all of the last 20 rows are of one class
    frame = pd.DataFrame({"label": labels, "target": labels, "time": np.arange(100) // 10})
    assert len(split_rows(settings(time="seen"), frame).test) == 30


def test_one_point_in_time_cannot_be_split() -> None:
    with pytest.raises(PreprocessError, match=r"training part \(0 of 200 rows\) does not hold rows of both classes"):
        split_rows(settings(time="seen"), target(time=1))


def test_a_fold_of_time_that_holds_a_whole_class_is_refused() -> None:
    frame = pd.DataFrame({"label": [1] * 20 + [0] * 70 + [0, 1] * 5, "time": range(100)})
    with pytest.raises(PreprocessError, match=r"(?s)Fold 1 of 2 .* holds all rows of a class.*Add rows"):
        split_rows(settings(folds=2, time="seen", test_size=0.1), frame)


def test_group_and_time_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match=r"by group and by time at once"):
        split_rows(settings(group="a", time="b"), target())


def test_too_few_rows_of_a_class_for_the_folds_say_how_many_folds_go() -> None:
    with pytest.raises(PreprocessError, match=r"(?s)holds 3 rows of the rarer class.*preprocess\.folds=3"):
        split_rows(settings(), target(200, share=0.02))


def test_a_class_that_no_folds_suit_asks_for_rows() -> None:
    frame = pd.DataFrame({"label": [1, 1] + [0] * 8})
    with pytest.raises(PreprocessError, match=r"(?s)holds 1 row of the rarer class.*\nAdd rows of this class"):
        split_rows(settings(folds=2, test_size=0.4), frame)


@pytest.mark.parametrize("labels", [[1] + [0] * 9, [1, 1, 0, 0]])
def test_a_table_that_is_too_small_to_split_is_refused(labels: Any) -> None:
    with pytest.raises(
        PreprocessError, match=rf"(?s){len(labels)} rows \({sum(labels)} of the rarer class\) are too few.*test_size"
    ):
        split_rows(settings(), pd.DataFrame({"label": labels}))
