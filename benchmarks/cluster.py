"""The published search on clusters against this machine: the same results, the time, and workers that are killed.

``python -m benchmarks.cluster [search|kills|resume|spread|scoring] [--trials 50] [--rows 1000000]``: each part takes
minutes. Clusters run on this machine over loopback: a Dask scheduler and two workers, or a Ray head with two slots.
Times are to be compared within one run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

MODELS = ("LogisticRegression", "RandomForest", "GradientBoosting", "XGBoost")
"""Those of the published procedure."""
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
ROOT = str(Path(__file__).parents[1])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def started(*command: str, folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a program of Python with this repository on its path."""
    every = {**os.environ, "PYTHONPATH": ROOT, **environment}
    return subprocess.Popen([sys.executable, "-W", "ignore", "-m", *command], cwd=folder, env=every, **QUIET)  # type: ignore[call-overload,no-any-return]  # of any values


class Dask:
    """A scheduler and workers."""

    def __init__(self, folder: Path, memory: str = "auto") -> None:
        self.folder, self.port, self.memory = folder, free_port(), memory
        self.name = f"dask://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.numbers = count()
        self.begin()

    def begin(self) -> None:
        """Start the scheduler, and two workers."""
        options = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.scheduler = started("dask", "scheduler", *options, folder=self.folder)
        for _ in range(2):
            self.add()
        self.wait()

    def add(self) -> None:
        """Start a worker."""
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        limit = ("--memory-limit", self.memory, "--name", f"worker-{next(self.numbers)}")
        address = f"tcp://127.0.0.1:{self.port}"
        self.workers.append(started("dask", "worker", address, *options, *limit, folder=self.folder))

    def wait(self) -> None:
        """Wait for the workers that were started last."""
        from distributed import Client

        connect: Any = Client
        until = time.monotonic() + 180
        with connect(f"tcp://127.0.0.1:{self.port}", timeout=120, set_as_default=False) as client:
            while not self._last() <= {each["name"] for each in client.scheduler_info(-1)["workers"].values()}:
                if time.monotonic() > until:
                    raise SystemExit("The workers did not start: the machine is too busy")
                time.sleep(0.2)

    def _last(self) -> set[str]:
        """The names of the two workers that were started last."""
        return {process.args[-1] for process in self.workers[-2:]}  # type: ignore[index]  # a list, as `started` has it

    def kill_a_worker(self) -> bool:
        """Kill the older of the workers, start another one, and wait until it is there."""
        self.workers.pop(0).send_signal(signal.SIGKILL)
        self.add()
        self.wait()
        return True

    def kill_the_head(self) -> None:
        """Kill the scheduler."""
        self.scheduler.kill()

    def end(self) -> None:
        """End all processes."""
        for process in (*self.workers, self.scheduler):
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


class Ray:
    """A head with two slots."""

    def __init__(self, folder: Path) -> None:
        del folder
        self.begin()

    def begin(self) -> None:
        """Start the head and wait for its server for clients."""
        self.folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # its sockets need short names
        self.port = free_port()
        self.name = f"ray://127.0.0.1:{self.port}"
        ports = ("--port", str(free_port()), "--ray-client-server-port", str(self.port))
        sizes = ("--num-cpus", "2", "--object-store-memory", "300000000", "--include-dashboard", "false")
        quiet = ("--no-monitor", "--include-log-monitor", "false", "--temp-dir", str(self.folder))
        here = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
        command = ("ray.scripts.scripts", "start", "--head", "--block", *ports, *sizes, *quiet)
        self.head = started(*command, folder=self.folder, **here)
        until = time.monotonic() + 120
        while not self._listens():
            if self.head.poll() is not None or time.monotonic() > until:
                raise SystemExit("Ray did not start: the machine is too busy")
            time.sleep(0.3)

    def _listens(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def _processes(self) -> list[Any]:
        import psutil

        return list(psutil.Process(self.head.pid).children(recursive=True))

    def kill_a_worker(self) -> bool:
        """Kill a process that makes a fit; gives whether there were two, so that the replacement of the last is up."""
        busy = [each for each in self._processes() if each.name().startswith("ray::make_fit")]
        if len(busy) < 2:
            return False
        busy[0].kill()
        return True

    def kill_the_head(self) -> None:
        """Kill everything."""
        for process in (*self._processes(), self.head):
            with suppress(Exception):
                process.kill()

    def end(self) -> None:
        """End all processes."""
        self.kill_the_head()
        self.head.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def cluster(kind: type[Dask | Ray], folder: Path) -> Iterator[Dask | Ray]:
    """A cluster for a while."""
    made = kind(folder)
    try:
        yield made
    finally:
        made.end()


def searched(folder: Path, where: str, trials: int, **more: Any) -> tuple[float, dict[str, Any]]:
    """Search on the sample; gives the seconds and all that does not depend on time."""
    from phishcli import Project

    settings = {
        "train.models": list(MODELS),
        "train.tune.enabled": True,
        "train.tune.method": "random",
        "train.tune.n_iter": trials,
        "run.cluster": where,
        "run.jobs": 2,
        "run.cache_dir": str(folder / "cache"),
        "run.results_dir": str(folder / "results"),
        **more,
    }
    project = Project.of(settings)
    project.run("preprocess")
    began = time.perf_counter()
    run = project.run("train", on_event=settings.get("on_event", lambda _: None))
    seconds = time.perf_counter() - began
    found = {
        model: (
            run.read(f"train/{model}", "training.json")["params"],
            run.read(f"train/{model}", "oof.parquet")["probability"].to_numpy().tobytes(),
            run.read(f"train/{model}", "trials.parquet").drop(columns="fit_seconds").to_json(),
        )
        for model in MODELS
    }
    return seconds, found


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def search(folder: Path, trials: int) -> None:
    """The search here and on both clusters: results and time."""
    here, expected = searched(folder / "here", "local", trials)
    say(f"-j 2: {here:.1f} s ({trials} trials x 5 folds x {len(MODELS)} models)")
    for kind in (Dask, Ray):
        with cluster(kind, folder) as made:
            seconds, found = searched(folder / kind.__name__, made.name, trials)
        say(f"{kind.__name__}, two workers: {seconds:.1f} s, ratio {seconds / here:.2f}, same: {found == expected}")


def kills(folder: Path, trials: int, times: int = 10) -> None:
    """The search while workers are killed: results."""
    _, expected = searched(folder / "here", "local", trials)
    for kind in (Dask, Ray):
        with cluster(kind, folder) as made:
            killed, stop = [0], threading.Event()

            def kill(made: Any = made, killed: list[int] = killed, stop: threading.Event = stop) -> None:
                while killed[0] < times and not stop.wait(2):
                    killed[0] += made.kill_a_worker()

            killer = threading.Thread(target=kill, daemon=True)
            killer.start()
            seconds, found = searched(folder / kind.__name__, made.name, trials)
            stop.set()
            killer.join()
        say(f"{kind.__name__}: {killed[0]} workers killed in {seconds:.1f} s, same: {found == expected}")


def resume(folder: Path, trials: int) -> None:
    """A head that is killed, and the run that goes on."""
    from phishcli.errors import PhishError

    alone, expected = searched(folder / "here", "local", trials)
    for kind in (Dask, Ray):
        with cluster(kind, folder) as made:
            threading.Timer(alone / 2 + 10, made.kill_the_head).start()
            began = time.perf_counter()
            try:
                searched(folder / kind.__name__, made.name, trials)
                say(f"{kind.__name__}: it ended before its head was killed")
            except PhishError as error:
                say(f"{kind.__name__}: {error.what}, after {time.perf_counter() - began:.1f} s")
        with cluster(kind, folder) as made:
            seconds, found = searched(folder / kind.__name__, made.name, trials)
        say(f"{kind.__name__}: resumed in {seconds:.1f} s, same: {found == expected}")


def spread(folder: Path, rows: int) -> None:
    """XGBoost on rows over two workers of 2 GB each, against one process: ROC-AUC."""
    import numpy as np
    from distributed import Client
    from sklearn.metrics import roc_auc_score

    from phishcli.fits.spread import fit_spread, write_partitions
    from phishcli.models import get

    generator = np.random.default_rng(0)
    x = generator.normal(size=(rows, 35)).astype(np.float32)
    # No product of two columns: where neither helps alone, one bin more or less changes the first splits, and the
    # ROC-AUC by 0.006, also in one process.
    score = x[:, 0] + 0.7 * np.sin(2 * x[:, 1]) + np.abs(x[:, 3]) + 0.5 * x[:, 4] * (x[:, 0] > 0)
    y = (score + generator.normal(size=rows).astype(np.float32) > 1).astype(np.int8)
    held = rows // 10
    spec, params = get("XGBoost"), {"n_estimators": 50}
    paths = write_partitions({"x_train": x[held:], "y_train": y[held:]}, folder / "parts", 2)
    made = Dask(folder, memory="2GB")
    connect: Any = Client
    try:
        with connect(f"tcp://127.0.0.1:{made.port}", set_as_default=False) as client:
            began = time.perf_counter()
            together = fit_spread(client, spec, spec.build(params, 1), paths)
            seconds = time.perf_counter() - began
    finally:
        made.end()
    began = time.perf_counter()
    alone = spec.build(params, 1).set_params(n_jobs=2).fit(x[held:], y[held:])
    here = time.perf_counter() - began
    scores = [roc_auc_score(y[:held], each.predict_proba(x[:held])[:, 1]) for each in (together, alone)]
    say(f"{rows - held:,} rows x 35, two workers of 2 GB: {seconds:.1f} s, ROC-AUC {scores[0]:.5f}")
    say(f"the same in one process: {here:.1f} s, ROC-AUC {scores[1]:.5f}, difference {scores[0] - scores[1]:+.5f}")


def scoring(folder: Path, rows: int) -> None:
    """A table scored on Spark, Dask and Ray against the same here."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    from phishcli import Project, load_bundle
    from phishcli.sources.sample import write_sample

    places = {"run.cache_dir": str(folder / "cache"), "run.results_dir": str(folder / "results")}
    Project.of({"train.models": ["LightGBM"], "evaluate.n_boot": 20, **places}).run("persist")
    path = folder / "rows.parquet"
    write_sample(path, rows=rows)
    table = parquet.read_table(path)
    table = table.append_column("id", pa.array(np.arange(table.num_rows)))
    parquet.write_table(table, path, row_group_size=100_000)
    bundle = load_bundle(folder / "results" / "artifacts" / "latest")
    scorer = bundle.scorer(ids=["id"])
    began = time.perf_counter()
    expected = scorer(table)["probability"].to_numpy()
    here = time.perf_counter() - began
    say(f"here: {rows:,} rows in {here:.1f} s")
    for name, engine in (("Dask", on_dask), ("Ray", on_ray), ("Spark", on_spark)):
        began = time.perf_counter()
        found = engine(scorer, path).sort_by("id")
        largest = float(np.abs(found["probability"].to_numpy() - expected).max())
        seconds = time.perf_counter() - began
        say(f"{name}: {seconds:.1f} s with its start, {found.num_rows:,} rows, largest difference {largest:.1e}")


def on_dask(scorer: Any, path: Path) -> Any:
    """Score with two worker processes of Dask."""
    import dask.dataframe
    import pyarrow as pa
    from distributed import Client, LocalCluster

    made: Any = LocalCluster
    connect: Any = Client
    with made(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as two, connect(two):
        frame = scorer.on_dask(dask.dataframe.read_parquet(path, split_row_groups=True)).compute()
    return pa.Table.from_pandas(frame, preserve_index=False)


def on_ray(scorer: Any, path: Path) -> Any:
    """Score with two slots of Ray."""
    import pyarrow as pa

    from phishcli.fits.backends import ray as backend

    os.environ.update(backend.environment("local"))
    import ray
    import ray.data

    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        frame = scorer.on_ray(ray.data.read_parquet(str(path))).to_pandas(limit=None)
    finally:
        ray.shutdown()
    return pa.Table.from_pandas(frame, preserve_index=False)


def on_spark(scorer: Any, path: Path) -> Any:
    """Score with two threads of Spark."""
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": ROOT}
    builder: Any = SparkSession.builder
    here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
    for key, value in here.items():
        builder = builder.config(key, value)
    builder = builder.master("local[2]")
    session = builder.config("spark.driver.memory", "2g").getOrCreate()
    try:
        return scorer.on_spark(session.read.parquet(str(path))).toArrow()
    finally:
        session.stop()


def main() -> None:
    """Run the parts that are named, or all."""
    parts = {"search": search, "kills": kills, "resume": resume, "spread": spread, "scoring": scoring}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], default=[])
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    for name in asked.parts or parts:
        with tempfile.TemporaryDirectory(prefix="phish-cluster-") as folder:
            size = asked.rows if name in ("spread", "scoring") else asked.trials
            parts[name](Path(folder), size)


if __name__ == "__main__":
    main()
