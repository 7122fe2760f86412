"""Files in a store like S3, against a server on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import fs, parquet

from phishcli import Project
from phishcli.errors import DataError
from phishcli.events import Notice
from phishcli.sources import buckets
from phishcli.sources.bucket_address import Address
from phishcli.sources.buckets import fits
from phishcli.sources.kinds import bucket as kind
from phishcli.sources.locate import in_use, locate, locate_offline

moto = pytest.importorskip("moto.server")
Store = fs.S3FileSystem


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").disabled = True
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def store(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    settings = {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "me",
        "AWS_SECRET_ACCESS_KEY": "s3cretkey",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    own = Store(endpoint_override=server, region="us-east-1", allow_bucket_creation=True, allow_bucket_deletion=True)
    if own.get_file_info("own").type != fs.FileType.NotFound:
        own.delete_dir("own")
    own.create_dir("own")
    return own


def put(store: Store, path: str, content: bytes | dict[str, Any]) -> None:
    with store.open_output_stream(f"own/{path}") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            parquet.write_table(pa.table(content), stream)


def read(url: str, cache: Path, **more: Any) -> dict[str, Any]:
    rows = locate(url, cache=cache, **more).read()
    return dict(pa.Table.from_batches(list(rows.batches), rows.schema).to_pydict())


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    downloads: list[str] = []
    real = buckets.download

    def download(store: Any, wanted: buckets.Object, path: Path, request: Any) -> None:
        downloads.append(wanted.name)
        real(store, wanted, path, request)

    monkeypatch.setattr(buckets, "download", download)
    return downloads


def test_a_file_is_downloaded_once_per_version(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloads = counting(monkeypatch)
    put(store, "sites.parquet", {"a": [1, 2]})
    url = "s3://own/sites.parquet"
    assert locate_offline(url, cache=tmp_path) is None
    first = locate(url, cache=tmp_path)
    assert read(url, tmp_path) == {"a": [1, 2]}
    assert locate_offline(url, cache=tmp_path) == first
    put(store, "sites.parquet", {"a": [1, 3]})
    assert read(url, tmp_path) == {"a": [1, 3]}
    assert downloads == ["sites.parquet"] * 2
    assert read(url, tmp_path, sha256=first.sha256) == {"a": [1, 2]}
    with pytest.raises(DataError, match=r"not the one that load\.sha256 promises"):
        locate(url, cache=tmp_path, sha256="a" * 64)


@pytest.mark.parametrize("url", ["s3://own/data", "s3://own/data/", "s3://own/data/day=*/p?.csv", "s3://own/d*/**"])
def test_folders_and_patterns_are_one_table(store: Store, tmp_path: Path, url: str) -> None:
    put(store, "data/day=2/p1.csv", b"a,b\n3,x\n")
    put(store, "data/day=1/p2.csv", b"a,b\n2,y\n")
    put(store, "data/day=1/p1.csv", b"a,b\n1,z\n")
    put(store, "data/_SUCCESS", b"")
    put(store, "other/day=1/p1.csv", b"c\n1\n")
    assert read(url, tmp_path) == {"a": [1, 2, 3], "b": ["z", "y", "x"], "day": [1, 1, 2]}


def test_only_files_that_changed_are_downloaded_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = counting(monkeypatch)
    for number in range(3):
        put(store, f"data/{number}.csv", b"a\n%d\n" % number)
    first = locate("s3://own/data/*.csv", cache=tmp_path)
    put(store, "data/1.csv", b"a\n7\n")
    second = locate("s3://own/data/*.csv", cache=tmp_path)
    assert downloads == ["0.csv", "1.csv", "2.csv", "1.csv"]
    assert first.sha256 != second.sha256
    assert locate_offline("s3://own/data/*.csv", cache=tmp_path) == second
    assert set(in_use("s3://own/data/*.csv", cache=tmp_path)) == set(second.files)
    second.files[1].write_bytes(b"a\n9\n")
    assert locate_offline("s3://own/data/*.csv", cache=tmp_path) == first
    assert locate("s3://own/data/*.csv", cache=tmp_path).sha256 == second.sha256


def test_an_earlier_copy_does_where_nobody_answers(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "sites.csv", b"a\n1\n")
    first = locate("s3://own/sites.csv", cache=tmp_path / "one")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(buckets, "ATTEMPTS", 1)
    events: list[Any] = []
    assert locate("s3://own/sites.csv", cache=tmp_path / "one", on_event=events.append) == first
    assert any(isinstance(event, Notice) and "An earlier copy is used" in str(event) for event in events)
    with pytest.raises(DataError, match="AWS_ENDPOINT_URL"):
        locate("s3://own/sites.csv", cache=tmp_path / "other")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://own/none.csv", "no such file or folder"),
        ("s3://own/none/*.csv", "No file matches that pattern"),
        ("s3://nobody-has-it/*.csv", "No file matches that pattern(.|\n)*Check the bucket"),
        ("s3://me:s3cretkey@own/sites.csv", "Keys do not belong in the address"),
        ("s3://", "names no bucket"),
        ("s3://*/sites.csv", "names no bucket"),
        ("az://own/sites.csv", "AZURE_STORAGE_ACCOUNT"),
    ],
)
def test_what_cannot_be_found_is_said(
    store: Store, tmp_path: Path, url: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    with pytest.raises(DataError, match=message) as caught:
        locate(url, cache=tmp_path)
    assert "s3cretkey" not in str(caught.value)
    assert not list(tmp_path.glob("*"))


def test_downloads_are_bounded_and_whole(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "sites.csv", b"a\n1\n")
    with pytest.raises(DataError, match=r"larger than 3 bytes(.|\n)*run\.max_download"):
        locate("s3://own/sites.csv", cache=tmp_path, max_bytes=3)
    with pytest.raises(DataError, match="takes more than 0 seconds"):
        locate("s3://own/sites.csv", cache=tmp_path, max_seconds=0)
    answers = iter(["one", "two"])
    monkeypatch.setattr(buckets, "version_of", lambda *_: next(answers))
    with pytest.raises(DataError, match="replaced while it was read"):
        locate("s3://own/sites.csv", cache=tmp_path)
    assert not list(tmp_path.glob("*"))


def test_refusals_are_told_from_silence() -> None:
    denied = buckets._refused("AWS Error ACCESS_DENIED during HeadObject operation", "s3://own/a")
    assert "AWS_PROFILE" in str(denied)
    assert not isinstance(denied, buckets.Unreachable)
    assert isinstance(buckets._refused("AWS Error NETWORK_CONNECTION", "s3://own/a"), buckets.Unreachable)


def test_an_address_is_taken_apart() -> None:
    address = Address.of("s3://own/day=*/p?.csv?region=eu-west-1&anonymous=true")
    assert (address.path, address.base) == ("own/day=*/p?.csv", "own")
    assert address.options == {"region": "eu-west-1", "anonymous": "true"}
    assert Address.of("gs://own/p?.csv").options == {}
    azure = Address.of("abfss://own@me.store.example/data/*.csv")
    assert (azure.path, azure.options) == ("own/data/*.csv", {"account": "me"})
    assert kind.matches("S3://own/x")
    assert not kind.matches("s3/own/x")


@pytest.mark.parametrize(
    ("name", "pattern", "found"),
    [
        ("a.csv", "*.csv", True),
        ("x/a.csv", "*.csv", False),
        ("x/y/a.csv", "**/*.csv", True),
        ("a.csv", "**/*.csv", True),
        ("x/y/a.csv", "**", True),
        ("x/y/a.csv", "x/**/z/*", False),
        ("x", "x/*", False),
    ],
)
def test_patterns_fit_part_by_part(name: str, pattern: str, found: bool) -> None:
    assert fits(name.split("/"), pattern.split("/")) is found


def test_a_run_keeps_no_key(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"{number % 7},{number % 2}\n" for number in range(400))
    put(store, "sites.csv", f"x,label\n{rows}".encode())
    settings = {
        "load.source": "s3://own/sites.csv",
        "load.target": "label",
        "load.positive_label": 1,
        "run.cache_dir": str(tmp_path / "cache"),
        "run.results_dir": str(tmp_path / "results"),
    }
    project = Project.of(settings)
    assert project.run("preprocess").outcome.source.origin == "s3://own/sites.csv"
    assert project.run("preprocess").outcome.executed == ()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"s3cretkey" not in path.read_bytes(), path
