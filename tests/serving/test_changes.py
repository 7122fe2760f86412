"""The smallest change that gives another verdict, on a model whose answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli import Project, load_bundle
from phishcli.serving.changes import said, smallest_changes

ROWS = 1_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Positive where ``size`` is above 50, whatever the rest is; both columns run from 0 to 100 evenly."""
    folder: Path = tmp_path_factory.mktemp("changes")
    random = np.random.default_rng(0)
    size = random.permutation(np.linspace(0, 100, ROWS))
    columns = {"size": size, "other": random.uniform(0, 100, ROWS), "kind": random.choice(["a", "b"], ROWS)}
    pd.DataFrame({**columns, "label": (size > 50).astype(int)}).to_csv(folder / "t.csv", index=False)
    settings = {
        "load.source": str(folder / "t.csv"),
        "load.target": "label",
        "load.positive_label": 1,
        "train.models": ["LightGBM"],
        "evaluate.n_boot": 0,
        "report.charts": False,
        "verdicts.block": "never",
        "run.cache_dir": str(folder / "cache"),
        "run.results_dir": str(folder / "results"),
    }
    return load_bundle(Project.of(settings).run("persist").outcome.entries["persist"].folder)


@pytest.mark.parametrize(("size", "verdict"), [(40.0, "review"), (60.0, "allow"), (10.0, "review")])
def test_the_nearest_quantile_beyond_the_border_is_found(bundle: Any, size: float, verdict: str) -> None:
    row = {"size": size, "other": 33.0, "kind": "a"}
    (change,) = smallest_changes(bundle, row)
    assert change.verdict == verdict
    assert change.to["size"] == pytest.approx(50, abs=3)
    assert change.steps == pytest.approx(abs(50 - size) / 2.5, abs=2)  # a step of a quantile is 2.5 wide
    assert bundle.verdicts([{**row, **change.to}])[0].verdict == verdict
    assert said(bundle, row, change).startswith(f"size from {size:.0f} to ")


def test_a_missing_value_may_be_the_change(bundle: Any) -> None:
    found = smallest_changes(bundle, {"size": None, "other": 33.0, "kind": "a"})
    assert [list(change.to) for change in found] == [["size"]]


def test_where_nothing_helps_nothing_is_said(bundle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(bundle), "verdicts", lambda _, rows: [_Same()] * len(rows))
    assert smallest_changes(bundle, {"size": 1.0, "other": 1.0, "kind": "a"}) == []


class _Same:
    verdict = "allow"
