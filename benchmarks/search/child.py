"""One search in a process of its own: scikit-learn's, or ours by one of its methods; prints the results as JSON.

Both have the same candidates and the same folds. scikit-learn gets the matrix that was preprocessed once, on all
training rows; ours refits the preprocessor in each fold, which avoids leakage and takes time here.

    python -m benchmarks.search.child sklearn|race|whole|random FOLDER TRIALS MODEL... [--jobs N] [--seed N]

``whole`` is the race without the pruning of fits that grow.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli import Project
from phishcli.fits.matrices import TrainingData, training_data
from phishcli.models import get
from phishcli.models.space import parse
from phishcli.search import race
from phishcli.search.candidates import distributions
from phishcli.search.settings import ModelSettings, SearchSettings
from phishcli.search.training import train
from phishcli.stages import load, preprocess

if TYPE_CHECKING:
    from phishcli.config.schema import MetricName
    from phishcli.documents.training import Method

SEED = 42

Found = dict[str, Any]


def data_of(folder: Path) -> TrainingData:
    """Give the training data of the project in a folder (``phish.yaml`` and its cache)."""
    os.chdir(folder)
    outcome = Project.of().run("preprocess").outcome
    return training_data(
        train=outcome.get(preprocess.TRAIN),
        split=outcome.get(preprocess.SPLIT),
        features=outcome.get(load.FEATURES),
        schema=outcome.get(load.SCHEMA),
    )


def by_sklearn(data: TrainingData, model: str, n_iter: int, seed: int) -> float:
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
        random_state=seed,
        n_jobs=-1,
    )
    return float(search.fit(data.x.astype(spec.dtype), data.y).best_score_)


def settings(
    model: str, method: Method, n_iter: int, seed: int = SEED, scoring: MetricName = "accuracy"
) -> ModelSettings:
    """Give what ``phish train --tune`` would use."""
    space = get(model).plain_space()
    search = SearchSettings(method=method, n_iter=n_iter, scoring=scoring, seed=seed, space=space)
    return ModelSettings(model, {}, SEED, search)


def ours(data: TrainingData, given: argparse.Namespace, start: float) -> dict[str, Found]:
    """Search with this package; gives per model the best score, its parameters, the fits, and when it was done."""
    method: Method = "race" if given.method == "whole" else given.method
    if given.method == "whole":
        race._pruner = lambda *_: None  # noqa: SLF001 (no fit is pruned)
    wanted = [settings(model, method, given.trials, given.seed) for model in given.models]
    found = {}
    for made in train(wanted, data, jobs=given.jobs):
        if made.trained is None or made.trained.training.tuned is None:
            raise RuntimeError(str(made.error))
        search = made.trained.training.tuned
        found[made.name] = {
            "score": search.best_score,
            "params": search.params,
            "fits": search.n_fits,
            "at": time.perf_counter() - start,
        }
    return found


def processor_time() -> float:
    """Seconds of this process and of those that it has started and that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Search, and print the results."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("method", choices=("sklearn", "race", "whole", "random"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("trials", type=int)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    data = data_of(given.folder)
    start, cpu = time.perf_counter(), processor_time()
    found: dict[str, Found] = {}
    if given.method == "sklearn":
        for model in given.models:
            score = by_sklearn(data, model, given.trials, given.seed)
            found[model] = {"score": score, "at": time.perf_counter() - start}
    else:
        found = ours(data, given, start)
    print(json.dumps({"seconds": time.perf_counter() - start, "cpu": processor_time() - cpu, "models": found}))


if __name__ == "__main__":
    main()
