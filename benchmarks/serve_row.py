"""One model at work on one row, as a program of its own; `benchmarks.serving` runs and compares two of them.

    python -m benchmarks.serve_row files|bundle|lean RELEASE MODEL ROW [CALLS]

``files`` is the work by hand: the release's joblib files, a data frame, scikit-learn. ``bundle`` is what
`phishcli.load_bundle` gives, ``lean`` the same as if only the model's own library were installed. ROW is JSON. Prints
the processor seconds until the first probability and the median of a call.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


TRAINING_ONLY = ("pandas", "pyarrow", "rich")
BOOSTERS = ("XGBoost", "LightGBM")


def lean(release: Path, model: str) -> Callable[[Row], float]:
    """Give the bundle's way where libraries that it does not need cannot be imported."""
    sys.modules.update(dict.fromkeys((*TRAINING_ONLY, *(("sklearn", "joblib") if model in BOOSTERS else ()))))
    return bundle(release, model)


def bundle(release: Path, model: str) -> Callable[[Row], float]:
    """Give the bundle's way from a row to its probability."""
    from phishcli import load_bundle

    opened = load_bundle(release, model)
    return lambda row: float(opened.predict_proba(row)[0])


def files(release: Path, model: str) -> Callable[[Row], float]:
    """Give the same by hand; the row is complete, so that only indicators are to be made."""
    import joblib
    import pandas as pd

    preprocessor = joblib.load(release / "preprocessor.joblib")
    estimator = joblib.load(release / f"{model}_model.joblib")

    def probability(row: Row) -> float:
        frame = pd.DataFrame([row])
        frame["LineOfCode_Missing"] = frame["LineOfCode"].isna().astype("int8")
        return float(estimator.predict_proba(preprocessor.transform(frame))[0, 1])

    return probability


def main(way: str, release: str, model: str, row: str, calls: str = "2000") -> None:
    """Measure and print."""
    probability = {"files": files, "bundle": bundle, "lean": lean}[way](Path(release), model)
    given = json.loads(row)
    found = probability(given)
    first = time.process_time()
    taken = []
    for _ in range(int(calls)):
        begin = time.process_time()
        probability(given)
        taken.append(time.process_time() - begin)
    print(json.dumps({"first": first, "row": statistics.median(taken), "probability": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
