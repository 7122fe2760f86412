"""The constant answer is scikit-learn's dummy, and a model without skill is said to have none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, mannwhitneyu
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, average_precision_score, log_loss

from phishcli.config.schema import EvaluateConfig
from phishcli.documents.metrics import Bootstrap
from phishcli.evaluation.constant import constant_answer, skills
from phishcli.evaluation.evaluate import Scored, evaluate
from phishcli.evaluation.verdict import verdict
from phishcli.tables.memory import MemoryTable

SETTINGS = EvaluateConfig(n_boot=100)


class Given:
    """A classifier with given probabilities."""

    def __init__(self, probability: np.ndarray) -> None:
        self.probability, self.classes_ = probability, np.array([0, 1])

    def predict_proba(self, _: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - self.probability, self.probability])


def model(train: Any, test: Any, probability: Any) -> Scored:
    """A model with these probabilities for the test rows; over the folds it is certain of everything."""
    target, test = np.asarray(train, dtype=np.int8), np.asarray(test, dtype=np.int8)
    oof = pd.DataFrame(
        {
            "fold": np.arange(len(target)) % 3,
            "target": target,
            "probability": target * 0.8 + 0.1,
            "row": range(len(target)),
        }
    )
    done = evaluate(
        SETTINGS,
        Given(np.asarray(probability, dtype=float)),
        "Given",
        MemoryTable.of_columns({"x": np.zeros(len(test), np.float32), "target": np.asarray(test, np.int8)}, len(test)),
        oof=oof,
        rows=np.arange(len(test)),
        labels=pd.Series(np.where(test == 1, "spam", "ham")),
    )
    return Scored(done.metrics, done.predictions, done.resamples, oof)


def rows(n: int, positives: int) -> np.ndarray:
    return (np.arange(n) % n < positives).astype(np.int8)


@pytest.mark.parametrize("positives", [12, 61])
def test_the_constant_answer_is_the_dummy_of_scikit_learn(positives: int) -> None:
    train, test = rows(100, positives), rows(50, positives // 2)
    found = model(train, test, np.full(50, 0.3))
    constant = constant_answer(found.oof, found.predictions)
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((100, 1)), train)
    predicted, probability = dummy.predict(np.zeros((50, 1))), dummy.predict_proba(np.zeros((50, 1)))[:, 1]
    assert (constant.label, constant.positive) == (("spam", True) if positives > 50 else ("ham", False))
    assert constant.scores["accuracy"] == accuracy_score(test, predicted)
    assert constant.scores["pr_auc"] == pytest.approx(average_precision_score(test, probability))
    assert constant.scores["log_loss"] == pytest.approx(log_loss(test, probability))
    assert (constant.scores["roc_auc"], constant.scores["mcc"]) == (0.5, 0)
    assert constant.scores["precision"] == (pytest.approx(test.mean()) if positives > 50 else None)
    by_fold = []
    for fold in range(3):
        inside = np.arange(100) % 3 == fold
        one = DummyClassifier(strategy="prior").fit(np.zeros((int((~inside).sum()), 1)), train[~inside])
        by_fold.append(accuracy_score(train[inside], one.predict(np.zeros((int(inside.sum()), 1)))))
    assert constant.cv["accuracy"].mean == pytest.approx(np.mean(by_fold))


def judged(train: Any, test: Any, **probabilities: Any) -> tuple[dict[str, Any], str]:
    models = {name: model(train, test, each) for name, each in probabilities.items()}
    first = next(iter(models))
    constant = constant_answer(models[first].oof, models[first].predictions)
    skill = skills(models, constant, 0.95)
    return skill, verdict(first, "accuracy", models[first].metrics, constant, skill)


def test_a_model_that_is_right_more_often_needs_no_verdict() -> None:
    test = rows(200, 60)
    skill, said = judged(rows(100, 30), test, A=np.where(test == 1, 0.9, 0.1))
    assert said == ""
    assert skill["A"].more_accurate
    assert skill["A"].difference == pytest.approx(0.3)
    assert skill["A"].p_accuracy == pytest.approx(2 * 0.5**60)  # 60 rows that only the model gets right; two tests


def test_a_model_without_skill_does_not_beat_the_constant_answer() -> None:
    skill, said = judged(rows(400, 8), rows(100, 2), A=np.full(100, 0.02), B=np.linspace(0.1, 0.0, 100)[::-1])
    assert not any(each.more_accurate or each.ranks for each in skill.values())
    assert said.startswith("No model beats always answering 'ham': A has accuracy 0.9800 (")
    assert "against 0.9800, and none ranks the rows better than chance." in said
    assert said.endswith("--set evaluate.select_by=pr_auc")


def test_a_model_that_ranks_but_flags_nothing_is_told_to_take_another_threshold() -> None:
    test = rows(200, 40)
    skill, said = judged(rows(100, 20), test, A=np.where(test == 1, 0.3, 0.1))
    assert (skill["A"].more_accurate, skill["A"].ranks) == (False, True)
    assert said.startswith("A is not more accurate than always answering 'ham' (accuracy 0.8000")
    assert "--set evaluate.threshold=max_f1" in said
    assert "select_by" not in said


def test_another_model_that_is_better_is_named() -> None:
    test = rows(200, 60)
    _, said = judged(rows(100, 30), test, A=np.full(200, 0.3), B=np.where(test == 1, 0.9, 0.1))
    assert said.startswith("A does not beat always answering 'ham' (")
    assert said.endswith("; B does better than chance.")


def test_the_p_value_is_that_of_a_sign_test_on_the_rows_that_one_of_both_gets_right() -> None:
    """The model finds 8 of the 60 positive rows, and raises 2 false alarms."""
    test = rows(200, 60)
    probability = np.full(200, 0.1)
    probability[:8], probability[-2:] = 0.9, 0.9
    skill, _ = judged(rows(100, 30), test, A=probability)
    raw = binom.sf(7, 10, 0.5)
    ranking = mannwhitneyu(probability[:60], probability[60:], alternative="greater").pvalue
    assert skill["A"].p_accuracy == pytest.approx(2 * raw if raw < ranking else max(raw, 2 * ranking))
    assert skill["A"].difference == pytest.approx(6 / 200)


def test_rows_in_groups_need_an_interval_above_the_constant_answer_too() -> None:
    test = rows(200, 60)
    found = model(rows(100, 30), test, np.where(test == 1, 0.9, 0.1))
    constant = constant_answer(found.oof, found.predictions)
    scores = dict(found.metrics.metrics)
    scores["accuracy"] = msgspec.structs.replace(scores["accuracy"], low=0.6)
    scores["roc_auc"] = msgspec.structs.replace(scores["roc_auc"], low=0.4)
    grouped = Bootstrap(n_boot=100, confidence=0.95, seed=42, groups=3)
    wide = msgspec.structs.replace(found.metrics, metrics=scores, bootstrap=grouped)
    skill = skills({"A": replace(found, metrics=wide)}, constant, 0.95)["A"]
    assert (skill.more_accurate, skill.ranks) == (False, False)


@pytest.mark.simulation
def test_models_of_noise_are_rarely_said_to_have_skill() -> None:
    """Five models of noise: at a level of 95%, one of them is said to be better in about 5 of 100 tables at most."""
    rng, fooled = np.random.default_rng(0), 0
    for _ in range(200):
        test = (rng.random(150) < 0.3).astype(np.int8)
        skill, _said = judged(rows(100, 30), test, **{f"M{number}": rng.random(150) for number in range(5)})
        fooled += any(each.more_accurate or each.ranks for each in skill.values())
    assert fooled <= 20
