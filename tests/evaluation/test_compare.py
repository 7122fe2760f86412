"""The comparison of models: who is selected, who cannot be told apart, and where they do worse."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.config.schema import EvaluateConfig
from phishcli.errors import DataError, EvaluateError
from phishcli.evaluation.compare import against_best, compare
from phishcli.evaluation.evaluate import evaluate
from phishcli.evaluation.folds import cross_validated
from phishcli.evaluation.metrics import METRICS
from phishcli.types import Compared, Scored

NAMES = [metric.name for metric in METRICS]
ROWS, TEST = 1_500, 300
TARGET = np.random.default_rng(0).integers(0, 2, ROWS).astype(np.int8)
FEATURES = pd.DataFrame(
    {
        "Lines": np.where(np.arange(ROWS) % 5 == 0, np.nan, 1.0),
        "Host": pd.Categorical(np.where(np.arange(ROWS) % 3 == 0, "a", "b")),
    }
)
FINDING = {"code": "missing-in-one-class", "severity": "warning", "column": "Lines"}


class Told:
    """A classifier that was told its probabilities."""

    def __init__(self, probabilities: np.ndarray) -> None:
        self.probabilities, self.classes_ = probabilities, np.array([0, 1])

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Look them up by the number of the row."""
        chosen = self.probabilities[features[:, 0].astype(int)]
        return np.column_stack([1 - chosen, chosen])


def scored(settings: EvaluateConfig, error: float, seed: int) -> Scored:
    """A model that errs on a share of the rows, in the folds as on the test rows (the last ones)."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(ROWS) < error
    probability = np.where(wrong, 1 - TARGET, TARGET) * 0.6 + 0.2 + rng.normal(0, 0.02, ROWS)
    train, test = np.arange(ROWS - TEST), np.arange(ROWS - TEST, ROWS)
    oof = pd.DataFrame({"row": train, "fold": train % 5, "target": TARGET[train], "probability": probability[train]})
    done = evaluate(
        settings,
        Told(probability[test]),
        "Told",
        pd.DataFrame({"number": np.arange(TEST, dtype=np.float32), "target": TARGET[test]}),
        oof=oof,
        rows=test,
        labels=pd.Series(TARGET[test], index=test),
    )
    return Scored(done.metrics, done.predictions, done.resamples, oof)


def compared(errors: dict[str, float], findings: Any = (), costs: Any = None, **settings: Any) -> Compared:
    given = EvaluateConfig(n_boot=200, **settings)
    models = {name: scored(given, error, seed) for seed, (name, error) in enumerate(errors.items())}
    target = pd.DataFrame({"label": np.where(TARGET == 1, "bad", "good"), "target": TARGET})
    keys = pd.DataFrame({"twin": np.arange(ROWS)})
    return compare(given, models, features=FEATURES, target=target, keys=keys, findings=findings, costs=costs)


def test_results_are_tidy_one_line_per_model_and_metric_in_display_order() -> None:
    results = compared({"A": 0.1, "B": 0.2}).results
    assert list(results.columns) == ["model", "metric", "value", "low", "high", "cv_mean", "cv_std"]
    assert results["model"].tolist() == ["A"] * len(NAMES) + ["B"] * len(NAMES)
    assert results["metric"].tolist() == NAMES * 2
    unresolved = results[results["metric"] == "tpr@fpr=0.001"]
    assert unresolved[["value", "low", "high", "cv_mean"]].isna().all(axis=None)


def test_a_model_that_is_clearly_better_is_told_from_the_others() -> None:
    selection = compared({"Bad": 0.4, "Good": 0.1}).selection
    assert (selection["model"], selection["group"]) == ("Good", ["Good"])
    [test] = selection["tests"]
    assert (test["model"], test["against"], test["decisive"], test["apart"]) == ("Bad", "Good", "folds", True)
    assert test["folds"]["p_adjusted"] < 0.05
    assert test["bootstrap"]["low"] > 0
    assert "No other model is as good" in selection["rationale"]


def test_models_of_the_same_skill_are_one_group() -> None:
    selection = compared({"A": 0.2, "B": 0.2, "Bad": 0.45}).selection
    assert set(selection["group"]) == {"A", "B"}
    assert "cannot be told from" in selection["rationale"]


def test_the_differences_are_those_of_the_scores() -> None:
    selection = compared({"A": 0.1, "B": 0.2}).selection
    [test] = selection["tests"]
    cv, table = selection["cv"], selection["table"]
    assert test["folds"]["value"] == pytest.approx(cv["A"]["accuracy"]["mean"] - cv["B"]["accuracy"]["mean"])
    assert test["bootstrap"]["value"] == pytest.approx(table["A"]["accuracy"] - table["B"]["accuracy"])
    assert (test["mcnemar"]["won"] - test["mcnemar"]["lost"]) / TEST == pytest.approx(test["bootstrap"]["value"])


def test_p_values_are_adjusted_for_the_number_of_pairs() -> None:
    tests = compared({"A": 0.1, "B": 0.15, "C": 0.16, "D": 0.17}).selection["tests"]
    assert all(
        test[name]["p_adjusted"] >= test[name]["p"] for test in tests for name in ("folds", "mcnemar", "bootstrap")
    )
    least = min(tests, key=lambda test: float(test["folds"]["p"]))
    assert least["folds"]["p_adjusted"] == pytest.approx(min(1, 6 * least["folds"]["p"]))


@pytest.mark.parametrize("names", ["AB", "ABCDEF"])
def test_of_equal_models_the_best_is_rarely_told_from_any_other_one(names: str) -> None:
    """On test sets of 500 rows; what is hard is mostly hard for all. The best is whichever comes out best."""
    rng, runs, seen = np.random.default_rng(0), 300, 0
    settings = EvaluateConfig(select_on="test", n_boot=0)
    for _ in range(runs):
        hardness = rng.normal(size=500)
        right = {name: hardness + 0.5 * rng.normal(size=500) > -1 for name in names}
        models = {
            name: Scored(
                {"cv": {"accuracy": {"folds": []}}, "bootstrap": {"groups": None}},
                pd.DataFrame({"target": 1, "prediction": judged.astype(np.int8)}),
                pd.DataFrame(),
                pd.DataFrame(),
            )
            for name, judged in right.items()
        }
        ranking = sorted(names, key=lambda name: -right[name].mean())
        seen += any(test["apart"] for test in against_best(settings, ranking, models))
    assert seen / runs <= 0.06 + 2 * np.sqrt(0.05 * 0.95 / runs), seen


def test_a_model_without_resamples_of_the_metric_is_judged_by_mcnemar() -> None:
    """A model that flags nothing has no precision to resample; the others have."""
    given = EvaluateConfig(n_boot=50, select_on="test", select_by="precision")
    models = {"A": scored(given, 0.1, 0), "B": scored(given, 0.2, 1), "Mute": scored(given, 0.2, 2)}
    mute = models["Mute"]
    models["Mute"] = replace(mute, resamples=mute.resamples.drop(columns="precision"))
    by_name = {test["model"]: test for test in against_best(given, ["A", "B", "Mute"], models)}
    assert (by_name["B"]["decisive"], by_name["Mute"]["decisive"]) == ("bootstrap", "mcnemar")
    assert by_name["B"]["bootstrap"]["p_adjusted"] == by_name["B"]["bootstrap"]["p"]  # the only pair of its kind


def test_the_test_set_selects_when_asked_and_mcnemar_decides() -> None:
    selection = compared({"A": 0.3, "B": 0.1}, select_on="test").selection
    assert (selection["model"], selection["tests"][0]["decisive"]) == ("B", "mcnemar")
    assert "flatters the number it was selected for" in selection["rationale"]


def test_by_another_metric_the_bootstrap_decides_on_the_test_set() -> None:
    selection = compared({"A": 0.3, "B": 0.1}, select_on="test", select_by="brier").selection
    assert (selection["model"], selection["by"], selection["tests"][0]["decisive"]) == ("B", "brier", "bootstrap")
    assert selection["tests"][0]["bootstrap"]["value"] < 0
    assert selection["tests"][0]["apart"]


def test_the_simplest_of_the_group_is_preferred_when_asked() -> None:
    selection = compared({"A": 0.2, "B": 0.2}, costs={"A": 2, "B": 1}, prefer="simple").selection
    assert (selection["model"], selection["prefer"]) == ("B", "simple")


def test_without_resamples_there_is_no_paired_interval_and_all_else_holds() -> None:
    given = EvaluateConfig(n_boot=0, select_on="test", select_by="f1")
    models = {name: scored(given, error, 1) for name, error in (("A", 0.1), ("B", 0.4))}
    target = pd.DataFrame({"label": TARGET, "target": TARGET})
    selection = compare(
        given, models, features=FEATURES, target=target, keys=pd.DataFrame({"twin": np.arange(ROWS)})
    ).selection
    assert "bootstrap" not in selection["tests"][0]
    assert selection["tests"][0]["decisive"] == "mcnemar"


def test_one_model_alone_has_no_tests() -> None:
    selection = compared({"A": 0.2}).selection
    assert selection["tests"] == []
    assert "only model" in selection["rationale"]


def test_the_selection_is_plain_json_without_nan() -> None:
    selection = compared({"A": 0.2, "B": 0.1}).selection
    assert json.loads(json.dumps(selection, allow_nan=False)) == selection


def test_columns_that_are_asked_for_are_scored_apart() -> None:
    done = compared({"A": 0.2}, by=("Host",)).segments
    assert set(done["segment"]) == {"a", "b"}
    assert done["n"].sum() == TEST


def test_rows_with_and_without_a_telling_value_are_scored_apart_unasked() -> None:
    done = compared({"A": 0.2, "B": 0.3}, findings=[FINDING]).segments
    assert set(done["column"]) == {"Lines (missing or not)"}
    assert set(done["segment"]) == {"present", "missing"}
    present = done[(done["model"] == "A") & (done["segment"] == "present")]
    assert present["n"].tolist() == [int(FEATURES["Lines"].iloc[-TEST:].notna().sum())]


def test_without_either_there_are_no_segments_but_their_columns() -> None:
    done = compared({"A": 0.2}).segments
    assert len(done) == 0
    assert {"model", "column", "segment", "accuracy_low"} <= set(done.columns)


def test_a_column_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(DataError, match="There is no feature 'Hots' to score apart") as caught:
        compared({"A": 0.2}, by=("Hots",))
    assert caught.value.hint == "There is Lines, Host."


def test_suspects_carry_label_and_features() -> None:
    found = compared({"A": 0.1}).suspects
    assert list(found.columns) == [
        *("row", "label", "target", "probability", "against", "reason", "twin"),
        *FEATURES.columns,
    ]
    assert (found["label"] == np.where(TARGET[found["row"]] == 1, "bad", "good")).all()


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(EvaluateError, match="There is no evaluated model to compare"):
        compared({})


def test_scores_of_a_fold_without_enough_negative_rows_are_not_made_up() -> None:
    target, folds = np.array([0, 1] * 20, dtype=np.int8), (np.arange(40) // 20).astype(np.int8)
    cv = cross_validated(target, target.astype(float), folds)
    assert cv["tpr@fpr=0.1"] == {"mean": None, "std": None, "folds": []}
    assert cv["accuracy"]["mean"] == 1
