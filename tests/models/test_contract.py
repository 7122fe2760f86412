"""What every model in the registry promises, whoever adds it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from phishcli.fits.worker import fit, probabilities
from phishcli.models import EarlyStopping, ModelSpec, registry
from phishcli.models.abilities import Rounds
from phishcli.search.candidates import drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Problem:
    """An easy problem with a heavy tail and a constant column; the last 100 rows are for testing."""

    x: NDArray[np.float32]
    y: NDArray[np.int8]

    @property
    def x_test(self) -> NDArray[np.float32]:
        return self.x[-100:]


@cache
def problem() -> Problem:
    random, y = np.random.default_rng(0), np.tile([0, 1, 1, 0], 100)
    x = random.normal(size=(400, 6)) + y[:, None] * [2.0, 1.5, 1.0, 0.5, 0.0, 0.0]
    x[:, 0] = np.exp(3 * x[:, 0])
    x = np.column_stack([x, np.ones(400), np.arange(400) % 2])
    return Problem(x.astype(np.float32), y.astype(np.int8))


def fitted(spec: ModelSpec, seed: int = 0, **params: Any) -> Any:
    return fit(spec, params, seed, problem().x[:300], problem().y[:300])


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in the pool; threads that wait for each other are slow on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.fixture(params=sorted(registry()))
def spec(request: pytest.FixtureRequest) -> ModelSpec:
    return registry()[request.param]


def test_it_is_silent_and_leaves_its_input_untouched(spec: ModelSpec, capfd: pytest.CaptureFixture[str]) -> None:
    x, y = problem().x.copy(), problem().y.copy()
    spec.build({}, seed=0).fit(x, y).predict_proba(x)
    assert np.array_equal(x, problem().x)
    assert np.array_equal(y, problem().y)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "params"),
    [
        *((name, {}) for name, spec in sorted(registry().items()) if spec.contributions),
        ("LogisticRegression", {"solver": "liblinear"}),
        ("XGBoost", {"booster": "gblinear"}),
        ("XGBoost", {"booster": "dart"}),
        ("LightGBM", {"boosting_type": "dart"}),
        ("LightGBM", {"boosting_type": "rf", "subsample": 0.5}),
    ],
)
def test_contributions_add_up_to_the_log_odds_up_to_a_constant(name: str, params: dict[str, Any]) -> None:
    spec = registry()[name]
    model = fit(spec, params, 0, problem().x[:300, 1:], problem().y[:300])  # without the heavy tail: no 0 and 1
    assert_adds_up(spec, model, problem().x_test[:, 1:])


@pytest.mark.parametrize("name", ["LightGBM", "XGBoost"])
def test_contributions_are_those_of_the_rounds_before_an_early_stop(name: str) -> None:
    spec, (x, y) = registry()[name], (problem().x[:300, 1:], problem().y[:300])
    model = spec.build({"n_estimators": 500, "learning_rate": 0.3}, seed=0)
    assert spec.fit_early is not None
    spec.fit_early(model, x, y, EarlyStopping(patience=20, share=0.3, seed=0))
    assert_adds_up(spec, model, problem().x_test[:, 1:])


def assert_adds_up(spec: ModelSpec, model: Any, x: NDArray[np.float32]) -> None:
    assert spec.contributions is not None
    added = np.asarray(spec.contributions(model, x), dtype=np.float64)
    assert added.shape == x.shape
    probability = model.predict_proba(x)[:, 1].astype(np.float64)
    rest = np.log(probability / (1 - probability)) - added.sum(axis=1)
    assert np.ptp(added.sum(axis=1)) > 0.5
    assert np.ptp(rest) < 1e-3


def test_two_fits_with_one_seed_are_equal(spec: ModelSpec) -> None:
    first, second = (fitted(spec, seed=3).predict_proba(problem().x_test) for _ in range(2))
    assert np.array_equal(first, second)


def test_probabilities_lie_between_0_and_1_and_sum_to_1(spec: ModelSpec) -> None:
    found = fitted(spec).predict_proba(problem().x_test)
    assert found.shape == (100, 2)
    assert ((found >= 0) & (found <= 1)).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(100), abs=1e-6)


def test_it_is_better_than_chance_on_rows_it_has_not_seen(spec: ModelSpec) -> None:
    assert roc_auc_score(problem().y[-100:], probabilities(fitted(spec), problem().x_test)) > 0.8


def test_a_float32_matrix_gives_the_predictions_of_a_float64_one(spec: ModelSpec) -> None:
    model = fitted(spec)
    single, double = (model.predict_proba(problem().x_test.astype(dtype)) for dtype in (np.float32, np.float64))
    assert single == pytest.approx(double, abs=1e-5)


def test_it_loads_with_its_library_alone_and_predicts_the_same(spec: ModelSpec, tmp_path: Path) -> None:
    model, path = fitted(spec), tmp_path / "model.joblib"
    joblib.dump(model, path)
    assert b"phishcli" not in path.read_bytes()
    assert np.array_equal(joblib.load(path).predict_proba(problem().x_test), model.predict_proba(problem().x_test))


def test_it_predicts_the_same_in_another_process(tmp_path: Path) -> None:
    models = {name: fitted(spec) for name, spec in registry().items()}
    joblib.dump((models, problem().x_test), tmp_path / "models.joblib")
    code = (
        "import joblib, sys; models, x = joblib.load(sys.argv[1]);"
        "assert 'phishcli' not in sys.modules;"
        "joblib.dump({name: model.predict_proba(x) for name, model in models.items()}, sys.argv[2])"
    )
    files = [str(tmp_path / "models.joblib"), str(tmp_path / "there.joblib")]
    subprocess.run([sys.executable, "-c", code, *files], check=True)
    there = joblib.load(files[1])
    for name, model in models.items():
        assert there[name] == pytest.approx(model.predict_proba(problem().x_test), abs=1e-12), name


def test_its_defaults_and_its_space_name_parameters_that_exist(spec: ModelSpec) -> None:
    spec.check({**spec.defaults, **spec.space}, where="here")


def test_candidates_of_its_space_can_be_fitted(spec: ModelSpec) -> None:
    for params in drawn(spec.space, n_iter=2, seed=0):
        short = {name: 20 if name in {"n_estimators", "max_iter"} else value for name, value in params.items()}
        quick = short if spec.name != "LogisticRegression" else params
        assert probabilities(fitted(spec, **quick), problem().x_test).shape == (100,)


def test_it_fits_few_rows_of_noise_and_constant_columns(spec: ModelSpec) -> None:
    y = np.tile([0, 1], 60).astype(np.int8)
    x = np.zeros((120, 3), dtype=np.float32)
    x[:, 1] = np.random.default_rng(0).normal(size=120)
    assert 0.3 < probabilities(fit(spec, {}, 0, x, y), x).mean() < 0.7


def test_it_says_in_a_sentence_what_it_is(spec: ModelSpec) -> None:
    assert spec.note.endswith(".")
    assert spec.title


# Models that grow in rounds, stop early or use several threads.


def where(holds: Callable[[ModelSpec], Any]) -> pytest.MarkDecorator:
    """Run a test for the models for which something holds."""
    return pytest.mark.parametrize(
        "spec", [spec for spec in registry().values() if holds(spec)], ids=lambda spec: spec.name
    )


def rounds_of(spec: ModelSpec) -> Rounds:
    assert spec.rounds is not None
    return spec.rounds


@where(lambda spec: spec.rounds)
def test_its_rounds_are_a_parameter_that_is_set_or_searched_and_what_decides_on_them_exists(spec: ModelSpec) -> None:
    rounds = rounds_of(spec)
    spec.check([rounds.parameter, *rounds.only_with], where="here")
    assert rounds.holds({**spec.build({}, seed=0).get_params(), **spec.defaults})
    for name, values in rounds.only_with.items():
        assert not rounds.holds({name: "something else"})
        assert all(rounds.holds({name: value}) for value in values)


@where(lambda spec: spec.rounds)
def test_its_earlier_states_are_fits_with_fewer_rounds_to_the_bit(spec: ModelSpec) -> None:
    rounds, counts = rounds_of(spec), (1, 7, 30)
    found = rounds.predict(fitted(spec, **{rounds.parameter: 30}), problem().x_test, counts)
    for count, probability in zip(counts, found, strict=True):
        alone = probabilities(fitted(spec, **{rounds.parameter: count}), problem().x_test)
        assert probability.dtype == alone.dtype
        assert np.array_equal(probability, alone), count


@where(lambda spec: spec.rounds and spec.rounds.grow)
def test_it_is_asked_at_each_mark_while_it_grows_and_ends_as_if_it_had_not_been(spec: ModelSpec) -> None:
    rounds, seen = rounds_of(spec), []
    assert rounds.grow is not None

    def go_on(predict: Any) -> bool:
        seen.append(np.array(predict(problem().x_test)))
        return True

    model = spec.build({rounds.parameter: 30}, seed=0)
    assert rounds.grow(model, problem().x[:300], problem().y[:300], (2, 5, 11), go_on)
    expected = fitted(spec, **{rounds.parameter: 30})
    assert np.array_equal(probabilities(model, problem().x_test), probabilities(expected, problem().x_test))
    assert model.get_params() == expected.get_params()
    for mark, probability in zip((2, 5, 11), seen, strict=True):
        alone = probabilities(fitted(spec, **{rounds.parameter: mark}), problem().x_test)
        assert probability == pytest.approx(alone, abs=1e-6), mark


@where(lambda spec: spec.rounds and spec.rounds.grow)
def test_it_stops_growing_when_it_is_denied(spec: ModelSpec) -> None:
    rounds, asked = rounds_of(spec), []
    assert rounds.grow is not None

    def go_on(predict: Any) -> bool:
        asked.append(predict)
        return len(asked) < 2

    model = spec.build({rounds.parameter: 30}, seed=0)
    assert not rounds.grow(model, problem().x[:300], problem().y[:300], (2, 5, 11), go_on)
    assert len(asked) == 2


@where(lambda spec: spec.fit_early)
def test_it_stops_early_on_rows_that_it_was_given(spec: ModelSpec) -> None:
    rounds, early = rounds_of(spec), EarlyStopping(patience=5, share=0.2, seed=1)
    x, y = problem().x[:300], problem().y[:300]
    noisy = np.where(np.arange(300) % 5 == 0, 1 - y, y).astype(np.int8)

    def stopped(count: int) -> Any:
        return probabilities(fit(spec, {rounds.parameter: count}, 0, x, noisy, early=early), problem().x_test)

    assert np.array_equal(stopped(200), stopped(400))
    assert not np.array_equal(stopped(200), probabilities(fit(spec, {}, 0, x, noisy), problem().x_test))


def test_only_models_that_grow_stop_early(spec: ModelSpec) -> None:
    assert spec.rounds is not None or spec.fit_early is None


@where(lambda spec: spec.own_threads == "n_jobs")
def test_its_own_threads_change_nothing(spec: ModelSpec) -> None:
    few = {rounds_of(spec).parameter: 3} if spec.rounds else {}  # on a busy machine threads wait long for each other
    models = [fit(spec, few, 0, problem().x[:300], problem().y[:300], threads=threads) for threads in (1, 2)]
    one, two = (probabilities(model, problem().x_test) for model in models)
    assert np.array_equal(one, two)
    assert models[0].get_params() == models[1].get_params() == spec.build(few, 0).get_params()
