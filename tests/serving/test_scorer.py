"""Scoring in clusters: the answers are those of the bundle, whatever the engine, and a worker opens a release once."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli import load_bundle
from phishcli.errors import DataError, PersistError
from phishcli.serving import scorer as scorers
from phishcli.serving.bundle import Bundle
from tests.serving.served import make_release, table

pytestmark = pytest.mark.xdist_group("engines")
ROOT = str(Path(__file__).parents[2])


def missing(package: str) -> bool:
    return importlib.util.find_spec(package) is None


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release"), models=("LightGBM",)) / "latest"


@pytest.fixture(scope="module")
def bundle(release: Path) -> Bundle:
    return load_bundle(release)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return table().assign(id=lambda frame: np.arange(len(frame)))


@pytest.fixture(scope="module")
def expected(bundle: Bundle, rows: pd.DataFrame) -> Any:
    return bundle.predict_proba(rows)


def check(found: pd.DataFrame, expected: Any, bundle: Bundle) -> None:
    ordered = found.sort_values("id")
    assert ordered["id"].tolist() == list(range(len(expected)))
    np.testing.assert_allclose(ordered["probability"].to_numpy(), expected, rtol=0, atol=1e-9)
    flagged = np.where(expected >= bundle.threshold, "phishing", "legitimate")
    assert ordered["label"].tolist() == flagged.tolist()
    assert set(ordered["version"]) == {bundle.metadata.version}


def test_batches_of_any_size_get_the_answers_of_the_bundle(bundle: Bundle, rows: pd.DataFrame, expected: Any) -> None:
    whole = pa.Table.from_pandas(rows, preserve_index=False)
    score = bundle.scorer(ids=["id"])
    for size in (1, 7, 400):
        parts = [score(batch) for batch in whole.slice(0, 30).to_batches(size)]
        found = pa.concat_tables(parts).to_pandas()
        np.testing.assert_allclose(found["probability"], expected[:30], rtol=0, atol=1e-9)
    check(score(whole).to_pandas(), expected, bundle)
    assert score(whole.slice(0, 0)).schema == score(whole).schema


def test_a_process_opens_a_release_once_however_many_threads_score(
    bundle: Bundle, rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phishcli.serving import bundle as opening

    opened: list[str] = []
    usual = opening.load_bundle
    monkeypatch.setattr(opening, "load_bundle", lambda *given: opened.append(given[0]) or usual(*given))
    scorers._opened.cache_clear()
    batch = pa.Table.from_pandas(rows, preserve_index=False)
    threads = [threading.Thread(target=bundle.scorer(), args=(batch,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [str(bundle.folder)]


def test_a_worker_without_the_release_or_with_another_one_refuses(bundle: Bundle, tmp_path: Path) -> None:
    batch = pa.Table.from_pandas(table(), preserve_index=False)
    score = bundle.scorer()
    with pytest.raises(PersistError, match="does not have the release"):
        replace(score, release=str(tmp_path / "gone"))(batch)
    with pytest.raises(PersistError, match="has a different release"):
        replace(score, sha256="0" * 64)(batch)


def test_rows_that_cannot_be_read_are_an_error_left_out_or_without_an_answer(bundle: Bundle) -> None:
    batch = pa.Table.from_pandas(table().head(5).astype({"NoOfImage": str}), preserve_index=False)
    texts = batch.column("NoOfImage").to_pylist()
    batch = batch.set_column(batch.column_names.index("NoOfImage"), "NoOfImage", pa.array([*texts[:4], "many"]))
    with pytest.raises(DataError, match="cannot be read"):
        bundle.scorer()(batch)
    assert bundle.scorer(on_error="skip")(batch).num_rows == 4
    answered = bundle.scorer(on_error="null")(batch)
    assert answered["probability"].is_null().to_pylist() == [False] * 4 + [True]
    with pytest.raises(DataError, match="lack 1 of"):
        bundle.scorer()(batch.drop_columns(["Lines"]))


@pytest.mark.skipif(missing("dask.dataframe"), reason="dask is not installed")
def test_dask_gives_the_answers_of_the_bundle(bundle: Bundle, rows: pd.DataFrame, expected: Any) -> None:
    import dask.dataframe

    frame = dask.dataframe.from_pandas(rows, npartitions=3)
    found = bundle.scorer(ids=["id"]).on_dask(frame)
    computed = found.compute(scheduler="threads")
    check(computed, expected, bundle)
    pd.testing.assert_index_equal(computed.index, rows.index)
    with pytest.raises(DataError, match="lack 1 of"):
        bundle.scorer().on_dask(frame.drop(columns="Lines"))


@pytest.mark.skipif(missing("ray"), reason="ray is not installed")
@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_answers_of_the_bundle(bundle: Bundle, rows: pd.DataFrame, expected: Any) -> None:
    from phishcli.fits.backends import ray as backend

    for name, value in backend.environment("local").items():
        os.environ.setdefault(name, value)
    import ray
    import ray.data

    try:
        ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=10**8)
    except Exception as error:  # noqa: BLE001 (whatever Ray raises then)
        pytest.skip(f"Ray gives up starting on a machine that is as busy as this one: {error}")
    try:
        given = ray.data.from_arrow(pa.Table.from_pandas(rows, preserve_index=False))
        check(bundle.scorer(ids=["id"]).on_ray(given).to_pandas(), expected, bundle)
    finally:
        ray.shutdown()


def check_command(phish: Callable[..., Any], bundle: Bundle, frame: Any, expected: Any) -> None:
    """Score a table of the session from the command line."""
    frame.createOrReplaceTempView("sites")
    asked = ("predict", "spark://sites", "--model", str(bundle.folder), "--id", "id", "-o", "scores.parquet")
    said = phish(*asked, "--json")
    assert said.code == 0, said.err
    assert (said.document["read"], said.document["faults"]) == (len(expected), 0)
    assert said.document["positive"] == int((expected >= bundle.threshold).sum())
    check(pd.read_parquet("scores.parquet"), expected, bundle)
    assert "exists already" in phish(*asked).err
    assert "cannot read the table" in phish("predict", "spark://nowhere", *asked[2:]).err
    assert "must go to another Spark table" in phish("predict", "spark://sites", "--model", str(bundle.folder)).err
    assert "--explain cannot be used" in phish(*asked, "--explain", "2").err


@pytest.mark.skipif(missing("pyspark"), reason="pyspark is not installed")
@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed, which Spark needs")
@pytest.mark.filterwarnings("ignore")
def test_spark_gives_the_answers_of_the_bundle_and_is_a_source(
    bundle: Bundle, rows: pd.DataFrame, expected: Any, monkeypatch: pytest.MonkeyPatch, phish: Callable[..., Any]
) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", ROOT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

    from phishcli.sources.frame import FrameSource

    here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
    builder = SparkSession.builder.master("local[2]")
    for key, value in here.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    try:
        plain = pa.Table.from_pandas(rows, preserve_index=False)
        frame = session.createDataFrame(plain).repartition(2)
        check(frame.transform(bundle.spark_udf(ids=["id"])).toArrow().to_pandas(), expected, bundle)
        with pytest.raises(DataError, match="lack 1 of"):
            frame.drop("Lines").transform(bundle.spark_udf())
        source = FrameSource.of(frame)
        assert source.data.num_rows == len(rows)
        assert set(source.data.column_names) == set(rows.columns)
        check_command(phish, bundle, frame, expected)
    finally:
        session.stop()
