"""One scheduler makes all fits: none twice, nothing is lost to errors and Ctrl-C, and the time budget is kept."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from phishcli.errors import TrainError
from phishcli.events import Event, Fitting, Notice
from phishcli.features.folds import Fold
from phishcli.fits import schedule
from phishcli.fits.interrupts import Interrupted, deferred_interrupt
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FinalFit, FitRequest, FitResult, FitTask, FoldFit
from phishcli.fits.workload import Workload, WorkloadResult
from phishcli.models import EarlyStopping, ModelSpec, get

Acting = Callable[..., ModelSpec]
Run = Callable[..., list[Any]]
Iterate = Callable[..., Iterator[WorkloadResult[Any]]]
Requests = Generator[Sequence[FitRequest], Sequence[FitResult], Any]


def requesting(*batches: Sequence[FitRequest]) -> Requests:
    """Request fits batch by batch; returns all results."""
    found: list[FitResult] = []
    for batch in batches:
        found += yield batch
    return found


def numbered(*numbers: int) -> list[FitRequest]:
    return [FitRequest({"number": number}, 0) for number in numbers]


def workload(
    spec: ModelSpec | str, *batches: Sequence[FitRequest], ledger: Any = None, **options: Any
) -> Workload[Any]:
    spec = get(spec) if isinstance(spec, str) else spec
    return Workload(spec, 1, requesting(*batches), MemoryLedger() if ledger is None else ledger, **options)


def probability(result: FitResult) -> Any:
    assert isinstance(result.value, FoldFit), result
    return result.value.probability


# Which fits are made.


def test_a_workload_gets_the_results_in_the_order_of_its_requests(acting: Acting, run: Run) -> None:
    spec = acting(lambda number: time.sleep(0.02 if number == 1 else 0))
    (found,) = run(workload(spec, numbered(1, 2, 3), numbered(4), [], numbered(6, 5)), slots=3)
    assert [probability(result)[0] for result in found] == [0.01, 0.02, 0.03, 0.04, 0.06, 0.05]


def test_a_workload_whose_ledger_knows_all_fits_starts_none(run: Run, started: list[FitTask], ledger: Any) -> None:
    fits = [FitRequest({"max_depth": depth, "n_estimators": 3}, fold) for depth in (1, 2, 3) for fold in (0, 1)]
    (first,) = run(workload("RandomForest", fits, ledger=ledger))
    assert (len(started), len(ledger.puts)) == (6, 6)
    (second,) = run(workload("RandomForest", fits, ledger=ledger))
    assert (len(started), len(ledger.puts)) == (6, 6)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(probability(one), probability(other))
        assert one.value.seconds == other.value.seconds


def test_final_models_are_fitted_each_time(run: Run, started: list[FitTask], ledger: Any) -> None:
    for _ in range(2):
        (found,) = run(workload("NaiveBayes", [FitRequest({})], ledger=ledger))
        assert isinstance(found[0].value, FinalFit)
    assert len(started) == 2
    assert ledger == {}


def test_equal_fits_are_made_once(run: Run, started: list[FitTask]) -> None:
    fits = [FitRequest({"max_depth": 2, "n_estimators": 3}, 0), FitRequest({"n_estimators": 3, "max_depth": 2}, 0)]
    (found,) = run(workload("RandomForest", [*fits, *fits]))
    assert (len(started), len(found)) == (1, 4)
    assert len({probability(result).tobytes() for result in found}) == 1


@pytest.mark.parametrize("model", ["RandomForest", "HistGradientBoosting", "LightGBM"])
def test_one_fit_answers_several_numbers_of_rounds_and_each_equals_its_own(
    model: str, run: Run, started: list[FitTask], ledger: Any
) -> None:
    name = "max_iter" if model == "HistGradientBoosting" else "n_estimators"
    fits = [FitRequest({name: count, "max_depth": 3}, 0) for count in (4, 12, 8, 12)]
    (found,) = run(workload(model, fits, ledger=ledger))
    assert [(task.params[name], task.shorter) for task in started] == [(12, (4, 8))]
    assert len(ledger.puts) == len(ledger) == 3
    for fit, result in zip(fits, found, strict=True):
        (alone,) = run(workload(model, [fit]))
        assert np.array_equal(probability(result), probability(alone[0]))
        (again,) = run(workload(model, [fit], ledger=ledger))
        assert np.array_equal(probability(result), probability(again[0]))
    assert len(started) == 1 + 4


def test_numbers_of_rounds_that_the_ledger_knows_are_not_made_again(
    run: Run, started: list[FitTask], ledger: Any
) -> None:
    for counts in ((4, 12), (4, 8, 12, 16)):
        run(workload("XGBoost", [FitRequest({"n_estimators": count}, 0) for count in counts], ledger=ledger))
    assert [(task.params["n_estimators"], task.shorter) for task in started] == [(12, (4,)), (16, (8,))]


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("HistGradientBoosting", {"early_stopping": True}),
        ("LightGBM", {"boosting_type": "dart"}),
        ("RandomForest", {"oob_score": True, "max_samples": 0.1}),
        ("XGBoost", {"booster": "gblinear"}),
    ],
)
def test_where_a_longer_fit_does_not_contain_the_shorter_ones_each_is_made_separately(
    model: str, params: Any, run: Run, started: list[FitTask]
) -> None:
    name = "max_iter" if model == "HistGradientBoosting" else "n_estimators"
    fits = [FitRequest({**params, name: count}, 0) for count in (20, 40)]
    (found,) = run(workload(model, fits))
    assert [task.shorter for task in started] == [(), ()]
    for fit, result in zip(fits, found, strict=True):
        (alone,) = run(workload(model, [fit]))
        assert np.array_equal(probability(result), probability(alone[0]))


def test_with_early_stopping_each_number_of_rounds_is_fitted_by_itself(
    run: Run, started: list[FitTask], ledger: Any
) -> None:
    fits, early = [FitRequest({"n_estimators": count}, 0) for count in (4, 8)], EarlyStopping(3, 0.2, 1)
    run(workload("XGBoost", fits, early=early, ledger=ledger))
    assert [(task.early, task.shorter) for task in started] == [(early, ())] * 2
    run(workload("XGBoost", fits, ledger=ledger))
    assert len(started) == 3


def test_fits_of_different_folds_parameters_and_workloads_are_not_mixed_up(run: Run) -> None:
    fits = [
        FitRequest({"n_estimators": count, "max_depth": depth}, fold)
        for count in (3, 6)
        for depth in (1, 4)
        for fold in (0, 2)
    ]
    models = ("RandomForest", "XGBoost", "GradientBoosting")
    together = run(*(workload(model, fits) for model in models), slots=3)
    for model, found in zip(models, together, strict=True):
        for fit, result in zip(fits, found, strict=True):
            (alone,) = run(workload(model, [fit]))
            assert np.array_equal(probability(result), probability(alone[0]))


# Errors.


def test_the_error_of_a_fit_is_delivered_and_stored(acting: Acting, run: Run, ledger: Any) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise ValueError("bad\nat length")

    (found,) = run(workload(acting(fail), numbered(1, 2), ledger=ledger))
    assert (str(found[1].error), probability(found[0])[0]) == ("bad\nat length", 0.01)
    (again,) = run(workload(acting(lambda _: None), numbered(1, 2), ledger=ledger))
    assert str(again[1].error) == "bad"


def test_a_fit_that_failed_for_lack_of_memory_is_tried_again(acting: Acting, run: Run, ledger: Any) -> None:
    def fail(_: int) -> None:
        raise MemoryError

    (found,) = run(workload(acting(fail), numbered(1), ledger=ledger))
    assert isinstance(found[0].error, MemoryError)
    assert ledger == {}
    (again,) = run(workload(acting(lambda _: None), numbered(1), ledger=ledger))
    assert probability(again[0])[0] == 0.01


def test_where_the_longest_of_several_rounds_fails_the_shorter_ones_are_made_without_it(
    run: Run, started: list[FitTask], ledger: Any
) -> None:
    class Frail(RandomForestClassifier):
        def fit(self, x: Any, y: Any) -> Any:
            if self.n_estimators > 5:
                raise ValueError("too many trees")
            return super().fit(x, y)

    spec = msgspec.structs.replace(get("RandomForest"), new=lambda seed: Frail(random_state=seed))
    fits = [FitRequest({"n_estimators": count}, 0) for count in (3, 9, 5, 7, 9)]
    (found,) = run(workload(spec, fits, ledger=ledger))
    assert [str(result.error) if result.error else None for result in found] == [
        None,
        "too many trees",
        None,
        "too many trees",
        "too many trees",
    ]
    assert [task.params["n_estimators"] for task in started] == [9, 7, 5]
    (plain,) = run(workload("RandomForest", [fits[0], fits[2]]))
    assert np.array_equal(probability(found[0]), probability(plain[0]))
    assert np.array_equal(probability(found[2]), probability(plain[1]))
    assert len(ledger) == 4


def test_an_error_of_one_workload_leaves_the_others(acting: Acting, iterate: Iterate) -> None:
    def failing() -> Requests:
        yield numbered(1)
        raise TrainError("It cannot be done")

    spec = acting(lambda _: time.sleep(0.01))
    bad: Workload[Any] = Workload(spec, 1, failing(), MemoryLedger())
    good = workload(spec, numbered(1, 2), numbered(3))
    ended = {each.workload: each for each in iterate([bad, good], slots=2)}
    assert (str(ended[bad].error), ended[bad].result) == ("It cannot be done", None)
    assert (ended[good].error, len(ended[good].result)) == (None, 3)


def test_an_unexpected_error_ends_the_run(acting: Acting, run: Run) -> None:
    def failing() -> Requests:
        yield numbered(1)
        raise ZeroDivisionError("a mistake")

    bad: Workload[Any] = Workload(acting(lambda _: None), 1, failing(), MemoryLedger())
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        run(bad)


def test_a_fold_that_cannot_be_made_keeps_its_own_error(data: TrainingData, run: Run) -> None:
    def fail(_: int) -> Fold:
        raise TrainError("The fold is empty")

    broken = TrainingData(data.x, data.y, data.rows, data.folds, fail)
    with pytest.raises(TrainError, match="The fold is empty"):
        run(workload("NaiveBayes", [FitRequest({}, 0)]), on=broken)


def test_an_error_in_the_listener_ends_the_run_after_the_fit_was_stored(acting: Acting, run: Run, ledger: Any) -> None:
    made: list[int] = []

    def stop(_: Event) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        run(workload(acting(made.append), numbered(*range(50)), ledger=ledger), on_event=stop)
    assert made == [0]
    assert len(ledger) == 1


# Which fit is next, and with how many threads.


def test_within_a_workload_the_longest_fits_go_first(run: Run, started: list[FitTask]) -> None:
    sizes = [(5, 1), (20, 2), (10, 3)]
    fits = [FitRequest({"n_estimators": count, "max_depth": depth}, 0) for count, depth in sizes]
    run(workload("RandomForest", [*fits, FitRequest({"n_estimators": 1})]))
    assert [(task.params["n_estimators"], task.fold) for task in started] == [(1, None), (20, 0), (10, 0), (5, 0)]


def test_every_workload_gets_a_first_fit_before_any_gets_a_second(run: Run, started: list[FitTask]) -> None:
    fits = [FitRequest({}, fold) for fold in range(3)]
    run(*(workload(model, fits) for model in ("NaiveBayes", "LogisticRegression", "KNN")))
    assert [task.spec.name for task in started][:3] == ["NaiveBayes", "LogisticRegression", "KNN"]


def test_with_two_slots_the_farthest_workload_and_the_nearest_one_run_side_by_side(acting: Acting, run: Run) -> None:
    order: list[str] = []

    def named(name: str) -> ModelSpec:
        def do(_: int) -> None:
            time.sleep(0.02)
            order.append(name)

        return acting(do)

    far, near, between = (
        workload(named(name), numbered(*range(count))) for name, count in [("far", 16), ("near", 3), ("between", 8)]
    )
    run(far, near, between, slots=2)
    assert order.index("near") < 4
    ends = {name: len(order) - order[::-1].index(name) for name in ("far", "near", "between")}
    assert ends["near"] < ends["between"] < len(order)
    assert order[: ends["near"]].count("far") >= 2


def test_free_cores_are_given_to_the_last_fits_of_models_that_can_use_them(
    run: Run, started: list[FitTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SMALL", 100)
    fits = [FitRequest({"max_depth": depth, "n_estimators": 5}, 0) for depth in (1, 2)]
    run(workload("RandomForest", fits), slots=4)
    assert [task.threads for task in started] == [2, 2]
    started.clear()
    run(workload("NaiveBayes", [FitRequest({}, 0)]), slots=4)
    run(workload("RandomForest", [FitRequest({"n_estimators": 5})]), slots=4)
    assert [task.threads for task in started] == [1, 1]


def test_what_depends_on_the_number_of_threads_gets_one(
    run: Run, started: list[FitTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SMALL", 100)
    for kind in ("goss", "gbdt"):
        run(workload("LightGBM", [FitRequest({"n_estimators": 2, "boosting_type": kind}, 0)]), slots=2)
    assert [task.threads for task in started] == [1, 2]


def test_a_small_matrix_is_fitted_on_one_thread_whatever_is_free(run: Run, started: list[FitTask]) -> None:
    run(workload("RandomForest", [FitRequest({"n_estimators": 5}, 0)]), slots=4)
    assert [task.threads for task in started] == [1]


def test_a_big_fit_has_all_cores_and_the_machine_to_itself(
    run: Run, started: list[FitTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SMALL", 100)
    monkeypatch.setattr(schedule, "BIG", 100)
    running = most = 0
    own = FitRequest({"n_estimators": 5})

    def note(_: Event) -> None:
        nonlocal running, most
        most = max(most, len(started) - running)
        running += 1

    run(workload("RandomForest", [own, FitRequest({"n_estimators": 5}, 0), FitRequest({}, 1)]), slots=3, on_event=note)
    assert [task.threads for task in started] == [3, 3, 3]
    assert most == 1


class OneTrial:
    """A search of one trial that needs no further fits."""

    scoring = "accuracy"

    def __init__(self) -> None:
        self.recorded: list[tuple[int, int]] = []

    def record(self, trial: int, fold: int, result: FitResult) -> None:  # noqa: ARG002 (the protocol's signature)
        self.recorded.append((trial, fold))

    def score(self, trial: int, fold: int) -> float:
        return 0.5 + trial + fold / 10

    def expected_fits(self) -> float:
        return 0.0

    def leader(self) -> tuple[float, dict[str, Any]]:
        return 0.75, {"p": 1}


def test_only_fits_of_a_search_are_made_in_processes(run: Run, started: list[FitTask]) -> None:
    for model, trials in (("KNN", None), ("KNN", OneTrial()), ("RandomForest", OneTrial())):
        run(workload(model, [FitRequest({}, 0, trial=0)], trials=trials))
    kinds = [(task.spec.name, task.separate_process) for task in started]
    assert kinds == [("KNN", False), ("KNN", True), ("RandomForest", False)]


def test_a_search_learns_of_each_result_on_a_fold_and_its_score_is_stored(run: Run, ledger: Any) -> None:
    trials, events = OneTrial(), list[Any]()
    fits = [FitRequest({}, 2, trial=0), FitRequest({}, 1, trial=0), FitRequest({}, 0)]
    run(workload("NaiveBayes", fits, [FitRequest({})], ledger=ledger, trials=trials), on_event=events.append)
    assert sorted(trials.recorded) == [(0, 1), (0, 2)]
    scores = {record.fold: (record.scoring, record.score) for record in ledger.values()}
    assert scores == {0: ("", None), 1: ("accuracy", 0.6), 2: ("accuracy", 0.7)}
    assert {(event.scoring, event.best, event.params["p"]) for event in events} == {("accuracy", 0.75, 1)}


# Progress.


def test_each_fit_is_reported_in_the_thread_of_the_caller_with_rate_and_time_left(acting: Acting, run: Run) -> None:
    reported: list[Any] = []

    def note(event: Event) -> None:
        assert threading.current_thread() is threading.main_thread()
        reported.append(event)

    run(workload(acting(lambda _: time.sleep(0.01)), numbered(1, 2, 3), numbered(4)), on_event=note)
    assert [(event.model, event.done, event.total) for event in reported] == [
        ("Acting", 1, 3),
        ("Acting", 2, 3),
        ("Acting", 3, 3),
        ("Acting", 4, 4),
    ]
    first, *_, last = reported
    assert isinstance(first, Fitting)
    assert first.per_second is not None
    assert first.seconds_left == pytest.approx(2 / first.per_second)
    assert (last.seconds_left, last.best, last.scoring) == (0, None, "")


def test_workloads_end_with_their_share_of_the_time_of_the_run(acting: Acting, iterate: Iterate) -> None:
    slow = workload(acting(lambda _: time.sleep(0.05)), numbered(1, 2))
    quick = workload(acting(lambda _: None), numbered(1))
    ended: list[WorkloadResult[Any]] = list(iterate([slow, quick], slots=2))
    assert [each.workload for each in ended] == [quick, slow]
    assert 0.05 <= ended[1].seconds < 1
    assert ended[0].seconds < ended[1].seconds


# The time budget.


def test_after_the_time_budget_only_essential_fits_are_started(acting: Acting, run: Run) -> None:
    made: list[int] = []

    def do(number: int) -> None:
        made.append(number)
        time.sleep(0.02)

    essential = [FitRequest({"number": number}, 0, essential=True) for number in (90, 91)]
    timed = workload(acting(do), numbered(*range(50)), numbered(60, 61), essential, budget=0.05)
    free = workload(acting(do), numbered(70, 71))
    found, other = run(timed, free)
    assert 1 <= len([number for number in made if number < 50]) < 10
    assert {90, 91, 70, 71} <= set(made)
    assert not {60, 61} & set(made)
    assert [result.skipped for result in found[-4:]] == [True, True, False, False]
    assert not any(result.skipped for result in other)
    assert timed.n_done == len([number for number in made if number not in {70, 71}])


# Ctrl-C.


def press_ctrl_c() -> None:
    time.sleep(0.05)  # by then the main thread waits for a fit to end
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def test_ctrl_c_ends_the_run_once_the_running_fits_are_stored_and_the_next_run_makes_only_the_others(
    acting: Acting, run: Run, ledger: Any
) -> None:
    made: list[int] = []
    reported: list[Event] = []

    def do(number: int) -> None:
        made.append(number)
        if number == 3:
            press_ctrl_c()
        time.sleep(0.1)

    before = signal.getsignal(signal.SIGINT)
    running = workload(acting(do), numbered(*range(20)), ledger=ledger)
    with pytest.raises(
        Interrupted, match=r"Interrupted; \d fits of unfinished models are kept, and the same command resumes"
    ):
        run(running, slots=2, on_event=reported.append)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(made) in {4, 5}
    kept = {record.params for record in ledger.puts}
    assert kept == {f'{{"number": {number}}}' for number in made}
    (notice,) = [event for event in reported if isinstance(event, Notice)]
    assert notice.level == "warning"
    assert re.fullmatch(
        r"Interrupted: finishing \d running fits? if that takes no longer than a second", notice.message
    )

    first = made.copy()
    (found,) = run(workload(acting(made.append), numbered(*range(20)), ledger=ledger))
    assert sorted(made) == list(range(20))
    assert set(made[len(first) :]).isdisjoint(first)
    assert [probability(result)[0] for result in found] == [number / 100 for number in range(20)]


def test_ctrl_c_is_noticed_while_another_result_is_waiting(acting: Acting, run: Run, ledger: Any) -> None:
    both = threading.Barrier(2, timeout=30)

    def press_when_both_have_ended(event: Event) -> None:
        if isinstance(event, Fitting) and event.done == 1:
            time.sleep(0.2)
            signal.raise_signal(signal.SIGINT)

    running = workload(acting(lambda number: both.wait() if number < 2 else None), numbered(0, 1, 2), ledger=ledger)
    with pytest.raises(Interrupted, match="2 fits of unfinished models are kept"):
        run(running, slots=2, on_event=press_when_both_have_ended)
    assert len(ledger) == 2


def test_ctrl_c_while_the_last_result_is_used_is_not_forgotten(acting: Acting, iterate: Iterate) -> None:
    driven = iterate([workload(acting(lambda _: None), numbered(1))])
    assert next(driven).error is None
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(Interrupted, match="Interrupted"):
        next(driven)


def test_ctrl_c_twice_stops_at_once(acting: Acting, run: Run, ledger: Any) -> None:
    noticed, goes_on = threading.Event(), threading.Event()

    def do(_: int) -> None:
        press_ctrl_c()
        noticed.wait(30)
        press_ctrl_c()
        goes_on.wait(30)

    start, before = time.perf_counter(), signal.getsignal(signal.SIGINT)
    running = workload(acting(do), numbered(1, 2), ledger=ledger)
    with pytest.raises(KeyboardInterrupt, match=r"^$") as caught:
        run(running, on_event=lambda _: noticed.set())
    goes_on.set()
    assert not isinstance(caught.value, Interrupted)
    assert time.perf_counter() - start < 10
    assert ledger == {}
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_the_matrices_are_made_ends_the_run(data: TrainingData, run: Run) -> None:
    def make(number: int) -> Fold:
        if number == 1:
            press_ctrl_c()
            time.sleep(0.1)
        return data.make_fold(number)

    slow = TrainingData(data.x, data.y, data.rows, data.folds, make)
    with pytest.raises(Interrupted, match="0 fits"):
        run(workload("NaiveBayes", [FitRequest({}, 0)]), on=slow)


def test_outside_of_the_main_thread_fits_are_made_and_ctrl_c_is_not_touched(acting: Acting, run: Run) -> None:
    before, found = signal.getsignal(signal.SIGINT), []

    def elsewhere() -> None:
        found.append(run(workload(acting(lambda _: None), numbered(7))))
        with deferred_interrupt(lambda: None) as interrupt:
            found.append([interrupt.requested, signal.getsignal(signal.SIGINT) is before])

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(timeout=30)
    assert probability(found[0][0][0])[0] == 0.07
    assert found[1] == [False, True]
