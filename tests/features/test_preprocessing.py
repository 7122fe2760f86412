"""Preprocess: the split, the folds and the matrices as later stages read them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.artifacts.codecs import write_batches
from phishcli.config.schema import LoadConfig, PreprocessConfig
from phishcli.errors import PreprocessError
from phishcli.features.loading import load
from phishcli.features.preprocessing import preprocess
from phishcli.tables.arrow import whole
from phishcli.tables.disk import Disk
from phishcli.tables.memory import MemoryTable
from phishcli.tables.parquet import ParquetTable

if TYPE_CHECKING:
    from phishcli.features.loading import Loaded
    from phishcli.features.preprocessing import Preprocessed


def loaded(rows: int = 200, split_by: dict[str, str] | None = None, **more: Any) -> Loaded:
    random = np.random.default_rng(0)
    lines = pa.array(random.exponential(500, rows), mask=random.random(rows) < 0.2)
    table = {
        "lines": lines,
        "industry": random.choice(["shop", "bank"], rows),
        "isPhishing": np.arange(rows) % 2,
        **more,
    }
    return interpreted(pa.table(table), split_by)


def interpreted(table: pa.Table, split_by: dict[str, str] | None = None) -> Loaded:
    return load(LoadConfig(), MemoryTable(table), name=None, origin="o", synthetic=False, split_by=split_by)


def preprocessed(table: Loaded, on_event: Any = None, **settings: Any) -> Preprocessed:
    events = [] if on_event is None else on_event
    config = PreprocessConfig.model_validate(settings)
    made = preprocess(config, table.features, table.target, table.schema, on_event=events.append)
    return replace(made, train=whole(made.train), test=whole(made.test))  # type: ignore[arg-type]  # easier to look at


def test_the_real_table_gives_35_features_of_8400_and_2100_rows(real: Path) -> None:
    with closing(sqlite3.connect(real)) as connection:
        table = pa.Table.from_pandas(pd.read_sql("select * from phishing_data", connection), preserve_index=False)
    settings = LoadConfig(target="label", positive_label=0)
    found = preprocessed(load(settings, MemoryTable(table), name=None, origin="o", synthetic=False))
    assert found.train.shape == (8_400, 36)
    assert found.test.shape == (2_100, 36)
    assert len(found.features) == 35
    assert [feature.kind for feature in found.features.features] == ["value"] * 12 + ["indicator"] + ["category"] * 22


def test_parts_hold_float32_features_without_gaps_and_the_target() -> None:
    found = preprocessed(loaded())
    names = ["lines", "lines_Missing", "industry_shop"]
    assert found.features.names == names
    for part, rows in ((found.train, 160), (found.test, 40)):
        assert list(part) == [*names, "target"]
        assert part.dtypes.tolist() == [np.float32] * 3 + [np.int8]
        assert len(part) == rows
        assert not part.isna().any(axis=None)


def test_the_split_leads_back_to_the_rows_of_the_table() -> None:
    table = loaded()
    found = preprocessed(table)
    assert sorted(found.split["row"]) == list(range(200))
    assert found.split["part"].tolist() == ["train"] * 160 + ["test"] * 40
    assert found.split["fold"].dtype == np.int8
    assert found.split["fold"][160:].eq(-1).all()
    assert np.bincount(found.split["fold"][:160]).tolist() == [32] * 5
    target = table.target["target"].to_numpy()[found.split["row"]]
    assert target.tolist() == [*found.train["target"], *found.test["target"]]
    raw = whole(table.features).iloc[found.split["row"][160:]]
    np.testing.assert_array_equal(found.preprocessor.transform(raw), found.test.drop(columns="target"))


def test_test_rows_never_change_what_the_preprocessor_learnt() -> None:
    table = loaded()
    rows = preprocessed(table).split.query("part == 'test'")["row"]
    features = whole(table.features)
    features.loc[rows, "lines"] = 1e9
    spoilt = replace(table, features=MemoryTable.of_frame(features))
    pd.testing.assert_frame_equal(preprocessed(table).train, preprocessed(spoilt).train)


def test_the_same_table_gives_the_same_parts() -> None:
    first, second = preprocessed(loaded()), preprocessed(loaded())
    for part in ("train", "test", "split"):
        pd.testing.assert_frame_equal(getattr(first, part), getattr(second, part))


def test_a_table_on_disk_gives_the_same_parts_as_one_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = 9_000
    industry = rng.choice(["bank", "post", "shop", None], rows)
    lines = np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(4, 2, rows))
    frame = pd.DataFrame({"lines": lines, "industry": industry, "count": rng.integers(-5, 5, rows)})
    table = interpreted(pa.Table.from_pandas(frame.assign(isPhishing=rng.integers(0, 2, rows))))
    disk = Disk(20_000, lambda: Path(mkdtemp(dir=tmp_path)))
    path = tmp_path / "features.parquet"
    write_batches(path, table.features.schema, table.features.batches())
    for features in (table.features, ParquetTable(path)):
        settings = PreprocessConfig()
        expected = preprocess(settings, table.features, table.target, table.schema)
        found = preprocess(settings, features, table.target, table.schema, disk=disk)
        assert isinstance(found.train.matrix, np.memmap)
        for part in ("train", "test"):
            pd.testing.assert_frame_equal(whole(getattr(found, part)), whole(getattr(expected, part)), check_exact=True)
        assert found.features == expected.features


def test_a_group_of_the_table_is_on_one_side_only() -> None:
    sites = np.random.default_rng(1).integers(0, 30, 200).astype(str)
    found = preprocessed(loaded(site=sites, split_by={"group": "site"}), split={"group": "site"})
    train, test = (sites[found.split.loc[found.split["part"] == part, "row"]] for part in ("train", "test"))
    assert not set(train) & set(test)


def test_the_latest_rows_of_the_table_are_the_test() -> None:
    found = preprocessed(loaded(seen=np.arange(200) * 2, split_by={"time": "seen"}), split={"time": "seen"})
    assert found.split["row"].tolist() == list(range(200))


def test_a_table_without_features_is_refused() -> None:
    table = load(
        LoadConfig(drop=("lines",)),
        MemoryTable(pa.table({"lines": [1, 5, 3, 4] * 5, "same": [1] * 20, "isPhishing": [0, 1] * 10})),
        name=None,
        origin="o",
        synthetic=False,
    )
    with pytest.raises(PreprocessError, match=r"no feature to learn from\.\ncolumns set aside: lines, same\n.*--keep"):
        preprocessed(table)


def test_a_category_that_only_the_test_part_varies_leaves_nothing_to_learn() -> None:
    target = [0, 1] * 20
    plain = pd.DataFrame({"label": target, "target": target})
    held_out = preprocessed(loaded(40), folds=2).split.query("part == 'test'")["row"].iloc[:1]
    industry = np.where(np.isin(np.arange(40), held_out), "bank", "shop")
    table = load(
        LoadConfig(),
        MemoryTable(pa.table({"industry": industry, "isPhishing": plain["label"]})),
        name=None,
        origin="o",
        synthetic=False,
    )
    table = replace(table, target=plain)
    with pytest.raises(PreprocessError, match=r"single value in the training part.*\ncolumns: industry"):
        preprocessed(table, folds=2)
