"""``phish update``: fitted models go on with new rows, as a new version that is compared on the same held-out rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, roc_auc_score

from phishcli import load_bundle
from phishcli.models import get, registry
from phishcli.update.rows import held_out, repeats

Phish = Any
BOOSTERS = ("XGBoost", "LightGBM")


def table(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    bad = random.random(rows) < 0.4
    lines = np.where(bad, random.normal(40, 20, rows), random.normal(90, 30, rows))
    lines[random.random(rows) < 0.1] = np.nan
    kind = np.where(random.random(rows) < 0.3, "shop", np.where(bad, "bank", "news"))
    wrong = random.random(rows) < 0.1
    return pd.DataFrame({"Lines": lines, "Kind": kind, "label": np.where(bad ^ wrong, "phishing", "legitimate")})


@pytest.fixture
def released(phish: Phish, tmp_path: Path) -> Phish:
    """Release XGBoost and logistic regression; gives the program."""
    table(400, 0).to_csv("old.csv", index=False)
    table(200, 1).to_csv("new.csv", index=False)
    quick = ("--set=evaluate.n_boot=20", "--set=report.charts=false", "--set=train.params.XGBoost.n_estimators=20")
    data = ("--source", "old.csv", "--target=label", "--positive-label=phishing")
    done = phish("run-all", "--persist", *data, *quick, "--models=XGBoost,LogisticRegression")
    assert done.code == 0, done.err
    return phish


def test_a_new_version_with_its_parent_named_is_compared_on_the_same_rows(released: Phish, tmp_path: Path) -> None:
    said = released("update", "--source", "new.csv", "--model", "latest:XGBoost", "--json")
    assert said.code == 0, said.err
    done = said.document
    assert (done["parent"], done["version"]) == ("1.0.0", "1.1.0")
    assert (done["fitted"], done["held_out"], done["earlier_held_out"]) == (160, 40, 80)
    (model,) = done["models"]
    assert (model["model"], model["way"], model["rounds"]) == ("XGBoost", "trees", 10)  # 160 rows of 320, of 20 trees
    assert set(done["left_out"]) == {"LogisticRegression"}
    assert [each["version"] for each in done["judgments"]] == ["parent", "updated", "retrained"]
    assert [each["against"] for each in done["tests"]] == ["parent", "retrained"]

    new = table(200, 1)
    held = new[held_out((new["label"] == "phishing").to_numpy().astype(np.int8), 0.2, 42)]
    folder = tmp_path / "results" / "artifacts"
    for version, judgment in (("v1.0.0", done["judgments"][0]), ("v1.1.0", done["judgments"][1])):
        bundle = load_bundle(folder / version, "XGBoost")
        probability = bundle.predict_proba(held)
        y = held["label"] == "phishing"
        assert judgment["newer"]["roc_auc"] == pytest.approx(roc_auc_score(y, probability), abs=1e-12)
        right = accuracy_score(y, probability >= bundle.threshold)
        assert judgment["newer"]["accuracy"] == pytest.approx(right, abs=1e-12)
    assert bundle.metadata.metrics["roc_auc"].value == done["judgments"][1]["metrics"]["roc_auc"]["value"]
    assert bundle.metadata.threshold == load_bundle(folder / "v1.0.0", "XGBoost").threshold


def test_the_new_version_is_a_release_like_any_other(released: Phish) -> None:
    assert released("update", "--source", "new.csv", "--model", "latest:XGBoost", "--no-retrain", "-q").code == 0
    listed = released("models", "list", "--json").document
    assert [(each["version"], each["parent"]) for each in listed] == [("v1.0.0", None), ("v1.1.0", "1.0.0")]
    assert "continues v1.0.0" in released("models", "show", "v1.1.0").out
    assert released("verify", "results/artifacts/v1.1.0").code == 0
    assert released("predict", "new.csv", "-o", "scores.parquet").code == 0
    assert set(pd.read_parquet("scores.parquet")["version"].astype(str)) == {"1.1.0"}
    again = released("update", "--source", "new.csv", "--how", "leaves", "--json").document
    assert (again["parent"], again["version"], again["models"][0]["way"]) == ("1.1.0", "1.2.0", "leaves")


def test_models_that_were_fitted_in_a_way_of_their_own_are_left_out(phish: Phish) -> None:
    table(400, 0).to_csv("old.csv", index=False)
    table(200, 1).to_csv("new.csv", index=False)
    data = ("--source", "old.csv", "--target=label", "--positive-label=phishing", "--models=NaiveBayes,XGBoost")
    quick = ("--set=evaluate.n_boot=20", "--set=report.charts=false", "--set=train.params.XGBoost.n_estimators=20")
    reasons = {
        "--set=preprocess.models={XGBoost: {numeric: {scale: none}}}": "its own preprocessing",
        "--set=train.refits=2": "mean of several fits",
        "--set=preprocess.balance=weights": "classes were balanced",
    }
    for setting, reason in reasons.items():
        assert phish("run-all", "--persist", *data, *quick, setting).code == 0
        said = phish("update", "--source", "new.csv", "--no-retrain")
        assert said.code != 0
        assert "can continue on new rows" in said.err
        assert reason in " ".join(said.err.split())


def test_a_full_retraining_stops_early_as_the_parent_did_and_tiers_are_kept(phish: Phish) -> None:
    table(400, 0).to_csv("old.csv", index=False)
    table(200, 1).to_csv("new.csv", index=False)
    data = ("--source", "old.csv", "--target=label", "--positive-label=phishing", "--models=XGBoost")
    more = ("--set=train.early_stopping.patience=2", "--set=evaluate.tiers={first: [Kind], last: ['*']}")
    quick = ("--set=evaluate.n_boot=20", "--set=report.charts=false")
    assert phish("run-all", "--persist", *data, *quick, *more).code == 0
    said = phish("update", "--source", "new.csv", "--json")
    assert said.code == 0, said.err
    assert [each["version"] for each in said.document["judgments"]] == ["parent", "updated", "retrained"]
    assert load_bundle("results/artifacts/latest").tiers == {"first": ["Kind"], "last": ["Lines"]}


def test_what_does_not_fit_the_parent_is_refused(released: Phish, phish: Phish) -> None:
    new, xgboost = table(200, 1), ("--model", "latest:XGBoost")

    def refused(frame: pd.DataFrame, *more: str) -> str:
        frame.to_csv("odd.csv", index=False)
        said = released("update", "--source", "odd.csv", *xgboost, *more)
        assert said.code == 3, said.err
        return said.err

    assert "lack 1 of 2 columns: Kind" in refused(new.drop(columns="Kind"))
    assert "no column 'label'" in refused(new.drop(columns="label"))
    assert "labels of neither class: maybe" in refused(new.assign(label=["maybe", *new["label"][1:]]))
    assert "1 new row has no label" in refused(new.assign(label=[None, *new["label"][1:]]))
    assert "10 new rows of each class" in refused(new[new["label"] == "phishing"])
    Path("old.csv").write_text(Path("old.csv").read_text() + "1,shop,phishing\n")
    assert "has changed since" in refused(new)
    assert "--no-retrain" in refused(new)
    assert phish("update", "--source", "new.csv", "--results-dir", "elsewhere").code == 7


@pytest.mark.parametrize("name", sorted(name for name, spec in registry().items() if spec.continues))
def test_a_model_that_goes_on_keeps_what_it_was_and_learns_the_new_rows(name: str) -> None:
    random, spec = np.random.default_rng(0), get(name)
    x = random.normal(size=(900, 4)).astype(spec.dtype)
    old, new = x[:, 0] > 0, x[:, 1] > 0
    small = {parameter: 15 for parameter in ("n_estimators", "max_iter", "iterations") if parameter in spec.defaults}
    fitted = spec.build(small if name != "NeuralNetwork" else {}, 1).fit(x[:400], old[:400].astype(int))
    before = fitted.predict_proba(x)[:, 1]
    for way in spec.continues:
        further = way.go(fitted, x[400:], new[400:].astype(int), 30)
        np.testing.assert_array_equal(fitted.predict_proba(x)[:, 1], before)  # the given one is as it was
        after = further.predict_proba(x)[:, 1]
        assert roc_auc_score(new, after) > roc_auc_score(new, before)
        assert way.way == "leaves" or roc_auc_score(old, after) > 0.6  # nor is what it knew forgotten
        assert clone(further).get_params().keys() == fitted.get_params().keys()


@pytest.mark.parametrize("name", BOOSTERS)
def test_more_trees_leave_the_old_ones_as_they_were(name: str) -> None:
    random, spec = np.random.default_rng(0), get(name)
    x, y = random.normal(size=(600, 4)).astype(np.float32), random.integers(0, 2, 600)
    fitted = spec.build({"n_estimators": 12}, 1).fit(x[:300], y[:300])
    grown = spec.continues[0].go(fitted, x[300:], y[300:], 5)
    assert spec.rounds is not None
    (first, all_) = spec.rounds.predict(grown, x, (12, 17))
    np.testing.assert_allclose(first, fitted.predict_proba(x)[:, 1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(all_, grown.predict_proba(x)[:, 1], rtol=0, atol=0)
    assert spec.own_format is not None
    read = spec.own_format.read(spec.own_format.write(grown))
    np.testing.assert_array_equal(read(x), all_)


def test_rows_that_equal_a_held_out_row_are_found() -> None:
    held = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": pd.Series(["x", "y", None], dtype="str")})
    rows = pd.DataFrame({"a": [np.nan, 1.0, 3.0, 3.0], "b": pd.Series(["y", "y", None, "x"], dtype="str")})
    assert repeats(rows, held).tolist() == [True, False, True, False]


def test_rows_of_each_class_are_held_out() -> None:
    y = np.repeat([0, 1], [95, 5]).astype(np.int8)
    kept = held_out(y, 0.2, 1)
    assert (int(kept[y == 0].sum()), int(kept[y == 1].sum())) == (19, 1)
    assert held_out(y, 0.2, 1).tolist() == kept.tolist()
