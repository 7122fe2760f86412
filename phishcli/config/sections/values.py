"""The values that settings take, each with its bounds and the ways to write it."""

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from phishcli.config import spellings


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("should name each one only once")
    return names


def _count_or_share(value: float) -> float:
    if value >= 1 and value != int(value):
        raise ValueError("should be a share below 1, or a whole number")
    return value


def _plain(value: Any) -> Any:
    """Copy a value that YAML can express; tuples and subclasses of its types (NumPy's) become plain."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("should be a number")  # nan differs from itself, so nothing made with it is ever found again
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if value is None:
        return None
    raise ValueError("should consist of text, numbers, true, false, null, lists and mappings")


MOST = 1e15
"""The largest amount: products of several stay far from where a float overflows, and whole numbers are exact."""
MOST_WORK = 1_000_000
"""The most candidates, resamples and the like: more would not end."""
Label = bool | int | float | str
Duration = Annotated[float, BeforeValidator(spellings.seconds), Field(gt=0, le=1e9, allow_inf_nan=False)]
"""Seconds."""
Probability = Annotated[float, BeforeValidator(spellings.share), Field(gt=0, lt=1)]
Amount = Annotated[float, BeforeValidator(spellings.number), Field(gt=0, le=MOST, allow_inf_nan=False)]
CountOrShare = Annotated[
    float, BeforeValidator(spellings.share), Field(gt=0, le=MOST_WORK), AfterValidator(_count_or_share)
]
"""A share of all of them below 1, a number of them from 1 on."""
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""What every library accepts as a seed; LightGBM stores it as a signed 32-bit integer."""
Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]
PerModel = dict[str, dict[str, Annotated[Any, AfterValidator(_plain)]]]
Candidates = dict[str, tuple[dict[str, Annotated[Any, AfterValidator(_plain)]], ...]]
MetricName = Literal[
    "accuracy",
    "precision",
    "recall",
    "f1",
    "specificity",
    "fpr",
    "fnr",
    "balanced_accuracy",
    "mcc",
    "roc_auc",
    "pr_auc",
    "log_loss",
    "brier",
    "ece",
    "tpr@fpr=0.1",
    "tpr@fpr=0.01",
    "tpr@fpr=0.001",
]
"""The metrics in display order; ``evaluation.metrics`` declares one each (a test compares the two)."""

Metric = Annotated[MetricName, BeforeValidator(spellings.metric)]
"""A metric by its name or its label."""
