"""How the budget of a run is split over models; by hand, with a clock that stands still."""

from __future__ import annotations

from typing import Any

import pytest

from phishcli.fits.budget import Allocation, Deadline, promise
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.protocols import Standing
from phishcli.fits.task import FitRequest
from phishcli.fits.workload import PendingFit, Workload
from phishcli.models import get


class Stands:
    """A search with a given standing."""

    scoring = "accuracy"

    def __init__(self, standing: Standing | None) -> None:
        self.found = standing

    def standing(self) -> Standing | None:
        return self.found


def workload(name: str, standing: Standing | None = None, *, busy: float = 0.0, made: int = 0) -> Workload[Any]:
    found: Workload[Any] = Workload(get(name), 0, iter(()), MemoryLedger(), trials=Stands(standing))  # type: ignore[arg-type]  # a fake
    found.busy_seconds, found.n_made = busy, made
    found.pending = [PendingFit(found, FitRequest({}, 0, 0), {None: [0]})]
    return found


def allocation(seconds: float = 100.0, now: float = 0.0, **more: Any) -> Allocation:
    return Allocation(Deadline(seconds, 0.0, now=lambda: now, **more), 7_000, 35)


def test_what_follows_is_kept_back_and_on_a_slow_machine_more_of_it() -> None:
    ours = allocation(explains=False)
    left = ours.left_to_search([workload("LightGBM")], 0, 2)
    assert 90 < left < 100
    ours.deadline.slowness = 4.0
    assert left - 20 < ours.left_to_search([workload("LightGBM")], 0, 2) < left - 10
    releasing = allocation(explains=False, releases=True)
    assert releasing.left_to_search([workload("LightGBM")], 0, 2) == pytest.approx(left - 3)


def test_models_without_a_result_come_first_the_quickest_of_them() -> None:
    known = workload("LogisticRegression", Standing(0.9, 0.01, 0), busy=1.0, made=5)
    fit = allocation().choose([known, workload("RandomForest"), workload("XGBoost")], 50.0)
    assert fit is not None
    assert fit.workload.spec.name == "XGBoost"


def test_a_model_that_memory_allows_a_sample_takes_the_time_of_the_sample() -> None:
    ours, sampled, whole = allocation(), workload("SVM"), workload("SVM")
    sampled.most_rows = 700
    assert ours.usual(sampled.pending[0]) < ours.usual(whole.pending[0]) / 20
    fit = ours.choose([workload("RandomForest"), sampled], 50.0)
    assert fit is not None
    assert fit.workload is sampled


def test_time_goes_to_what_promises_more() -> None:
    good = workload("XGBoost", Standing(0.90, 0.01, 0), busy=10.0, made=10)
    bad = workload("LightGBM", Standing(0.88, 0.01, 0), busy=10.0, made=10)
    tired = workload("ExtraTrees", Standing(0.90, 0.01, 40), busy=10.0, made=10)
    fit = allocation().choose([bad, tired, good], 50.0)
    assert fit is not None
    assert fit.workload is good
    bad.busy_seconds = 0.1  # a ninth of the others is enough
    fit = allocation().choose([bad, tired, good], 50.0)
    assert fit is not None
    assert fit.workload is bad


def test_a_promise_falls_with_the_distance_and_with_trials_in_vain() -> None:
    best = Standing(0.9, 0.01, 0)
    assert promise(None, best) == promise(best, best) == 1
    assert promise(Standing(0.89, 0.01, 0), best) == pytest.approx(1 / 4)
    assert promise(Standing(0.9, 0.01, 8), best) == pytest.approx(1 / 2)
    assert promise(Standing(0.8, 0.0, 0), Standing(0.9, 0.0, 0)) == 1  # no folds to tell the error from


def test_a_fit_that_would_take_too_long_is_not_begun() -> None:
    ours, forest = allocation(), workload("RandomForest")
    assert ours.choose([forest], 3.0) is None
    assert ours.choose([forest], 5.0) is not None
    forest.make_essential()
    assert ours.choose([forest], -1.0) is not None


def test_the_speed_of_the_machine_is_learned_from_its_fits() -> None:
    ours, boosting = allocation(), workload("LightGBM", busy=5.0, made=1)
    before = ours.expected(boosting.pending[0])
    ours.record(boosting.pending[0])
    assert ours.expected(boosting.pending[0]) == pytest.approx(10 * before)
    assert 2 < ours.deadline.slowness < 3  # of others it is expected with reserve: the first fit loads a library
