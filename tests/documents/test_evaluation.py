"""The documents about models: metrics, selection, explanations, operating sheets and timing, written and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phishcli.documents.base import Document, plain_of
from phishcli.documents.calibration import Calibration, CalibrationBin, CalibrationMap, IsotonicMap, SigmoidMap
from phishcli.documents.explanations import Contribution, DependencePoint, Explanations, Importance
from phishcli.documents.metrics import (
    Bootstrap,
    ConfusionMatrix,
    CountsByThreshold,
    Curves,
    FoldScores,
    FoldSummary,
    Metrics,
    OperatingPoint,
    PrecisionRecallCurve,
    RocCurve,
    Score,
    ThresholdRule,
)
from phishcli.documents.operation import Quantities, Quantity
from phishcli.documents.segments import Segment
from phishcli.documents.selection import (
    Comparison,
    ConstantAnswer,
    McNemar,
    NonMissingScores,
    PairedDifference,
    Selection,
    Skill,
)
from phishcli.documents.timing import Timing

MATRIX = ConfusionMatrix(tn=6, fp=2, fn=1, tp=3)
RULE = ThresholdRule(threshold=0.5, rule="0.5", why="as given")
ACCURACY = Score(value=0.75, low=0.5, high=1.0)
UNRESOLVED = Score(value=None)
FOLDS = FoldScores(mean=0.75, std=0.25, n_folds=2, folds=(0.5, None, 1.0))
METRICS = Metrics(
    model="KNN",
    n=12,
    n_positive=4,
    n_negative=8,
    threshold=0.5,
    bootstrap=Bootstrap(n_boot=10, confidence=0.9, seed=1, groups=None),
    confusion=MATRIX,
    metrics={"accuracy": ACCURACY, "tpr@fpr=0.001": UNRESOLVED},
    delong=(0.5, 0.75),
    notes=("A note.",),
    resolution=None,
    curves=Curves(
        roc=RocCurve(fpr=(0.0, 1.0), tpr=(0.0, 1.0)), pr=PrecisionRecallCurve(recall=(0.5, 1.0), precision=(1.0, 0.5))
    ),
    counts_by_threshold=CountsByThreshold(tp=(4, 0), fp=(8, 0)),
    cv={"accuracy": FOLDS},
    threshold_rule=RULE,
    operating_points=(
        OperatingPoint(threshold=0.5, rule="0.5", why="as given", in_use=True, confusion=MATRIX, fpr_upper=0.5),
    ),
    calibration=Calibration(map=None, curve=(CalibrationBin(n=12, predicted=0.25, observed=0.5, low=0.0, high=1.0),)),
)
SEGMENT = Segment(
    model="KNN",
    column="Lines",
    segment="not missing",
    by_missingness=True,
    n=10,
    n_positive=3,
    accuracy=ACCURACY,
    recall=ACCURACY,
    fpr=UNRESOLVED,
)
SELECTION = Selection(
    model="KNN",
    on="cv",
    by="accuracy",
    prefer="best",
    top_group=("KNN", "SVM"),
    rationale="KNN has the highest accuracy.",
    ranking=("KNN", "SVM"),
    tests=(
        Comparison(
            model="SVM",
            against="KNN",
            decided_by="folds",
            significant=False,
            mcnemar=McNemar(won=3, lost=2, p=1.0, p_adjusted=1.0),
            folds=PairedDifference(value=0.25, low=0.0, high=0.5, p=0.5, p_adjusted=0.5),
        ),
    ),
    table={"KNN": {"accuracy": 0.75, "tpr@fpr=0.001": None}},
    best={"accuracy": ("KNN",), "tpr@fpr=0.001": ()},
    cv={"KNN": {"accuracy": FoldSummary(mean=0.75, std=0.25, n_folds=2)}},
    scores={"accuracy": ACCURACY},
    confidence=0.9,
    segments=(SEGMENT,),
    constant=ConstantAnswer(
        label="bank",
        positive=False,
        scores={"accuracy": 0.75, "precision": None},
        cv={"accuracy": FoldSummary(mean=0.75, std=0.25, n_folds=2, n_all=3)},
    ),
    skill={
        "KNN": Skill(
            difference=0.0, low=None, high=0.25, p_accuracy=1.0, p_ranking=0.5, more_accurate=False, ranks=False
        )
    },
    verdict="No model beats always answering 'bank'.",
    missingness={
        "Lines": {"KNN": NonMissingScores(n=10, n_positive=3, metrics={"accuracy": ACCURACY}, recall={"0.5": 0.5})}
    },
)
EXPLANATIONS = Explanations(
    rows=12,
    permutation=(Importance(feature="Lines", drop=0.25, std=0.0),),
    contributions=(Contribution(feature="Lines", mean_abs=1.5),),
    coefficients=None,
    partial_dependence={
        "Lines": (DependencePoint(value=1.5, probability=0.5), DependencePoint(value=None, probability=1.0)),
        "Industry": (DependencePoint(value="bank", probability=0.5),),
    },
)
TIMING = Timing(predict=0.5, rows=10)


@pytest.mark.parametrize(
    "document", [METRICS, SELECTION, EXPLANATIONS, TIMING], ids=lambda document: type(document).__name__
)
def test_it_reads_back_as_what_was_written(document: Document) -> None:
    text = json.dumps(document.to_plain(), allow_nan=False)
    assert type(document).of_plain(json.loads(text)) == document


@pytest.mark.parametrize(
    ("fitted", "plain"),
    [
        (SigmoidMap(slope=2.0, intercept=-1.0), {"kind": "sigmoid", "slope": 2.0, "intercept": -1.0}),
        (IsotonicMap(x=(0.0, 1.0), y=(0.25, 0.5)), {"kind": "isotonic", "x": [0.0, 1.0], "y": [0.25, 0.5]}),
    ],
)
def test_the_kinds_of_calibration_map_are_told_by_their_name(fitted: CalibrationMap, plain: dict[str, Any]) -> None:
    assert json.loads(json.dumps(plain_of(fitted))) == plain
    document = json.loads(json.dumps(METRICS.to_plain()))
    document["calibration"]["map"] = plain
    assert Metrics.of_plain(document).calibration.map == fitted


def test_a_confusion_matrix_gives_its_rates_and_zero_where_a_class_has_no_rows() -> None:
    assert (MATRIX.positives, MATRIX.negatives, MATRIX.recall, MATRIX.fpr) == (4, 8, 0.75, 0.25)
    empty = ConfusionMatrix(tn=0, fp=0, fn=0, tp=0)
    assert (empty.recall, empty.fpr) == (0.0, 0.0)


def test_a_mean_knows_how_many_folds_it_is_over() -> None:
    assert FOLDS.summary == FoldSummary(mean=0.75, std=0.25, n_folds=2)


def test_a_score_without_bounds_has_no_interval() -> None:
    assert [score.has_interval for score in (ACCURACY, UNRESOLVED, Score(value=1.0))] == [True, False, False]


def test_a_segment_names_what_it_is_split_by_and_the_share_of_its_larger_class() -> None:
    assert (SEGMENT.title, SEGMENT.baseline) == ("Lines (missing or not)", 0.7)


def test_a_cost_is_written_only_where_there_is_one() -> None:
    one = Quantity(value=None, low=0.0, high=2.0)
    without = Quantities(alerts=one, true_alerts=one, false_alerts=one, missed=one, precision=one, hours=one)
    assert "cost" not in plain_of(without)
    assert plain_of(without)["alerts"] == {"value": None, "low": 0.0, "high": 2.0}


def test_the_time_for_a_row_is_the_mean_over_all() -> None:
    assert TIMING.seconds_per_row == 0.05
