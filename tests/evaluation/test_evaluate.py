"""The evaluate stage: predictions and metrics of one model, its threshold and its calibration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from phishcli.config.schema import EvaluateConfig
from phishcli.documents.calibration import IsotonicMap, SigmoidMap
from phishcli.documents.metrics import Bootstrap, ConfusionMatrix, FoldScores, Metrics, RocCurve, Score
from phishcli.errors import EvaluateError
from phishcli.evaluation import prediction
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.evaluate import Evaluated, evaluate
from phishcli.evaluation.metrics import METRICS, compute
from phishcli.evaluation.thresholds import choose
from phishcli.events import Notice, Progress, ignore
from phishcli.tables.memory import MemoryTable

if TYPE_CHECKING:
    from phishcli.events import OnEvent

NAMES = [metric.name for metric in METRICS]
QUICK = EvaluateConfig(n_boot=50)
NOT_RESOLVABLE = ("tpr@fpr=0.1", "tpr@fpr=0.01", "tpr@fpr=0.001")
"""On a handful of rows."""


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


def held_out(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Out-of-fold predictions that can be learnt from, in four folds."""
    rng = np.random.default_rng(seed)
    target = (rng.random(rows) < 0.4).astype(np.int8)
    probability = 1 / (1 + np.exp(-rng.normal(2.5 * (target - 0.5))))
    return pd.DataFrame({"fold": np.arange(rows) % 4, "target": target, "probability": probability})


def frame(target: list[int]) -> MemoryTable:
    """One feature that numbers the rows, and the target."""
    columns = {"number": np.arange(len(target), dtype=np.float32), "target": np.array(target, dtype=np.int8)}
    return MemoryTable.of_columns(columns, len(target))


def run(
    target: list[int],
    probabilities: list[float],
    settings: EvaluateConfig = QUICK,
    on_event: OnEvent = ignore,
    oof: pd.DataFrame = OOF,
    groups: pd.Series | None = None,
    **options: Any,
) -> Evaluated:
    rows = np.arange(len(target)) * 10
    labels = pd.Series(["bad" if each else "good" for each in target], index=rows, dtype="str")
    model = Fixed(probabilities, **options)
    given = {"oof": oof, "rows": rows, "labels": labels, "groups": groups, "on_event": on_event}
    return evaluate(settings, model, "Fixed", frame(target), **given)


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
    assert (metrics.model, metrics.threshold) == ("Fixed", 0.5)
    assert (metrics.n, metrics.n_positive, metrics.n_negative) == (6, 3, 3)
    assert metrics.confusion == ConfusionMatrix(tn=2, fp=1, fn=1, tp=2)
    assert metrics.bootstrap == Bootstrap(n_boot=50, confidence=0.95, seed=42, groups=None)
    predictions = evaluated.predictions
    expected = compute(predictions["target"], predictions["probability"]) | dict.fromkeys(NOT_RESOLVABLE)
    assert {name: score.value for name, score in metrics.metrics.items()} == expected
    assert list(metrics.metrics) == NAMES
    assert (metrics.metrics["accuracy"].low or 1) < 4 / 6 < (metrics.metrics["accuracy"].high or 0)
    assert all("cross-validated" in note for note in metrics.notes)  # each of the two folds holds one row


def test_metrics_are_plain_json_without_nan(evaluated: Evaluated) -> None:
    text = json.dumps(evaluated.metrics.to_plain(), allow_nan=False)
    assert Metrics.of_plain(json.loads(text)) == evaluated.metrics


def test_curves_run_from_corner_to_corner(evaluated: Evaluated) -> None:
    roc, pr = evaluated.metrics.curves.roc, evaluated.metrics.curves.pr
    assert (roc.fpr[0], roc.tpr[0], roc.fpr[-1], roc.tpr[-1]) == (0, 0, 1, 1)
    assert (pr.recall[-1], pr.precision[-1]) == (1, 0.5)  # all rows flagged, half of them positive


def test_the_threshold_decides_the_verdicts_and_leaves_the_ranking() -> None:
    target, probabilities = [1, 1, 0, 0], [0.9, 0.3, 0.4, 0.1]
    usual, low = (run(target, probabilities, EvaluateConfig(threshold=at, n_boot=0)) for at in (0.5, 0.3))
    assert low.predictions["prediction"].tolist() == [1, 1, 1, 0]
    assert low.metrics.metrics["recall"].value == 1
    assert low.metrics.metrics["roc_auc"] == usual.metrics.metrics["roc_auc"]


def test_the_column_of_the_positive_class_is_found_by_its_name() -> None:
    done = run([1, 0], [0.9, 0.2], classes=(1, 0))
    assert done.predictions["probability"].tolist() == [0.9, 0.2]


def test_no_resamples_leave_the_intervals_empty() -> None:
    done = run([1, 0], [0.9, 0.2], EvaluateConfig(n_boot=0))
    assert done.metrics.metrics["accuracy"] == Score(value=1.0)


def test_rows_are_predicted_in_blocks_with_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    target, probabilities = [1, 0, 1, 0, 1], [0.9, 0.2, 0.8, 0.1, 0.7]
    whole = run(target, probabilities)
    monkeypatch.setattr(prediction, "BLOCK_ROWS", 2)
    heard: list[Any] = []
    assert run(target, probabilities, on_event=heard.append).predictions.equals(whole.predictions)
    assert [event for event in heard if isinstance(event, Progress)] == [
        Progress("Fixed", done, 5, "rows") for done in (2, 4, 5)
    ]


def test_an_undefined_metric_is_noted_and_warned_of() -> None:
    heard: list[Any] = []
    done = run([1, 0, 0], [0.2, 0.1, 0.3], on_event=heard.append)
    sentence = "No row is predicted positive; by convention Precision = 0."
    assert sentence in done.metrics.notes
    assert Notice(f"Fixed: {sentence}", "warning", "end") in heard
    assert done.metrics.metrics["precision"] == Score(value=0.0)


def test_a_test_part_of_one_class_is_scored_with_a_note_and_without_curves() -> None:
    done = run([1, 1], [0.9, 0.2])
    assert done.metrics.notes[0].startswith("No row is negative; by convention Specificity = 0")
    assert done.metrics.metrics["roc_auc"] == Score(value=0.5)
    assert done.metrics.curves.roc == RocCurve(fpr=(), tpr=())


def test_a_perfect_score_is_noted_not_to_prove_perfection() -> None:
    done = run([1, 0], [0.9, 0.1])
    assert done.metrics.notes[0].startswith("The interval of ROC-AUC, PR-AUC has no width")
    assert (done.metrics.metrics["recall"].low or 0) < 0.3  # of one row


def test_rows_that_the_split_keeps_together_are_resampled_together() -> None:
    target, probabilities = [1, 1, 0, 0] * 10, [0.9, 0.8, 0.3, 0.6] * 5 + [0.4, 0.3, 0.2, 0.1] * 5
    alone, grouped = (
        run(target, probabilities, groups=groups).metrics for groups in (None, pd.Series(np.repeat([0, 1], 20)))
    )
    assert (alone.bootstrap.groups, grouped.bootstrap.groups) == (None, 2)
    assert alone.delong is not None
    assert grouped.delong is None  # it assumes independent rows
    recall = [metrics.metrics["recall"] for metrics in (alone, grouped)]
    assert recall[0].value == recall[1].value == 0.5
    assert (recall[1].low, recall[1].high) == (0, 1)  # one group is detected, the other is not


def test_an_empty_test_part_is_an_error() -> None:
    with pytest.raises(EvaluateError, match="The test part has no rows") as caught:
        run([], [])
    assert caught.value.hint == "Use a larger one: --set preprocess.split.test_size=0.2"


def test_a_model_that_gives_no_probabilities_is_named() -> None:
    with pytest.raises(
        EvaluateError, match=r"1 of 2 probabilities are not between 0 and 1 \(the first is nan\)"
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


def test_scores_over_the_folds_are_those_at_the_threshold_in_use() -> None:
    at_half, lower = (run([1, 0], [0.9, 0.2], EvaluateConfig(n_boot=0, threshold=t)).metrics.cv for t in (0.5, 0.4))
    assert at_half["accuracy"] == FoldScores(mean=0.75, std=0.25, n_folds=2, n_all=2, folds=(1.0, 0.5))
    assert lower["accuracy"] == FoldScores(mean=1.0, std=0.0, n_folds=2, n_all=2, folds=(1.0, 1.0))


def test_a_rule_chooses_the_threshold_on_out_of_fold_scores_whatever_the_test_rows_are() -> None:
    oof, settings = held_out(), EvaluateConfig(threshold="max_f1", n_boot=0)
    target = [1, 0] * 20
    some = run(target, [0.9, 0.1] * 20, settings, oof=oof)
    others = run(target, [0.2, 0.8] * 20, settings, oof=oof)
    expected = choose("max_f1", ScoredRows.validated(oof["target"], oof["probability"]))
    assert some.metrics.threshold == others.metrics.threshold == expected.threshold
    assert some.metrics.threshold_rule == expected
    assert (some.predictions["prediction"] == (some.predictions["probability"] >= expected.threshold)).all()


def test_another_seed_of_out_of_fold_scores_gives_another_threshold() -> None:
    settings = EvaluateConfig(threshold="youden", n_boot=0)
    found = {run([1, 0], [0.9, 0.1], settings, oof=held_out(seed=seed)).metrics.threshold for seed in (1, 2)}
    assert len(found) == 2


def test_a_budget_that_the_training_rows_cannot_certify_is_an_error_that_says_what_it_takes() -> None:
    settings = EvaluateConfig(threshold={"max_fpr": 0.001}, n_boot=0)  # type: ignore[arg-type]  # as YAML gives it
    with pytest.raises(EvaluateError, match=r"of 0\.001 cannot be certified with \d+ negative training rows") as caught:
        run([1, 0], [0.9, 0.1], settings, oof=held_out())
    assert "It takes 2,995 at a confidence of 0.95" in str(caught.value.hint)


def test_operating_points_begin_with_the_threshold_in_use_and_name_each_rule_once() -> None:
    done = run([1, 0] * 20, [0.9, 0.1] * 20, EvaluateConfig(threshold="youden", n_boot=0), oof=held_out())
    points = done.metrics.operating_points
    assert [point.rule for point in points] == ["youden", "0.5", "max_f1", "max_fpr=0.1"]
    assert [point.in_use for point in points] == [True, False, False, False]
    assert points[0].confusion == done.metrics.confusion
    assert points[0].fpr_upper > points[0].confusion.fp / 20


def test_rows_are_counted_at_each_thousandth() -> None:
    probabilities = [0.9, 0.4, 0.5, 0.1, 0.001, 1.0]
    counts = run([1, 1, 0, 0, 1, 0], probabilities).metrics.counts_by_threshold
    assert len(counts.tp) == len(counts.fp) == 1001
    assert (counts.tp[0], counts.fp[0]) == (3, 3)
    assert (counts.tp[1], counts.tp[2], counts.tp[400], counts.tp[401]) == (3, 2, 2, 1)
    assert (counts.fp[500], counts.fp[501], counts.fp[1000]) == (2, 1, 1)


@pytest.mark.parametrize("kind", ["isotonic", "sigmoid"])
def test_calibration_maps_the_test_scores_by_what_the_folds_teach(kind: str) -> None:
    oof = held_out(2_000)
    skewed = oof.assign(probability=oof["probability"] ** 3)  # far too low
    settings = EvaluateConfig(calibrate=kind, n_boot=0)  # type: ignore[arg-type]  # one of its words
    done = run([1, 0], [0.5**3, 0.1], settings, oof=skewed)
    assert isinstance(done.metrics.calibration.map, {"isotonic": IsotonicMap, "sigmoid": SigmoidMap}[kind])
    assert done.predictions["probability"][0] == pytest.approx(0.5, abs=0.12)
    plain = run([1, 0], [0.5**3, 0.1], EvaluateConfig(n_boot=0), oof=skewed)
    assert (done.metrics.cv["brier"].mean or 1) < (plain.metrics.cv["brier"].mean or 0)
    assert plain.metrics.calibration.map is None


def test_resamples_have_a_line_each_and_a_column_per_metric_that_is_defined() -> None:
    done = run([1, 0] * 20, [0.9, 0.1] * 20)
    assert len(done.resamples) == 50
    assert set(NAMES) - set(done.resamples.columns) == set(NOT_RESOLVABLE)
    assert (done.timing.rows, done.timing.predict > 0) == (40, True)


def test_the_area_has_a_second_interval_by_delong() -> None:
    done = run([1, 0] * 20, ([0.9, 0.1] * 9 + [0.3, 0.6]) * 2)
    assert done.metrics.delong is not None
    low, high = done.metrics.delong
    assert 0 < low < (done.metrics.metrics["roc_auc"].value or 0) < high < 1
