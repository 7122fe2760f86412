"""All fits go through one scheduler: none is made twice, errors and Ctrl-C lose nothing, and time is kept to."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier

from phishcli.errors import TrainError
from phishcli.events import Event, Fitting, Notice
from phishcli.features.folds import Fold
from phishcli.fits import local as pool
from phishcli.fits import schedule
from phishcli.fits.course import Course, Ended
from phishcli.fits.fit import Fit, Fitted, FoldFit, Outcome, Work
from phishcli.fits.interrupts import Interrupted, listening
from phishcli.fits.ledger import Memory
from phishcli.fits.matrices import Matrices
from phishcli.fits.schedule import drive
from phishcli.models import EarlyStopping, ModelSpec, get
from phishcli.search.results import Found
from phishcli.types import ModelSettings, TrainingData

Search = Callable[..., Found]
MakeSettings = Callable[..., ModelSettings]
Steps = Generator[Sequence[Fit], Sequence[Outcome], Any]


def acting(do: Callable[[int], object]) -> ModelSpec:
    """A model whose fit does something with its parameter ``number``, and predicts a hundredth of it."""

    class Estimator(BaseEstimator):
        def __init__(self, number: int = 0) -> None:
            self.number = number

        def fit(self, x: Any, y: Any) -> Any:  # noqa: ARG002 (scikit-learn's signature)
            do(self.number)
            return self

        def predict_proba(self, x: Any) -> Any:
            return np.full((len(x), 2), self.number / 100)

    return ModelSpec("Acting", "Acting", "It acts.", new=lambda _: Estimator(), workers="threads")


def asking(*batches: Sequence[Fit]) -> Steps:
    """Ask for fits batch by batch; gives all outcomes."""
    found: list[Outcome] = []
    for batch in batches:
        found += yield batch
    return found


def numbered(*numbers: int) -> list[Fit]:
    return [Fit({"number": number}, 0) for number in numbers]


def course(spec: ModelSpec | str, *batches: Sequence[Fit], ledger: Any = None, **options: Any) -> Course[Any]:
    spec = get(spec) if isinstance(spec, str) else spec
    return Course(spec, 1, asking(*batches), Memory() if ledger is None else ledger, **options)


def outcomes(matrices: Matrices, *courses: Course[Any], jobs: int = 1, on_event: Any = None) -> list[Any]:
    """Drive courses to their ends; gives the results in the order of the courses."""
    ended = list(drive(courses, matrices, jobs=jobs, on_event=on_event or (lambda _: None)))
    for each in ended:
        if each.error:
            raise each.error
    return [next(each.result for each in ended if each.course is one) for one in courses]


def probability(outcome: Outcome) -> Any:
    assert isinstance(outcome.value, FoldFit), outcome
    return outcome.value.probability


# What is made, and what is not.


def test_a_course_gets_the_outcomes_in_the_order_in_which_it_asked(matrices: Matrices) -> None:
    spec = acting(lambda number: time.sleep(0.02 if number == 1 else 0))
    (found,) = outcomes(matrices, course(spec, numbered(1, 2, 3), numbered(4), [], numbered(6, 5)), jobs=3)
    assert [probability(outcome)[0] for outcome in found] == [0.01, 0.02, 0.03, 0.04, 0.06, 0.05]


def test_a_course_whose_ledger_knows_all_fits_starts_none(matrices: Matrices, started: list[Work], ledger: Any) -> None:
    fits = [Fit({"max_depth": depth, "n_estimators": 3}, fold) for depth in (1, 2, 3) for fold in (0, 1)]
    (first,) = outcomes(matrices, course("RandomForest", fits, ledger=ledger))
    assert (len(started), len(ledger.puts)) == (6, 6)
    (second,) = outcomes(matrices, course("RandomForest", fits, ledger=ledger))
    assert (len(started), len(ledger.puts)) == (6, 6)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(probability(one), probability(other))
        assert one.value.seconds == other.value.seconds


def test_models_that_are_kept_are_fitted_anew(matrices: Matrices, started: list[Work], ledger: Any) -> None:
    for _ in range(2):
        (found,) = outcomes(matrices, course("NaiveBayes", [Fit({})], ledger=ledger))
        assert isinstance(found[0].value, Fitted)
    assert len(started) == 2
    assert ledger == {}


def test_equal_fits_are_made_once(matrices: Matrices, started: list[Work]) -> None:
    fits = [Fit({"max_depth": 2, "n_estimators": 3}, 0), Fit({"n_estimators": 3, "max_depth": 2}, 0)]
    (found,) = outcomes(matrices, course("RandomForest", [*fits, *fits]))
    assert (len(started), len(found)) == (1, 4)
    assert len({probability(outcome).tobytes() for outcome in found}) == 1


@pytest.mark.parametrize("model", ["RandomForest", "HistGradientBoosting", "LightGBM"])
def test_one_fit_answers_several_numbers_of_rounds_and_each_equals_its_own(
    model: str, matrices: Matrices, started: list[Work], ledger: Any
) -> None:
    name = "max_iter" if model == "HistGradientBoosting" else "n_estimators"
    fits = [Fit({name: count, "max_depth": 3}, 0) for count in (4, 12, 8, 12)]
    (found,) = outcomes(matrices, course(model, fits, ledger=ledger))
    assert [(work.params[name], work.shorter) for work in started] == [(12, (4, 8))]
    assert len(ledger.puts) == len(ledger) == 3
    for fit, outcome in zip(fits, found, strict=True):
        (alone,) = outcomes(matrices, course(model, [fit]))
        assert np.array_equal(probability(outcome), probability(alone[0]))
        (again,) = outcomes(matrices, course(model, [fit], ledger=ledger))
        assert np.array_equal(probability(outcome), probability(again[0]))
    assert len(started) == 1 + 4


def test_numbers_of_rounds_that_the_ledger_knows_are_not_made_again(
    matrices: Matrices, started: list[Work], ledger: Any
) -> None:
    for counts in ((4, 12), (4, 8, 12, 16)):
        outcomes(matrices, course("XGBoost", [Fit({"n_estimators": count}, 0) for count in counts], ledger=ledger))
    assert [(work.params["n_estimators"], work.shorter) for work in started] == [(12, (4,)), (16, (8,))]


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("HistGradientBoosting", {"early_stopping": True}),
        ("LightGBM", {"boosting_type": "dart"}),
        ("RandomForest", {"oob_score": True, "max_samples": 0.1}),
        ("XGBoost", {"booster": "gblinear"}),
    ],
)
def test_where_a_longer_fit_does_not_hold_the_shorter_ones_each_is_made_by_itself(
    model: str, params: Any, matrices: Matrices, started: list[Work]
) -> None:
    name = "max_iter" if model == "HistGradientBoosting" else "n_estimators"
    fits = [Fit({**params, name: count}, 0) for count in (20, 40)]
    (found,) = outcomes(matrices, course(model, fits))
    assert [work.shorter for work in started] == [(), ()]
    for fit, outcome in zip(fits, found, strict=True):
        (alone,) = outcomes(matrices, course(model, [fit]))
        assert np.array_equal(probability(outcome), probability(alone[0]))


def test_with_early_stopping_each_number_of_rounds_is_fitted_by_itself(
    matrices: Matrices, started: list[Work], ledger: Any
) -> None:
    fits, early = [Fit({"n_estimators": count}, 0) for count in (4, 8)], EarlyStopping(3, 0.2, 1)
    outcomes(matrices, course("XGBoost", fits, early=early, ledger=ledger))
    assert [(work.early, work.shorter) for work in started] == [(early, ())] * 2
    outcomes(matrices, course("XGBoost", fits, ledger=ledger))
    assert len(started) == 3


def test_fits_of_different_folds_parameters_and_courses_are_not_mixed_up(matrices: Matrices) -> None:
    fits = [
        Fit({"n_estimators": count, "max_depth": depth}, fold)
        for count in (3, 6)
        for depth in (1, 4)
        for fold in (0, 2)
    ]
    models = ("RandomForest", "XGBoost", "GradientBoosting")
    together = outcomes(matrices, *(course(model, fits) for model in models), jobs=3)
    for model, found in zip(models, together, strict=True):
        for fit, outcome in zip(fits, found, strict=True):
            (alone,) = outcomes(matrices, course(model, [fit]))
            assert np.array_equal(probability(outcome), probability(alone[0]))


# Errors.


def test_a_fit_that_fails_is_told_to_its_course_and_kept(matrices: Matrices, ledger: Any) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise ValueError("bad\nat length")

    (found,) = outcomes(matrices, course(acting(fail), numbered(1, 2), ledger=ledger))
    assert (str(found[1].error), probability(found[0])[0]) == ("bad\nat length", 0.01)
    (again,) = outcomes(matrices, course(acting(lambda _: None), numbered(1, 2), ledger=ledger))
    assert str(again[1].error) == "bad"


def test_a_fit_that_failed_for_want_of_memory_is_tried_again(matrices: Matrices, ledger: Any) -> None:
    def fail(_: int) -> None:
        raise MemoryError

    (found,) = outcomes(matrices, course(acting(fail), numbered(1), ledger=ledger))
    assert isinstance(found[0].error, MemoryError)
    assert ledger == {}
    (again,) = outcomes(matrices, course(acting(lambda _: None), numbered(1), ledger=ledger))
    assert probability(again[0])[0] == 0.01


def test_where_the_longest_of_several_rounds_fails_the_shorter_ones_are_made_without_it(
    matrices: Matrices, started: list[Work], ledger: Any
) -> None:
    class Frail(RandomForestClassifier):
        def fit(self, x: Any, y: Any) -> Any:
            if self.n_estimators > 5:
                raise ValueError("too many trees")
            return super().fit(x, y)

    spec = msgspec.structs.replace(get("RandomForest"), new=lambda seed: Frail(random_state=seed))
    fits = [Fit({"n_estimators": count}, 0) for count in (3, 9, 5, 7, 9)]
    (found,) = outcomes(matrices, course(spec, fits, ledger=ledger))
    assert [str(outcome.error) if outcome.error else None for outcome in found] == [
        None,
        "too many trees",
        None,
        "too many trees",
        "too many trees",
    ]
    assert [work.params["n_estimators"] for work in started] == [9, 7, 5]
    (plain,) = outcomes(matrices, course("RandomForest", [fits[0], fits[2]]))
    assert np.array_equal(probability(found[0]), probability(plain[0]))
    assert np.array_equal(probability(found[2]), probability(plain[1]))
    assert len(ledger) == 4


def test_an_error_of_one_course_leaves_the_others(matrices: Matrices) -> None:
    def failing() -> Steps:
        yield numbered(1)
        raise TrainError("It cannot be done")

    spec = acting(lambda _: time.sleep(0.01))
    bad: Course[Any] = Course(spec, 1, failing(), Memory())
    good = course(spec, numbered(1, 2), numbered(3))
    ended = {each.course: each for each in drive([bad, good], matrices, jobs=2, on_event=lambda _: None)}
    assert (str(ended[bad].error), ended[bad].result) == ("It cannot be done", None)
    assert (ended[good].error, len(ended[good].result)) == (None, 3)


def test_an_error_that_is_no_message_for_people_ends_all(matrices: Matrices) -> None:
    def failing() -> Steps:
        yield numbered(1)
        raise ZeroDivisionError("a mistake")

    bad: Course[Any] = Course(acting(lambda _: None), 1, failing(), Memory())
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        outcomes(matrices, bad)


def test_a_fold_that_cannot_be_made_keeps_its_own_error(data: TrainingData, tmp_path: Any) -> None:
    def fail(_: int) -> Fold:
        raise TrainError("The fold is empty")

    broken = Matrices(TrainingData(data.x, data.y, data.rows, data.folds, fail), tmp_path / "made")
    with pytest.raises(TrainError, match="The fold is empty"):
        outcomes(broken, course("NaiveBayes", [Fit({}, 0)]))


def test_an_error_in_the_listener_ends_all_after_what_was_kept(matrices: Matrices, ledger: Any) -> None:
    made: list[int] = []

    def stop(_: Event) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        outcomes(matrices, course(acting(made.append), numbered(*range(50)), ledger=ledger), on_event=stop)
    assert made == [0]
    assert len(ledger) == 1


# Who goes first, and with how many threads.


def test_within_a_course_the_longest_fits_go_first(matrices: Matrices, started: list[Work]) -> None:
    sizes = [(5, 1), (20, 2), (10, 3)]
    fits = [Fit({"n_estimators": count, "max_depth": depth}, 0) for count, depth in sizes]
    outcomes(matrices, course("RandomForest", [*fits, Fit({"n_estimators": 1})]))
    assert [(work.params["n_estimators"], work.fold) for work in started] == [(1, None), (20, 0), (10, 0), (5, 0)]


def test_every_course_gets_a_first_fit_before_any_gets_a_second(matrices: Matrices, started: list[Work]) -> None:
    fits = [Fit({}, fold) for fold in range(3)]
    outcomes(matrices, *(course(model, fits) for model in ("NaiveBayes", "LogisticRegression", "KNN")))
    assert [work.spec.name for work in started][:3] == ["NaiveBayes", "LogisticRegression", "KNN"]


def test_with_two_workers_the_farthest_course_and_the_nearest_one_go_on_side_by_side(matrices: Matrices) -> None:
    order: list[str] = []

    def named(name: str) -> ModelSpec:
        def do(_: int) -> None:
            time.sleep(0.02)
            order.append(name)

        return acting(do)

    far, near, between = (
        course(named(name), numbered(*range(count))) for name, count in [("far", 16), ("near", 3), ("between", 8)]
    )
    outcomes(matrices, far, near, between, jobs=2)
    assert order.index("near") < 4
    ends = {name: len(order) - order[::-1].index(name) for name in ("far", "near", "between")}
    assert ends["near"] < ends["between"] < len(order)
    assert order[: ends["near"]].count("far") >= 2


def test_free_cores_are_given_to_the_last_fits_of_models_that_can_use_them(
    matrices: Matrices, started: list[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SMALL", 100)
    fits = [Fit({"max_depth": depth, "n_estimators": 5}, 0) for depth in (1, 2)]
    outcomes(matrices, course("RandomForest", fits), jobs=4)
    assert [work.threads for work in started] == [2, 4] or [work.threads for work in started] == [2, 2]
    started.clear()
    outcomes(matrices, course("NaiveBayes", [Fit({}, 0)]), jobs=4)
    outcomes(matrices, course("RandomForest", [Fit({"n_estimators": 5})]), jobs=4)
    assert [work.threads for work in started] == [1, 1]


def test_what_depends_on_the_number_of_threads_gets_one(
    matrices: Matrices, started: list[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SMALL", 100)
    for kind in ("goss", "gbdt"):
        outcomes(matrices, course("LightGBM", [Fit({"n_estimators": 2, "boosting_type": kind}, 0)]), jobs=2)
    assert [work.threads for work in started] == [1, 2]


def test_a_small_matrix_is_fitted_on_one_thread_whatever_is_free(matrices: Matrices, started: list[Work]) -> None:
    outcomes(matrices, course("RandomForest", [Fit({"n_estimators": 5}, 0)]), jobs=4)
    assert [work.threads for work in started] == [1]


def test_a_big_fit_has_all_cores_and_the_machine_to_itself(
    matrices: Matrices, started: list[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SMALL", 100)
    monkeypatch.setattr(schedule, "BIG", 100)
    running = most = 0
    own = Fit({"n_estimators": 5})

    def tell(_: Event) -> None:
        nonlocal running, most
        most = max(most, len(started) - running)
        running += 1

    outcomes(matrices, course("RandomForest", [own, Fit({"n_estimators": 5}, 0), Fit({}, 1)]), jobs=3, on_event=tell)
    assert [work.threads for work in started] == [3, 3, 3]
    assert most == 1


def test_only_fits_of_a_search_are_made_in_processes(
    data: TrainingData, matrices: Matrices, search: Search, settings: MakeSettings, started: list[Work]
) -> None:
    outcomes(matrices, course("KNN", [Fit({}, 0)]))
    search(settings("KNN", {"n_neighbors": [5]}), data, apart=True)
    search(settings("RandomForest", {"n_estimators": [5]}), data, apart=True)
    assert [(work.spec.name, work.apart) for work in started] == [
        ("KNN", False),
        *[("KNN", True)] * 3,
        *[("RandomForest", False)] * 3,
    ]


# What is told.


def test_each_fit_is_told_from_the_thread_of_the_caller_with_rate_and_rest(matrices: Matrices) -> None:
    told: list[Any] = []

    def tell(event: Event) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append(event)

    outcomes(matrices, course(acting(lambda _: time.sleep(0.01)), numbered(1, 2, 3), numbered(4)), on_event=tell)
    assert [(event.model, event.done, event.total) for event in told] == [
        ("Acting", 1, 3),
        ("Acting", 2, 3),
        ("Acting", 3, 3),
        ("Acting", 4, 4),
    ]
    first, *_, last = told
    assert isinstance(first, Fitting)
    assert first.per_second is not None
    assert first.seconds_left == pytest.approx(2 / first.per_second)
    assert (last.seconds_left, last.best, last.scoring) == (0, None, "")


def test_courses_end_with_their_share_of_the_time_of_the_run(matrices: Matrices) -> None:
    slow = course(acting(lambda _: time.sleep(0.05)), numbered(1, 2))
    quick = course(acting(lambda _: None), numbered(1))
    ended: list[Ended[Any]] = list(drive([slow, quick], matrices, jobs=2, on_event=lambda _: None))
    assert [each.course for each in ended] == [quick, slow]
    assert 0.05 <= ended[1].seconds < 1
    assert ended[0].seconds < ended[1].seconds


# The time for a search.


@pytest.mark.parametrize("method", ["race", "random", "grid", "optuna"])
def test_when_the_time_is_up_before_anything_is_complete_one_trial_is_completed(
    method: str, data: TrainingData, search: Search, settings: MakeSettings, started: list[Work]
) -> None:
    if method == "optuna":
        pytest.importorskip("optuna")
    space = {"max_depth": [1, 2, 3, 4, 5, 6, 7, 8], "n_estimators": [5]}
    found = search(settings("RandomForest", space, method=method, time_budget=0.0), data, jobs=2)
    assert len(started) == data.n_folds
    assert sorted(work.fold or 0 for work in started) == [0, 1, 2]
    assert len({str(work.params) for work in started}) == 1
    assert (found.summary["n_complete"], found.summary["n_unfinished"]) == (1, 7)
    assert found.trials["status"].iloc[found.summary["best_trial"]] == "complete"


def test_a_thousandth_of_a_second_is_enough_for_a_winner(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    space = {"max_depth": {"low": 1, "high": 30}, "n_estimators": {"low": 50, "high": 90}}
    for method in ("race", "random"):
        wanted = settings("RandomForest", space, method=method, n_iter=60, time_budget=0.001)
        found = search(wanted, data, jobs=2)
        assert found.summary["n_unfinished"] > 50
        assert found.summary["n_complete"] >= 1


def only_two_folds_of_the_best(ledger: Any, whole: Found) -> int:
    """Let a ledger forget all but the first two folds of the winner; gives its number."""
    best: int = whole.summary["best_trial"]
    for key, record in list(ledger.items()):
        if record.params != whole.trials["params"][best] or record.fold == 2:
            del ledger[key]
    return best


def test_the_furthest_trial_is_completed_when_the_time_is_up(
    data: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[Work]
) -> None:
    space = {"max_depth": [1, 2, 3, 4], "n_estimators": [5]}
    whole = search(settings("RandomForest", space, method="grid"), data, ledger=ledger)
    best = only_two_folds_of_the_best(ledger, whole)
    started.clear()
    found = search(settings("RandomForest", space, method="grid", time_budget=0.0), data, ledger=ledger)
    assert [(work.fold, work.params["max_depth"]) for work in started] == [(2, found.params["max_depth"])]
    assert found.summary["best_trial"] == best


def test_where_the_furthest_trial_fails_when_the_time_is_up_the_next_one_is_completed(
    data: TrainingData, search: Search, settings: MakeSettings, ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = {"max_depth": [1, 2, 3, 4], "n_estimators": [5]}
    whole = search(settings("RandomForest", space, method="grid"), data, ledger=ledger)
    best = only_two_folds_of_the_best(ledger, whole)
    perform = pool.perform

    def failing(work: Work) -> Any:
        if work.params["max_depth"] == whole.params["max_depth"]:
            raise ValueError("no more")
        return perform(work)

    monkeypatch.setattr(pool, "perform", failing)
    found = search(settings("RandomForest", space, method="grid", time_budget=0.0), data, ledger=ledger)
    status = found.trials["status"].value_counts().to_dict()
    assert (status, found.trials["error"][best]) == ({"unfinished": 2, "complete": 1, "failed": 1}, "no more")


def test_what_the_ledger_knows_needs_no_time(
    data: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[Work]
) -> None:
    space = {"max_depth": [1, 2, 3, 4], "n_estimators": [5]}
    whole = search(settings("RandomForest", space, method="race"), data, ledger=ledger)
    started.clear()
    found = search(settings("RandomForest", space, method="race", time_budget=0.0), data, ledger=ledger)
    assert started == []
    assert found.summary == whole.summary


def test_after_the_time_nothing_but_essential_fits_is_begun(matrices: Matrices) -> None:
    made: list[int] = []

    def do(number: int) -> None:
        made.append(number)
        time.sleep(0.02)

    essential = [Fit({"number": number}, 0, essential=True) for number in (90, 91)]
    timed = course(acting(do), numbered(*range(50)), numbered(60, 61), essential, budget=0.05)
    free = course(acting(do), numbered(70, 71))
    found, other = outcomes(matrices, timed, free)
    assert 1 <= len([number for number in made if number < 50]) < 10
    assert {90, 91, 70, 71} <= set(made)
    assert not {60, 61} & set(made)
    assert [outcome.skipped for outcome in found[-4:]] == [True, True, False, False]
    assert not any(outcome.skipped for outcome in other)
    assert timed.done == len([number for number in made if number not in {70, 71}])


# Ctrl-C.


def press_ctrl_c() -> None:
    time.sleep(0.05)  # by then the main thread waits for a fit to end
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def test_ctrl_c_ends_quietly_once_the_running_fits_are_kept_and_the_next_run_makes_the_others_alone(
    matrices: Matrices, ledger: Any
) -> None:
    made: list[int] = []
    told: list[Event] = []

    def do(number: int) -> None:
        made.append(number)
        if number == 3:
            press_ctrl_c()
        time.sleep(0.1)

    before = signal.getsignal(signal.SIGINT)
    running = course(acting(do), numbered(*range(20)), ledger=ledger)
    with pytest.raises(Interrupted, match=r"Interrupted; \d fits of what was under way are kept, and the same command"):
        outcomes(matrices, running, jobs=2, on_event=told.append)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(made) in {4, 5}
    kept = {record.params for record in ledger.puts}
    assert kept == {f'{{"number": {number}}}' for number in made}
    (notice,) = [event for event in told if isinstance(event, Notice)]
    assert notice.level == "warning"
    assert re.fullmatch(r"Interrupted: finishing \d running fits? \(Ctrl-C again to stop now\)", notice.message)

    first = made.copy()
    (found,) = outcomes(matrices, course(acting(made.append), numbered(*range(20)), ledger=ledger))
    assert sorted(made) == list(range(20))
    assert set(made[len(first) :]).isdisjoint(first)
    assert [probability(outcome)[0] for outcome in found] == [number / 100 for number in range(20)]


def test_ctrl_c_is_heeded_while_another_outcome_waits_to_be_heard(matrices: Matrices, ledger: Any) -> None:
    both = threading.Barrier(2, timeout=30)

    def press_when_both_have_ended(event: Event) -> None:
        if isinstance(event, Fitting) and event.done == 1:
            time.sleep(0.2)
            signal.raise_signal(signal.SIGINT)

    running = course(acting(lambda number: both.wait() if number < 2 else None), numbered(0, 1, 2), ledger=ledger)
    with pytest.raises(Interrupted, match="2 fits of what was under way are kept"):
        outcomes(matrices, running, jobs=2, on_event=press_when_both_have_ended)
    assert len(ledger) == 2


def test_ctrl_c_while_the_last_result_is_taken_is_not_forgotten(matrices: Matrices) -> None:
    driven = drive([course(acting(lambda _: None), numbered(1))], matrices, jobs=1, on_event=lambda _: None)
    assert next(driven).error is None
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(Interrupted, match="Interrupted"):
        next(driven)


def test_ctrl_c_twice_stops_at_once(matrices: Matrices, ledger: Any) -> None:
    heeded, goes_on = threading.Event(), threading.Event()

    def do(_: int) -> None:
        press_ctrl_c()
        heeded.wait(30)
        press_ctrl_c()
        goes_on.wait(30)

    start, before = time.perf_counter(), signal.getsignal(signal.SIGINT)
    running = course(acting(do), numbered(1, 2), ledger=ledger)
    with pytest.raises(KeyboardInterrupt, match=r"^$") as caught:
        outcomes(matrices, running, on_event=lambda _: heeded.set())
    goes_on.set()
    assert not isinstance(caught.value, Interrupted)
    assert time.perf_counter() - start < 10
    assert ledger == {}
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_the_matrices_are_made_ends_quietly(data: TrainingData, tmp_path: Any) -> None:
    def make(number: int) -> Fold:
        if number == 1:
            press_ctrl_c()
            time.sleep(0.1)
        return data.make_fold(number)

    slow = Matrices(TrainingData(data.x, data.y, data.rows, data.folds, make), tmp_path / "made")
    with pytest.raises(Interrupted, match="0 fits"):
        outcomes(slow, course("NaiveBayes", [Fit({}, 0)]))


def test_outside_of_the_main_thread_fits_are_made_and_ctrl_c_is_left_alone(matrices: Matrices) -> None:
    before, found = signal.getsignal(signal.SIGINT), []

    def run() -> None:
        found.append(outcomes(matrices, course(acting(lambda _: None), numbered(7))))
        with listening(lambda: None) as asked:
            found.append([asked.to_stop, signal.getsignal(signal.SIGINT) is before])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert probability(found[0][0][0])[0] == 0.07
    assert found[1] == [False, True]
