"""Which model is selected, and why, in words that can be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from phishcli.errors import EvaluateError
from phishcli.evaluation.metrics import METRICS
from phishcli.wording import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from phishcli.config.schema import MetricName
    from phishcli.evaluation.metrics import Metric

Scores = dict[str, float]
On = Literal["cv", "test"]
Prefer = Literal["best", "simple", "fast"]
Test = Literal["folds", "mcnemar", "bootstrap"]

ORDER = ("accuracy", "f1", "balanced_accuracy", "mcc")
"""What decides, in this order, after the metric that is asked for; after it the order of the models."""

DECIMALS = 12
"""Scores that agree so far are equal; what differs behind is rounding noise of sums and means."""

SHOWN = 0.0001
"""The least difference that the digits of a rationale can show."""

BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in METRICS}
PLACES = {"cv": "cross-validated {}", "test": "{} on the test set"}
TESTS: Mapping[Test, str] = {
    "folds": "over the folds (corrected t-test)",
    "mcnemar": "on the test rows (McNemar's test, of the accuracy)",
    "bootstrap": "on the test rows (paired bootstrap)",
}
FLATTERY = (
    "It was selected on the test set, which flatters the number it was selected for; "
    "select_on: cv keeps the test set for judging."
)


def ranked(scores: Mapping[str, Mapping[str, float | None]], by: MetricName = "accuracy") -> list[str]:
    """Order models by a metric, the best first; ties by accuracy, F1, balanced accuracy, MCC, and their order.

    Raises
    ------
    EvaluateError
        When there are too few rows to score a model by that metric.
    """
    for model, values in scores.items():
        if values[by] is None:
            raise EvaluateError(
                f"{model} cannot be selected by {BY_NAME[by].label}: there are too few negative rows to resolve it.",
                where="evaluate.select_by",
                hint="Select by another metric: --set evaluate.select_by=accuracy",
            )
    return sorted(scores, key=lambda model: _key(scores[model], by), reverse=True)


def select(
    scores: Mapping[str, Mapping[str, float]],
    on: On = "cv",
    *,
    by: MetricName = "accuracy",
    group: Sequence[str] = (),
    test: Test = "folds",
    prefer: Prefer = "best",
    costs: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Select a model.

    Parameters
    ----------
    scores
        Per model its metrics, at least those of `ORDER` and ``by``; at least one model.
    on
        Where the scores come from: the mean over the folds, or the test set.
    by
        The metric that counts most.
    group, test
        The models that cannot be told from the best one, and by which test.
    prefer
        ``best``: the highest score. ``simple``, ``fast``: of the group, the one of the least cost.
    costs
        Per model how complex or how slow it is, for ``prefer``.

    Returns
    -------
    dict
        ``model``, ``on``, ``by``, ``prefer``, ``group``, ``rationale`` (sentences with the numbers) and ``ranking``
        (names, best first).
    """
    ranking = ranked(scores, by)
    members = [model for model in ranking if model in group or model == ranking[0]]
    chosen = min(members, key=lambda model: (costs or {}).get(model, 0)) if prefer != "best" else ranking[0]
    reasons = [_reason(ranking, scores, on, by), *_apart(ranking, members, test), *_preferred(chosen, members, prefer)]
    if on == "test" and len(ranking) > 1:
        reasons.append(FLATTERY)
    return {
        "model": chosen,
        "on": on,
        "by": by,
        "prefer": prefer,
        "group": members,
        "rationale": " ".join(reasons),
        "ranking": ranking,
    }


def best(table: Mapping[str, Mapping[str, float | None]]) -> dict[str, list[str]]:
    """Per metric the models that reach its best value (the lowest where lower is better); none without a value."""
    leaders: dict[str, list[str]] = {}
    for metric in METRICS:
        found = {
            model: _rounded(value) for model, values in table.items() if (value := values[metric.name]) is not None
        }
        top = (max if metric.higher_is_better else min)(found.values(), default=None)
        leaders[metric.name] = [model for model, value in found.items() if value == top]
    return leaders


def _rounded(value: float) -> float:
    return round(value, DECIMALS)


def _order(by: str) -> tuple[str, ...]:
    return (by, *(name for name in ORDER if name != by))


def _key(scores: Mapping[str, float | None], by: str) -> tuple[float, ...]:
    return tuple(_rounded(scores[name] or 0) * (1 if BY_NAME[name].higher_is_better else -1) for name in _order(by))


def spoken(name: str) -> str:
    """A metric's label within a sentence: ``accuracy``, ``ROC-AUC``."""
    label = BY_NAME[name].label
    return label if label[:3].isupper() else label.lower()


def _named(by: str, on: On) -> str:
    return PLACES[on].format(spoken(by))


def _reason(ranking: Sequence[str], scores: Mapping[str, Mapping[str, float]], on: On, by: str) -> str:
    """Name the best and the second, and what parts them."""
    winner, what = ranking[0], _named(by, on)
    reached = scores[winner][by]
    if len(ranking) == 1:
        return f"{winner} is the only model; its {what} is {reached:.4f}."
    second = ranking[1]
    if _key(scores[winner], by)[0] == _key(scores[second], by)[0]:
        return _tie(winner, second, scores, what, by)
    word = "highest" if BY_NAME[by].higher_is_better else "lowest"
    apart = abs(reached - scores[second][by])
    by_how_much = f"{apart:.4f} behind" if apart >= SHOWN / 2 else "less than 0.0001 behind"
    return (
        f"{winner} has the {word} {what}, {reached:.4f}; {second} follows with {scores[second][by]:.4f}, {by_how_much}."
    )


def _tie(winner: str, second: str, scores: Mapping[str, Mapping[str, float]], what: str, by: str) -> str:
    """Say which of the further metrics decided, or that none did."""
    word = "highest" if BY_NAME[by].higher_is_better else "lowest"
    shared = f"{winner} and {second} share the {word} {what}, {scores[winner][by]:.4f}"
    for name in _order(by)[1:]:
        first, other = _rounded(scores[winner][name]), _rounded(scores[second][name])
        if first != other:
            return f"{shared}; {winner} is ahead in {BY_NAME[name].label}, {first:.4f} to {other:.4f}."
    also = ", ".join(BY_NAME[name].label for name in _order(by)[1:])
    return f"{shared}, and {also} too; {winner} comes first in the order of the models."


def _apart(ranking: Sequence[str], group: Sequence[str], test: Test) -> list[str]:
    """Say in one sentence which models are as good as the best, as far as anybody can tell."""
    if len(ranking) == 1:
        return []
    others = [model for model in group if model != ranking[0]]
    if not others:
        return [f"No other model is as good: the difference to each is more than chance {TESTS[test]}."]
    everyone = "any of the others" if len(others) == len(ranking) - 1 and len(others) > 1 else listed(others)
    return [f"It cannot be told from {everyone} {TESTS[test]}: which of them is on top may be chance."]


def _preferred(chosen: str, group: Sequence[str], prefer: Prefer) -> list[str]:
    if prefer == "best" or len(group) == 1:
        return []
    word = {"simple": "simplest", "fast": "fastest"}[prefer]
    return [f"{chosen} is selected as the {word} of these {len(group)}."]
