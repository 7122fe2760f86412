"""Twins by chance, against tables of independent columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from phishcli.audit.chance import twins_by_chance
from phishcli.tables.memory import MemoryTable


def by_chance(frame: pd.DataFrame, positive: np.ndarray, among: int, *, same_class: bool) -> float:
    return twins_by_chance(MemoryTable.of_frame(frame), list(frame), positive, among, same_class=same_class)


@pytest.mark.parametrize("columns", [3, 6, 9, 12])
def test_twins_by_chance_are_as_many_as_independent_columns_make(columns: int) -> None:
    random = np.random.default_rng(columns)
    positive = random.random(3_000) < 0.4
    frame = pd.DataFrame({f"a{n}": random.random(3_000) < np.where(positive, 0.7, 0.4) for n in range(columns)})
    for same_class, rows in ((False, frame), (True, frame.assign(label=positive))):
        made = rows.duplicated(keep=False).mean()
        assert by_chance(frame, positive, 2_999, same_class=same_class) == pytest.approx(made, abs=0.03)


def test_columns_of_different_values_make_no_twins_by_chance() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=500)})
    copies = pd.concat([frame.assign(b=random.normal(size=500))] * 2, ignore_index=True)
    for each in (frame, copies):
        assert by_chance(each, np.arange(len(each)) % 2 == 0, len(each) - 1, same_class=False) < 0.01
