"""A run with a budget as settings that repeat it without one: the trials that it completed, by name."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.config import Config


def without_budget(config: Config, trials: Mapping[str, pd.DataFrame], failed: Collection[str]) -> Config:
    """Give settings whose search tries exactly the trials that were completed.

    Parameters
    ----------
    config
        The settings of the run.
    trials
        By model the list of its trials.
    failed
        The models that were left out or failed.
    """
    candidates = {model: tuple(map(json.loads, _complete(table))) for model, table in trials.items()}
    models = tuple(model for model in config.train.models if model not in failed)
    tune = config.train.tune.model_copy(update={"method": "list", "candidates": candidates, "time_budget": None})
    train = config.train.model_copy(update={"budget": None, "models": models, "tune": tune})
    return config.model_copy(update={"train": train})


def _complete(trials: pd.DataFrame) -> list[str]:
    found: list[str] = trials.loc[trials["status"] == "complete", "params"].tolist()
    return found
