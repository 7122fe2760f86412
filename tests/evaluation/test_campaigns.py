"""Campaigns, against groups that are known and counts by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from phishcli.documents.schema import Cleaning, Column, Schema
from phishcli.evaluation.campaigns import Grouped, group_rows, recall_by_campaign


def schema(*columns: Column) -> Schema:
    counts = {"1": 1, "0": 1}
    return Schema(
        synthetic=False, table=None, rows=2, target="y", positive_label=1, negative_label=0,
        label_counts=counts, columns=columns, set_aside={}, clean=Cleaning(),
    )  # fmt: skip


def test_pages_of_one_kit_on_many_hosts_are_one_campaign() -> None:
    kits = [
        "secure/bank/login/verify/account/step",
        "mail/quota/upgrade/office/signin/now",
        "parcel/fee/pay/card/track/id",
    ]
    urls = [f"http://h{host}.example.com/{kit}{host}.php?id={host * 7}" for kit in kits for host in range(20)]
    found = group_rows(
        pd.DataFrame({"link": urls}), schema(Column(name="link", role="text", dtype="string", kind="url"))
    )
    assert found.campaign.tolist() == [kit for kit in range(3) for _ in range(20)]
    assert found.columns == ("link",)


def test_rows_that_differ_in_one_of_many_columns_belong_together() -> None:
    rng = np.random.default_rng(0)
    base = pd.DataFrame({f"c{place}": rng.integers(0, 10**6, 40) for place in range(12)})
    twins = base.copy()
    for row in range(40):
        twins.loc[row, f"c{row % 12}"] = rng.integers(0, 10**6)
    rows = pd.concat([base, twins], ignore_index=True)
    columns = [Column(name=name, role="numeric", dtype="int64") for name in rows]
    found = group_rows(rows, schema(*columns)).campaign
    assert np.mean(found[:40] == found[40:]) > 0.9
    assert len(set(found[:40].tolist())) == 40


def test_nothing_in_common_and_nothing_at_all() -> None:
    texts = ["one two three", None, "four five six", None, "", "one two three"]
    found = group_rows(pd.DataFrame({"t": texts}), schema(Column(name="t", role="text", dtype="string", kind="text")))
    assert found.campaign.tolist() == [0, 1, 2, 3, 4, 0]
    again = group_rows(pd.DataFrame({"t": texts}), schema(Column(name="t", role="text", dtype="string", kind="text")))
    assert np.array_equal(found.campaign, again.campaign)


def test_the_work_grows_with_the_rows_alone() -> None:
    same = pd.DataFrame({"t": ["the very same text again and again"] * 3_000})
    found = group_rows(same, schema(Column(name="t", role="text", dtype="string", kind="text")))
    assert found.compared < 2 * 3_000
    assert set(found.campaign.tolist()) == {0}


def test_recalls_by_hand() -> None:
    # Campaign 0: rows 0-3 (two in training), 1: rows 4 and 5 (tested, unseen), 2: row 6 (tested, unseen).
    grouped = Grouped(np.array([0, 0, 0, 0, 1, 1, 2]), ("t",), 5)
    training = np.array([True, True, False, False, False, False, False])
    predictions = pd.DataFrame(
        {"row": [12, 13, 14, 15, 16, 99], "target": [1, 1, 1, 1, 1, 0], "prediction": [1, 1, 1, 0, 0, 1]}
    )
    rows = np.arange(10, 17)
    found = recall_by_campaign(grouped, rows, training, {"M": predictions}, n_boot=500, confidence=0.9, seed=1)
    (model,) = found.models
    assert (found.rows, found.campaigns, found.tested, found.test_rows) == (7, 3, 3, 5)
    assert (found.unseen, found.unseen_rows, found.largest) == (2, 3, (4, 2, 1))
    assert model.rows.value == pytest.approx(3 / 5)
    assert model.campaigns.value == pytest.approx((1 + 0.5 + 0) / 3)
    assert model.weighted.value == pytest.approx((4 * 1 + 2 * 0.5 + 0) / 7)
    assert model.unseen is not None
    assert model.unseen_campaigns is not None
    assert model.unseen.value == pytest.approx(1 / 3)
    assert model.unseen_campaigns.value == pytest.approx(0.25)
    assert model.rows.low is not None
    assert model.rows.low <= 0.6 <= (model.rows.high or 0)


def test_where_all_campaigns_are_known_there_is_no_unseen_recall() -> None:
    grouped = Grouped(np.array([0, 0]), ("t",), 1)
    predictions = pd.DataFrame({"row": [1], "target": [1], "prediction": [1]})
    found = recall_by_campaign(
        grouped, np.arange(2), np.array([True, False]), {"M": predictions}, n_boot=0, confidence=0.95, seed=1
    )
    assert found.models[0].unseen is None
    assert (found.models[0].rows.value, found.models[0].rows.low) == (1.0, None)
