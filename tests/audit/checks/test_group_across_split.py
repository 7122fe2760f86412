"""Hosts and the like with rows on both sides of the split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

TEST = np.arange(100) % 5 == 0


def test_it_counts_the_test_rows_whose_group_is_in_training(found: Callable) -> None:
    hosts = np.arange(100) // 2  # two rows each, so that every test row has a training row of its host
    (finding,) = found("group-across-split", {}, np.arange(100) % 2, test=TEST, groups={"my host": hosts})
    assert finding.severity == "warning"
    assert finding.numbers == {"rows": 20, "share": 1.0, "groups": 50}
    assert finding.detail == (
        "20 test rows (100.0%) share their my host with training rows (50 different values in the table)."
    )
    assert finding.advice.endswith("""--set 'preprocess.split.group="my host"'.""")


def test_a_few_of_them_are_a_note(found: Callable) -> None:
    hosts = np.arange(100)
    hosts[0] = hosts[50]
    (finding,) = found("group-across-split", {}, np.arange(100) % 2, test=np.arange(100) < 25, groups={"host": hosts})
    assert finding.severity == "note"
    assert finding.detail == "1 test row (4.0%) shares its host with training rows (99 different values in the table)."


def test_of_addresses_the_advice_names_their_tenants(found: Callable) -> None:
    groups = {"host of page url": np.zeros(100, dtype=int)}
    (finding,) = found("group-across-split", {}, np.arange(100) % 2, test=TEST, groups=groups)
    assert finding.advice.endswith("""none is on both sides: --set 'preprocess.split.group="page url.tenant"'.""")


def test_groups_on_one_side_and_missing_ones_are_no_finding(found: Callable) -> None:
    groups = {"host": np.where(TEST, 1, 2), "ip": np.full(100, -1)}
    assert not found("group-across-split", {}, np.arange(100) % 2, test=TEST, groups=groups)


def test_without_groups_there_is_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("group-across-split", {}, np.arange(100) % 2, test=TEST)
