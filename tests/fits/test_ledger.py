"""The ledger names a fit by all it depends on, and gives back what became of it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from phishcli.fits.fit import SKIPPED, Fitted, FoldFit, Outcome, Stopped
from phishcli.fits.ledger import Memory, key_of, recall, records, written
from phishcli.models import EarlyStopping, get
from phishcli.search.pruning import Guard
from phishcli.types import FitRecord

FOREST = get("RandomForest")
EARLY = EarlyStopping(patience=10, share=0.1, seed=42)
GUARD = Guard("accuracy", (np.array([True, False]),), (), n_folds=3)
KEY = key_of(FOREST, {"max_depth": 3}, 42, 0)


def test_a_key_is_64_hex_digits_and_the_same_in_every_run() -> None:
    assert key_of(FOREST, {"max_depth": 3}, 42, 0) == KEY
    assert KEY == "ee025c5ae6e0f53230060a68f41d36a83a5c9f8d8a6af29eca356c461ea26099"


@pytest.mark.parametrize(
    "other",
    [
        key_of(FOREST, {"max_depth": 4}, 42, 0),
        key_of(FOREST, {"max_depth": 3.0}, 42, 0),
        key_of(FOREST, {"max_depth": None}, 42, 0),
        key_of(FOREST, {"max_depth": "3"}, 42, 0),
        key_of(FOREST, {}, 42, 0),
        key_of(FOREST, {"max_depth": 3, "max_features": "sqrt"}, 42, 0),
        key_of(FOREST, {"max_depth": 3}, 43, 0),
        key_of(FOREST, {"max_depth": 3}, 42, 1),
        key_of(FOREST, {"max_depth": 3}, 42, 0, early=EARLY),
        key_of(FOREST, {"max_depth": 3}, 42, 0, guard=GUARD),
        key_of(get("GradientBoosting"), {"max_depth": 3}, 42, 0),
    ],
)
def test_a_key_tells_apart_what_makes_a_difference(other: str) -> None:
    assert other != KEY


@pytest.mark.parametrize("part", [{"patience": 11}, {"share": 0.2}, {"seed": 43}])
def test_a_key_depends_on_each_part_of_early_stopping(part: Any) -> None:
    assert key_of(FOREST, {}, 42, 0, early=EARLY) != key_of(
        FOREST, {}, 42, 0, early=msgspec.structs.replace(EARLY, **part)
    )


@given(st.permutations(["max_depth", "min_samples_leaf", "max_features", "n_estimators"]))
def test_the_order_of_parameters_makes_no_difference(names: list[str]) -> None:
    values = {"max_depth": 3, "min_samples_leaf": 2, "max_features": None, "n_estimators": 7}
    assert key_of(FOREST, {name: values[name] for name in names}, 42, 0) == key_of(FOREST, values, 42, 0)


def test_a_default_that_is_spelled_out_makes_no_difference() -> None:
    assert key_of(FOREST, {"max_depth": 10}, 42, 0) == key_of(FOREST, {}, 42, 0)
    assert key_of(FOREST, {"max_depth": 10, "n_estimators": 100}, 42, 0) == key_of(FOREST, {}, 42, 0)


def test_a_tuple_and_a_list_and_numbers_of_numpy_are_written_alike() -> None:
    network = get("NeuralNetwork")
    assert written(network, {"hidden_layer_sizes": (64, 32)}) == written(network, {"hidden_layer_sizes": [64, 32]})
    assert written(FOREST, {"max_depth": np.int64(3)}) == written(FOREST, {"max_depth": 3})


def test_parameters_are_written_for_people_with_the_defaults_of_the_model() -> None:
    assert written(FOREST, {"max_depth": 3}) == '{"max_depth": 3, "n_estimators": 100}'


def kept(outcome: Outcome, verdict: str | None = None, scored: Any = ("", None)) -> dict[str, FitRecord]:
    return records("key", verdict, "{}", 2, outcome, scored)


def after(outcome: Outcome, verdict: str | None = None) -> Memory:
    ledger = Memory()
    ledger.put(kept(outcome, verdict))
    return ledger


probabilities = arrays.arrays(
    st.sampled_from([np.float32, np.float64]), st.integers(0, 20), elements=st.floats(0, 1, width=32)
)


@given(probabilities, st.floats(0, 1e6), st.lists(st.text(max_size=5), max_size=3))
def test_a_fit_comes_back_to_the_bit(probability: Any, seconds: float, warned: list[str]) -> None:
    outcome = Outcome(FoldFit(probability, seconds), warnings=tuple(warned))
    found = recall(after(outcome), "key", None)
    assert found is not None
    assert isinstance(found.value, FoldFit)
    assert found.value.probability.dtype == probability.dtype
    assert found.value.probability.tobytes() == probability.tobytes()
    assert (found.value.seconds, found.warnings, found.error) == (seconds, tuple(warned), None)


def test_a_fit_is_kept_with_its_score_for_people() -> None:
    outcome = Outcome(FoldFit(np.zeros(3), 0.5), warnings=("W",))
    record = kept(outcome, scored=("roc_auc", 0.75))["key"]
    assert (record.params, record.fold, record.scoring, record.score) == ("{}", 2, "roc_auc", 0.75)


def test_a_fit_that_was_broken_off_comes_back_under_its_verdict_alone() -> None:
    outcome = Outcome(Stopped(12, 0.5), warnings=("W",))
    ledger = after(outcome, "verdict")
    assert recall(ledger, "key", "verdict") == outcome
    assert recall(ledger, "key", None) is None
    assert recall(ledger, "key", "another verdict") is None


def test_a_guarded_fit_that_passed_answers_this_guard_and_none_at_all_but_no_other_guard() -> None:
    outcome = Outcome(FoldFit(np.array([0.25]), 0.5), warnings=("W",))
    ledger = after(outcome, "verdict")
    for verdict in ("verdict", None):
        found = recall(ledger, "key", verdict)
        assert found is not None
        assert isinstance(found.value, FoldFit)
        assert (found.value.probability.tolist(), found.value.seconds, found.warnings) == ([0.25], 0.5, ("W",))
    assert recall(ledger, "key", "another verdict") is None


def test_a_verdict_whose_fit_is_missing_is_no_answer() -> None:
    ledger = after(Outcome(FoldFit(np.array([0.25]), 0.5)), "verdict")
    del ledger["key"]
    assert recall(ledger, "key", "verdict") is None


@pytest.mark.parametrize("verdict", [None, "verdict"])
def test_an_error_comes_back_with_its_first_line_and_its_warnings(verdict: str | None) -> None:
    outcome = Outcome(error=ValueError("wrong\nat length"), warnings=("W",))
    found = recall(after(outcome, verdict), "key", verdict)
    assert found is not None
    assert (str(found.error), found.value, found.warnings) == ("wrong", None, ("W",))


@pytest.mark.parametrize("verdict", [None, "verdict"])
def test_nothing_is_kept_of_want_of_memory(verdict: str | None) -> None:
    assert kept(Outcome(error=MemoryError("no room")), verdict) == {}


@pytest.mark.parametrize("outcome", [SKIPPED, Outcome(Fitted(object(), 1.0))])
def test_nothing_is_kept_of_what_is_no_fit_on_a_fold(outcome: Outcome) -> None:
    assert kept(outcome) == {}


def test_what_is_not_there_is_no_answer() -> None:
    assert recall(Memory(), "key", None) is None
    assert recall(Memory(), "key", "verdict") is None
