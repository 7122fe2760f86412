"""One system on one table, in its own environment: ``child.py SYSTEM TRAIN.csv TEST.csv SECONDS OUT.json FOLDER``.

It imports nothing of this project. Each system is used as its documentation begins: the training table, the time, and
nothing else. What it claims is its own validation score of the model it would use, by the metric that it optimizes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

TARGET = "label"


def flaml(train: pd.DataFrame, test: pd.DataFrame, seconds: float, _: Path) -> tuple[Any, str, float, float]:
    """FLAML's ``AutoML.fit``."""
    from flaml import AutoML

    learner = AutoML()
    x, y = train.drop(columns=TARGET), train[TARGET]
    started = time.perf_counter()
    learner.fit(x, y, task="classification", time_budget=seconds, seed=0, verbose=0)
    spent, claimed = time.perf_counter() - started, 1 - float(learner.best_loss)
    return learner.predict_proba(test.drop(columns=TARGET))[:, 1], "roc_auc", claimed, spent


def autogluon(train: pd.DataFrame, test: pd.DataFrame, seconds: float, folder: Path) -> tuple[Any, str, float, float]:
    """AutoGluon's ``TabularPredictor.fit``."""
    from autogluon.tabular import TabularPredictor

    predictor = TabularPredictor(label=TARGET, path=str(folder / "autogluon"), verbosity=0)
    started = time.perf_counter()
    predictor.fit(train, time_limit=seconds)
    spent = time.perf_counter() - started
    board = predictor.leaderboard(silent=True).set_index("model")
    claimed = float(board.loc[predictor.model_best, "score_val"])
    return predictor.predict_proba(test.drop(columns=TARGET))[1].to_numpy(), "accuracy", claimed, spent


def main() -> None:
    """Run it and write what came of it."""
    system, train, test, seconds, out, folder = sys.argv[1:]
    learn, judge = pd.read_csv(train), pd.read_csv(test)
    score, metric, claimed, spent = {"flaml": flaml, "autogluon": autogluon}[system](
        learn, judge, float(seconds), Path(folder)
    )
    found = {"score": [float(each) for each in score], "metric": metric, "claimed": claimed}
    Path(out).write_text(json.dumps({**found, "seconds": spent}))


if __name__ == "__main__":
    main()
