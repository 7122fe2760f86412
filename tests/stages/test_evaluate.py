"""The evaluate stage: predictions and metrics of a model, the comparison of several."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from phishcli.config.schema import EvaluateConfig
from phishcli.errors import EvaluateError
from phishcli.evaluation.metrics import METRICS, compute
from phishcli.events import Notice, Progress, ignore
from phishcli.stages import evaluate as stage
from phishcli.stages.evaluate import compare, evaluate

if TYPE_CHECKING:
    from phishcli.events import OnEvent
    from phishcli.types import Evaluated

NAMES = [metric.name for metric in METRICS]
QUICK = EvaluateConfig(n_boot=50)


class Fixed:
    """A classifier that gives the probabilities it was told, with the positive class in the column asked for."""

    def __init__(self, probabilities: list[float], classes: tuple[int, ...] = (0, 1)) -> None:
        self.probabilities = np.array(probabilities)
        self.classes_ = np.array(classes)

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Look up the probability by the number of the row."""
        assert features.dtype == np.float32
        chosen = self.probabilities[features[:, 0].astype(int)]
        return np.column_stack([chosen if each == 1 else 1 - chosen for each in self.classes_])


OOF = pd.DataFrame({"fold": [0, 0, 1, 1], "target": [1, 0, 1, 0], "probability": [0.9, 0.2, 0.45, 0.1]})


def frame(target: list[int]) -> pd.DataFrame:
    """One feature that numbers the rows, and the target."""
    return pd.DataFrame({"number": np.arange(len(target), dtype=np.float32), "target": np.array(target, dtype=np.int8)})


def run(
    target: list[int],
    probabilities: list[float],
    settings: EvaluateConfig = QUICK,
    on_event: OnEvent = ignore,
    **options: Any,
) -> Evaluated:
    rows = np.arange(len(target)) * 10
    labels = pd.Series(["bad" if each else "good" for each in target], index=rows, dtype="str")
    model = Fixed(probabilities, **options)
    return evaluate(settings, model, "Fixed", frame(target), oof=OOF, rows=rows, labels=labels, on_event=on_event)


@pytest.fixture
def evaluated() -> Evaluated:
    return run([1, 1, 0, 0, 1, 0], [0.9, 0.4, 0.5, 0.1, 0.8, 0.2])


def test_predictions_name_row_label_target_probability_and_verdict(evaluated: Evaluated) -> None:
    predictions = evaluated.predictions
    assert predictions.dtypes.astype(str).to_dict() == {
        "row": "int64",
        "label": "str",
        "target": "int8",
        "probability": "float64",
        "prediction": "int8",
    }
    assert predictions["row"].tolist() == [0, 10, 20, 30, 40, 50]
    assert predictions["label"].tolist() == ["bad", "bad", "good", "good", "bad", "good"]
    assert predictions["prediction"].tolist() == [1, 0, 1, 0, 1, 0]


def test_labels_keep_the_type_they_have_in_the_source() -> None:
    labels = pd.Series([0, 1], index=[7, 3])
    done = evaluate(QUICK, Fixed([0.9, 0.1]), "Fixed", frame([1, 0]), oof=OOF, rows=[7, 3], labels=labels)
    assert done.predictions["label"].dtype == np.int64
    assert done.predictions["label"].tolist() == [0, 1]


def test_metrics_hold_counts_values_and_intervals(evaluated: Evaluated) -> None:
    metrics = evaluated.metrics
    assert {key: metrics[key] for key in ("model", "n", "n_positive", "n_negative", "threshold")} == {
        "model": "Fixed",
        "n": 6,
        "n_positive": 3,
        "n_negative": 3,
        "threshold": 0.5,
    }
    assert metrics["confusion"] == {"tn": 2, "fp": 1, "fn": 1, "tp": 2}
    assert metrics["bootstrap"] == {"n_boot": 50, "confidence": 0.95, "seed": 42}
    predictions = evaluated.predictions
    expected = compute(predictions["target"], predictions["probability"])
    assert {name: scores["value"] for name, scores in metrics["metrics"].items()} == expected
    assert list(metrics["metrics"]) == NAMES
    assert metrics["metrics"]["accuracy"]["low"] < 4 / 6 < metrics["metrics"]["accuracy"]["high"]
    assert metrics["notes"] == []


def test_metrics_are_plain_json_without_nan(evaluated: Evaluated) -> None:
    assert json.loads(json.dumps(evaluated.metrics, allow_nan=False)) == evaluated.metrics


def test_curves_run_from_corner_to_corner(evaluated: Evaluated) -> None:
    roc = evaluated.metrics["curves"]["roc"]
    assert (roc["fpr"][0], roc["tpr"][0], roc["fpr"][-1], roc["tpr"][-1]) == (0, 0, 1, 1)
    assert set(evaluated.metrics["curves"]["pr"]) == {"recall", "precision"}


def test_the_threshold_decides_the_verdicts_and_leaves_the_ranking() -> None:
    target, probabilities = [1, 1, 0, 0], [0.9, 0.3, 0.4, 0.1]
    usual, low = (run(target, probabilities, EvaluateConfig(threshold=at, n_boot=0)) for at in (0.5, 0.3))
    assert low.predictions["prediction"].tolist() == [1, 1, 1, 0]
    assert low.metrics["metrics"]["recall"]["value"] == 1
    assert low.metrics["metrics"]["roc_auc"] == usual.metrics["metrics"]["roc_auc"]


def test_the_column_of_the_positive_class_is_found_by_its_name() -> None:
    done = run([1, 0], [0.9, 0.2], classes=(1, 0))
    assert done.predictions["probability"].tolist() == [0.9, 0.2]


def test_no_resamples_leave_the_intervals_empty() -> None:
    done = run([1, 0], [0.9, 0.2], EvaluateConfig(n_boot=0))
    assert done.metrics["metrics"]["accuracy"] == {"value": 1.0, "low": None, "high": None}


def test_rows_are_predicted_in_blocks_with_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    target, probabilities = [1, 0, 1, 0, 1], [0.9, 0.2, 0.8, 0.1, 0.7]
    whole = run(target, probabilities)
    monkeypatch.setattr(stage, "BLOCK_ROWS", 2)
    heard: list[Any] = []
    assert run(target, probabilities, on_event=heard.append).predictions.equals(whole.predictions)
    assert [event for event in heard if isinstance(event, Progress)] == [
        Progress("Fixed", done, 5, "rows") for done in (2, 4, 5)
    ]


def test_an_undefined_metric_is_noted_and_warned_of() -> None:
    heard: list[Any] = []
    done = run([1, 0, 0], [0.2, 0.1, 0.3], on_event=heard.append)
    sentence = "No row is predicted positive; by convention Precision = 0, MCC = 0."
    assert sentence in done.metrics["notes"]
    assert Notice(f"Fixed: {sentence}", "warning") in heard
    assert done.metrics["metrics"]["precision"] == {"value": 0.0, "low": None, "high": None}


def test_a_test_part_of_one_class_is_scored_with_a_note_and_without_curves() -> None:
    done = run([1, 1], [0.9, 0.2])
    assert done.metrics["notes"][0].startswith("No row is negative; by convention Specificity = 0")
    assert done.metrics["metrics"]["roc_auc"] == {"value": 0.5, "low": None, "high": None}
    assert done.metrics["curves"]["roc"] == {"fpr": [], "tpr": []}


def test_a_perfect_score_is_noted_not_to_prove_perfection() -> None:
    done = run([1, 0], [0.9, 0.1])
    assert done.metrics["notes"][0].startswith("The interval of Accuracy, Precision, Recall")


def test_an_empty_test_part_is_an_error() -> None:
    with pytest.raises(EvaluateError, match="The test part has no rows") as caught:
        run([], [])
    assert caught.value.hint == "Ask for more: --set preprocess.split.test_size=0.2"


def test_a_model_that_gives_no_probabilities_is_named() -> None:
    with pytest.raises(
        EvaluateError, match=r"1 of 2 probabilities are not within 0 and 1 \(the first is nan\)"
    ) as caught:
        run([1, 0], [float("nan"), 0.5])
    assert caught.value.where == "evaluate/Fixed"


def test_a_model_made_for_other_features_is_named_with_its_reason() -> None:
    model = LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    with pytest.raises(
        EvaluateError, match="LogisticRegression cannot predict the test part: X has 1 features"
    ) as caught:
        evaluate(QUICK, model, "LogisticRegression", frame([1, 0]), oof=OOF, rows=[0, 1], labels=pd.Series([1, 0]))
    assert "phish train --force" in caught.value.hint


def test_a_model_that_knows_no_positive_class_is_named() -> None:
    model = DummyClassifier().fit([[0.0]], [0])
    with pytest.raises(EvaluateError, match="Dummy cannot predict the test part: 1 is not in list"):
        evaluate(QUICK, model, "Dummy", frame([1, 0]), oof=OOF, rows=[0, 1], labels=pd.Series([1, 0]))


def test_a_listener_that_fails_is_not_blamed_on_the_model() -> None:
    def interrupt(_event: object) -> None:
        raise RuntimeError("the listener's own")

    with pytest.raises(RuntimeError, match="the listener's own"):
        run([1, 0], [0.9, 0.1], on_event=interrupt)


def with_cv(metrics: dict[str, Any], **accuracies: float) -> dict[str, Any]:
    """The same ``metrics.json`` per model with other scores over the folds, of which only the accuracy differs."""
    others = {name: {"mean": 0.5, "std": 0.1, "folds": [0.4, 0.6]} for name in NAMES}
    return {
        model: {**metrics[model], "cv": others | {"accuracy": {"mean": accuracy, "std": 0.02, "folds": []}}}
        for model, accuracy in accuracies.items()
    }


@pytest.fixture
def metrics() -> dict[str, Any]:
    """``Right`` never errs on the test rows, ``Wrong`` errs on one of six."""
    target = [1, 1, 0, 0, 1, 0]
    right, wrong = [0.9, 0.8, 0.1, 0.2, 0.7, 0.3], [0.9, 0.8, 0.6, 0.2, 0.7, 0.3]
    return {"Wrong": run(target, wrong).metrics, "Right": run(target, right).metrics}


def test_results_are_tidy_one_line_per_model_and_metric_in_display_order(metrics: dict[str, Any]) -> None:
    results = compare(QUICK, with_cv(metrics, Wrong=0.8, Right=0.7)).results
    assert list(results.columns) == ["model", "metric", "value", "low", "high", "cv_mean", "cv_std"]
    assert results["model"].tolist() == ["Wrong"] * 11 + ["Right"] * 11
    assert results["metric"].tolist() == NAMES * 2
    line = results.iloc[0]
    assert (line["value"], line["cv_mean"], line["cv_std"]) == (5 / 6, 0.8, 0.02)
    assert line["low"] < line["value"] <= line["high"]


def test_results_without_intervals_are_nan_there() -> None:
    metrics = {"A": run([1, 0], [0.9, 0.2], EvaluateConfig(n_boot=0)).metrics}
    results = compare(QUICK, with_cv(metrics, A=0.8)).results
    assert results[["low", "high"]].isna().all(axis=None)
    assert results["low"].dtype == np.float64


def test_cross_validation_selects_unless_told_otherwise(metrics: dict[str, Any]) -> None:
    selection = compare(QUICK, with_cv(metrics, Wrong=0.8, Right=0.7)).selection
    assert (selection["model"], selection["on"], selection["ranking"]) == ("Wrong", "cv", ["Wrong", "Right"])
    assert selection["rationale"] == (
        "Wrong has the highest cross-validated accuracy, 0.8000; Right follows with 0.7000, 0.1000 less."
    )


def test_a_close_race_over_the_folds_is_said_to_be_close(metrics: dict[str, Any]) -> None:
    rationale = compare(QUICK, with_cv(metrics, Wrong=0.80, Right=0.79)).selection["rationale"]
    assert "within one standard deviation over its folds (0.0200)" in rationale


def test_the_test_set_selects_when_asked_and_the_rationale_says_so(metrics: dict[str, Any]) -> None:
    settings = EvaluateConfig(select_on="test")
    selection = compare(settings, with_cv(metrics, Wrong=0.8, Right=0.7)).selection
    assert (selection["model"], selection["on"]) == ("Right", "test")
    assert "flatters the number it was selected for" in selection["rationale"]


def test_a_selection_on_the_test_set_works_without_intervals() -> None:
    none = EvaluateConfig(n_boot=0, select_on="test")
    metrics = {name: run([1, 0], [high, 0.2], none).metrics for name, high in (("A", 0.9), ("B", 0.4))}
    selection = compare(none, with_cv(metrics, A=0.8, B=0.8)).selection
    assert selection["model"] == "A"
    assert "distinguishable" not in selection["rationale"]


def test_the_selection_carries_all_that_a_terminal_shows(metrics: dict[str, Any]) -> None:
    selection = compare(QUICK, with_cv(metrics, Wrong=0.8, Right=0.7)).selection
    assert selection["table"]["Wrong"]["accuracy"] == 5 / 6
    assert list(selection["table"]["Right"]) == NAMES
    assert selection["best"]["fpr"] == ["Right"]
    assert selection["best"]["recall"] == ["Wrong", "Right"]
    assert selection["cv"]["Right"]["accuracy"] == {"mean": 0.7, "std": 0.02}
    assert json.loads(json.dumps(selection, allow_nan=False)) == selection


def test_scores_over_the_folds_are_those_at_the_threshold_in_use() -> None:
    at_half, lower = (run([1, 0], [0.9, 0.2], EvaluateConfig(n_boot=0, threshold=t)).metrics["cv"] for t in (0.5, 0.4))
    assert at_half["accuracy"] == {"mean": 0.75, "std": 0.25, "folds": [1.0, 0.5]}
    assert lower["accuracy"] == {"mean": 1.0, "std": 0.0, "folds": [1.0, 1.0]}


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(EvaluateError, match="There is no evaluated model to compare"):
        compare(QUICK, {})
