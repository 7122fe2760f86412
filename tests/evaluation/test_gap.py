"""The optimism gap: the same model on increasingly strict splits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.config.schema import EvaluateConfig, LoadConfig, PreprocessConfig
from phishcli.documents.gap import Estimate, Gap, ScoredSplit
from phishcli.errors import PreprocessError
from phishcli.evaluation.gap import gap
from phishcli.events import Progress
from phishcli.features.loading import load
from phishcli.tables.memory import MemoryTable

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


def scored(table: dict[str, Any], *, events: list[Any] | None = None, **split: Any) -> Gap:
    split_by = {word: split[word] for word in ("group", "time") if word in split}
    source = MemoryTable(pa.table(table))
    loaded = load(LoadConfig(), source, name=None, origin="o", synthetic=False, split_by=split_by)
    return gap(
        PreprocessConfig.model_validate({"split": split}),
        EvaluateConfig(n_boot=100),
        seed=0,
        features=loaded.features,
        target=loaded.target,
        schema=loaded.schema,
        keys=loaded.keys,
        on_event=([] if events is None else events).append,
    )


def found(table: dict[str, Any], **more: Any) -> dict[str, ScoredSplit]:
    """The splits that were scored, by name."""
    made = scored(table, **more)
    assert made.model == "HistGradientBoosting"
    return {each.split: each for each in made.splits}


def skipped(table: dict[str, Any], **more: Any) -> dict[str, str]:
    """The splits that were skipped, each with its reason."""
    return {each.split: each.reason for each in scored(table, **more).skipped}


def loss(split: ScoredSplit) -> Estimate:
    assert split.lost is not None
    return split.lost


def test_hosts_that_the_model_knows_make_the_random_split_flatter() -> None:
    table = columns()
    table["url"] = [f"https://h{host}.com/{row}" for row, host in enumerate(table.pop("host"))]
    splits = found(table)
    assert list(splits) == ["random", "grouped by host of url"]
    random, grouped = splits.values()
    assert random.accuracy.value > 0.9
    assert grouped.accuracy.high < random.accuracy.low
    assert loss(grouped).value == random.accuracy.value - grouped.accuracy.value
    assert 0 < loss(grouped).low < loss(grouped).value < loss(grouped).high
    assert random.lost is None
    assert skipped(table) == {
        "random, without twins": "all rows already differ",
        "ordered by a column": "no time column found; name one with preprocess.split.time",
    }


@pytest.mark.simulation
def test_where_no_split_is_stricter_nothing_is_lost_beyond_chance() -> None:
    random = np.random.default_rng(1)
    beyond = 0
    for _ in range(20):
        label = random.integers(0, 2, ROWS)
        table = {"x": random.normal(size=ROWS) + label, "isPhishing": label, "host": random.integers(0, HOSTS, ROWS)}
        splits = found(table)
        beyond += loss(splits["grouped by host"]).low > 0
    assert beyond <= 3


def test_equal_groups_under_two_names_are_split_once() -> None:
    table = columns()
    table["url"] = [f"https://h{host}.com/{row}" for row, host in enumerate(table["host"])]
    (reason,) = {reason for reason in skipped(table).values() if "same groups as" in reason}
    assert reason in {"same groups as host", "same groups as host of url"}


def test_every_score_has_an_interval_and_every_split_its_rows() -> None:
    for split in found(columns()).values():
        assert split.train_rows + split.test_rows == ROWS
        for score in (split.accuracy, split.roc_auc):
            assert 0 < score.low <= score.value <= score.high <= 1


def test_of_a_split_by_groups_the_interval_is_that_of_whole_groups() -> None:
    """Of sixteen hosts in the test part, each known or not as a whole."""
    table = columns()
    splits = found(table, group="host")
    width = {
        name: splits[name].accuracy.high - splits[name].accuracy.low
        for name in splits
        if name in ("random", "grouped by host")
    }
    assert width["grouped by host"] > 2 * width["random"]


def test_copies_are_worth_something_on_a_random_split_alone() -> None:
    random = np.random.default_rng(0)
    table = {"a": random.normal(size=200), "b": random.normal(size=200), "isPhishing": random.integers(0, 2, 200)}
    splits = found({name: np.tile(values, 4) for name, values in table.items()})
    assert splits["random, without twins"].train_rows + splits["random, without twins"].test_rows == 200
    assert splits["random"].accuracy.value > 0.9
    assert splits["random, without twins"].accuracy.value < 0.7


def test_time_is_found_and_the_latest_rows_are_the_test() -> None:
    table = columns()
    days = pd.date_range("2024-01-01", periods=ROWS, freq="h")
    later = np.arange(ROWS) >= 640
    table["isPhishing"] = np.where(later, 1 - table["isPhishing"], table["isPhishing"])
    splits = found({**table, "seen_at": days.astype(str)})
    assert splits["ordered by seen_at"].test_rows == 160
    assert splits["ordered by seen_at"].accuracy.value < 0.3


def test_rows_without_a_group_are_groups_of_their_own() -> None:
    """Were they one group, that would be nearly all rows, and not fit into a test part of a fifth."""
    table = columns()
    hosts = [f"h{host}.com" for host in table.pop("host")]
    table["domain"] = [host if row % 20 == 0 else None for row, host in enumerate(hosts)]
    assert found(table)["grouped by domain"].test_rows == pytest.approx(ROWS / 5, rel=0.05)


def test_columns_of_the_settings_are_used_and_not_twice() -> None:
    assert list(found(columns(), group="host")) == ["random", "grouped by host"]
    assert list(skipped(columns(), group="host")) == ["random, without twins", "ordered by a column"]
    times = {**columns(), "day": np.arange(ROWS) // 10}
    assert list(found(times, time="day"))[-1] == "ordered by day"


def test_a_split_that_cannot_be_made_says_why_and_the_others_go_on() -> None:
    table = columns()
    table["isPhishing"] = np.sort(table["isPhishing"])
    table["day"] = np.arange(ROWS)
    reason = "The test part (160 of 800 rows) does not hold rows of both classes."
    assert skipped(table, time="day")["ordered by day"] == reason
    assert "random" in found(table, time="day")


def test_a_table_that_cannot_be_split_at_all_is_refused() -> None:
    with pytest.raises(PreprocessError, match=r"rarer class"):
        found({"a": np.arange(9) ** 2, "isPhishing": np.arange(9) < 1})


def test_it_reports_its_progress() -> None:
    events: list[Any] = []
    found(columns(), events=events)
    progress = [event for event in events if isinstance(event, Progress)]
    assert [event.done for event in progress] == list(range(4))
    assert {event.total for event in progress} == {4}


def test_two_runs_give_the_same() -> None:
    assert found(columns()) == found(columns())
