"""The metrics against scikit-learn, against a table computed by hand, and where they are not defined."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import matthews_corrcoef

from phishcli.config.schema import MetricName
from phishcli.errors import EvaluateError
from phishcli.evaluation.counts import Confusion, ScoreCounts
from phishcli.evaluation.formulas import bins_of, ece
from phishcli.evaluation.metrics import (
    METRICS,
    Metric,
    compute,
    defined,
    notes,
    resolution,
    score,
    undefined,
    unresolvable,
)

if TYPE_CHECKING:
    from random import Random

NAMES = [metric.name for metric in METRICS]
COARSE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
FINE = st.floats(0, 1)
HAND = Confusion(tn=45.0, fp=10.0, fn=5.0, tp=40.0)


@st.composite
def judged(draw: st.DrawFn, scores: st.SearchStrategy[float]) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows of both classes in any order, their scores, and a threshold."""
    rows = draw(st.lists(st.tuples(st.integers(0, 1), scores), max_size=40))
    y, proba = zip(*[(0, draw(scores)), (1, draw(scores)), *rows], strict=True)
    return np.array(y, dtype=np.int8), np.array(proba), draw(st.one_of(COARSE, scores))


def by_sklearn(y: np.ndarray, proba: np.ndarray, threshold: float) -> dict[str, float]:
    predicted = (proba >= threshold).astype(int)
    specificity = sk.recall_score(y, predicted, pos_label=0)
    return {
        "accuracy": sk.accuracy_score(y, predicted),
        "precision": sk.precision_score(y, predicted, zero_division=0),
        "recall": sk.recall_score(y, predicted),
        "f1": sk.f1_score(y, predicted, zero_division=0),
        "specificity": specificity,
        "fpr": 1 - specificity,
        "fnr": 1 - sk.recall_score(y, predicted),
        "balanced_accuracy": sk.balanced_accuracy_score(y, predicted),
        "mcc": sk.matthews_corrcoef(y, predicted),
        "roc_auc": sk.roc_auc_score(y, proba),
        "pr_auc": sk.average_precision_score(y, proba),
        "log_loss": sk.log_loss(y, np.clip(proba, 1e-15, 1 - 1e-15)),
        "brier": sk.brier_score_loss(y, proba),
        "ece": plain_ece(y, proba),
        **{f"tpr@fpr={budget:g}": plain_tpr(y, proba, budget) for budget in (0.1, 0.01, 0.001)},
    }


def plain_ece(y: np.ndarray, proba: np.ndarray) -> float:
    """Bin by bin, as it is defined."""
    bins = np.minimum((proba * 15).astype(int), 14)
    return float(
        sum(abs(y[bins == each].mean() - proba[bins == each].mean()) * np.mean(bins == each) for each in set(bins))
    )


def plain_tpr(y: np.ndarray, proba: np.ndarray, budget: float) -> float:
    """The best corner of scikit-learn's ROC curve within the budget."""
    fpr, tpr, _ = sk.roc_curve(y, proba, drop_intermediate=False)
    return float(tpr[fpr <= budget + 1e-12].max())


def rows_of(counts: Confusion) -> tuple[np.ndarray, np.ndarray]:
    """Rows that have these counts at the threshold 0.5."""
    cells = [(0, 0.2, counts.tn), (0, 0.8, counts.fp), (1, 0.2, counts.fn), (1, 0.8, counts.tp)]
    y = np.concatenate([np.full(int(n), label) for label, _, n in cells])
    return y, np.concatenate([np.full(int(n), proba) for _, proba, n in cells])


def test_declared_are_the_metrics_of_the_configuration_in_its_order() -> None:
    assert tuple(NAMES) == get_args(MetricName)


def test_labels_and_explanations_are_ready_to_be_shown() -> None:
    assert len({metric.label for metric in METRICS}) == len(METRICS)
    assert all(metric.explanation.endswith(".") and ". " not in metric.explanation for metric in METRICS)


def test_labels_read_well_within_a_sentence() -> None:
    labels = {metric.name: metric.sentence_label for metric in METRICS}
    assert [labels[name] for name in ("accuracy", "f1", "roc_auc", "log_loss", "brier", "tpr@fpr=0.01")] == [
        *("accuracy", "F1", "ROC-AUC", "log loss", "Brier score", "TPR at 1% FPR")
    ]
    assert [labels[name] for name in ("balanced_accuracy", "mcc")] == ["balanced accuracy", "MCC"]
    assert all(labels[metric.name].casefold() == metric.label.casefold() for metric in METRICS)
    assert {metric.best_word for metric in METRICS if not metric.higher_is_better} == {"lowest"}
    assert {metric.best_word for metric in METRICS if metric.higher_is_better} == {"highest"}


def test_lower_is_better_for_errors_and_losses() -> None:
    worse_when_high = [metric.name for metric in METRICS if not metric.higher_is_better]
    assert worse_when_high == ["fpr", "fnr", "log_loss", "brier", "ece"]


@pytest.mark.parametrize("metric", METRICS, ids=NAMES)
def test_a_perfect_classifier_has_the_best_value_and_an_inverted_one_the_worst(metric: Metric) -> None:
    y = np.array([0, 0, 1, 1])
    perfect, inverted = compute(y, y)[metric.name], compute(y, 1 - y)[metric.name]
    assert perfect == pytest.approx(1 if metric.higher_is_better else 0, abs=1e-12)
    assert (inverted < perfect) if metric.higher_is_better else (inverted >= 1)


def test_names_and_labels_load_without_numpy() -> None:
    code = (
        "import sys, phishcli.evaluation.metrics, phishcli.evaluation.selection;"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("scores", [COARSE, FINE], ids=["many ties", "few ties"])
def test_values_are_those_of_scikit_learn(scores: st.SearchStrategy[float]) -> None:
    @settings(deadline=None, max_examples=60)
    @given(judged(scores))
    def equal(case: tuple[np.ndarray, np.ndarray, float]) -> None:
        assert compute(*case) == pytest.approx(by_sklearn(*case), abs=1e-12)

    equal()


@settings(deadline=None, max_examples=40)
@given(judged(COARSE))
def test_one_metric_alone_has_the_value_it_has_among_all(case: tuple[np.ndarray, np.ndarray, float]) -> None:
    y, proba, threshold = case
    assert {name: score(name, y, proba, threshold) for name in NAMES} == compute(y, proba, threshold)


@settings(deadline=None, max_examples=40)
@given(judged(COARSE), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(case: tuple[np.ndarray, np.ndarray, float], random: Random) -> None:
    y, proba, threshold = case
    order = random.sample(range(y.size), y.size)
    assert compute(y[order], proba[order], threshold) == compute(y, proba, threshold)


def test_a_table_computed_by_hand() -> None:
    # tn 45, fp 10, fn 5, tp 40; two scores only, so that the ROC has one corner at (10/55, 40/45).
    assert compute(*rows_of(HAND)) == pytest.approx(
        {
            "accuracy": 85 / 100,
            "precision": 40 / 50,
            "recall": 40 / 45,
            "f1": 80 / 95,
            "specificity": 45 / 55,
            "fpr": 10 / 55,
            "fnr": 5 / 45,
            "balanced_accuracy": (40 / 45 + 45 / 55) / 2,
            "mcc": (40 * 45 - 10 * 5) / (45 * 55 * 50 * 50) ** 0.5,
            "roc_auc": (40 * 45 + (40 * 10 + 5 * 45) / 2) / (45 * 55),
            "pr_auc": 40 / 45 * 40 / 50 + 5 / 45 * 45 / 100,
            "log_loss": -(85 * np.log(0.8) + 15 * np.log(0.2)) / 100,
            "brier": (85 * 0.04 + 15 * 0.64) / 100,
            "ece": abs(5 - 0.2 * 50) / 100 + abs(40 - 0.8 * 50) / 100,
            "tpr@fpr=0.1": 0,
            "tpr@fpr=0.01": 0,
            "tpr@fpr=0.001": 0,
        },
        abs=1e-15,
    )


def test_the_usual_threshold_is_one_half() -> None:
    y, proba = [1, 0, 1, 0], [0.5, 0.49, 0.51, 0.9]
    assert compute(y, proba) == compute(y, proba, 0.5)
    assert score("accuracy", y, proba) == compute(y, proba)["accuracy"] == 0.75


def test_a_row_exactly_at_the_threshold_counts_as_positive() -> None:
    assert compute([1, 0], [0.3, 0.29], threshold=0.3)["accuracy"] == 1


def test_a_draw_at_one_half_is_positive_here_and_class_0_for_scikit_learns_predict() -> None:
    features, y = np.zeros((2, 1)), np.array([0, 1])
    model = RandomForestClassifier(2, bootstrap=False, random_state=0).fit(features, y)
    assert model.predict_proba(features)[:, 1].tolist() == [0.5, 0.5]
    assert model.predict(features).tolist() == [0, 0]
    assert compute(y, model.predict_proba(features)[:, 1])["recall"] == 1


def test_what_is_defined_needs_no_note() -> None:
    assert notes(HAND, compute(*rows_of(HAND))) == []
    assert undefined(HAND) == {"tpr@fpr=0.01", "tpr@fpr=0.001"}


def test_what_so_few_negative_rows_cannot_certify_is_said_to_be_not_resolvable() -> None:
    assert unresolvable(Confusion(tn=29.0, fp=0.0, fn=1.0, tp=1.0)) == {
        f"tpr@fpr={x}" for x in ("0.1", "0.01", "0.001")
    }
    assert unresolvable(Confusion(tn=30.0, fp=0.0, fn=1.0, tp=1.0)) == {"tpr@fpr=0.01", "tpr@fpr=0.001"}
    assert unresolvable(Confusion(tn=3000.0, fp=0.0, fn=1.0, tp=1.0)) == set()
    assert resolution(HAND) == (
        "TPR at 1% FPR, TPR at 0.1% FPR: not resolvable. 55 negative rows certify no false-positive rate below 5.45% "
        "(rule of three)."
    )
    assert resolution(Confusion(tn=3000.0, fp=0.0, fn=1.0, tp=1.0)) is None


def test_without_a_positive_prediction_precision_is_zero_with_a_note() -> None:
    values = compute([0, 1, 1], [0.1, 0.2, 0.3])
    assert (values["precision"], values["mcc"], values["f1"]) == (0, 0, 0)
    assert values["roc_auc"] == 1
    nothing_flagged = Confusion(tn=1.0, fp=0.0, fn=2.0, tp=0.0)
    assert notes(nothing_flagged, values) == ["No row is predicted positive; by convention Precision = 0."]
    assert undefined(nothing_flagged) == {"precision"} | unresolvable(nothing_flagged)


def test_a_constant_answer_has_no_correlation_with_the_truth() -> None:
    everything_flagged = Confusion(tn=0.0, fp=1.0, fn=0.0, tp=2.0)
    values = compute([0, 1, 1], [0.7, 0.8, 0.9])
    assert values["mcc"] == matthews_corrcoef([0, 1, 1], [1, 1, 1]) == 0
    assert notes(everything_flagged, values) == []
    assert undefined(everything_flagged) == unresolvable(everything_flagged)


def test_without_positive_rows_values_are_conventional_and_noted() -> None:
    values = compute([0, 0], [0.9, 0.1])
    assert values == {
        "accuracy": 0.5,
        "precision": 0,
        "recall": 0,
        "f1": 0,
        "specificity": 0.5,
        "fpr": 0.5,
        "fnr": 0,
        "balanced_accuracy": 0.5,
        "mcc": 0,
        "roc_auc": 0.5,
        "pr_auc": 0,
        "log_loss": pytest.approx(-np.log(0.1) / 2 - np.log(0.9) / 2),
        "brier": pytest.approx((0.81 + 0.01) / 2),
        "ece": pytest.approx(0.5),
        "tpr@fpr=0.1": 0,
        "tpr@fpr=0.01": 0,
        "tpr@fpr=0.001": 0,
    }
    [sentence] = notes(Confusion(tn=1.0, fp=1.0, fn=0.0, tp=0.0), values)
    assert sentence == (
        "No row is positive; by convention Recall = 0, F1 = 0, FNR = 0, Balanced accuracy = 0.5, MCC = 0, "
        "ROC-AUC = 0.5, PR-AUC = 0, TPR at 10% FPR = 0, TPR at 1% FPR = 0, TPR at 0.1% FPR = 0."
    )


def test_without_negative_rows_values_are_conventional_and_noted() -> None:
    values = compute([1, 1, 1, 1], [0.9, 0.9, 0.9, 0.1])
    assert (values["recall"], values["balanced_accuracy"], values["pr_auc"]) == (0.75, 0.75, 1)
    assert (values["specificity"], values["fpr"], values["mcc"], values["roc_auc"]) == (0, 0, 0, 0.5)
    [sentence] = notes(Confusion(tn=0.0, fp=0.0, fn=1.0, tp=3.0), values)
    assert sentence.startswith("No row is negative; by convention Specificity = 0, FPR = 0")


def test_no_rows_at_all_give_values_and_notes_rather_than_a_crash() -> None:
    values = compute([], [])
    assert values == dict.fromkeys(NAMES, 0) | {"roc_auc": 0.5}
    assert notes(Confusion(0.0, 0.0, 0.0, 0.0), values)[0] == (
        "There are no rows; by convention Accuracy = 0, Log loss = 0, Brier score = 0, Calibration error = 0."
    )
    assert undefined(Confusion(0.0, 0.0, 0.0, 0.0)) == set(NAMES)


@pytest.mark.parametrize("wrong", [float("nan"), 1.5, -0.1, float("inf")])
def test_a_score_that_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(EvaluateError, match=r"1 of 2 probabilities are not between 0 and 1 \(the first is "):
        compute([0, 1], [0.5, wrong])


def test_a_probability_that_rounding_pushed_past_one_is_clipped() -> None:
    assert compute([0, 1], [0.0, np.nextafter(1, 2)])["accuracy"] == 1


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(EvaluateError, match="2 probabilities cannot be scored against 3 rows"):
        score("accuracy", [0, 1, 1], [0.5, 0.5])


def test_one_negative_row_certifies_no_rate_at_all() -> None:
    assert "1 negative rows certify no false-positive rate below 100.00%" in str(
        resolution(Confusion(tn=1.0, fp=0.0, fn=1.0, tp=1.0))
    )


def test_the_classes_of_the_rows_say_which_metrics_have_a_value() -> None:
    of_one_class = {
        (1, 1): {"specificity", "fpr", "balanced_accuracy", "mcc", "roc_auc", "tpr@fpr=0.01", "tpr@fpr=0.001"},
        (0, 0): {"recall", "fnr", "balanced_accuracy", "mcc", "roc_auc", "pr_auc", "tpr@fpr=0.01", "tpr@fpr=0.001"},
    }
    for y, lost in of_one_class.items():
        assert {metric.name for metric in METRICS if not defined(metric.name, y)} >= lost
        assert all(defined(name, y) for name in ("accuracy", "brier", "log_loss", "ece"))
    assert all(defined(metric.name, [0, 1]) for metric in METRICS)


def test_bins_of_the_calibration_error_are_fifteen_equal_ones() -> None:
    assert bins_of(np.array([0.0, 0.0666, 0.0667, 0.9, 0.94, 1.0])).tolist() == [0, 0, 1, 13, 14, 14]


def test_without_rows_each_resample_has_the_calibration_error_0() -> None:
    none = ScoreCounts(scores=np.empty(0), positives=np.empty((3, 0)), negatives=np.empty((3, 0)))
    assert ece(none).tolist() == [0.0, 0.0, 0.0]
