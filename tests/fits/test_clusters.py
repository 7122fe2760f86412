"""Fits on real clusters: a Dask scheduler with two workers, and a Ray head with two slots, over TCP on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli import Project
from phishcli.errors import ConfigError, PhishError
from phishcli.events import Fitting, Notice
from phishcli.fits import backends
from phishcli.fits.backends import Finished, Placed
from phishcli.fits.task import FitTask, FoldFit
from phishcli.fits.worker import fit, probabilities
from phishcli.models import get
from tests.made import project_on_numbers

pytestmark = pytest.mark.xdist_group("clusters")
ROWS = 400
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
ROOT = str(Path(__file__).parents[2])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class DaskCluster:
    """A scheduler with workers, each a process of its own."""

    gone = "The Dask scheduler"

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, f"127.0.0.1:{free_port()}"
        host, port = self.address.split(":")
        self.scheduler = self._start("scheduler", "--host", host, "--port", port, "--no-dashboard")
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def name(self) -> str:
        return f"dask://{self.address}"

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "dask", what, *options]
        return subprocess.Popen(command, cwd=self.folder, **QUIET)

    def add_workers(self, number: int) -> None:
        for _ in range(number):
            options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
            self.workers.append(self._start("worker", f"tcp://{self.address}", *options))
        until = time.monotonic() + 60
        while self.size() < len([worker for worker in self.workers if worker.poll() is None]):
            assert time.monotonic() < until, "the workers did not come"
            time.sleep(0.2)

    def size(self) -> int:
        from distributed import Client

        with Client(f"tcp://{self.address}", set_as_default=False, timeout=30) as client:
            return len(client.scheduler_info(n_workers=-1)["workers"])

    def kill_a_worker(self) -> None:
        os.kill(self.workers[-1].pid, signal.SIGKILL)

    def kill_the_head(self) -> None:
        self.scheduler.kill()

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


class RayCluster:
    """A head with two slots and its server for clients."""

    gone = "The Ray head"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # its sockets need short names
        self.address = f"127.0.0.1:{free_port()}"
        ports = ("--port", str(free_port()), "--ray-client-server-port", self.address.split(":")[1])
        sizes = ("--num-cpus", "2", "--object-store-memory", "100000000", "--include-dashboard", "false")
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", *ports, *sizes]
        loopback = {
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_AUTH_MODE": "disabled",
        }
        environment = {**os.environ, "PYTHONPATH": ROOT, **loopback}
        command += ["--no-monitor", "--include-log-monitor", "false", "--temp-dir", str(self.folder)]
        self.head = subprocess.Popen(command, cwd=self.folder, env=environment, **QUIET)
        until = time.monotonic() + 90
        while not self.listens():
            if self.head.poll() is not None or time.monotonic() > until:
                self.end()
                pytest.skip("Ray gives up starting on a machine that is as busy as this one")
            time.sleep(0.3)

    @property
    def name(self) -> str:
        return f"ray://{self.address}"

    def listens(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", int(self.address.split(":")[1]))) == 0

    def processes(self) -> list[Any]:
        import psutil

        return psutil.Process(self.head.pid).children(recursive=True)

    def kill_a_worker(self) -> None:
        until = time.monotonic() + 60
        while not (busy := [each for each in self.processes() if each.name().startswith("ray::make_fit")]):
            assert time.monotonic() < until, "no fit was begun within a minute"
            time.sleep(0.1)
        busy[0].kill()

    def kill_the_head(self) -> None:
        for process in (*self.processes(), self.head):
            with suppress(Exception):
                process.kill()
        self.head.wait()

    def end(self) -> None:
        if self.head.poll() is None:
            self.kill_the_head()
        shutil.rmtree(self.folder, ignore_errors=True)


Cluster = DaskCluster | RayCluster


@pytest.fixture(scope="module")
def ray_head() -> Iterator[Callable[[], RayCluster]]:
    """Give a head that runs; starting one takes many seconds, so that it is shared until a test kills it."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed")
    heads: list[RayCluster] = []

    def running() -> RayCluster:
        if not heads or heads[-1].head.poll() is not None:
            heads.append(RayCluster())
        return heads[-1]

    yield running
    for head in heads:
        head.end()


@pytest.fixture(params=["dask", "ray"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    if request.param == "ray":
        yield request.getfixturevalue("ray_head")()
        return
    pytest.importorskip("distributed", reason="dask is not installed")
    made = DaskCluster(tmp_path)
    try:
        made.add_workers(2)
        yield made
    finally:
        made.end()


def project(folder: Path, cluster: str, **more: Any) -> Project:
    settings = {
        "train.models": ["LogisticRegression", "HistGradientBoosting", "LightGBM"],
        "train.tune.enabled": True,
        "train.tune.n_iter": 4,
        "evaluate.n_boot": 0,
        "run.cluster": cluster,
        "run.jobs": 2,
    }
    return project_on_numbers(folder, rows=ROWS, slope=0.3, columns=4, **{**settings, **more})


def trained(folder: Path, cluster: str, **more: Any) -> dict[str, Any]:
    run = project(folder, cluster, **more).run("train")
    models = ("LogisticRegression", "HistGradientBoosting", "LightGBM")
    return {
        model: (run.read(f"train/{model}", "oof.parquet"), run.read(f"train/{model}", "training.json")["params"])
        for model in models
    }


def check_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for model, (oof, params) in expected.items():
        pd.testing.assert_frame_equal(found[model][0], oof, check_exact=True)
        assert found[model][1] == params


def test_the_same_trials_scores_and_winner_as_at_home(cluster: Cluster, tmp_path: Path) -> None:
    expected = trained(tmp_path / "home", "local")
    check_same(trained(tmp_path / "away", cluster.name), expected)


def test_a_worker_that_is_killed_costs_its_fits_under_way_and_nothing_else(cluster: Cluster, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(3_000, 20)).astype(np.float32), np.arange(3_000, dtype=np.int8) % 2
    arrays: Any = {"x_train": x, "y_train": y, "x_valid": x[:500], "y_valid": y[:500]}
    spec = get("RandomForest")
    with closing(backends.get(cluster.name)(2, tmp_path)) as backend:
        backend.place("fold", lambda: arrays)
        placed = backend.next()
        assert isinstance(placed, Placed)
        assert placed.matrices is not None
        task = FitTask(spec=spec, params={"n_estimators": 150}, seed=0, matrices=placed.matrices, fold=0)
        for key in range(4):
            backend.submit(key, replace(task, seed=key))
        time.sleep(1.5)
        cluster.kill_a_worker()
        ended = [backend.next() for _ in range(4)]
    values = {each.key: each.results[0].value for each in ended if isinstance(each, Finished)}
    assert sorted(values) == [0, 1, 2, 3]
    for key, value in values.items():
        assert isinstance(value, FoldFit)
        directly = fit(spec, {"n_estimators": 150}, key, x, y)
        np.testing.assert_array_equal(value.probability, probabilities(directly, x[:500]))


def test_a_scheduler_that_goes_away_ends_the_run_and_the_next_goes_on(cluster: Cluster, tmp_path: Path) -> None:
    more = {"train.tune.n_iter": 40, "train.tune.method": "random"}
    killed = []

    def kill_after_some_fits(event: Any) -> None:
        if isinstance(event, Fitting) and event.done > 4 and not killed:
            killed.append(time.monotonic())
            cluster.kill_the_head()

    away = project(tmp_path / "away", cluster.name, **more)
    with pytest.raises(PhishError, match=f"{cluster.gone} .* has gone away"):
        away.run("train", on_event=kill_after_some_fits)
    assert time.monotonic() - killed[0] < 60
    ledgers = [*(tmp_path / "away" / "cache").rglob("*.sqlite")]
    assert sum(path.stat().st_size for path in ledgers) > 0
    assert len(trained(tmp_path / "away", "local", **more)) == 3


def test_rows_that_are_spread_over_workers_give_a_model_like_any_other(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="dask is not installed")
    made, said = DaskCluster(tmp_path), []
    more = {"train.models": ["XGBoost", "LightGBM"], "train.tune.enabled": False, "preprocess.folds": 2}
    try:
        made.add_workers(2)
        spread = {**more, "train.distributed": "always", "load.source": str(tmp_path / "away" / "table.csv")}
        run = project(tmp_path / "away", made.name, **spread).run("persist", on_event=said.append)
    finally:
        made.end()
    at_home = project(tmp_path / "home", "local", **more).run("evaluate")
    for model in ("XGBoost", "LightGBM"):
        (warning,) = run.read(f"train/{model}", "training.json")["warnings"]
        assert warning.startswith("rows were spread over 2 workers; on a sample of ")
        assert f"{model}: {warning}" in [each.message for each in said if isinstance(each, Notice)]
        scores = [
            each.read(f"evaluate/{model}", "metrics.json")["metrics"]["roc_auc"]["value"] for each in (run, at_home)
        ]
        assert scores[0] == pytest.approx(scores[1], abs=0.1)  # 80 test rows
        assert run.bundle(model).predict_proba(pd.read_csv(tmp_path / "away" / "table.csv").head(3)).shape == (3,)


def test_mistakes_are_said(tmp_path: Path) -> None:
    if importlib.util.find_spec("ray") is not None:
        with pytest.raises(ConfigError, match="No Ray head answers"):
            backends.get(f"ray://127.0.0.1:{free_port()}")(2, tmp_path)
    with pytest.raises(ConfigError, match="No Dask scheduler answers"):
        backends.get(f"dask://127.0.0.1:{free_port()}")(2, tmp_path)
    with pytest.raises(ConfigError, match=r"There is no backend 'dusk://x'\nrun\.cluster\nDid you mean dask"):
        backends.get("dusk://x")
    with pytest.raises(ConfigError, match="Write dask://HOST:PORT"):
        backends.get("dask")


def test_a_cluster_without_workers_or_with_other_versions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = DaskCluster(tmp_path)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                made.size()
                break
            except OSError:
                assert time.monotonic() < until
        with pytest.raises(ConfigError, match="has no worker"):
            backends.get(f"dask://{made.address}")(2, tmp_path)
        made.add_workers(1)
        from phishcli.fits import clusters
        from phishcli.fits.backends import dask

        own = clusters.versions()
        answers = _Answers(iter([own, {**own, "lightgbm": "0.1"}]))
        monkeypatch.setattr(dask, "versions", answers)
        monkeypatch.setattr(clusters, "versions", answers)
        with pytest.raises(ConfigError, match=r"lightgbm .* \(here: 0\.1\)"):
            backends.get(f"dask://{made.address}")(2, tmp_path)
    finally:
        made.end()


class _Answers:
    """Versions as a worker has them, then others; a worker is asked by the library's own function."""

    def __init__(self, answers: Iterator[Any]) -> None:
        self._answers = list(answers)

    def __reduce__(self) -> Any:
        return (_the_same, (self._answers[0],))

    def __call__(self) -> Any:
        return self._answers[1]


class _the_same:  # noqa: N801 (a function that can be pickled)
    def __init__(self, versions: Any) -> None:
        self.versions = versions

    def __call__(self) -> Any:
        return self.versions
