"""One search in a process of its own: scikit-learn's, or ours by one of its methods; prints what came out as JSON.

Both have the same candidates and the same folds. scikit-learn gets the matrix that was preprocessed once, on all
training rows; ours refits the preprocessor in each fold, which is the honest way, and costs it time here.

    python -m benchmarks.search.child sklearn|race|random FOLDER TRIALS MODEL...
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from phishcli import Project
from phishcli.fits.matrices import TrainingData
from phishcli.models import get
from phishcli.models.space import parse
from phishcli.search.candidates import distributions
from phishcli.search.settings import ModelSettings
from phishcli.search.training import train, training_data
from phishcli.types import Schema

SEED = 42


def data_of(folder: Path) -> TrainingData:
    """The training data of the project that lies in a folder (``phish.yaml`` and its cache)."""
    os.chdir(folder)
    run = Project.of().run("preprocess")
    return training_data(
        train=run.read("preprocess", "train.parquet"),
        split=run.read("preprocess", "split.parquet"),
        features=run.read("load", "features.parquet"),
        schema=Schema.from_json(run.read("load", "schema.json")),
    )


def by_sklearn(data: TrainingData, model: str, n_iter: int) -> float:
    """Search with ``RandomizedSearchCV(n_jobs=-1)``; gives the best mean accuracy."""
    from sklearn.model_selection import RandomizedSearchCV

    spec = get(model)
    folds = [(np.flatnonzero(data.folds != fold), np.flatnonzero(data.folds == fold)) for fold in range(data.n_folds)]
    search = RandomizedSearchCV(
        spec.build({}, SEED),
        distributions(parse(spec.plain_space(), model=model, known=spec.space)),
        n_iter=n_iter,
        scoring="accuracy",
        cv=folds,
        random_state=SEED,
        n_jobs=-1,
    )
    return float(search.fit(data.x.astype(spec.dtype), data.y).best_score_)


def settings(model: str, method: str, n_iter: int, seed: int = SEED, scoring: str = "accuracy") -> ModelSettings:
    """What ``phish train --tune`` would use."""
    tune = {"method": method, "n_iter": n_iter, "scoring": scoring, "seed": seed, "space": get(model).plain_space()}
    return ModelSettings(model, {}, SEED, tune)


def main() -> None:
    """Search, and print per model the best score, the fits, and the second (from the start) at which it was done."""
    warnings.simplefilter("ignore")
    method, folder, n_iter, *models = sys.argv[1:]
    data, start = data_of(Path(folder)), time.perf_counter()
    found: dict[str, Any] = {}
    if method == "sklearn":
        for model in models:
            found[model] = {"score": by_sklearn(data, model, int(n_iter)), "at": time.perf_counter() - start}
    else:
        wanted = [settings(model, method, int(n_iter)) for model in models]
        for made in train(wanted, data, jobs=os.cpu_count() or 1):
            tuned = made.trained.training["tuned"] if made.trained else {}
            found[made.model] = {
                "score": tuned["best_score"],
                "fits": tuned["n_fits"],
                "at": time.perf_counter() - start,
            }
    print(json.dumps({"seconds": time.perf_counter() - start, "models": found}))


if __name__ == "__main__":
    main()
