"""What the service costs: one raw row in process, and over HTTP against a constant endpoint of the same framework.

The services, ``mlflow models serve`` with the same model among them, are asked in turn on the same machine, on loopback
with one worker each. All figures are shares of the same run, as machines differ. Needs the extras ``serve``, ``fast``
and ``mlflow``; uses `wrk` where it is installed.

    python -m benchmarks.serve [--seconds 4] [--calls 3_000]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.measure import ENVIRONMENT, PHISH, PYTHON, Claim, main, spend, tell
from benchmarks.serving import ROW, SETTINGS

SHARES = {
    "LogisticRegression": 0.06,
    "LightGBM": 1.6,
    "XGBoost": 0.5,
    "RandomForest": 0.05,
    "HistGradientBoosting": 0.1,
}
"""Model: a dict to its probability, as a share of the model's own call on one row that is encoded already."""
TIMES_CONSTANT = 2.0
TIMES_MLFLOW = 20
"""Requests a second at least, as a multiple of those of ``mlflow models serve`` with the same model."""
CONSTANT = """
from fastapi import FastAPI
app = FastAPI()
@app.post("/v1/predict")
async def predict() -> dict[str, float]:
    return {"probability": 0.5}
"""


def _median(work: Any, calls: int) -> float:
    taken = []
    for _ in range(calls):
        began = time.perf_counter_ns()
        work()
        taken.append(time.perf_counter_ns() - began)
    return statistics.median(taken) / 1000


def run(options: argparse.Namespace) -> list[Claim]:
    """Make a release of each model, measure a row in process, then both services in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell("make a release: phish run-all --persist")
        spend((PHISH, "run-all", "--persist", *SETTINGS), folder)
        claims = _rows(folder / "results" / "artifacts" / "latest", options.calls)
        spend((PHISH, "run-all", "--persist", *SETTINGS, "--models", "LightGBM"), folder)  # for the service
        return [*claims, *_over_http(folder, options.seconds)]


def _rows(release: Path, calls: int) -> list[Claim]:
    return [_row(release, model, limit, calls) for model, limit in SHARES.items()]


def _row(release: Path, model: str, limit: float, calls: int) -> Claim:
    import numpy as np

    from phishcli import load_bundle
    from phishcli.serving.fast import compile_row

    bundle = load_bundle(release, model)
    judge, matrix = compile_row(bundle), np.zeros((1, bundle.encoder.width), dtype=np.float32)
    whole = min(_median(lambda: judge(ROW), calls) for _ in range(3))
    bare = min(_median(lambda: bundle.score(matrix), calls // 10) for _ in range(3))
    tell(f"{model:<22} a dict {whole:6.1f} us by {judge.way}; the model's own call {bare:7.1f} us")
    return Claim(f"{model}, a dict to its probability", "its own call, encoded", whole / bare, limit)


def _over_http(folder: Path, seconds: int) -> list[Claim]:
    (folder / "constant.py").write_text(CONSTANT, encoding="utf-8")
    spend((PHISH, "export", "latest", "--format", "mlflow", "-o", "mlflow"), folder)
    measured: dict[str, list[tuple[float, float]]] = {"constant": [], "phish": [], "mlflow": []}
    with ExitStack() as running:
        ports = {name: running.enter_context(_service(folder, name)) for name in measured}
        for _ in range(3):
            for name, port in ports.items():
                alone = _asked(port, 1, seconds, name)
                many = _asked(port, 16, seconds, name)
                measured[name].append((alone[0], many[1]))
    p50 = {name: min(each[0] for each in rounds) for name, rounds in measured.items()}
    rate = {name: max(each[1] for each in rounds) for name, rounds in measured.items()}
    for name in measured:
        tell(f"{name:<10} p50 {p50[name]:7.0f} us, {rate[name]:7.0f} requests a second")
    return [
        Claim("p50 over HTTP, one client", "constant endpoint", p50["phish"] / p50["constant"], TIMES_CONSTANT),
        Claim("time per request, 16 clients", "constant endpoint", rate["constant"] / rate["phish"], TIMES_CONSTANT),
        Claim("the same", "mlflow models serve", rate["mlflow"] / rate["phish"], 1 / TIMES_MLFLOW),
    ]


@contextmanager
def _service(folder: Path, which: str) -> Iterator[int]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--port", str(port))
    commands = {
        "constant": (PYTHON, "-m", "uvicorn", "constant:app", "--no-access-log", "--log-level", "error", *options),
        "phish": (PHISH, "serve", "--no-access-log", *options),
        "mlflow": (PYTHON, "-m", "mlflow", "models", "serve", "-m", "mlflow/model", "--env-manager", "local", *options),
    }
    environment = {**ENVIRONMENT, "PATH": os.pathsep.join((str(Path(PYTHON).parent), ENVIRONMENT.get("PATH", "")))}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(commands[which], cwd=folder, env=environment, start_new_session=True, **quiet)
    try:
        _wait(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # MLflow starts its server as a child
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(600):
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.1)
    raise SystemExit("A service does not start.")


def _asked(port: int, clients: int, seconds: int, name: str) -> tuple[float, float]:
    """The median in microseconds and the requests a second."""
    path, document = ("/invocations", {"dataframe_records": [ROW]}) if name == "mlflow" else ("/v1/predict", ROW)
    if shutil.which("wrk"):
        return _by_wrk(f"http://127.0.0.1:{port}{path}", document, clients, seconds)
    return _by_hand(port, path, document, seconds)


def _by_wrk(address: str, document: Any, clients: int, seconds: int) -> tuple[float, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method='POST'\nwrk.body=[==[{json.dumps(document)}]==]\n")
        script.write("wrk.headers['Content-Type']='application/json'\n")
        script.flush()
        command = ("wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", script.name, address)
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    found = re.search(r"50%\s+([\d.]+)(us|ms|s)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or rate is None:
        raise SystemExit(said)
    return float(found[1]) * {"us": 1.0, "ms": 1e3, "s": 1e6}[found[2]], float(rate[1])


def _by_hand(port: int, path: str, document: Any, seconds: int) -> tuple[float, float]:
    """Ask over one connection: for machines without wrk; the client is slower than the service then."""
    body, taken, end = json.dumps(document), [], time.monotonic() + seconds
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        while time.monotonic() < end:
            began = time.perf_counter_ns()
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            connection.getresponse().read()
            taken.append((time.perf_counter_ns() - began) / 1000)
    return statistics.median(taken), len(taken) / seconds


if __name__ == "__main__":
    sys.exit(main(__doc__, run, seconds=4, calls=3_000))
