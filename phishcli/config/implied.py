"""What a setting implies for others that nothing sets: the lowest layer of the configuration.

A budget asks for the best model that its time allows, so it tunes more models than the defaults, combines them, and
judges them by the log loss: of several hundred trials the one with the highest accuracy was lucky, mostly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from phishcli.config.assignments import Assignment
from phishcli.config.key_paths import KeyPath

BUDGET: KeyPath = ("train", "budget")
ORIGIN = "train.budget"
TRIALS = 1_000
"""Candidates of a model under a budget: more than there is time for."""


def implied_by(given: Sequence[Assignment]) -> Iterator[Assignment]:
    """Give what holds under a budget unless something else sets it."""
    budgets = [each.value for each in given if each.path == BUDGET]
    if not budgets or budgets[-1] is None:
        return
    values: dict[str, Any] = {
        "train.models": _models(),
        "train.tune.enabled": True,
        "train.tune.n_iter": TRIALS,
        "train.tune.scoring": "log_loss",
        "evaluate.select_by": "log_loss",
    }
    for key, value in values.items():
        yield Assignment(tuple(key.split(".")), value, ORIGIN, ORIGIN)


def _models() -> list[str]:
    names = ["LogisticRegression", "LightGBM", "XGBoost", "HistGradientBoosting", "ExtraTrees", "RandomForest"]
    names += ["NeuralNetwork", *(["CatBoost"] if find_spec("catboost") else [])]
    return [*names, "Ensemble"]
