"""The ledger identifies a fit by all it depends on, and gives back its result."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from phishcli.documents.fit_record import FitRecord
from phishcli.fits.ledger import MemoryLedger, fit_key, look_up, params_json, records_of
from phishcli.fits.task import SKIPPED, FinalFit, FitResult, FoldFit, PrunedFit
from phishcli.models import EarlyStopping, get

FOREST = get("RandomForest")
EARLY = EarlyStopping(patience=10, share=0.1, seed=42)


class Named:
    """A pruner by its name."""

    def __init__(self, name: str = "pruner") -> None:
        self.name = name

    def digest(self) -> str:
        return self.name

    def observe(self, rounds: int, x: Any, y: Any, *, averages: bool) -> None:
        """Observe nothing."""


KEY = fit_key(FOREST, {"max_depth": 3}, 42, 0)


def test_a_key_is_64_hex_digits_and_the_same_in_every_run() -> None:
    assert fit_key(FOREST, {"max_depth": 3}, 42, 0) == KEY
    assert KEY == "2a9f92a5470ccc254294257662d17eac6cec824a88809b9e18c28f49099f3bd3"


@pytest.mark.parametrize(
    "other",
    [
        fit_key(FOREST, {"max_depth": 4}, 42, 0),
        fit_key(FOREST, {"max_depth": 3.0}, 42, 0),
        fit_key(FOREST, {"max_depth": None}, 42, 0),
        fit_key(FOREST, {"max_depth": "3"}, 42, 0),
        fit_key(FOREST, {}, 42, 0),
        fit_key(FOREST, {"max_depth": 3, "max_features": "sqrt"}, 42, 0),
        fit_key(FOREST, {"max_depth": 3}, 43, 0),
        fit_key(FOREST, {"max_depth": 3}, 42, 1),
        fit_key(FOREST, {"max_depth": 3}, 42, 0, early=EARLY),
        fit_key(FOREST, {"max_depth": 3}, 42, 0, pruner=Named()),
        fit_key(FOREST, {"max_depth": 3}, 42, 0, pruner=Named("another")),
        fit_key(get("GradientBoosting"), {"max_depth": 3}, 42, 0),
    ],
)
def test_a_key_changes_with_everything_that_makes_a_difference(other: str) -> None:
    assert other != KEY


@pytest.mark.parametrize("part", [{"patience": 11}, {"share": 0.2}, {"seed": 43}])
def test_a_key_depends_on_each_part_of_early_stopping(part: Any) -> None:
    other = msgspec.structs.replace(EARLY, **part)
    assert fit_key(FOREST, {}, 42, 0, early=EARLY) != fit_key(FOREST, {}, 42, 0, early=other)


@given(st.permutations(["max_depth", "min_samples_leaf", "max_features", "n_estimators"]))
def test_the_order_of_parameters_makes_no_difference(names: list[str]) -> None:
    values = {"max_depth": 3, "min_samples_leaf": 2, "max_features": None, "n_estimators": 7}
    assert fit_key(FOREST, {name: values[name] for name in names}, 42, 0) == fit_key(FOREST, values, 42, 0)


def test_a_default_that_is_spelled_out_makes_no_difference() -> None:
    assert fit_key(FOREST, {"max_leaf_nodes": 500}, 42, 0) == fit_key(FOREST, {}, 42, 0)
    assert fit_key(FOREST, {"max_leaf_nodes": 500, "n_estimators": 100}, 42, 0) == fit_key(FOREST, {}, 42, 0)


def test_a_tuple_and_a_list_and_numbers_of_numpy_are_written_alike() -> None:
    network = get("NeuralNetwork")
    assert params_json(network, {"hidden_layer_sizes": (64, 32)}) == params_json(
        network, {"hidden_layer_sizes": [64, 32]}
    )
    assert params_json(FOREST, {"max_depth": np.int64(3)}) == params_json(FOREST, {"max_depth": 3})


def test_parameters_are_written_for_people_with_the_defaults_of_the_model() -> None:
    assert params_json(FOREST, {"max_depth": 3}) == (
        '{"max_depth": 3, "max_leaf_nodes": 500, "min_samples_leaf": 2, "n_estimators": 100}'
    )


RECORD = FitRecord("{}", fold=2, seconds=0.0, scoring="roc_auc", score=0.75)


def stored(result: FitResult, pruner_key: str | None = None) -> dict[str, FitRecord]:
    return records_of(result, RECORD, "key", pruner_key)


def after(result: FitResult, pruner_key: str | None = None) -> MemoryLedger:
    ledger = MemoryLedger()
    ledger.put(stored(result, pruner_key))
    return ledger


probabilities = arrays.arrays(
    st.sampled_from([np.float32, np.float64]), st.integers(0, 20), elements=st.floats(0, 1, width=32)
)


@given(probabilities, st.floats(0, 1e6), st.lists(st.text(max_size=5), max_size=3))
def test_a_fit_comes_back_to_the_bit(probability: Any, seconds: float, warnings: list[str]) -> None:
    found = look_up(after(FitResult(FoldFit(probability, seconds), warnings=tuple(warnings))), "key")
    assert found is not None
    assert isinstance(found.value, FoldFit)
    assert found.value.probability.dtype == probability.dtype
    assert found.value.probability.tobytes() == probability.tobytes()
    assert (found.value.seconds, found.warnings, found.error) == (seconds, tuple(warnings), None)


def test_a_fit_is_stored_with_its_score_for_people() -> None:
    record = stored(FitResult(FoldFit(np.zeros(3), 0.5), warnings=("W",)))["key"]
    assert (record.params, record.fold, record.scoring, record.score) == ("{}", 2, "roc_auc", 0.75)
    assert (record.seconds, record.warnings) == (0.5, ("W",))


def test_a_fit_that_was_pruned_comes_back_with_the_same_pruner_alone() -> None:
    result = FitResult(PrunedFit(12, 0.5), warnings=("W",))
    ledger = after(result, "key with pruner")
    assert look_up(ledger, "key", "key with pruner") == result
    assert look_up(ledger, "key") is None
    assert look_up(ledger, "key", "key with another pruner") is None


def test_a_fit_that_passed_its_pruner_is_found_with_it_and_without_any_but_with_no_other() -> None:
    ledger = after(FitResult(FoldFit(np.array([0.25]), 0.5), warnings=("W",)), "key with pruner")
    for pruner_key in ("key with pruner", None):
        found = look_up(ledger, "key", pruner_key)
        assert found is not None
        assert isinstance(found.value, FoldFit)
        assert (found.value.probability.tolist(), found.value.seconds, found.warnings) == ([0.25], 0.5, ("W",))
    assert look_up(ledger, "key", "key with another pruner") is None


def test_the_mark_of_a_fit_that_passed_its_pruner_is_no_result_of_its_own() -> None:
    ledger = after(FitResult(FoldFit(np.array([0.25]), 0.5)), "key with pruner")
    mark = ledger["key with pruner"]
    assert (mark.probability, mark.stopped, mark.error, mark.scoring, mark.score) == (None, 0, None, "", None)
    del ledger["key"]
    assert look_up(ledger, "key", "key with pruner") is None
    assert look_up(MemoryLedger(key=mark), "key") is None


@pytest.mark.parametrize("pruner_key", [None, "key with pruner"])
def test_an_error_comes_back_with_its_first_line_and_its_warnings(pruner_key: str | None) -> None:
    result = FitResult(error=ValueError("wrong\nat length"), warnings=("W",))
    found = look_up(after(result, pruner_key), "key", pruner_key)
    assert found is not None
    assert (str(found.error), found.value, found.warnings) == ("wrong", None, ("W",))


@pytest.mark.parametrize("pruner_key", [None, "key with pruner"])
def test_nothing_is_stored_of_a_lack_of_memory(pruner_key: str | None) -> None:
    assert stored(FitResult(error=MemoryError("no room")), pruner_key) == {}


@pytest.mark.parametrize("result", [SKIPPED, FitResult(FinalFit(object(), 1.0))])
def test_nothing_is_stored_of_what_is_no_fit_on_a_fold(result: FitResult) -> None:
    assert stored(result) == {}


def test_what_is_not_there_is_not_found() -> None:
    assert look_up(MemoryLedger(), "key") is None
    assert look_up(MemoryLedger(), "key", "key with pruner") is None
