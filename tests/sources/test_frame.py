"""A table in memory as a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli import Project
from phishcli.errors import DataError
from phishcli.sources.frame import FrameSource

ROWS = 200


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, ROWS)
    return pd.DataFrame({"size": random.normal(size=ROWS) + label, "kind": ["a", "b"] * 100, "label": label})


def project(folder: Path, data: Any, **more: Any) -> Project:
    settings = {
        "load.target": "label",
        "load.positive_label": 1,
        "train.models": ["LogisticRegression"],
        "evaluate.n_boot": 0,
        "report.charts": False,
        "run.cache_dir": str(folder / "cache"),
        "run.results_dir": str(folder / "results"),
    }
    return Project.of({**settings, **more}, data=data)


def test_it_gives_the_scores_of_the_same_rows_in_a_file(tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "t.parquet")
    of_frame = project(tmp_path / "a", frame()).run("report")
    of_file = project(tmp_path / "b", None, **{"load.source": str(tmp_path / "t.parquet")}).run("report")
    pd.testing.assert_frame_equal(of_frame.comparison, of_file.comparison)
    assert of_frame.outcome.source.origin == "a table in memory"


def test_the_same_content_is_fresh_in_whatever_form_and_another_value_is_not(tmp_path: Path) -> None:
    project(tmp_path, frame()).run("evaluate")
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    chunked = pa.concat_tables([table.slice(0, 50), table.slice(50)])
    for same in (frame(), table, chunked, frame().set_axis(range(5, 5 + ROWS))):
        assert project(tmp_path, same).run("evaluate").outcome.executed == ()
        assert all(decision.entry for decision in project(tmp_path, same).plan("evaluate"))
    other = frame()
    other.loc[7, "size"] += 1e-9
    assert "load" in project(tmp_path, other).run("evaluate").outcome.executed


def test_a_dict_of_columns_will_do() -> None:
    assert FrameSource.of({"a": [1, 2]}).read().schema.names == ["a"]


@pytest.mark.parametrize("data", [3, "sites.csv", [1, 2], np.zeros((2, 2))])
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(DataError, match="is not a table"):
        Project.of({}, data=data)


def test_the_settings_of_the_folder_stay_what_they_were(tmp_path: Path) -> None:
    project(tmp_path, frame()).run("evaluate")
    assert not (tmp_path / "results" / "runs" / "settings.json").exists()


def test_a_notebook_shows_models_and_metrics(tmp_path: Path) -> None:
    run = project(tmp_path, frame(), **{"train.models": ["LogisticRegression", "NaiveBayes"]}).run("evaluate")
    shown = run._repr_html_()
    assert shown is not None
    rows = ET.fromstring(shown.partition("<p>")[0]).iter("tr")  # noqa: S314 (of our own)
    head, *lines = [[cell.text for cell in row] for row in rows]
    table = pd.DataFrame(lines, columns=head).set_index("Model").astype(float)
    assert sorted(table.index) == ["LogisticRegression", "NaiveBayes"]
    values = run.comparison.pivot_table(index="model", columns="metric", values="value")
    for metric, label in (("accuracy", "Accuracy"), ("roc_auc", "ROC-AUC"), ("fpr", "FPR")):
        assert table[label].to_dict() == values[metric].round(4).to_dict()
    assert f"bold'><td style='text-align:left'>{run.selection.model}" in shown
    assert project(tmp_path, frame()).run("load")._repr_html_() is None
