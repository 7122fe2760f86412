"""The optimism gap: the same model on splits that are ever less kind to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.config.schema import EvaluateConfig, LoadConfig, PreprocessConfig
from phishcli.errors import PreprocessError
from phishcli.evaluation.gap import gap
from phishcli.events import Progress
from phishcli.features.loading import load

ROWS = 800
HOSTS = 80


def columns() -> dict[str, Any]:
    """Rows of eighty hosts, each with a label and a fingerprint of its own, and a little skill beside."""
    random = np.random.default_rng(0)
    host = random.integers(0, HOSTS, ROWS)
    label = random.permutation(np.arange(HOSTS) % 2)[host]
    return {
        "fingerprint": random.normal(size=HOSTS)[host],
        "skill": random.normal(size=ROWS) + 0.5 * label,
        "isPhishing": label,
        "host": host,
    }


def found(table: dict[str, Any], *, events: list[Any] | None = None, **split: Any) -> dict[str, Any]:
    """The splits by name."""
    keys = {word: split[word] for word in ("group", "time") if word in split}
    loaded = load(LoadConfig(), pa.table(table), name=None, origin="o", synthetic=False, keys=keys)
    made = gap(
        PreprocessConfig.model_validate({"split": split}),
        EvaluateConfig(n_boot=100),
        seed=0,
        features=loaded.features,
        target=loaded.target,
        schema=loaded.schema,
        keys=loaded.keys,
        on_event=([] if events is None else events).append,
    )
    assert made["model"] == "HistGradientBoosting"
    return {each["split"]: each for each in made["splits"]}


def test_hosts_that_the_model_knows_make_the_random_split_flatter() -> None:
    table = columns()
    table["url"] = [f"https://h{host}.com/{row}" for row, host in enumerate(table.pop("host"))]
    splits = found(table)
    assert list(splits) == ["random", "random, without twins", "grouped by host of url", "ordered by a column"]
    random, grouped = splits["random"], splits["grouped by host of url"]
    assert random["accuracy"]["value"] > 0.9
    assert grouped["accuracy"]["high"] < random["accuracy"]["low"]
    assert grouped["lost"]["value"] == random["accuracy"]["value"] - grouped["accuracy"]["value"]
    assert 0 < grouped["lost"]["low"] < grouped["lost"]["value"] < grouped["lost"]["high"]
    assert "lost" not in random
    assert splits["random, without twins"] == {
        "split": "random, without twins",
        "skipped": "every row is different already",
    }
    assert splits["ordered by a column"]["skipped"] == "no time found; preprocess.split.time names one"


def test_where_no_split_is_less_kind_nothing_is_lost_beyond_chance() -> None:
    random = np.random.default_rng(1)
    beyond = 0
    for _ in range(20):
        label = random.integers(0, 2, ROWS)
        table = {"x": random.normal(size=ROWS) + label, "isPhishing": label, "host": random.integers(0, HOSTS, ROWS)}
        splits = found(table)
        beyond += splits["grouped by host"]["lost"]["low"] > 0
    assert beyond <= 3


def test_equal_groups_under_two_names_are_split_once() -> None:
    table = columns()
    table["url"] = [f"https://h{host}.com/{row}" for row, host in enumerate(table["host"])]
    splits = found(table)
    (skipped,) = {split["skipped"] for split in splits.values() if "groups are those" in split.get("skipped", "")}
    assert skipped in {"its groups are those of host", "its groups are those of host of url"}


def test_every_score_has_an_interval_and_every_split_its_rows() -> None:
    for split in found(columns()).values():
        if "skipped" not in split:
            assert split["train_rows"] + split["test_rows"] == ROWS
            for name in ("accuracy", "roc_auc"):
                assert 0 < split[name]["low"] <= split[name]["value"] <= split[name]["high"] <= 1


def test_of_a_split_by_groups_the_interval_is_that_of_whole_groups() -> None:
    """Of sixteen hosts in the test part, each known or not as a whole."""
    table = columns()
    splits = found(table, group="host")
    width = {
        name: splits[name]["accuracy"]["high"] - splits[name]["accuracy"]["low"]
        for name in splits
        if name in ("random", "grouped by host")
    }
    assert width["grouped by host"] > 2 * width["random"]


def test_copies_are_worth_something_on_a_random_split_alone() -> None:
    random = np.random.default_rng(0)
    table = {"a": random.normal(size=200), "b": random.normal(size=200), "isPhishing": random.integers(0, 2, 200)}
    splits = found({name: np.tile(values, 4) for name, values in table.items()})
    assert splits["random, without twins"]["train_rows"] + splits["random, without twins"]["test_rows"] == 200
    assert splits["random"]["accuracy"]["value"] > 0.9
    assert splits["random, without twins"]["accuracy"]["value"] < 0.7


def test_time_is_found_and_the_latest_rows_are_the_test() -> None:
    table = columns()
    days = pd.date_range("2024-01-01", periods=ROWS, freq="h")
    later = np.arange(ROWS) >= 640
    table["isPhishing"] = np.where(later, 1 - table["isPhishing"], table["isPhishing"])
    splits = found({**table, "seen_at": days.astype(str)})
    assert splits["ordered by seen_at"]["test_rows"] == 160
    assert splits["ordered by seen_at"]["accuracy"]["value"] < 0.3


@pytest.mark.parametrize("missing", [True, False])
def test_rows_without_a_group_are_alone(*, missing: bool) -> None:
    table = columns()
    hosts = [f"h{host}.com" for host in table.pop("host")]
    table["domain"] = [None if missing and row % 2 else host for row, host in enumerate(hosts)]
    assert "accuracy" in found(table)["grouped by domain"]


def test_columns_of_the_settings_are_used_and_not_twice() -> None:
    splits = found(columns(), group="host")
    assert list(splits) == ["random", "random, without twins", "grouped by host", "ordered by a column"]
    times = {**columns(), "day": np.arange(ROWS) // 10}
    assert list(found(times, time="day"))[-1] == "ordered by day"


def test_a_split_that_cannot_be_made_says_why_and_the_others_go_on() -> None:
    table = columns()
    table["isPhishing"] = np.sort(table["isPhishing"])
    splits = found({**table, "day": np.arange(ROWS)}, time="day")
    assert splits["ordered by day"]["skipped"] == (
        "The test part (160 of 800 rows) does not hold rows of both classes."
    )
    assert "accuracy" in splits["random"]


def test_a_table_that_cannot_be_split_at_all_is_refused() -> None:
    with pytest.raises(PreprocessError, match=r"rarer class"):
        found({"a": np.arange(9) ** 2, "isPhishing": np.arange(9) < 1})


def test_it_tells_how_far_it_is() -> None:
    events: list[Any] = []
    found(columns(), events=events)
    told = [event for event in events if isinstance(event, Progress)]
    assert [event.done for event in told] == list(range(4))
    assert {event.total for event in told} == {4}


def test_two_runs_give_the_same() -> None:
    assert found(columns()) == found(columns())
