"""Which model is selected, and why, in words that can be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from phishcli.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Scores = dict[str, float]
On = Literal["cv", "test"]

ORDER = ("accuracy", "f1", "balanced_accuracy", "mcc")
"""What decides, in this order; after it the order of the models."""

DECIMALS = 12
"""Scores that agree so far are equal; what differs behind is rounding noise of sums and means."""

SHOWN = 0.0001
"""The least difference that the digits of a rationale can show."""

LABELS: dict[str, str] = {metric.name: metric.label for metric in METRICS}
WORDS = {
    "cv": ("cross-validated accuracy", "one standard deviation over its folds"),
    "test": ("accuracy on the test set", "half the width of its interval"),
}
FLATTERY = (
    "It was selected on the test set, which flatters the number it was selected for; "
    "select_on: cv keeps the test set for judging."
)


def select(
    scores: Mapping[str, Mapping[str, float]], on: On = "cv", spread: Mapping[str, float | None] | None = None
) -> dict[str, Any]:
    """Select the model of the highest accuracy; ties by F1, then balanced accuracy, MCC, and the order of ``scores``.

    Parameters
    ----------
    scores
        Per model its metrics, at least those of `ORDER`; at least one model.
    on
        Where the scores come from: the mean over the folds, or the test set.
    spread
        Per model how far its accuracy may be off: the standard deviation over the folds, or half the width of the
        interval on the test set. None where it is not known.

    Returns
    -------
    dict
        ``model``, ``on``, ``rationale`` (sentences with the numbers) and ``ranking`` (names, best first).
    """
    ranking = sorted(scores, key=lambda model: _key(scores[model]), reverse=True)
    reasons = [_reason(ranking, scores, on, spread or {})]
    if on == "test" and len(ranking) > 1:
        reasons.append(FLATTERY)
    return {"model": ranking[0], "on": on, "rationale": " ".join(reasons), "ranking": ranking}


def best(table: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """Per metric the models that reach its best value; for FPR and FNR that is the lowest."""
    leaders: dict[str, list[str]] = {}
    for metric in METRICS:
        column = {model: _rounded(values[metric.name]) for model, values in table.items()}
        top = (max if metric.higher_is_better else min)(column.values())
        leaders[metric.name] = [model for model, value in column.items() if value == top]
    return leaders


def _rounded(value: float) -> float:
    return round(value, DECIMALS)


def _key(scores: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(_rounded(scores[name]) for name in ORDER)


def _reason(
    ranking: Sequence[str],
    scores: Mapping[str, Mapping[str, float]],
    on: On,
    spread: Mapping[str, float | None],
) -> str:
    """Name winner and runner-up, what parts them, and whether that is more than noise."""
    winner, accuracy = ranking[0], WORDS[on][0]
    reached = scores[winner]["accuracy"]
    if len(ranking) == 1:
        return f"{winner} is the only model; its {accuracy} is {reached:.4f}."
    second = ranking[1]
    if _key(scores[winner])[0] == _key(scores[second])[0]:
        return _tie(winner, second, scores, accuracy)
    margin = reached - scores[second]["accuracy"]
    lead = f"{winner} has the highest {accuracy}, {reached:.4f}; {second} follows with {scores[second]['accuracy']:.4f}"
    shown = round(reached, 4) - round(scores[second]["accuracy"], 4)
    less = f"{shown:.4f} less" if shown >= SHOWN / 2 else "less than 0.0001 behind"
    return f"{lead}, {less}.{_doubt(margin, spread.get(winner), WORDS[on][1])}"


def _doubt(margin: float, spread: float | None, what: str) -> str:
    if spread is None or margin > spread:
        return ""
    return f" That is within {what} ({spread:.4f}): the two are hardly distinguishable."


def _tie(winner: str, second: str, scores: Mapping[str, Mapping[str, float]], accuracy: str) -> str:
    """Say which of the further metrics decided, or that none did."""
    shared = f"{winner} and {second} share the highest {accuracy}, {scores[winner]['accuracy']:.4f}"
    for name in ORDER[1:]:
        first, other = _rounded(scores[winner][name]), _rounded(scores[second][name])
        if first != other:
            return f"{shared}; {winner} is ahead in {LABELS[name]}, {first:.4f} to {other:.4f}."
    also = ", ".join(LABELS[name] for name in ORDER[1:])
    return f"{shared}, and {also} too; {winner} comes first in the order of the models."
