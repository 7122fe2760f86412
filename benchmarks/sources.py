"""Rows of a database, of many files and of a store into Arrow batches: ours, against the bare library on the same rows.

PostgreSQL, MariaDB and the store are started on this machine where they are installed; each reader runs in a process of
its own.

A copy of a database is written to Parquet and read again, so the bare reader does the same.

    python -m benchmarks.sources [--rows 1_000_000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.measure import PHISH, PYTHON, Claim, Cost, in_turn, main, show_costs, spend, tell

ROOT = Path(__file__).parents[1]
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)
MARIADB = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PARTS = 20
LIMITS = {"files": (1.6, 1.2), "store": (1.6, 1.2), "duckdb": (2.4, 1.5), "postgres": (1.8, 1.5), "mariadb": (1.6, 1.5)}
"""Processor time and peak memory allowed, as multiples of what the bare library takes; those of MariaDB are guesses
that no run has been held to yet."""


def ours(url: str) -> int:
    """Locate and read as ``load`` does, into an empty cache; the number of rows."""
    from phishcli.sources.locate import locate

    with tempfile.TemporaryDirectory() as cache:
        return sum(batch.num_rows for batch in locate(url, cache=Path(cache)).read().batches)


def bare_files(url: str) -> int:
    """Read as pyarrow does."""
    from pyarrow import dataset

    return sum(batch.num_rows for batch in dataset.dataset(url, format="parquet", partitioning="hive").to_batches())


def bare_store(url: str) -> int:
    """Read from the store as pyarrow does."""
    from pyarrow import dataset, fs

    store = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"], region="us-east-1")
    found = dataset.dataset(url.removeprefix("s3://"), filesystem=store, format="parquet", partitioning="hive")
    return sum(batch.num_rows for batch in found.to_batches())


def copied(batches: Any) -> int:
    """Write batches to a Parquet file, as a copy of a database is, and read it."""
    import pyarrow as pa
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        with parquet.ParquetWriter(path, batches.schema) as writer:
            for batch in batches:
                writer.write_table(pa.Table.from_batches([batch]))
        return sum(batch.num_rows for batch in parquet.ParquetFile(path).iter_batches())


def bare_duckdb(url: str) -> int:
    """Read as DuckDB does."""
    import duckdb

    with duckdb.connect(url.removeprefix("duckdb:///"), read_only=True) as connection:
        return copied(connection.sql("SELECT * FROM sites").to_arrow_reader(20_000))


def bare_postgres(url: str) -> int:
    """Read as ADBC does."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sites")
        return copied(cursor.fetch_record_batch())


def bare_mariadb(url: str) -> int:
    """Read as PyMySQL does, with a cursor on the side of the server."""
    import pyarrow as pa
    import pymysql

    port = int(url.rpartition(":")[2].partition("/")[0])
    with (
        pymysql.connect(host="127.0.0.1", port=port, user="me", database="own") as connection,
        connection.cursor(pymysql.cursors.SSCursor) as cursor,
    ):
        cursor.execute("SELECT * FROM sites")
        names = [each[0] for each in cursor.description]

        def batches() -> Iterator[Any]:
            while rows := cursor.fetchmany(20_000):
                columns = [pa.array(column) for column in zip(*rows, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, names=names)

        found = batches()
        first = next(found)
        return copied(pa.RecordBatchReader.from_batches(first.schema, chain([first], found)))


BARE: dict[str, Callable[[str], int]] = {
    "files": bare_files,
    "store": bare_store,
    "duckdb": bare_duckdb,
    "postgres": bare_postgres,
    "mariadb": bare_mariadb,
}


@contextmanager
def files(folder: Path) -> Iterator[str]:
    """Write the table as partitioned files."""
    child(f"write_files(Path({str(folder)!r}))")
    yield str(folder / "data")


def write_files(folder: Path) -> None:
    """Cut the table into files."""
    from pyarrow import parquet

    table = parquet.read_table(folder / "sites.parquet")
    size = -(-table.num_rows // PARTS)
    for number in range(PARTS):
        part = folder / "data" / f"day={number}" / "part-0.parquet"
        part.parent.mkdir(parents=True)
        parquet.write_table(table.slice(number * size, size), part)


@contextmanager
def store(folder: Path) -> Iterator[str]:
    """Serve the partitioned files as a store like S3."""
    port = free_port()
    os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_EC2_METADATA_DISABLED": "true"}
    os.environ |= {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "me", "AWS_REGION": "us-east-1"}
    with running([PYTHON, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], folder, {}):
        until(lambda: child(f"fill_store(Path({str(folder)!r}))"))
        yield "s3://own/data"


def fill_store(folder: Path) -> None:
    """Copy the partitioned files into the store."""
    from pyarrow import fs

    own = fs.S3FileSystem(
        endpoint_override=os.environ["AWS_ENDPOINT_URL"], region="us-east-1", allow_bucket_creation=True
    )
    own.create_dir("own")
    fs.copy_files(str(folder / "data"), "own/data", destination_filesystem=own)


@contextmanager
def duckdb_file(folder: Path) -> Iterator[str]:
    """Write the table into a DuckDB file."""
    child(f"fill_duckdb(Path({str(folder)!r}))")
    yield f"duckdb:///{folder}/own.db"


def fill_duckdb(folder: Path) -> None:
    """Copy the table into a DuckDB file."""
    import duckdb

    with duckdb.connect(str(folder / "own.db")) as connection:
        connection.execute(f"CREATE TABLE sites AS SELECT * FROM '{folder}/sites.parquet'")  # noqa: S608 (our own path)


@contextmanager
def postgres_server(folder: Path, server: Path) -> Iterator[str]:
    """Start a server, and put the table into it."""
    port, user, own = free_port(), nobody(), folder / "postgres"
    own.mkdir()
    if user:
        folder.chmod(0o711)
        shutil.chown(own, "nobody", user["group"])
    init = [server / "initdb", "-D", own / "data", "-U", "me", "-A", "trust"]
    subprocess.run(init, check=True, capture_output=True, cwd=own, **user)
    command = [str(server / "postgres"), "-D", f"{own}/data", "-p", str(port), "-k", str(own), "-c", "fsync=off"]
    url = f"postgresql://me@127.0.0.1:{port}/postgres"
    with running(command, own, user):
        until(lambda: child(f"fill_postgres(Path({str(folder)!r}), {url!r})"))
        yield url


def fill_postgres(folder: Path, url: str) -> None:
    """Copy the table into a server."""
    from adbc_driver_postgresql import dbapi
    from pyarrow import parquet

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("sites", parquet.read_table(folder / "sites.parquet"), mode="replace")
        connection.commit()


@contextmanager
def mariadb_server(folder: Path, server: str) -> Iterator[str]:
    """Start a server, and put rows of the table into it."""
    port, user, own = free_port(), nobody(), folder / "mariadb"
    (own / "data").mkdir(parents=True)
    if user:
        folder.chmod(0o711)
        for each in (own, own / "data"):
            shutil.chown(each, "nobody", user["group"])
    grants = ("CREATE DATABASE own", "CREATE USER me@'127.0.0.1'", "GRANT ALL ON own.* TO me@'127.0.0.1'")
    (own / "init.sql").write_text("".join(f"{each};\n" for each in grants))
    common = ["--no-defaults", f"--datadir={own}/data"]
    install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True, cwd=own, **user)
    place = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={own}/s", f"--pid-file={own}/pid"]
    quick = ["--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", f"--init-file={own}/init.sql"]
    url = f"mariadb://me@127.0.0.1:{port}/own"
    with running([server, *common, *place, *quick], own, user):
        until(lambda: child(f"fill_mariadb(Path({str(folder)!r}), {url!r})"))
        yield url


def fill_mariadb(folder: Path, url: str) -> None:
    """Insert the first rows of the table, and these again until there are as many as in the table."""
    import pyarrow as pa
    import pymysql
    from pyarrow import parquet

    port, source = int(url.rpartition(":")[2].partition("/")[0]), parquet.ParquetFile(folder / "sites.parquet")
    first = next(source.iter_batches(10_000))
    kinds = {
        each.name: "text" if each.type == pa.string() else "double" if pa.types.is_floating(each.type) else "bigint"
        for each in first.schema
    }
    columns, marks = ", ".join(f"`{name}` {kind}" for name, kind in kinds.items()), ", ".join(["%s"] * len(kinds))
    with pymysql.connect(host="127.0.0.1", port=port, user="me", database="own") as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE OR REPLACE TABLE sites ({columns})")
        cursor.executemany(f"INSERT INTO sites VALUES ({marks})", list(zip(*first.to_pydict().values(), strict=True)))  # noqa: S608 (our own)
        done, rows = first.num_rows, source.metadata.num_rows
        while done < rows:
            more = min(done, rows - done)
            cursor.execute(f"INSERT INTO sites SELECT * FROM sites LIMIT {more}")  # noqa: S608 (a number)
            done += more
            connection.commit()
        connection.commit()


@contextmanager
def running(command: list[str], folder: Path, user: dict[str, Any]) -> Iterator[None]:
    """A server that ends with the benchmark."""
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet, **user)
    try:
        yield
    finally:
        server.terminate()
        server.wait(20)


def nobody() -> dict[str, Any]:
    """PostgreSQL refuses to be started by root."""
    found = pwd.getpwnam("nobody")
    return {"user": found.pw_uid, "group": found.pw_gid} if os.geteuid() == 0 else {}


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(works: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for a server."""
    end = time.monotonic() + seconds
    while True:
        try:
            works()
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def available() -> dict[str, Callable[[Path], Any]]:
    """What can be started here."""
    found: dict[str, Callable[[Path], Any]] = {"files": files}
    if find_spec("moto"):
        found["store"] = store
    if find_spec("duckdb"):
        found["duckdb"] = duckdb_file
    if find_spec("adbc_driver_postgresql") and POSTGRES is not None:
        found["postgres"] = partial(postgres_server, server=POSTGRES)
    if find_spec("pymysql") and MARIADB is not None:
        found["mariadb"] = partial(mariadb_server, server=MARIADB)
    return found


def run(options: argparse.Namespace) -> list[Claim]:
    """Measure all sources that there are."""
    claims = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        tell(f"write {options.rows:,} rows")
        spend((PHISH, "sample", "--rows", str(options.rows), "-o", str(folder / "sites.parquet")), folder)
        for kind, start in available().items():
            url = stack.enter_context(start(folder))
            readers = {"bare": f"BARE[{kind!r}]", "ours": "ours"}
            measured = {
                each: partial(measure, f"{function}({url!r})", options.rows) for each, function in readers.items()
            }
            costs = in_turn(measured, options.rounds)
            claims += show(kind, costs, options.rows)
    return claims


def measure(call: str, rows: int) -> Cost:
    """What one reader takes, in a process of its own."""
    return child(f"sys.exit({call} != {rows})")


def child(call: str) -> Cost:
    """Run a function of this module in a process of its own: the peak of a parent is handed on to its children."""
    keys = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    program = f"import os; os.environ |= {keys!r}\nfrom benchmarks.sources import *\n{call}"
    return spend((PYTHON, "-c", program), ROOT)


def show(kind: str, costs: dict[str, Cost], rows: int) -> list[Claim]:
    """Print what was measured; the claims about it."""
    show_costs(costs, "bare")
    bare, our = costs["bare"], costs["ours"]
    tell(f"{kind}: {rows / our.wall:,.0f} rows a second, bare {rows / bare.wall:,.0f}")
    longest, largest = LIMITS[kind]
    return [
        Claim(f"read {kind}", "the bare library, CPU", our.cpu / bare.cpu, longest),
        Claim(f"read {kind}", "the bare library, peak", our.peak_mb / bare.peak_mb, largest),
    ]


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=1_000_000, rounds=3))
