"""Databases: DuckDB in a file, a PostgreSQL and a MariaDB that the tests start on this machine."""

from __future__ import annotations

import gc
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from phishcli import Project
from phishcli.errors import ConfigError, DataError
from phishcli.events import Notice, Progress
from phishcli.sources.databases import arrow, copying, faults, rows
from phishcli.sources.databases.queries import check_query
from phishcli.sources.locate import locate, locate_offline
from phishcli.sources.readers.extras import library

if TYPE_CHECKING:
    from tests.conftest import Phish

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


@contextmanager
def running(command: list[Any], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that ends with the test; on Linux also where the tests are killed."""
    with_us = ["setpriv", "--pdeathsig", "QUIT", "--"] if shutil.which("setpriv") else []
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*with_us, *map(str, command)], cwd=folder, stdout=log, stderr=log, **as_nobody())
    try:
        yield server
    finally:
        server.terminate()
        server.wait(20)


def until(works: Callable[[], Any], server: subprocess.Popen[bytes], folder: Path, seconds: float = 60) -> None:
    """Wait for a server."""
    end = time.monotonic() + seconds
    while True:
        try:
            works()
        except Exception as error:
            if time.monotonic() > end or server.poll() is not None:
                raise AssertionError((folder / "log").read_text(errors="replace")[-2000:]) from error
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
    init_postgres(folder)
    url = f"postgresql://me:p%40ss%2Fword@127.0.0.1:{port}/postgres"
    with running(command_of_postgres(folder, port), folder) as server:
        fill(url.replace("postgresql", "postgresql+psycopg"), server, folder, moment="timestamptz", json="json")
        yield url


def init_postgres(folder: Path) -> None:
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


def command_of_postgres(folder: Path, port: int) -> list[Any]:
    assert POSTGRES is not None
    run = [POSTGRES / "postgres", "-D", folder / "data", "-p", str(port), "-k", str(folder)]
    return [*run, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]


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
    url = f"mariadb://me:p%40ss%2Fword@127.0.0.1:{port}/own"
    with running([*run, f"--init-file={folder}/init.sql", f"--pid-file={folder}/pid"], folder) as server:
        fill(url.replace("mariadb", "mariadb+pymysql"), server, folder, moment="datetime", json="json")
        yield url


def fill(url: str, server: subprocess.Popen[bytes], folder: Path, **types: str) -> None:
    engine = sqlalchemy.create_engine(url)

    def make() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS sites")
            connection.exec_driver_sql(CREATE.format(**types))

    until(make, server, folder)
    columns = "id, price, big, name, safe, seen, more, label"
    insert = sqlalchemy.text(
        f"INSERT INTO sites ({columns}) VALUES (:id, :price, :big, :name, :safe, :seen, :more, :label)"  # noqa: S608 (our own)
    )
    with engine.begin() as connection:
        connection.execute(insert, [row(number) for number in range(2_000)])
        while connection.exec_driver_sql("SELECT count(*) FROM sites").scalar() * 2 <= ROWS:
            connection.exec_driver_sql(
                f"INSERT INTO sites SELECT id + (SELECT max(id) + 1 FROM sites), {columns[4:]} FROM sites"  # noqa: S608 (our own)
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


@pytest.fixture(params=["adbc", "sqlalchemy"])
def driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to read PostgreSQL."""
    if request.param == "sqlalchemy":
        monkeypatch.setattr(copying, "find_spec", lambda _: None)
    return str(request.param)


def test_types_of_postgresql(postgres: str, tmp_path: Path, driver: str) -> None:
    check(read(postgres, tmp_path))
    assert read(postgres, tmp_path, query="SELECT sum(label) AS n FROM sites").to_pydict() == {"n": [16_000]}
    assert read(postgres, tmp_path, query="SELECT 7 % 4 AS a WHERE 'näme' LIKE 'n%e'").to_pydict() == {"a": [3]}


UNUSUAL = """
SELECT 12345678901234567891::numeric AS exact, 'NaN'::numeric AS nan, 1.50::numeric AS price, 7::numeric AS whole,
    '12345678-1234-5678-1234-567812345678'::uuid AS id, '(1,2)'::point AS place, '<a/>'::xml AS page,
    'infinity'::float8 AS most, '2026-07-01 12:00:00+02'::timestamptz AS seen, ARRAY[1, 2] AS several,
    '1 day'::interval AS lasted, '10.0.0.1'::inet AS host, NULL AS none
"""


def test_unusual_types_of_postgresql(postgres: str, tmp_path: Path, driver: str) -> None:
    found = read(postgres, tmp_path, query=UNUSUAL).to_pylist()[0]
    assert int(found["exact"]) == 12345678901234567891
    assert str(found["nan"]) == "nan"
    assert (found["price"], found["whole"], found["most"], found["none"]) == (1.5, 7, float("inf"), None)
    assert (found["id"], found["place"]) == ("12345678-1234-5678-1234-567812345678", "(1,2)")
    assert found["page"] == "<a/>"
    assert found["seen"].isoformat() == "2026-07-01T10:00:00+00:00"
    assert all(isinstance(found[name], str) for name in ("several", "lasted", "host"))


def test_tables_of_other_schemas_are_named_with_them(postgres: str, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(postgres.replace("postgresql", "postgresql+psycopg"))
    with engine.begin() as connection:
        for command in ("CREATE SCHEMA other", 'CREATE TABLE other."Own one" AS SELECT 1 AS a'):
            connection.exec_driver_sql(command)
    try:
        with pytest.raises(DataError, match=r"2 tables: other\.Own one, sites"):
            read(postgres, tmp_path)
        assert read(postgres, tmp_path, table="other.Own one").to_pydict() == {"a": [1]}
        assert read(postgres, tmp_path, table="Sites").num_rows == 32_000
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA other CASCADE")
        engine.dispose()


def test_types_of_mariadb(mariadb: str, tmp_path: Path) -> None:
    check(read(mariadb, tmp_path))
    assert read(mariadb, tmp_path, query="SELECT 7 % 4 AS a WHERE 'näme' LIKE 'n%e'").to_pydict() == {"a": [3]}


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


def test_a_query_of_duckdb_reads_and_joins_files(tmp_path: Path) -> None:
    hosts = pa.table({"host": ["a", "b", "c"], "size": [1.5, None, 2.5]})
    parquet.write_table(hosts, tmp_path / "hosts.parquet")
    (tmp_path / "ages.csv").write_text("host,age\na,3\nb,-1\n", encoding="utf-8")
    query = f"SELECT * FROM '{tmp_path}/hosts.parquet' JOIN '{tmp_path}/ages.csv' USING (host) ORDER BY host"  # noqa: S608 (our own)
    found = read("duckdb://", tmp_path / "cache", query=query)
    assert found.to_pydict() == {"host": ["a", "b"], "size": [1.5, None], "age": [3, -1]}
    with pytest.raises(DataError, match="no table") as caught:
        read("duckdb://", tmp_path / "cache")
    assert "SELECT * FROM 'sites.parquet'" in str(caught.value.hint)
    with pytest.raises(DataError, match=r"No files found that match the pattern .*gone.parquet"):
        read("duckdb://", tmp_path / "cache", query=f"SELECT * FROM '{tmp_path}/gone.parquet'")  # noqa: S608 (our own)


def test_a_query_of_duckdb_writes_nothing_and_loads_no_extension(tmp_path: Path) -> None:
    for query in (f"COPY (SELECT 1) TO '{tmp_path}/out.csv'", "INSTALL httpfs", "ATTACH 'x.db'"):
        with pytest.raises(DataError, match="not a single read-only query"):
            read("duckdb://", tmp_path / "cache", query=query)
    with pytest.raises(DataError, match="httpfs"):
        read("duckdb://", tmp_path / "cache", query="SELECT * FROM 'https://127.0.0.1:9/x.parquet'")
    assert not (tmp_path / "out.csv").exists()


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
        "phishcli.sources.databases.copying._spool",
        lambda *given, spool=copying._spool: (read_rows.append(1), spool(*given)),
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
        ({"query": "DELETE FROM sites"}, "not a single read-only query"),
        ({"query": "SELECT 1; DROP TABLE sites"}, "not a single read-only query"),
        ({"query": "SELECT nothing FROM sites"}, "cannot be read: .*nothing"),
        ({"query": "SELECT 1 AS a WHERE false"}, "returns no rows"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "several columns with the same name: a"),
        ({"version_query": "SELECT 1 WHERE false"}, "returns no rows"),
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


def test_a_wrong_password_is_tried_once_and_not_shown(
    postgres: str, tmp_path: Path, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "WAIT", 1000)
    with pytest.raises(DataError, match="Check user and password") as caught:
        read(postgres.replace("p%40ss%2Fword", "wr0ngsecret"), tmp_path)
    assert "wr0ngsecret" not in str(caught.value)


def test_no_part_of_an_address_is_shown_by_a_driver(tmp_path: Path) -> None:
    for url in ("postgresql://me:pass wr0ngsecret@127.0.0.1:1/x", "mysql://me:pass@127.0.0.1:1x/y?a=wr0ngsecret"):
        with pytest.raises(DataError) as caught:
            read(url, tmp_path)
        assert "wr0ngsecret" not in "".join(traceback.format_exception(caught.value)).replace(url, "")


def test_the_environment_and_a_file_of_passwords_are_followed(
    postgres: str, tmp_path: Path, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = postgres.replace("me:p%40ss%2Fword@", "me@")
    query = "SELECT count(*) AS n FROM sites"
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert read(bare, tmp_path / "one", query=query).to_pydict() == {"n": [32_000]}
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    (tmp_path / "pgpass").write_text(f"127.0.0.1:*:*:me:{PASSWORD}\n")
    (tmp_path / "pgpass").chmod(0o600)
    assert read(bare, tmp_path / "two", query=query).to_pydict() == {"n": [32_000]}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_connection_that_is_cut_is_made_again(
    postgres: str, tmp_path: Path, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "WAIT", 0.01)
    admin = sqlalchemy.create_engine(postgres.replace("postgresql", "postgresql+psycopg"))
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    times = [1]
    said: list[str] = []

    def on_event(event: Any) -> None:
        if isinstance(event, Notice):
            said.append(str(event))
        if isinstance(event, Progress) and event.what == "read the database" and times[0]:
            times[0] -= 1
            with admin.begin() as connection:
                connection.exec_driver_sql(cut)

    query = "SELECT n, repeat('x', 400) AS text FROM generate_series(1, 400000) AS n"
    found = locate(postgres, cache=tmp_path / "one", query=query, on_event=on_event).read()
    assert found.rows == 400_000
    assert sum("trying again" in each for each in said) == 1
    times[0] = 100
    with pytest.raises(DataError, match="The database cannot be read"):
        locate(postgres, cache=tmp_path / "two", query=query, on_event=on_event)
    assert times[0] == 100 - faults.TRIES
    assert not list((tmp_path / "two").glob("*"))
    admin.dispose()
    gc.collect()  # psycopg warns of cursors whose connection was cut


@pytest.fixture(scope="module")
def one_to_kill() -> Iterator[Path]:
    """A server that is not started yet: that of `postgres` is needed again."""
    if POSTGRES is None:
        pytest.skip("PostgreSQL is not installed")
    with place_of("killed") as folder:
        init_postgres(folder)
        yield folder


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_is_killed_in_the_middle_is_one_message(
    one_to_kill: Path, tmp_path: Path, driver: str, phish: Phish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "WAIT", 0.01)
    port = free_port()
    url = f"postgresql://me:p%40ss%2Fword@127.0.0.1:{port}/postgres"
    query = "SELECT n, n % 2 AS label, repeat('x', 400) AS text FROM generate_series(1, 300000) AS n"
    with running(command_of_postgres(one_to_kill, port), one_to_kill) as server:
        engine = sqlalchemy.create_engine(url.replace("postgresql", "postgresql+psycopg"))
        until(lambda: engine.connect().close(), server, one_to_kill)
        engine.dispose()
        monkeypatch.setattr(copying, "_check_limits", lambda *_: server.kill())  # after the first rows
        data = ("--source", url, f"--set=load.query={query}", "--target=label", "--positive-label=1")
        done = phish("load", *data)
    assert done.code == 3
    assert done.err.count("trying again") == faults.TRIES - 1
    assert done.err.count("error:") == 1
    assert "The database cannot be read" in done.err
    assert "Check that the server runs" in done.err
    assert "p%40ss" not in done.err
    assert not list((tmp_path / ".cache").glob("load/*/features.parquet"))
    assert not list((tmp_path / ".cache" / "sources").glob("*"))
    gc.collect()  # psycopg warns of cursors whose connection was cut


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "mysql"])
def test_a_server_that_says_nothing_is_given_up(tmp_path: Path, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "TRIES", 1)
    monkeypatch.setattr(arrow, "WAITING", {**arrow.WAITING, "connect_timeout": 2})
    assert {value[3]["connect_timeout"] for value in rows.KNOWN.values()} == {arrow.SECONDS}
    short = {
        key: (*value[:3], {name: min(wait, 2) for name, wait in value[3].items()}) for key, value in rows.KNOWN.items()
    }
    monkeypatch.setattr(rows, "KNOWN", short)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        with pytest.raises(DataError, match="The database cannot be read"):
            read(f"{scheme}://me:x@127.0.0.1:{silent.getsockname()[1]}/own", tmp_path)
        assert time.monotonic() - begin < 10


def test_nobody_there_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "WAIT", 0.01)
    with pytest.raises(DataError, match="Check that the server runs"):
        read(f"postgresql://me:secretword@127.0.0.1:{free_port()}/x", tmp_path)


def test_the_server_is_only_read(postgres: str, tmp_path: Path, driver: str) -> None:
    engine = sqlalchemy.create_engine(postgres.replace("postgresql", "postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE IF NOT EXISTS numbers")
    engine.dispose()
    with pytest.raises(DataError, match="read-only"):
        read(postgres, tmp_path, query="SELECT nextval('numbers') AS a")


def test_a_query_of_mariadb_may_take_longer_than_connecting(
    mariadb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = {"connect_timeout": 1, "read_timeout": 1}
    monkeypatch.setitem(rows.KNOWN, "mariadb", (*rows.KNOWN["mariadb"][:3], waiting))
    assert read(mariadb, tmp_path, query="SELECT SLEEP(1.5) AS a").to_pydict() == {"a": [0]}
    with pytest.raises(DataError, match="The database cannot be read"):
        read(f"{mariadb}?read_timeout=1", tmp_path, query="SELECT SLEEP(1.5) AS b")


def test_mariadb_is_only_read(mariadb: str, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(mariadb.replace("mariadb", "mariadb+pymysql"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE numbers")
    try:
        with pytest.raises(DataError, match="READ ONLY"):
            read(mariadb, tmp_path, query="SELECT NEXTVAL(numbers) AS a")
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SEQUENCE numbers")
        engine.dispose()


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM sites RETURNING id) SELECT * FROM gone",
        "SELECT * INTO copy FROM sites",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "UPDATE sites SET id = 1",
        "/* SELECT */ DROP TABLE sites",
        "SELECT /*! 1; DROP TABLE sites */",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_what_writes_is_refused(query: str) -> None:
    with pytest.raises(DataError, match="not a single read-only query"):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "-- all; of it\n(SELECT 'a; DROP TABLE b' AS \"into\") UNION SELECT $$;$$;",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "FROM sites",
        "SELECT deleted, updated, `into` FROM sites",
    ],
)
def test_what_reads_is_taken(query: str) -> None:
    assert check_query(query) == query.rstrip(";")


def test_sqlite_by_its_address(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE sites (a INTEGER, b TEXT)")
        connection.executemany("INSERT INTO sites VALUES (?, ?)", [(1, "x"), (2, None), (3, b"raw"), (2**62, "y")])
        connection.commit()
    url = f"sqlite:///{path}"
    assert read(url, tmp_path, query="SELECT a FROM sites WHERE b = 'x'").to_pydict() == {"a": [1]}
    assert locate(url, cache=tmp_path).files == (path,)
    assert read(url, tmp_path, query="SELECT a * 2 AS b FROM sites WHERE a < 3").to_pydict() == {"b": [2, 4]}
    with pytest.raises(DataError, match="no such column"):
        read(url, tmp_path, query="SELECT absent FROM sites")
    for query in (None, "SELECT 1 AS a"):
        with pytest.raises(DataError, match="no such file"):
            read(f"sqlite:///{tmp_path}/other.db", tmp_path, query=query)
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("more", [{"query": "SELECT 1"}, {"version_query": "SELECT 1"}])
def test_a_query_of_what_is_no_database_is_refused(tmp_path: Path, more: Any) -> None:
    for find in (locate, locate_offline):
        with pytest.raises(ConfigError, match=r"is set, but the source is not a database(.|\n)*sqlite:///"):
            find(str(tmp_path / "sites.csv"), cache=tmp_path, **more)


def test_what_is_read_is_bounded(file: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"larger than 10 bytes(.|\n)*run\.max_download="):
        read(file, tmp_path, max_bytes=10)
    with pytest.raises(DataError, match=r"not done in 0 seconds(.|\n)*run\.max_download_time="):
        read(file, tmp_path, max_seconds=0)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([Decimal("1.50"), None], [1.5, None]),
        ([Decimal(7), Decimal(2**62 + 1)], [7, 2**62 + 1]),
        ([Decimal(10) ** 30 + 1], [Decimal(10) ** 30 + 1]),
        ([Decimal(10) ** 40], [1e40]),
        ([2**63, 1], [2**63, 1]),
        ([2**70, 1], [2**70, 1]),
        ([2**200, 1], [str(2**200), "1"]),
        ([1, "a", None], ["1", "a", None]),
        ([{"b": 1, "a": "ä"}, None], ['{"a": "ä", "b": 1}', None]),
        ([bytearray(b"x")], [b"x"]),
    ],
)
def test_values_of_drivers_keep_what_they_say(values: list[Any], found: list[Any]) -> None:
    assert rows.array_of(values).to_pylist() == found


def test_a_driver_that_sqlalchemy_asks_for_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mssql databases need a package(.|\n)*pip install"):
        read("mssql+pymssql://me:x@127.0.0.1/own", tmp_path)
    with pytest.raises(DataError, match="The database cannot be read"):
        read("snowflake://me:x@127.0.0.1/own", tmp_path)


def test_a_missing_library_gives_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pip install 'phishcli\[sql\]'"):
        library("no_such_driver", "sql", "mysql databases", "mysql://host/x")
