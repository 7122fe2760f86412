"""Whether any model is worth having, in a sentence or two; none where the selected one clearly is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phishcli.documents.selection import ConstantAnswer, Skill
from phishcli.wording import listed, percent

if TYPE_CHECKING:
    from phishcli.documents.metrics import Metrics, Score

RARE = 0.1
"""A class below this share of the test rows is called rare: the accuracy says little about it."""


def verdict(selected: str, by: str, metrics: Metrics, constant: ConstantAnswer, skill: Mapping[str, Skill]) -> str:
    """Say whether the selected model beats the constant answer, and what to select by if a class is rare.

    Parameters
    ----------
    selected, by
        The selected model, and the metric it was selected by.
    metrics
        What ``evaluate`` found for it.
    constant, skill
        See `phishcli.evaluation.constant`.

    Returns
    -------
    str
        Empty where the model is more accurate than the constant answer.
    """
    own, accuracy = skill[selected], metrics.metrics["accuracy"]
    if own.more_accurate:
        return ""
    skilled = [model for model, each in skill.items() if each.more_accurate or each.ranks]
    always = f"always answering {constant.label!r}"
    measured = f"accuracy {_with_interval(accuracy)} against {constant.scores['accuracy'] or 0.0:.4f}"
    if not skilled:
        first = f"No model beats {always}: {selected} has {measured}, and none ranks the rows better than chance."
    elif own.ranks:
        area = _with_interval(metrics.metrics["roc_auc"])
        first = (
            f"{selected} is not more accurate than {always} ({measured}), but ranks the rows better than chance "
            f"(ROC-AUC {area}): choose its threshold by a rule, as with --set evaluate.threshold=max_f1."
        )
    else:
        first = f"{selected} does not beat {always} ({measured}); {_others(skilled)} better than chance."
    return " ".join([first, *_advice(by, metrics)])


def _others(skilled: Sequence[str]) -> str:
    return f"{listed(skilled)} {'does' if len(skilled) == 1 else 'do'}"


def _advice(by: str, metrics: Metrics) -> Iterator[str]:
    share = min(metrics.n_positive, metrics.n_negative) / metrics.n
    if share < RARE and by == "accuracy":
        yield (
            f"The rarer class has {percent(share)} of the rows, so accuracy says little about how well it is "
            "detected; select by PR-AUC or MCC instead: --set evaluate.select_by=pr_auc"
        )


def _with_interval(score: Score) -> str:
    bounds = f" ({score.low:.4f} to {score.high:.4f})" if score.has_interval else ""
    return f"{score.value or 0.0:.4f}{bounds}"
