"""Databases: DuckDB in a file, a PostgreSQL and a MariaDB that the tests start on this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from phishcli import Project
from phishcli.errors import DataError
from phishcli.sources.locate import locate, locate_offline
from phishcli.sources.readers import database_reader
from phishcli.sources.readers.extras import library

duckdb = pytest.importorskip("duckdb")
sqlalchemy = pytest.importorskip("sqlalchemy")
pytestmark = pytest.mark.xdist_group("databases")
"""One process runs them, so that each server is started once."""

ROWS = 50_123
PASSWORD = "p@ss/word"  # noqa: S105 (of a server that lasts for a test)
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)
MARIADB = shutil.which("mariadbd") or next(iter(map(str, Path("/usr/sbin").glob("mariadbd"))), None)
CREATE = """
CREATE TABLE sites (
    id integer, price numeric(10, 2), big bigint, name varchar(40), safe boolean, seen {moment}, more {json},
    label integer
)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def as_nobody() -> dict[str, Any]:
    """Servers refuse to be started by root."""
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid} if os.geteuid() == 0 else {}


@contextmanager
def place_of(name: str) -> Iterator[Path]:
    """A folder that a server may use; those of pytest are closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix=f"phish-{name}-"))
    try:
        owned(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def owned(folder: Path) -> Path:
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", pwd.getpwnam("nobody").pw_gid)
    return folder


def until(works: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            works()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    if POSTGRES is None:
        pytest.skip("PostgreSQL is not installed")
    with place_of("postgres") as folder:
        yield from _postgres(folder, free_port())


def _postgres(folder: Path, port: int) -> Iterator[str]:
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    init = [
        POSTGRES / "initdb",
        "-D",
        folder / "data",
        "-U",
        "me",
        "-A",
        "scram-sha-256",
        f"--pwfile={folder}/password",
    ]
    subprocess.run(init, check=True, capture_output=True, cwd=folder, **as_nobody())
    run = [POSTGRES / "postgres", "-D", folder / "data", "-p", str(port), "-k", str(folder)]
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen(
        [*run, *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_nobody()
    )
    url = f"postgresql://me:p%40ss%2Fword@127.0.0.1:{port}/postgres"
    try:
        fill(url.replace("postgresql", "postgresql+psycopg"), moment="timestamptz", json="json")
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    if MARIADB is None:
        pytest.skip("MariaDB is not installed")
    with place_of("mariadb") as folder:
        yield from _mariadb(folder, free_port())


def _mariadb(folder: Path, port: int) -> Iterator[str]:
    data = folder / "data"
    data.mkdir()
    owned(data)
    common = ["--no-defaults", f"--datadir={data}"]
    install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True, cwd=folder, **as_nobody())
    (folder / "init.sql").write_text(
        f"CREATE DATABASE own;\nCREATE USER me@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON own.* TO me@'127.0.0.1';\n"
    )
    (folder / "init.sql").chmod(0o644)
    run = [
        MARIADB,
        *common,
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={folder}/s",
        "--skip-name-resolve",
    ]
    server = subprocess.Popen(
        [*run, f"--init-file={folder}/init.sql", f"--pid-file={folder}/pid"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_nobody(),
    )
    url = f"mariadb://me:p%40ss%2Fword@127.0.0.1:{port}/own"
    try:
        fill(url.replace("mariadb", "mariadb+pymysql"), moment="datetime", json="json")
        yield url
    finally:
        server.terminate()
        server.wait(20)


def fill(url: str, **types: str) -> None:
    engine = sqlalchemy.create_engine(url)

    def make() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS sites")
            connection.exec_driver_sql(CREATE.format(**types))

    until(make)
    columns = "id, price, big, name, safe, seen, more, label"
    insert = sqlalchemy.text(
        f"INSERT INTO sites ({columns}) VALUES (:id, :price, :big, :name, :safe, :seen, :more, :label)"  # noqa: S608
    )
    with engine.begin() as connection:
        connection.execute(insert, [row(number) for number in range(2_000)])
        while connection.exec_driver_sql("SELECT count(*) FROM sites").scalar() * 2 <= ROWS:
            connection.exec_driver_sql(
                f"INSERT INTO sites SELECT id + (SELECT max(id) + 1 FROM sites), {columns[4:]} FROM sites"  # noqa: S608
            )
    engine.dispose()


def row(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "price": f"{number}.25",
        "big": 2**60 + number,
        "name": None if number % 10 == 0 else f"näme {number % 7}",
        "safe": number % 3 == 0,
        "seen": f"2026-01-{number % 28 + 1:02d} 12:30:00",
        "more": '{"a": 1}',
        "label": number % 2,
    }


def read(url: str, cache: Path, **more: Any) -> pa.Table:
    rows = locate(url, cache=cache, **more).read()
    return pa.Table.from_batches(list(rows.batches), rows.schema)


def check(found: pa.Table) -> None:
    """The values of the first rows, and that all rows are there."""
    rows = {line["id"]: line for line in found.slice(0, 2_000).to_pylist()}
    assert rows[3]["price"] == 3.25
    assert rows[3]["big"] == 2**60 + 3
    assert rows[3]["name"] == "näme 3"
    assert rows[10]["name"] is None
    assert bool(rows[3]["safe"]) is True
    assert str(rows[3]["seen"]).startswith("2026-01-04 12:30:00")
    assert "a" in rows[3]["more"]
    assert found.num_rows == len(set(found.column("id").to_pylist())) == 32_000


@pytest.mark.parametrize("arrow", [True, False], ids=["adbc", "sqlalchemy"])
def test_types_of_postgresql(postgres: str, tmp_path: Path, arrow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not arrow:
        monkeypatch.setattr(database_reader, "find_spec", lambda _: None)
    check(read(postgres, tmp_path))
    assert read(postgres, tmp_path, query="SELECT sum(label) AS n FROM sites").to_pydict() == {"n": [16_000]}


def test_types_of_mariadb(mariadb: str, tmp_path: Path) -> None:
    check(read(mariadb, tmp_path))


@pytest.fixture
def file(tmp_path: Path) -> str:
    with duckdb.connect(str(tmp_path / "own.db")) as connection:
        connection.execute(CREATE.format(moment="timestamptz", json="json"))
        values = [tuple(row(number).values()) for number in range(200)]
        connection.executemany("INSERT INTO sites VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    return f"duckdb:///{tmp_path}/own.db"


def test_duckdb_in_a_file(file: str, tmp_path: Path) -> None:
    found = read(file, tmp_path)
    assert found.num_rows == 200
    assert found.column("big")[5].as_py() == 2**60 + 5
    assert read(file, tmp_path, query="SELECT 1 AS one, NULL AS none").to_pydict() == {"one": [1], "none": [None]}


def test_a_run_names_no_password_anywhere(postgres: str, tmp_path: Path) -> None:
    settings = {
        "load.source": postgres,
        "load.query": "SELECT id, price, label FROM sites WHERE id < 500",
        "load.target": "label",
        "load.positive_label": 1,
        "load.drop": ["id"],
        "train.models": ["LogisticRegression"],
        "report.charts": False,
        "evaluate.n_boot": 0,
        "run.cache_dir": str(tmp_path / "cache"),
        "run.results_dir": str(tmp_path / "results"),
    }
    run = Project.of(settings).run("report", "persist")
    assert run.outcome.source.origin == postgres.replace("me:p%40ss%2Fword@", "")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"p%40ss" not in content, path
            assert PASSWORD.encode() not in content, path
    assert Project.of(settings).run("report").outcome.executed == ()


def test_the_content_decides_what_is_new(file: str, tmp_path: Path) -> None:
    first = locate(file, cache=tmp_path).sha256
    assert locate(file, cache=tmp_path).sha256 == first
    offline = locate_offline(file, cache=tmp_path)
    assert offline is not None
    assert offline.sha256 == first
    with duckdb.connect(file.removeprefix("duckdb:///")) as connection:
        connection.execute("UPDATE sites SET price = 7 WHERE id = 3")
    assert locate(file, cache=tmp_path).sha256 != first


def test_a_version_query_saves_the_reading(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_rows = []
    monkeypatch.setattr(
        "phishcli.sources.readers.database_reader._spool",
        lambda *given, spool=database_reader._spool: (read_rows.append(1), spool(*given)),
    )
    version = {"version_query": "SELECT max(id) FROM sites"}
    first = locate(file, cache=tmp_path, **version).sha256
    assert locate(file, cache=tmp_path, **version).sha256 == first
    assert len(read_rows) == 1
    with duckdb.connect(file.removeprefix("duckdb:///")) as connection:
        connection.execute("DELETE FROM sites WHERE id = 199")
    assert locate(file, cache=tmp_path, **version).sha256 != first
    assert len(read_rows) == 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"table": "sitse"}, r"no table 'sitse'; it holds sites"),
        ({"query": "DELETE FROM sites"}, "not a single query that reads"),
        ({"query": "SELECT 1; DROP TABLE sites"}, "not a single query that reads"),
        ({"query": "SELECT nothing FROM sites"}, "cannot be read: .*nothing"),
        ({"query": "SELECT 1 AS a WHERE false"}, "gives no row"),
        ({"version_query": "SELECT 1 WHERE false"}, "gives no row"),
    ],
)
def test_what_cannot_be_read_is_said(file: str, tmp_path: Path, more: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(file, tmp_path, **more)
    assert not list(tmp_path.glob("db-*"))


def test_several_tables_have_to_be_chosen_from(file: str, tmp_path: Path) -> None:
    with duckdb.connect(file.removeprefix("duckdb:///")) as connection:
        connection.execute("CREATE TABLE others (a integer)")
    with pytest.raises(DataError, match=r"2 tables: others, sites(.|\n)*load\.table=others"):
        read(file, tmp_path)
    assert read(file, tmp_path, table="SITES").num_rows == 200


@pytest.mark.parametrize("arrow", [True, False], ids=["adbc", "sqlalchemy"])
def test_a_wrong_password_is_tried_once_and_not_shown(
    postgres: str, tmp_path: Path, arrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not arrow:
        monkeypatch.setattr(database_reader, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="Check user and password") as caught:
        read(postgres.replace("p%40ss%2Fword", "wr0ngsecret"), tmp_path)
    assert "wr0ngsecret" not in str(caught.value)


def test_nobody_there_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Check that the server runs"):
        read(f"postgresql://me:secretword@127.0.0.1:{free_port()}/x", tmp_path)


def test_the_server_is_only_read(postgres: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="read-only"):
        read(postgres, tmp_path, query="WITH gone AS (DELETE FROM sites RETURNING id) SELECT * FROM gone")


def test_a_missing_library_gives_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pip install 'phishcli\[sql\]'"):
        library("no_such_driver", "sql", "mysql databases", "mysql://host/x")
