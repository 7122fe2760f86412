"""Whether a library releases the interpreter lock while it fits: two threads with a fit each, against one of them.

Each model file declares accordingly where its fits run in parallel (``ModelSpec.workers``).

    python -m benchmarks.workers [--rows 8400]
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from benchmarks.measure import Claim, main, tell

COLUMNS = 35
LONG_ENOUGH = 1.0
"""Seconds that are measured of each model, at least."""
GAIN = 1.6
"""The speed-up of two threads from which on the fits of a model run in threads."""


def run(options: argparse.Namespace) -> list[Claim]:
    """Measure every model; those in threads are claimed to gain."""
    from sklearn.datasets import make_classification

    from phishcli.fits.worker import fit
    from phishcli.models import registry

    warnings.simplefilter("ignore")
    x, y = make_classification(options.rows, COLUMNS, n_informative=12, flip_y=0.1, random_state=0)
    x = x.astype("float32")
    claims = []
    for name, spec in registry().items():
        gain = speed_up(lambda spec=spec: fit(spec, {}, 0, x, y))  # type: ignore[misc]  # a default that the loop gives
        tell(f"{name:22} two threads: {gain:.2f} times as fast; runs in {spec.workers}")
        if spec.workers == "threads":
            claims.append(Claim(f"{name}: two fits in two threads", "one after the other", 1 / gain, 1 / GAIN))
    return claims


def speed_up(task: Callable[[], Any]) -> float:
    """The time of tasks one after the other, over that of two threads with half of them each."""
    start = time.perf_counter()
    task()
    count = max(1, round(LONG_ENOUGH / (time.perf_counter() - start)))
    alone = _time(lambda: _repeat(task, 2 * count))
    threads = [threading.Thread(target=_repeat, args=(task, count)) for _ in range(2)]

    def both() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return alone / _time(both)


def _repeat(task: Callable[[], Any], count: int) -> None:
    for _ in range(count):
        task()


def _time(task: Callable[[], Any]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main(__doc__, run, rows=8_400))
