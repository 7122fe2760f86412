"""Every model against the best one by paired tests, with p-values adjusted for the number of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.columns import PREDICTION, TARGET
from phishcli.documents.metrics import LEAST_FOLDS
from phishcli.documents.selection import Comparison, McNemar, PairedDifference, Test
from phishcli.evaluation.resampling import defined_in_most
from phishcli.evaluation.significance import Difference, corrected_t, holm, mcnemar, paired_bootstrap

if TYPE_CHECKING:
    from phishcli.config.schema import EvaluateConfig
    from phishcli.evaluation.evaluate import Scored

TESTS: tuple[Test, ...] = ("folds", "mcnemar", "bootstrap")


@dataclass(frozen=True)
class _Tests:
    """What the tests say of one pair of models; None for a test that was not possible."""

    folds: Difference | None
    mcnemar: tuple[int, int, float]
    bootstrap: Difference | None

    @property
    def p_values(self) -> dict[Test, float]:
        found: dict[Test, float] = {"mcnemar": self.mcnemar[2]}
        if self.folds is not None:
            found["folds"] = self.folds.p
        if self.bootstrap is not None:
            found["bootstrap"] = self.bootstrap.p
        return found


def against_best(settings: EvaluateConfig, ranking: Sequence[str], models: Mapping[str, Scored]) -> list[Comparison]:
    """Compare every other model with the best one.

    The best one is known only from these scores, so p-values are adjusted for all pairs, test by test: adjusted for the
    number of other models only, ten equal models would seem to differ in 17% of cases.

    Parameters
    ----------
    ranking
        Names of models, best first.
    """
    pairs = {pair: _tests(settings, *(models[model] for model in pair)) for pair in combinations(ranking, 2)}
    adjusted = {test: _adjusted(pairs, test) for test in TESTS}
    comparisons = []
    for other in ranking[1:]:
        pair, grouped = (ranking[0], other), bool(models[other].metrics.bootstrap.groups)
        p_values = {test: found[pair] for test, found in adjusted.items() if pair in found}
        comparisons.append(_comparison(settings, pair, pairs[pair], p_values, grouped=grouped))
    return comparisons


def _adjusted(pairs: Mapping[tuple[str, str], _Tests], test: Test) -> dict[tuple[str, str], float]:
    """Adjust the p-values of one test over the pairs for which it was possible."""
    found = {pair: tests.p_values[test] for pair, tests in pairs.items() if test in tests.p_values}
    return dict(zip(found, holm(list(found.values())), strict=True))


def _comparison(
    settings: EvaluateConfig, pair: tuple[str, str], tests: _Tests, adjusted: Mapping[Test, float], *, grouped: bool
) -> Comparison:
    decided_by = _deciding(settings, adjusted, grouped=grouped)
    won, lost, p = tests.mcnemar
    return Comparison(
        model=pair[1],
        against=pair[0],
        decided_by=decided_by,
        significant=adjusted[decided_by] < 1 - settings.confidence,
        folds=_difference(tests.folds, adjusted.get("folds")),
        mcnemar=McNemar(won=won, lost=lost, p=p, p_adjusted=adjusted["mcnemar"]),
        bootstrap=_difference(tests.bootstrap, adjusted.get("bootstrap")),
    )


def _difference(found: Difference | None, p_adjusted: float | None) -> PairedDifference | None:
    if found is None or p_adjusted is None:
        return None
    return PairedDifference(value=found.value, low=found.low, high=found.high, p=found.p, p_adjusted=p_adjusted)


def _deciding(settings: EvaluateConfig, possible: Mapping[Test, float], *, grouped: bool) -> Test:
    """The test that counts; McNemar's assumes independent rows, which those of a group are not."""
    if settings.select_on == "cv":
        return "folds"
    by_rows = settings.select_by == "accuracy" and not grouped
    return "mcnemar" if by_rows or "bootstrap" not in possible else "bootstrap"


def _tests(settings: EvaluateConfig, best: Scored, other: Scored) -> _Tests:
    correct = [scored.predictions[PREDICTION] == scored.predictions[TARGET] for scored in (best, other)]
    return _Tests(_over_folds(settings, best, other), mcnemar(*correct), _over_resamples(settings, best, other))


def _over_folds(settings: EvaluateConfig, best: Scored, other: Scored) -> Difference | None:
    first, second = (
        np.asarray(scored.metrics.cv[settings.select_by].folds, dtype=np.float64) for scored in (best, other)
    )
    shared = (first - second)[np.isfinite(first) & np.isfinite(second)]
    if len(shared) < LEAST_FOLDS:
        return None
    return corrected_t(shared, n_train=len(first) - 1, n_test=1, confidence=settings.confidence)


def _over_resamples(settings: EvaluateConfig, best: Scored, other: Scored) -> Difference | None:
    by = settings.select_by
    values = [scored.metrics.metrics[by].value for scored in (best, other)]
    if by not in best.resamples or by not in other.resamples or values[0] is None or values[1] is None:
        return None
    drawn = [scored.resamples[by].to_numpy() for scored in (best, other)]
    if not defined_in_most(drawn[0] - drawn[1]):
        return None
    return paired_bootstrap(values[0], drawn[0], values[1], drawn[1], settings.confidence)
