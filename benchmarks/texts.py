"""Tables of addresses, messages and dates: ``phish run-all`` against a script of scikit-learn on the same split.

The script is what people write: TF-IDF of words and of characters with logistic regression, or dates by their parts and
names by one-hot columns with LightGBM, the best of its models by cross-validation. No option but target and positive
label is given to phish. The accuracy of its selected model must not be lower by more than noise (two standard errors of
the difference over the test rows), and neither may the ROC-AUC by more than 0.01. See
docs/decisions/0045-columns-learned-from-labels.md.

    python -m benchmarks.texts [--seeds 3]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import grammar
from benchmarks.measure import Claim, main, tell

TABLES = {"urls": (grammar.urls, 20_000), "messages": (grammar.messages, 6_000), "visits": (grammar.visits, 10_000)}


def scripted(columns: dict[str, list[Any]], train: Any, test: Any) -> tuple[Any, str]:
    """The probabilities of the test rows by the best model of the script, and its name."""
    import pandas as pd
    from lightgbm import LGBMClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    y = np.array(columns["label"])
    if len(columns) == 2:  # one text and its label
        x = np.array(next(iter(columns.values())), dtype=object)
        grams = {"words": ("word", (1, 2)), "characters": ("char_wb", (3, 5))}
        models: dict[str, Any] = {
            f"TF-IDF of {name}, C={c}": make_pipeline(
                TfidfVectorizer(analyzer=analyzer, ngram_range=span, sublinear_tf=True, min_df=2),
                LogisticRegression(C=c, max_iter=1000),
            )
            for name, (analyzer, span) in grams.items()
            for c in (1, 10)
        }
    else:
        frame = pd.DataFrame(columns).drop(columns="label")
        seen, created = pd.to_datetime(frame["seen"]), pd.to_datetime(frame["created"], format="%d.%m.%Y")
        made = {
            "age": (seen - created).dt.days,
            "hour": seen.dt.hour,
            "weekday": seen.dt.weekday,
            "size": frame["size"],
        }
        x = pd.concat([pd.DataFrame(made), pd.get_dummies(frame["registrar"], dtype=float)], axis=1).to_numpy()
        models = {"LightGBM": LGBMClassifier(verbose=-1, n_jobs=2), "regression": LogisticRegression(max_iter=5000)}
    scores = {name: cross_val_score(model, x[train], y[train], cv=3).mean() for name, model in models.items()}
    best = max(scores, key=lambda name: scores[name])
    return models[best].fit(x[train], y[train]).predict_proba(x[test])[:, 1], best


def measured(name: str, seed: int) -> dict[str, float]:
    """The differences between phish and the script in accuracy and ROC-AUC, with the standard error of the first."""
    import pandas as pd
    from sklearn.metrics import roc_auc_score

    from phishcli import Project

    make, rows = TABLES[name]
    columns = make(rows, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        pd.DataFrame(columns).to_csv(path, index=False)
        started = time.perf_counter()
        settings: dict[str, Any] = {
            "load.source": str(path),
            "load.target": "label",
            "load.positive_label": 1,
            "evaluate.explain": False,
            "run.cache_dir": f"{folder}/cache",
            "run.results_dir": f"{folder}/results",
        }
        run = Project.of(settings).run("evaluate")
        seconds = time.perf_counter() - started
        chosen = run.selection.model
        found = run.read(f"evaluate/{chosen}", "predictions.parquet")
        split = run.read("preprocess", "split.parquet")
    train, test = (split.loc[split["part"] == part, "row"].to_numpy() for part in ("train", "test"))
    started = time.perf_counter()
    other, best = scripted(columns, train, test)
    y, ours = np.array(columns["label"])[test], found.set_index("row")["probability"].loc[test].to_numpy()
    right = ((ours >= 0.5) == y).astype(float) - ((other >= 0.5) == y)
    took = time.perf_counter() - started
    tell(
        f"{name} {seed}: {chosen} {((ours >= 0.5) == y).mean():.4f} {roc_auc_score(y, ours):.4f} in {seconds:.0f} s, "
        f"{best} {((other >= 0.5) == y).mean():.4f} {roc_auc_score(y, other):.4f} in {took:.0f} s"
    )
    return {
        "accuracy": right.mean(),
        "error": right.std() / np.sqrt(len(right)),
        "roc_auc": roc_auc_score(y, ours) - roc_auc_score(y, other),
    }


def run(given: argparse.Namespace) -> list[Claim]:
    """Measure all tables."""
    found = []
    for name in TABLES:
        each = [measured(name, seed) for seed in range(given.seeds)]
        behind = float(-np.mean([one["accuracy"] for one in each]) / np.mean([one["error"] for one in each]))
        found.append(
            Claim(f"{name}: errors more than those of a script", "two standard errors", float(behind) / 2, 1.0)
        )
        lost = float(-np.mean([one["roc_auc"] for one in each]))
        found.append(Claim(f"{name}: ROC-AUC less than that of the script", "0.01", lost / 0.01, 1.0))
    return found


if __name__ == "__main__":
    sys.exit(main(__doc__, run, seeds=1))
