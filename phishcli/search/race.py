"""Random search that prunes a trial as soon as its folds show that it will not win.

Trials run in heats: the first 5, then up to the 20th, the 50th, the 100th, the 200th and so on, whatever ``n_iter`` is.
A heat advances fold by fold. After each fold each trial is compared with the leader of the heat and with the best trial
of earlier heats, on the rows of all folds so far, and is pruned if the chance that it ends ahead of either is below
`chance`. That chance is predicted from the rows seen (stochastic curtailment, with a flat prior): if the other trial is
ahead by z standard errors (`paired.lead`; for the accuracy McNemar's test) after a share t of the folds, it is the
upper tail of the normal distribution at z / sqrt(1 - t). Few trials are pruned after one fold, nearly all after four of
five. Where the accuracy decides, a trial that is behind is also pruned if its Brier score is worse by `CLEARLY`
standard errors: the accuracy depends on rows near the threshold only, and needs many of them.

Lan, Simon and Halperin (1982), Communications in Statistics C 1, 207-219. Spiegelhalter, Freedman and Blackburn (1986),
Controlled Clinical Trials 7, 8-17. Racing for model selection: Maron and Moore (1994), NIPS 6, 59-66.

Heats limit the cost of more trials to those trials: what happens in a heat depends on it and on earlier ones, so that
``n_iter: 50`` after 20 needs no earlier trial again, unless the smaller ``n_iter`` ended within a heat.

Some models that grow in rounds are also pruned while they grow, see `phishcli.search.pruning`.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from math import sqrt
from typing import TYPE_CHECKING

from scipy.stats import norm

from phishcli.fits.task import FitRequest, Params
from phishcli.search.pruning import CLEARLY, GrowthPruner, checkpoints

if TYPE_CHECKING:
    from phishcli.config.schema import MetricName
    from phishcli.models.spec import ModelSpec
    from phishcli.search.study import Study

CHANCE, CHANCE_OTHER_METRICS = 0.05, 0.002
"""A trial with a smaller chance to end ahead is pruned: by the accuracy, and by any other metric."""
FIRST_HEAT = 5
SMALL_HEAT = 3

Requests = Generator[Sequence[FitRequest], object, None]


def race(study: Study, spec: ModelSpec, *, small: bool = False) -> Requests:
    """Request fits heat by heat, and prune trials of the study."""
    start = 0
    for end in (small_heats if small else heats)(len(study.candidates)):
        yield from _heat(study, spec, range(start, end))
        start = end


def heats(n_trials: int) -> Iterator[int]:
    """Give the ends of the heats: 5, 20, 50, 100, 200, 500, ..., and the last trial."""
    ends = [FIRST_HEAT, 20, 50]
    while ends[-1] < n_trials:
        ends += [2 * ends[-1], 4 * ends[-1], 10 * ends[-1]]
    for end in ends:
        yield min(end, n_trials)
        if end >= n_trials:
            break


def small_heats(n_trials: int) -> Iterator[int]:
    """Give the ends of heats that may be cut off at any time: the defaults, then few trials at once."""
    yield from (*range(1, n_trials, SMALL_HEAT), n_trials)


def _heat(study: Study, spec: ModelSpec, trials: Sequence[int]) -> Requests:
    """Take trials through the folds; if one fails because of which others were pruned, take those through again."""
    rival, running, leaders = study.best, list(trials), set[int]()
    for fold in range(study.n_folds):
        yield [
            study.request(trial, fold, pruner=_pruner(study, spec, trial, running, rival, fold)) for trial in running
        ]
        running = [trial for trial in running if study.is_done(trial, fold + 1)]
        if running and fold + 1 < study.n_folds:
            leader = _leader(study, running, rival, fold + 1)
            leaders.add(leader)
            running = _prune(study, running, {leader, *([] if rival is None else [rival])}, fold + 1)
    if any(study.failed(leader) for leader in leaders):
        yield from _heat(study, spec, study.restart(trials))


def _leader(study: Study, running: Sequence[int], rival: int | None, folds: int) -> int:
    """Find the best trial on the first folds: one of the heat, or the best one of earlier heats."""
    others = [rival] if rival is not None else []
    return max([*others, *running], key=lambda trial: (study.objective(trial, folds), -trial))


def _prune(study: Study, running: list[int], rivals: Collection[int], folds: int) -> list[int]:
    """Prune the trials that will not end ahead of all rivals; gives the others."""
    hopeless = {trial for trial in running if any(_is_hopeless(study, trial, rival, folds) for rival in rivals)}
    study.prune(hopeless, among=running)
    return [trial for trial in running if trial not in hopeless]


def _is_hopeless(study: Study, trial: int, rival: int, folds: int) -> bool:
    """Whether a trial will not end ahead of another one."""
    lead = study.lead(rival, trial, folds) if rival != trial else 0.0
    if lead <= 0 or study.share(folds) == 1:
        return lead > 0
    if norm.sf(lead / sqrt(1 - study.share(folds))) < chance(study.scoring):
        return True
    return study.scoring == "accuracy" and study.brier_lead(rival, trial, folds) > CLEARLY


def chance(metric: MetricName) -> float:
    """Give the chance to end ahead below which a trial is pruned.

    McNemar's test with its correction errs on the safe side; the jackknife, on a few hundred rows, does not: with 5 %
    the race would miss the winner by ROC-AUC in 13 and by log loss in 19 of 100 searches (decision 13).
    """
    return CHANCE if metric == "accuracy" else CHANCE_OTHER_METRICS


def _pruner(
    study: Study, spec: ModelSpec, trial: int, running: Sequence[int], rival: int | None, fold: int
) -> GrowthPruner | None:
    """Give the pruner of a fit, where the accuracy decides; none where one fit answers several trials."""
    if rival is None or spec.rounds is None or spec.rounds.grow is None:
        return None
    if study.scoring != "accuracy" or study.stops_early:
        return None
    rounds = spec.round_count({**study.base, **study.candidates[trial]})
    if rounds is None or not checkpoints(rounds, averages=spec.rounds.averages):
        return None
    rest = _without_rounds(study, spec, trial)
    if any(_without_rounds(study, spec, other) == rest for other in running if other != trial):
        return None
    return GrowthPruner.of(study, rival, trial, fold)


def _without_rounds(study: Study, spec: ModelSpec, trial: int) -> Params:
    assert spec.rounds is not None  # noqa: S101 (for the type checker)
    return {name: value for name, value in study.candidates[trial].items() if name != spec.rounds.parameter}
