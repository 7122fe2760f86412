"""Which model is selected, and what the rationale says."""

from __future__ import annotations

import pytest

from phishcli.errors import EvaluateError
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.selection import best, ranked, select

FIRST = "is significantly better than every other model over the folds (corrected t-test)."


def scored(accuracy: float, f1: float = 0.8, balanced: float = 0.8, mcc: float = 0.6) -> dict[str, float]:
    return {"accuracy": accuracy, "f1": f1, "balanced_accuracy": balanced, "mcc": mcc}


def test_the_highest_accuracy_is_selected_whatever_else_is_better() -> None:
    chosen = select({"A": scored(0.84, f1=0.99, balanced=0.99, mcc=0.99), "B": scored(0.85), "C": scored(0.83)})
    assert (chosen.model, chosen.top_group, chosen.ranking) == ("B", ("B",), ("B", "A", "C"))
    assert chosen.rationale == (
        "B has the highest cross-validated accuracy, 0.8500; A follows with 0.8400, 0.0100 behind. "
        "B is significantly better than every other model over the folds (corrected t-test)."
    )


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (scored(0.85, f1=0.80), scored(0.85, f1=0.81, balanced=0.1, mcc=0.1), "B is ahead in F1, 0.8100 to 0.8000"),
        (scored(0.85, balanced=0.7, mcc=0.9), scored(0.85), "B is ahead in balanced accuracy, 0.8000 to 0.7000"),
        (scored(0.85, mcc=0.5), scored(0.85), "B is ahead in MCC, 0.6000 to 0.5000"),
    ],
    ids=["F1", "balanced accuracy", "MCC"],
)
def test_ties_are_broken_by_f1_then_balanced_accuracy_then_mcc(
    first: dict[str, float], second: dict[str, float], said: str
) -> None:
    chosen = select({"A": first, "B": second})
    assert chosen.model == "B"
    assert chosen.rationale == f"B and A tie for the highest cross-validated accuracy, 0.8500; {said}. B {FIRST}"


def test_models_equal_in_everything_keep_their_order() -> None:
    chosen = select({"Z": scored(0.85), "A": scored(0.85), "B": scored(0.85)})
    assert chosen.ranking == ("Z", "A", "B")
    assert chosen.rationale == (
        "Z and A tie for the highest cross-validated accuracy, 0.8500, and in F1, balanced accuracy and MCC; "
        f"Z comes first in train.models. Z {FIRST}"
    )


def test_rounding_noise_of_sums_is_a_tie() -> None:
    noisy = 0.1 + 0.2
    assert noisy > 0.3
    assert select({"A": scored(noisy, f1=0.1), "B": scored(0.3, f1=0.2)}).model == "B"


def test_models_indistinguishable_from_the_best_one_are_named_in_one_sentence() -> None:
    scores = {"A": scored(0.84), "B": scored(0.85), "C": scored(0.80), "D": scored(0.849)}
    chosen = select(scores, group=["A", "D"])
    assert chosen.top_group == ("B", "D", "A")
    assert chosen.rationale.endswith(
        "B is statistically indistinguishable from D and A over the folds (corrected t-test); "
        "their order may be chance."
    )
    both = select({name: scores[name] for name in "ABD"}, group=["A", "D"])
    assert "B is statistically indistinguishable from all other models over" in both.rationale
    everyone = select(scores, group=["A", "C", "D"])
    assert "B is statistically indistinguishable from all other models over" in everyone.rationale


def test_the_simplest_or_fastest_of_the_group_is_selected_when_preferred() -> None:
    scores = {"A": scored(0.84), "B": scored(0.85), "C": scored(0.80), "D": scored(0.849)}
    costs = {"A": 1, "B": 2, "C": 0, "D": 1}
    chosen = select(scores, group=["A", "D"], prefer="simple", costs=costs)
    assert chosen.model == "D"  # as simple as A and better; C is simpler still, but worse than the best
    assert chosen.rationale.endswith("D is selected as the simplest of these 3.")
    assert select(scores, prefer="fast", costs=costs).model == "B"
    assert select(scores, group=["A", "D"], costs=costs).model == "B"  # costs play no part unless preferred
    assert select(scores, group=["A", "D"], prefer="simple").model == "B"  # nor where none are known
    of_two = select(scores, group=["D"], prefer="fast", costs=costs)
    assert (of_two.model, of_two.top_group) == ("D", ("B", "D"))
    assert of_two.rationale.endswith("D is selected as the fastest of these 2.")


def test_models_are_ranked_by_accuracy_unless_asked_and_a_score_of_zero_is_the_worst() -> None:
    assert ranked({"A": scored(0.0, f1=0.9), "B": scored(0.5), "C": scored(0.4)}) == ["B", "C", "A"]


def test_a_tie_of_the_lowest_scores_is_called_one() -> None:
    scores = {name: scored(0.8) | {"brier": 0.1} for name in "AB"}
    assert select(scores, by="brier").rationale.startswith(
        "A and B tie for the lowest cross-validated Brier score, 0.1000, and in accuracy, F1, balanced accuracy and "
        "MCC;"
    )


def test_another_metric_may_select_and_lower_may_be_better() -> None:
    scores = {"A": scored(0.9) | {"log_loss": 0.5}, "B": scored(0.8) | {"log_loss": 0.4}}
    chosen = select(scores, "test", by="log_loss")
    assert chosen.model == "B"
    assert chosen.rationale.startswith("B has the lowest log loss on the test set, 0.4000; A follows with 0.5000,")


def test_a_metric_that_is_not_resolvable_cannot_select() -> None:
    scores: dict[str, dict[str, float | None]] = {"A": {**scored(0.9), "tpr@fpr=0.001": None}}
    with pytest.raises(
        EvaluateError, match=r"No model can be selected by TPR at 0.1% FPR: too few folds or rows define it"
    ) as caught:
        ranked(scores, "tpr@fpr=0.001")
    assert caught.value.where == "evaluate.select_by"
    assert caught.value.hint == "Select by another metric: --set evaluate.select_by=accuracy"


def test_a_model_without_a_score_comes_last_and_is_said_not_to_be_compared() -> None:
    scores: dict[str, dict[str, float | None]] = {
        "A": {**scored(0.9), "precision": None},
        "B": {**scored(0.8), "precision": 0.5},
        "C": {**scored(0.7), "precision": 0.6},
    }
    chosen = select(scores, by="precision")
    assert chosen.ranking == ("C", "B", "A")
    assert "A cannot be compared: too few folds or rows define precision there." in chosen.rationale


def test_a_choice_on_the_test_set_says_that_it_is_optimistic() -> None:
    chosen = select({"A": scored(0.839), "B": scored(0.8386)}, "test", group=["B"], test="mcnemar")
    assert chosen.rationale == (
        "A has the highest accuracy on the test set, 0.8390; B follows with 0.8386, 0.0004 behind. "
        "A is statistically indistinguishable from B on the test rows (McNemar's test of the accuracy); their order "
        "may be chance. "
        "It was selected on the test set, so its test scores are optimistic; select_on: cv avoids that."
    )


def test_one_model_alone_is_no_choice_and_not_optimistic() -> None:
    chosen = select({"A": scored(0.8)}, "test")
    assert chosen.rationale == "A is the only model; its accuracy on the test set is 0.8000."


def test_a_margin_below_four_digits_is_still_shown() -> None:
    rationale = select({"A": scored(0.850011), "B": scored(0.85)}).rationale
    assert "0.8500; B follows with 0.8500, less than 0.0001 behind." in rationale


@pytest.mark.parametrize(
    ("margin", "said"),
    [(0.00004, "less than 0.0001 behind"), (0.00006, "0.0001 behind"), (0.00012, "0.0001 behind")],
)
def test_a_margin_is_given_from_the_size_on_at_which_it_is_rounded_to_one_digit(margin: float, said: str) -> None:
    assert f", {said}." in select({"A": scored(0.85 + margin), "B": scored(0.85)}).rationale


def test_the_best_of_each_metric_is_marked_ties_and_lower_is_better_included() -> None:
    table = {name: dict.fromkeys([metric.name for metric in METRICS], 0.5) for name in "AB"}
    table["A"] |= {"accuracy": 0.6, "fpr": 0.1, "recall": 0.1 + 0.2}
    table["B"] |= {"fnr": 0.4, "recall": 0.3}
    marked = best(table)
    assert list(marked) == [metric.name for metric in METRICS]
    assert marked["accuracy"] == ("A",)
    assert marked["fpr"] == ("A",)
    assert marked["fnr"] == ("B",)
    assert marked["recall"] == marked["mcc"] == ("A", "B")


def test_where_no_model_has_a_value_none_is_the_best() -> None:
    table: dict[str, dict[str, float | None]] = {
        "A": {**dict.fromkeys([m.name for m in METRICS], 0.5), "tpr@fpr=0.01": None}
    }
    assert best(table)["tpr@fpr=0.01"] == ()
