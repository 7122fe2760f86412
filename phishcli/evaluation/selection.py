"""Which model is selected, and why, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.selection import On, Prefer, Test
from phishcli.errors import EvaluateError
from phishcli.evaluation.metrics import BY_NAME, METRICS
from phishcli.wording import listed

if TYPE_CHECKING:
    from phishcli.config.schema import MetricName

Scores = Mapping[str, float | None]
"""Metric -> its value for one model."""

ORDER = ("accuracy", "f1", "balanced_accuracy", "mcc")
"""What breaks ties, in this order; after it the order of the models."""

DECIMALS = 12
"""Scores that agree to this many decimals are equal; the rest is rounding noise of sums and means."""

SMALLEST = 0.0001
"""The smallest difference that the digits of a rationale can show."""

PLACES: Mapping[On, str] = {"cv": "cross-validated {}", "test": "{} on the test set"}
TESTS: Mapping[Test, str] = {
    "folds": "over the folds (corrected t-test)",
    "mcnemar": "on the test rows (McNemar's test of the accuracy)",
    "bootstrap": "on the test rows (paired bootstrap)",
}
OPTIMISM = "It was selected on the test set, so its test scores are optimistic; select_on: cv avoids that."


@dataclass(frozen=True)
class Choice:
    """The selected model.

    ``top_group`` has the best model and those statistically indistinguishable from it, ``ranking`` all models, both
    best first; ``rationale`` is a few sentences with the numbers.
    """

    model: str
    top_group: tuple[str, ...]
    ranking: tuple[str, ...]
    rationale: str


def comparable(scores: Mapping[str, Scores], by: MetricName = "accuracy") -> list[str]:
    """Order the models that have a score, best first; ties by accuracy, F1, balanced accuracy, MCC, then their order.

    Raises
    ------
    EvaluateError
        When no model can be compared by that metric.
    """
    known = [model for model, values in scores.items() if values[by] is not None]
    if not known:
        raise EvaluateError(
            f"No model can be selected by {BY_NAME[by].label}: too few folds or rows define it (one class only, or too "
            "few negative rows).",
            where="evaluate.select_by",
            hint="Select by another metric: --set evaluate.select_by=accuracy",
        )
    return sorted(known, key=lambda model: _key(scores[model], by), reverse=True)


def ranked(scores: Mapping[str, Scores], by: MetricName = "accuracy") -> list[str]:
    """Order all models: the `comparable` ones, then those without a score."""
    known = comparable(scores, by)
    return [*known, *(model for model in scores if model not in known)]


def select(
    scores: Mapping[str, Scores],
    on: On = "cv",
    *,
    by: MetricName = "accuracy",
    group: Sequence[str] = (),
    test: Test = "folds",
    prefer: Prefer = "best",
    costs: Mapping[str, float] | None = None,
) -> Choice:
    """Select a model.

    Parameters
    ----------
    scores
        For each model its metrics, at least those of `ORDER` and ``by``; at least one model.
    on
        Where the scores come from: the mean over the folds, or the test set.
    by
        The metric that counts first.
    group, test
        The models that are statistically indistinguishable from the best one, and by which test.
    prefer
        ``best``: the best score. ``simple``, ``fast``: the model of the group with the lowest cost.
    costs
        For each model how complex or how slow it is, for ``prefer``.
    """
    ranking, compared = ranked(scores, by), comparable(scores, by)
    members = [model for model in ranking if model in group or model == ranking[0]]
    chosen = min(members, key=lambda model: (costs or {}).get(model, 0)) if prefer != "best" else ranking[0]
    reasons = [
        _lead(compared, scores, on, by),
        *_not_compared([model for model in ranking if model not in compared], by),
        *_significance(compared, members, test),
        *_preference(chosen, members, prefer),
        *([OPTIMISM] if on == "test" and len(ranking) > 1 else []),
    ]
    return Choice(chosen, tuple(members), tuple(ranking), " ".join(reasons))


def best(table: Mapping[str, Scores]) -> dict[str, tuple[str, ...]]:
    """The models with the best value of each metric (the lowest where lower is better); none without a value."""
    leaders: dict[str, tuple[str, ...]] = {}
    for metric in METRICS:
        found = {
            model: _rounded(value) for model, values in table.items() if (value := values[metric.name]) is not None
        }
        top = (max if metric.higher_is_better else min)(found.values(), default=None)
        leaders[metric.name] = tuple(model for model, value in found.items() if value == top)
    return leaders


def _rounded(value: float | None) -> float:
    return round(value or 0, DECIMALS)


def _tie_breakers(by: str) -> list[str]:
    return [name for name in ORDER if name != by]


def _key(scores: Scores, by: str) -> tuple[float, ...]:
    names = (by, *_tie_breakers(by))
    return tuple(_rounded(scores[name]) * (1 if BY_NAME[name].higher_is_better else -1) for name in names)


def _lead(ranking: Sequence[str], scores: Mapping[str, Scores], on: On, by: str) -> str:
    """Name the best model, the second, and the difference between them."""
    what, top = PLACES[on].format(BY_NAME[by].sentence_label), scores[ranking[0]][by] or 0
    if len(ranking) == 1:
        return f"{ranking[0]} is the only model; its {what} is {top:.4f}."
    winner, second = ranking[:2]
    if _rounded(top) == _rounded(scores[second][by]):
        return _tie(winner, second, scores, f"the {BY_NAME[by].best_word} {what}, {top:.4f}", by)
    follows = scores[second][by] or 0
    behind = abs(top - follows)
    by_how_much = f"{behind:.4f} behind" if behind >= SMALLEST / 2 else f"less than {SMALLEST} behind"
    lead = f"{winner} has the {BY_NAME[by].best_word} {what}, {top:.4f}"
    return f"{lead}; {second} follows with {follows:.4f}, {by_how_much}."


def _not_compared(models: Sequence[str], by: str) -> list[str]:
    if not models:
        return []
    return [f"{listed(models)} cannot be compared: too few folds or rows define {BY_NAME[by].sentence_label} there."]


def _tie(winner: str, second: str, scores: Mapping[str, Scores], shared: str, by: str) -> str:
    """Name the further metric that breaks the tie, or say that none does."""
    tie = f"{winner} and {second} tie for {shared}"
    for name in _tie_breakers(by):
        first, other = _rounded(scores[winner][name]), _rounded(scores[second][name])
        if first != other:
            return f"{tie}; {winner} is ahead in {BY_NAME[name].sentence_label}, {first:.4f} to {other:.4f}."
    also = listed([BY_NAME[name].sentence_label for name in _tie_breakers(by)])
    return f"{tie}, and in {also}; {winner} comes first in train.models."


def _significance(ranking: Sequence[str], group: Sequence[str], test: Test) -> list[str]:
    """Say in one sentence which models the test cannot tell from the best one."""
    if len(ranking) == 1:
        return []
    others = [model for model in group if model != ranking[0]]
    if not others:
        return [f"{ranking[0]} is significantly better than every other model {TESTS[test]}."]
    everyone = len(others) == len(ranking) - 1 and len(others) > 1
    names = "all other models" if everyone else listed(others)
    return [f"{ranking[0]} is statistically indistinguishable from {names} {TESTS[test]}; their order may be chance."]


def _preference(chosen: str, group: Sequence[str], prefer: Prefer) -> list[str]:
    if prefer == "best" or len(group) == 1:
        return []
    word = {"simple": "simplest", "fast": "fastest"}[prefer]
    return [f"{chosen} is selected as the {word} of these {len(group)}."]
