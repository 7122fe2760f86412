"""The model that is put together from the others, from training to its release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli import Project, load_bundle
from phishcli.cli.views import evaluate as evaluate_view
from phishcli.errors import ConfigError, PersistError
from phishcli.fits.worker import fit
from phishcli.models import get, mean, registry
from phishcli.models.mean import MeanOfModels
from phishcli.models.own_format import NoSafeFormat
from phishcli.serving.fast import compile_row
from phishcli.serving.release import own_format_file
from phishcli.stages.train import MODEL
from tests.made import project_on_numbers

MEMBERS = ["LogisticRegression", "RandomForest", "LightGBM"]
ROWS = 600


def project(folder: Path, models: list[str], **more: Any) -> Project:
    settings = {"train.models": models, "evaluate.n_boot": 50, "report.charts": False}
    return project_on_numbers(folder, rows=ROWS, slope=0.5, **{**settings, **more})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ensemble")
    return project(folder, [*MEMBERS, "Ensemble"]).run("persist")


def test_it_is_a_row_of_the_comparison_with_intervals(run: Any) -> None:
    found = run.comparison
    assert set(found["model"]) == {*MEMBERS, "Ensemble"}
    accuracy = found[(found["model"] == "Ensemble") & (found["metric"] == "accuracy")]
    assert (accuracy["low"] < accuracy["value"]).all()


def test_its_probabilities_are_the_weighted_mean_of_those_of_its_members(run: Any) -> None:
    weights = run.read("train/Ensemble", "training.json")["params"]
    each = {name: run.read(f"evaluate/{name}", "predictions.parquet")["probability"] for name in weights}
    expected = sum(weight * each[name] for name, weight in weights.items())
    np.testing.assert_allclose(
        run.read("evaluate/Ensemble", "predictions.parquet")["probability"], expected, atol=1e-12
    )
    assert sum(weights.values()) == pytest.approx(1)


def test_its_price_is_that_of_its_members_timed_side_by_side(run: Any) -> None:
    members = {each["name"]: each for each in run.read("train/Ensemble", "training.json")["members"]}
    single = next(name for name in run.selection.ranking if name != "Ensemble")
    (both, alone) = next(iter(evaluate_view._prices(run)))[1].split(" µs")[:2]
    total = sum(each["seconds_per_row"] for each in members.values() if each["weight"])
    assert float(both.split()[-1].replace(",", "")) == pytest.approx(1e6 * total, rel=0.01)
    if single in members:
        expected = 1e6 * members[single]["seconds_per_row"]
        assert float(alone.split()[-1].replace(",", "")) == pytest.approx(expected, rel=0.01)


def test_the_release_gives_the_very_probabilities_and_needs_no_pickle(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = run.outcome.entries["persist"].folder
    monkeypatch.setattr("phishcli.serving.opening._unpickled", None)
    bundle = load_bundle(release, "Ensemble")
    assert isinstance(bundle.score, mean.MeanScore)
    predictions = run.read("evaluate/Ensemble", "predictions.parquet")
    source = pd.read_csv(Path(run.outcome.source.origin)).drop(columns="label")
    found = bundle.predict_proba(source.iloc[predictions["row"]])
    np.testing.assert_array_equal(found, predictions["probability"])
    row = source.iloc[0].to_dict()
    fast = compile_row(bundle)
    assert fast.exact
    assert fast(row) == pytest.approx(bundle.predict_proba(row)[0], abs=1e-6)
    assert len(bundle.explain(row)[0]) == 3


def test_adding_it_fits_no_member_again(tmp_path: Path) -> None:
    project(tmp_path, MEMBERS).run("evaluate")
    made = project(tmp_path, [*MEMBERS, "Ensemble"]).run("evaluate")
    assert [step for step in made.outcome.executed if step.startswith("train/")] == ["train/Ensemble"]


def test_members_that_fail_are_left_out_and_one_is_too_few(tmp_path: Path) -> None:
    broken = {"train.params": {"RandomForest": {"n_estimators": -1}}}
    made = project(tmp_path, [*MEMBERS, "Ensemble"], **broken).run("evaluate")
    assert set(made.read("train/Ensemble", "training.json")["params"]) == {"LogisticRegression", "LightGBM"}
    two = project(tmp_path, ["LogisticRegression", "RandomForest", "Ensemble"], **broken).run("evaluate")
    assert "needs at least two models" in two.outcome.failed["Ensemble"]


TUNED = {"train.tune.enabled": True, "train.tune.n_iter": 4, "train.tune.scoring": "log_loss"}


@pytest.fixture(scope="module", params=["greedy", "stacking"])
def tuned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    more = {**TUNED, "train.ensemble.method": request.param, "evaluate.explain": False, "train.tune.method": "random"}
    folder = tmp_path_factory.mktemp("tuned")
    return project(folder, ["LogisticRegression", "ExtraTrees", "Ensemble"], **more).run("persist")


def test_trials_that_did_not_win_are_members_fitted_on_all_rows(tuned: Any) -> None:
    training = tuned.read("train/Ensemble", "training.json")
    train, test = tuned.read("preprocess", "train.parquet"), tuned.read("preprocess", "test.parquet")
    x, y, trials = train.drop(columns="target").to_numpy(np.float32), train["target"].to_numpy(), 0
    odds = tuned.outcome.get(MODEL, "Ensemble").intercept
    total = np.full(len(test), odds or 0.0)
    for member in training["members"]:
        model, _, trial = member["name"].partition("#")
        params = tuned.read(f"train/{model}", "training.json")["tuned"]["params"]
        if trial:
            params = json.loads(tuned.read(f"train/{model}", "trials.parquet")["params"][int(trial)])
        made = fit(get(model), {**get(model).defaults, **params}, 42, x, y)
        found = made.predict_proba(test.drop(columns="target").to_numpy(np.float32))[:, 1]
        total += member["weight"] * (np.log(found / (1 - found)) if odds is not None else found)
        trials += bool(trial)
    expected = 1 / (1 + np.exp(-total)) if odds is not None else total
    assert trials
    found = tuned.read("evaluate/Ensemble", "predictions.parquet")["probability"]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_release_with_trials_predicts_the_same_also_row_by_row(tuned: Any) -> None:
    bundle = load_bundle(tuned.outcome.entries["persist"].folder, "Ensemble")
    assert isinstance(bundle.score, mean.MeanScore)
    source = pd.read_csv(Path(tuned.outcome.source.origin)).drop(columns="label")
    predictions = tuned.read("evaluate/Ensemble", "predictions.parquet")
    np.testing.assert_array_equal(bundle.predict_proba(source.iloc[predictions["row"]]), predictions["probability"])
    row = source.iloc[0].to_dict()
    assert compile_row(bundle)(row) == pytest.approx(bundle.predict_proba(row)[0], abs=1e-6)


def test_a_bound_on_latency_leaves_out_what_is_slow_and_too_tight_a_one_is_an_error(tmp_path: Path) -> None:
    models = ["LogisticRegression", "KNN", "LightGBM", "Ensemble"]
    made = project(tmp_path, models, **{"train.ensemble.max_latency": "1s", "evaluate.explain": False}).run("evaluate")
    members = made.read("train/Ensemble", "training.json")["members"]
    assert 0 < sum(each["seconds_per_row"] for each in members) <= 1
    tight = project(tmp_path, models, **{"train.ensemble.max_latency": 1e-12, "evaluate.explain": False})
    assert "no member that predicts a row within" in tight.run("evaluate").outcome.failed["Ensemble"]


def test_alone_it_is_refused() -> None:
    with pytest.raises(ConfigError, match="Ensemble needs at least two other models"):
        Project.of({"train.models": ["LightGBM", "Ensemble"]})


@pytest.fixture
def written() -> str:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(60, 2)).astype(np.float32), np.arange(60) % 2
    models = [registry()[name].build({}, seed=0).fit(x, y) for name in ("LogisticRegression", "LightGBM")]
    return mean.write(MeanOfModels(["LogisticRegression", "LightGBM"], models, [0.25, 0.75]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"weight":0.25', '"weight":0.5'),
        ('"name":"LightGBM"', '"name":"Ensemble"'),
        ('"format":"own"', '"format":"pickle"'),
        ('"format":"own"', '"format":"skops"'),
        ('"weight":0.25', '"more":1,"weight":0.25'),
        ("[{", "["),
    ],
)
def test_a_changed_file_is_refused(written: str, old: str, new: str) -> None:
    assert old in written
    with pytest.raises((ValueError, PersistError)):
        mean.read(written.replace(old, new))


def test_a_file_is_read_as_it_was_written(written: str) -> None:
    assert mean.read(written).weights == (0.25, 0.75)


def test_a_member_that_only_a_pickle_can_hold_leaves_the_ensemble_without_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(60, 2)).astype(np.float32), np.arange(60) % 2
    models = [registry()[name].build({}, seed=0).fit(x, y) for name in ("LogisticRegression", "LightGBM")]
    whole = MeanOfModels(["LogisticRegression", "LightGBM"], models, [0.25, 0.75])
    assert list(own_format_file("Ensemble", whole, 2))
    monkeypatch.setattr("phishcli.models.safe.written", lambda *_: None)
    assert own_format_file("Ensemble", whole, 2) == {}
    with pytest.raises(NoSafeFormat, match="LogisticRegression"):
        mean.write(whole)


def test_trials_see_what_the_strategy_of_their_model_shows(tmp_path: Path) -> None:
    of_all = {"ExtraTrees": {"numeric": {"scale": "none"}}, "LogisticRegression": {"numeric": {"log": True}}}
    own = {"preprocess.models": of_all}
    more = {**TUNED, **own, "evaluate.explain": False, "train.tune.method": "random"}
    made = project(tmp_path, ["LogisticRegression", "ExtraTrees", "Ensemble"], **more).run("evaluate")
    members = [each["name"] for each in made.read("train/Ensemble", "training.json")["members"]]
    assert any("#" in name for name in members)
    found = made.read("evaluate/Ensemble", "metrics.json")["metrics"]["roc_auc"]["value"]
    alone = made.read("evaluate/ExtraTrees", "metrics.json")["metrics"]["roc_auc"]["value"]
    assert found > alone - 0.05  # on the columns of another model a trial would know nothing
