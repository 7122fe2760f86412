"""Several settings side by side: each a run over the same cache and ledgers, compared by paired tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

from phishcli.documents.base import Document, Part
from phishcli.errors import ConfigError
from phishcli.stages import compare, evaluate, train

if TYPE_CHECKING:
    from phishcli.config.schema import EvaluateConfig
    from phishcli.evaluation.evaluate import Scored
    from phishcli.project import Run

MOST = 64
"""Combinations of a sweep."""


class Variant(Part, frozen=True, kw_only=True):
    """One combination of settings, and how its selected model compares with that of the best one.

    ``cv`` and ``test`` are its scores by the metric that selects, ``difference`` is how much less it has over the folds
    than the best variant, with an interval and a p-value that is adjusted for all pairs; None for the best itself, and
    where the rows of the folds differ, so that no paired test is possible.
    """

    settings: Mapping[str, str]
    model: str
    cv: float | None
    cv_std: float | None
    test: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    significant: bool | None = None


class Sweep(Document, frozen=True, kw_only=True):
    """The variants, best first by ``metric``; ``verdict`` says in a sentence whether their order may be chance."""

    metric: str
    variants: tuple[Variant, ...]
    verdict: str


def combinations(given: Sequence[str]) -> list[dict[str, str]]:
    """All combinations of settings.

    Parameters
    ----------
    given
        ``key=value,value,...`` each.

    Raises
    ------
    ConfigError
        When one names no key or a single value, or when there are more than `MOST`.
    """
    axes: dict[str, list[str]] = {}
    for text in given:
        key, mark, values = text.partition("=")
        found = list(dict.fromkeys(value.strip() for value in values.split(",") if value.strip()))
        if not mark or not key.strip() or len(found) < 2:  # noqa: PLR2004 (values to compare)
            hint = "Write --sweep preprocess.numeric.scale=robust,standard"
            raise ConfigError(f"{text!r} names no setting with several values", where="--sweep", hint=hint)
        axes[key.strip()] = found
    made = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    if len(made) > MOST:
        raise ConfigError(f"These are {len(made):,} combinations; at most {MOST} are run", where="--sweep")
    return made


def compared(settings: EvaluateConfig, runs: Sequence[tuple[Mapping[str, str], Run]]) -> Sweep:
    """Compare the selected models of several runs.

    Parameters
    ----------
    settings
        The metric that selects, and the level of the intervals.
    runs
        The settings of each, and its results.
    """
    from phishcli.evaluation.pairwise import against_best

    by = settings.select_by
    scored = {str(place): _scored(run) for place, (_, run) in enumerate(runs)}
    variants = {str(place): _variant(made, run, scored[str(place)], by) for place, (made, run) in enumerate(runs)}
    sign = _sign(by)
    ranking = sorted(variants, key=lambda name: _worth(variants[name].cv, sign), reverse=True)
    if not _paired(list(scored.values())):
        verdict = "The folds hold other rows, so that the differences cannot be tested; compare the intervals."
        return Sweep(metric=by, variants=tuple(variants[name] for name in ranking), verdict=verdict)
    on_cv = settings.model_copy(update={"select_on": "cv"})
    tests = {each.model: each for each in against_best(on_cv, ranking, scored)}
    ordered = [_tested(variants[name], tests.get(name)) for name in ranking]
    return Sweep(metric=by, variants=tuple(ordered), verdict=_verdict(ordered))


def _worth(value: float | None, sign: int) -> float:
    return -math.inf if value is None else sign * value


def _sign(metric: str) -> int:
    from phishcli.evaluation.metrics import METRICS

    return next(1 if each.higher_is_better else -1 for each in METRICS if each.name == metric)


def _scored(run: Run) -> Scored:
    from phishcli.evaluation.evaluate import Scored

    outcome, model = run.outcome, run.selection.model
    return Scored(
        outcome.get(evaluate.METRICS, model),
        outcome.get(evaluate.PREDICTIONS, model),
        outcome.get(evaluate.RESAMPLES, model),
        outcome.get(train.OOF, model),
    )


def _variant(settings: Mapping[str, str], run: Run, scored: Scored, by: str) -> Variant:
    cv = scored.metrics.cv[by]
    return Variant(
        settings=settings,
        model=run.outcome.get(compare.SELECTION).model,
        cv=cv.summary.mean,
        cv_std=cv.summary.std,
        test=scored.metrics.metrics[by].value,
    )


def _paired(scored: Sequence[Scored]) -> bool:
    """Whether all runs have the same rows in the same folds, and the same test rows."""
    first = scored[0]
    return all(
        each.oof[["row", "fold"]].equals(first.oof[["row", "fold"]])
        and each.predictions["row"].equals(first.predictions["row"])
        for each in scored
    )


def _tested(variant: Variant, test: object) -> Variant:
    import msgspec

    from phishcli.documents.selection import Comparison

    if not isinstance(test, Comparison) or test.folds is None:
        return variant
    found = test.folds
    return msgspec.structs.replace(
        variant,
        difference=found.value,
        low=found.low,
        high=found.high,
        p=found.p_adjusted,
        significant=test.significant,
    )


def _verdict(variants: Sequence[Variant]) -> str:
    others = variants[1:]
    alike = [each for each in others if not each.significant]
    best = described(variants[0].settings)
    if len(alike) == len(others):
        return f"{best} is best, but every other value is statistically indistinguishable from it over the folds."
    if alike:
        return f"{best} is first; {', '.join(described(each.settings) for each in alike)} may be just as good."
    return f"{best} is significantly better than all others over the folds."


def described(settings: Mapping[str, str]) -> str:
    """A combination in few words: ``scale=robust``."""
    return ", ".join(f"{key.rpartition('.')[2]}={value}" for key, value in settings.items())
