"""How long a fitted model takes for a row: measured on rows that are predicted together, as in ``timing.json``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.models import get
from phishcli.models.mean import model_of
from phishcli.models.own_format import PositiveClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 1_000
REPEATS = 3


def seconds_per_row(member: str, model: Any, probe: NDArray[np.float32] | None) -> float:
    """The shortest of a few times; 0 where there are no rows to measure it on."""
    if probe is None or not len(probe):
        return 0.0
    score, rows = PositiveClass(model, get(model_of(member)).in_blocks), np.ascontiguousarray(probe[:ROWS])
    return min(_timed(score, rows) for _ in range(REPEATS)) / len(rows)


def _timed(score: PositiveClass, rows: NDArray[np.float32]) -> float:
    started = time.perf_counter()
    score(rows)
    return time.perf_counter() - started
