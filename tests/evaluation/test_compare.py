"""The comparison of models: which is selected, which are indistinguishable, and where they do worse."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import matthews_corrcoef, recall_score, roc_auc_score

from phishcli.config.schema import EvaluateConfig
from phishcli.documents.findings import Finding, Findings
from phishcli.documents.metrics import FoldScores
from phishcli.documents.selection import Selection
from phishcli.errors import DataError, EvaluateError
from phishcli.evaluation.compare import NO_FINDINGS, Compared, compare
from phishcli.evaluation.evaluate import Scored, evaluate
from phishcli.evaluation.folds import cross_validated, fold_notes
from phishcli.evaluation.intervals import bootstrap
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.pairwise import against_best
from phishcli.evaluation.segments import check_columns
from phishcli.tables.memory import MemoryTable

UNSCORED = FoldScores(mean=None, std=None, n_folds=0, n_all=2, folds=(None, None))
NAMES = [metric.name for metric in METRICS]
ROWS, TEST = 1_500, 300
TARGET = np.random.default_rng(0).integers(0, 2, ROWS).astype(np.int8)
FEATURES = pd.DataFrame(
    {
        "Lines": np.where(np.arange(ROWS) % 5 == 0, np.nan, 1.0),
        "Host": pd.Categorical(np.where(np.arange(ROWS) % 3 == 0, "a", "b")),
    }
)
FINDINGS = Findings(
    findings=(
        Finding(
            code="missing-in-one-class",
            title="t",
            severity="warning",
            column="Lines",
            detail="d",
            advice="a",
            numbers={},
        ),
    )
)
LABELS = pd.DataFrame({"label": np.where(TARGET == 1, "bad", "good"), "target": TARGET})
KEYS = pd.DataFrame({"twin": np.arange(ROWS)})


class Scripted:
    """A classifier with given probabilities."""

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
        Scripted(probability[test]),
        "Scripted",
        MemoryTable.of_columns(
            {"number": np.arange(TEST, dtype=np.float32), "target": TARGET[test].astype(np.int8)}, TEST
        ),
        oof=oof,
        rows=test,
        labels=pd.Series(TARGET[test], index=test),
    )
    return Scored(done.metrics, done.predictions, done.resamples, oof)


def compared(
    errors: dict[str, float], findings: Findings = NO_FINDINGS, costs: Any = None, **settings: Any
) -> Compared:
    given = EvaluateConfig(n_boot=200, **settings)
    models = {name: scored(given, error, seed) for seed, (name, error) in enumerate(errors.items())}
    return compare(
        given,
        models,
        features=MemoryTable.of_frame(FEATURES),
        target=LABELS,
        keys=MemoryTable.of_frame(KEYS),
        findings=findings,
        costs=costs,
    )


def test_results_are_tidy_one_line_per_model_and_metric_in_display_order() -> None:
    results = compared({"A": 0.1, "B": 0.2}).results
    assert list(results.columns) == ["model", "metric", "value", "low", "high", "cv_mean", "cv_std"]
    assert results["model"].tolist() == ["A"] * len(NAMES) + ["B"] * len(NAMES)
    assert results["metric"].tolist() == NAMES * 2
    unresolved = results[results["metric"] == "tpr@fpr=0.001"]
    assert unresolved[["value", "low", "high", "cv_mean"]].isna().all(axis=None)


def test_results_hold_the_scores_of_the_models_and_nan_where_there_is_none() -> None:
    given = EvaluateConfig(n_boot=40)
    models = {"A": scored(given, 0.1, 0), "B": scored(given, 0.3, 1)}
    found = compare(
        given, models, features=MemoryTable.of_frame(FEATURES), target=LABELS, keys=MemoryTable.of_frame(KEYS)
    ).results.set_index(["model", "metric"])
    for (model, metric), line in found.iterrows():
        score, folds = models[model].metrics.metrics[metric], models[model].metrics.cv[metric]
        expected = [score.value, score.low, score.high, folds.mean, folds.std]
        assert line.tolist() == pytest.approx([np.nan if each is None else each for each in expected], nan_ok=True)
    assert 0 < found.isna().to_numpy().sum() < found.size


@pytest.mark.parametrize(("select_on", "winner"), [("cv", "A"), ("test", "B")])
def test_the_best_over_the_folds_or_on_the_test_set_is_selected_with_its_own_scores(
    select_on: str, winner: str
) -> None:
    given = EvaluateConfig(n_boot=40, select_on=select_on)  # type: ignore[arg-type]  # one of its words
    good, bad = scored(given, 0.1, 0), scored(given, 0.3, 1)
    models = {
        "A": replace(bad, metrics=msgspec.structs.replace(bad.metrics, cv=good.metrics.cv)),
        "B": replace(good, metrics=msgspec.structs.replace(good.metrics, cv=bad.metrics.cv)),
    }
    found = compare(
        given,
        models,
        features=MemoryTable.of_frame(FEATURES),
        target=LABELS,
        keys=MemoryTable.of_frame(KEYS),
        findings=FINDINGS,
    ).selection
    assert (found.model, found.on, found.ranking[0]) == (winner, select_on, winner)
    assert found.scores == models[winner].metrics.metrics
    assert {segment.model for segment in found.segments} == {winner}
    assert found.table["A"]["accuracy"] == bad.metrics.metrics["accuracy"].value
    assert found.cv["A"]["accuracy"].mean == good.metrics.cv["accuracy"].mean
    assert found.best["accuracy"] == ("B",)


@pytest.mark.parametrize("grouped", [False, True])
def test_rows_with_a_telling_value_are_scored_alone_for_every_model(*, grouped: bool) -> None:
    given = EvaluateConfig(n_boot=40, confidence=0.8, seed=3)
    models = {"A": scored(given, 0.1, 0), "B": scored(given, 0.3, 1)}
    hosts = np.arange(ROWS) // 7
    target = LABELS.assign(group=hosts) if grouped else LABELS
    found = compare(
        given,
        models,
        features=MemoryTable.of_frame(FEATURES),
        target=target,
        keys=MemoryTable.of_frame(KEYS),
        findings=FINDINGS,
    ).selection
    kept = FEATURES["Lines"].notna().to_numpy()[-TEST:]
    assert list(found.missingness) == ["Lines"]
    for model, each in models.items():
        rows = each.predictions[kept]
        expected = bootstrap(
            rows["target"],
            rows["probability"],
            groups=hosts[-TEST:][kept] if grouped else None,
            n_boot=40,
            confidence=0.8,
            seed=3,
        )
        scores = found.missingness["Lines"][model]
        assert scores.n == kept.sum()
        assert scores.metrics["accuracy"].value == (rows["target"] == rows["prediction"]).mean()
        assert (scores.metrics["f1"].low, scores.metrics["f1"].high) == expected["f1"]


def test_a_telling_column_with_hardly_any_value_is_not_scored_alone_and_other_findings_never_are() -> None:
    given = EvaluateConfig(n_boot=0)
    features = FEATURES.assign(Lines=np.where(np.arange(ROWS) < ROWS - 9, np.nan, 1.0))
    (missing,) = FINDINGS.findings
    other = msgspec.structs.replace(missing, code="missing-values", column="Host")
    findings = Findings(findings=(missing, other))
    done = compare(
        given,
        {"A": scored(given, 0.2, 0)},
        features=MemoryTable.of_frame(features),
        target=LABELS,
        keys=MemoryTable.of_frame(KEYS),
        findings=findings,
    )
    assert done.selection.missingness == {}
    assert set(done.segments["column"]) == {"Lines"}


def test_a_model_that_is_clearly_better_is_significantly_so() -> None:
    selection = compared({"Bad": 0.4, "Good": 0.1}).selection
    assert (selection.model, selection.top_group) == ("Good", ("Good",))
    [test] = selection.tests
    assert (test.model, test.against, test.decided_by, test.significant) == ("Bad", "Good", "folds", True)
    assert test.folds is not None
    assert test.bootstrap is not None
    assert test.folds.p_adjusted < 0.05
    assert test.bootstrap.low > 0
    assert "Good is significantly better than every other model" in selection.rationale


def test_models_of_the_same_skill_are_one_group() -> None:
    selection = compared({"A": 0.2, "B": 0.2, "Bad": 0.45}).selection
    assert set(selection.top_group) == {"A", "B"}
    assert "is statistically indistinguishable from" in selection.rationale


def test_the_differences_are_those_of_the_scores() -> None:
    selection = compared({"A": 0.1, "B": 0.2}).selection
    [test] = selection.tests
    means = [selection.cv[name]["accuracy"].mean or 0 for name in "AB"]
    values = [selection.table[name]["accuracy"] or 0 for name in "AB"]
    assert test.folds is not None
    assert test.bootstrap is not None
    assert test.folds.value == pytest.approx(means[0] - means[1])
    assert test.bootstrap.value == pytest.approx(values[0] - values[1])
    assert (test.mcnemar.won - test.mcnemar.lost) / TEST == pytest.approx(test.bootstrap.value)


def test_p_values_are_adjusted_for_the_number_of_pairs() -> None:
    tests = compared({"A": 0.1, "B": 0.15, "C": 0.16, "D": 0.17}).selection.tests
    assert all(
        getattr(test, name).p_adjusted >= getattr(test, name).p
        for test in tests
        for name in ("folds", "mcnemar", "bootstrap")
    )
    over_folds = [test.folds for test in tests if test.folds is not None]
    least = min(over_folds, key=lambda found: found.p)
    assert least.p_adjusted == pytest.approx(min(1, 6 * least.p))


@pytest.mark.simulation
@pytest.mark.parametrize("names", ["AB", "ABCDEF"])
def test_the_best_of_equal_models_is_rarely_significantly_better(names: str) -> None:
    """On test sets of 500 rows; what is hard is mostly hard for all. The best is whichever comes out best."""
    rng, runs, seen = np.random.default_rng(0), 300, 0
    settings = EvaluateConfig(select_on="test", n_boot=0)
    alike = scored(settings, 0.2, 0).metrics
    unresolved = msgspec.structs.replace(alike, cv={"accuracy": UNSCORED})
    for _ in range(runs):
        hardness = rng.normal(size=500)
        right = {name: hardness + 0.5 * rng.normal(size=500) > -1 for name in names}
        models = {
            name: Scored(
                unresolved,
                pd.DataFrame({"target": 1, "prediction": judged.astype(np.int8)}),
                pd.DataFrame(),
                pd.DataFrame(),
            )
            for name, judged in right.items()
        }
        ranking = sorted(names, key=lambda name: -right[name].mean())
        seen += any(test.significant for test in against_best(settings, ranking, models))
    assert seen / runs <= 0.06 + 2 * np.sqrt(0.05 * 0.95 / runs), seen


def test_a_model_without_resamples_of_the_metric_is_judged_by_mcnemar() -> None:
    """A model that flags nothing has no precision to resample; the others have."""
    given = EvaluateConfig(n_boot=50, select_on="test", select_by="precision")
    models = {"A": scored(given, 0.1, 0), "B": scored(given, 0.2, 1), "Mute": scored(given, 0.2, 2)}
    mute = models["Mute"]
    models["Mute"] = replace(mute, resamples=mute.resamples.drop(columns="precision"))
    by_name = {test.model: test for test in against_best(given, ["A", "B", "Mute"], models)}
    assert (by_name["B"].decided_by, by_name["Mute"].decided_by) == ("bootstrap", "mcnemar")
    found = by_name["B"].bootstrap
    assert found is not None
    assert found.p_adjusted == found.p  # the only pair of its kind


def test_the_test_set_selects_when_asked_and_mcnemar_decides() -> None:
    selection = compared({"A": 0.3, "B": 0.1}, select_on="test").selection
    assert (selection.model, selection.tests[0].decided_by) == ("B", "mcnemar")
    assert "its test scores are optimistic" in selection.rationale


def test_by_another_metric_the_bootstrap_decides_on_the_test_set() -> None:
    selection = compared({"A": 0.3, "B": 0.1}, select_on="test", select_by="brier").selection
    assert (selection.model, selection.by, selection.tests[0].decided_by) == ("B", "brier", "bootstrap")
    assert selection.tests[0].bootstrap is not None
    assert selection.tests[0].bootstrap.value < 0
    assert selection.tests[0].significant


def test_the_simplest_of_the_group_is_preferred_when_asked() -> None:
    selection = compared({"A": 0.2, "B": 0.2}, costs={"A": 2, "B": 1}, prefer="simple").selection
    assert (selection.model, selection.prefer) == ("B", "simple")


def test_without_resamples_there_is_no_paired_interval_and_all_else_holds() -> None:
    given = EvaluateConfig(n_boot=0, select_on="test", select_by="f1")
    models = {name: scored(given, error, 1) for name, error in (("A", 0.1), ("B", 0.4))}
    selection = compare(
        given, models, features=MemoryTable.of_frame(FEATURES), target=LABELS, keys=MemoryTable.of_frame(KEYS)
    ).selection
    assert selection.tests[0].bootstrap is None
    assert selection.tests[0].decided_by == "mcnemar"


def test_one_model_alone_has_no_tests() -> None:
    selection = compared({"A": 0.2}).selection
    assert selection.tests == ()
    assert "only model" in selection.rationale


def test_the_selection_is_plain_json_without_nan() -> None:
    selection = compared({"A": 0.2, "B": 0.1}).selection
    assert Selection.of_plain(json.loads(json.dumps(selection.to_plain(), allow_nan=False))) == selection


def test_scores_are_reported_per_value_of_a_column() -> None:
    done = compared({"A": 0.2}, by=("Host",)).segments
    assert (set(done["column"]), set(done["by_missingness"])) == ({"Host"}, {False})
    assert set(done["segment"]) == {"a", "b"}
    assert done["n"].sum() == TEST


def test_rows_with_and_without_a_telling_value_are_always_scored() -> None:
    done = compared({"A": 0.2, "B": 0.3}, findings=FINDINGS).segments
    assert (set(done["column"]), set(done["by_missingness"])) == ({"Lines"}, {True})
    assert set(done["segment"]) == {"not missing", "missing"}
    non_missing = done[(done["model"] == "A") & (done["segment"] == "not missing")]
    assert non_missing["n"].tolist() == [int(FEATURES["Lines"].iloc[-TEST:].notna().sum())]


def test_without_either_there_are_no_segments_but_their_columns() -> None:
    done = compared({"A": 0.2}).segments
    assert len(done) == 0
    assert {"model", "column", "segment", "accuracy_low"} <= set(done.columns)


def test_a_column_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(DataError, match="There is no feature 'Hots' to report scores by") as caught:
        compared({"A": 0.2}, by=("Hots",))
    assert (caught.value.where, caught.value.hint) == ("evaluate.by", "The features are Lines, Host.")


def test_a_column_that_was_set_aside_is_said_to_have_been() -> None:
    for column, why in (("Hots", ""), ("Url", " It was left out of the table.")):
        with pytest.raises(DataError, match="There is no feature") as caught:
            check_columns(["Host", column], ["Host"], ["Url"])
        assert caught.value.what == f"There is no feature {column!r} to report scores by.{why}"


def test_suspects_are_twins_of_the_whole_table_and_are_followed_by_their_own_features() -> None:
    given, twins = EvaluateConfig(n_boot=0), np.arange(ROWS)
    first, other = np.flatnonzero(TARGET == 1)[-1], np.flatnonzero(TARGET == 0)[-1]
    twins[other] = twins[first]
    features = FEATURES.assign(number=np.arange(ROWS), row="a column of the same name")
    keys = pd.DataFrame({"twin": twins})
    found = compare(
        given,
        {"A": scored(given, 0.0, 0)},
        features=MemoryTable.of_frame(features),
        target=LABELS,
        keys=MemoryTable.of_frame(keys),
    ).suspects
    assert sorted(found["row"]) == sorted(found["number"]) == sorted([first, other])
    assert set(found["twin"]) == {first}


def test_suspects_carry_label_and_features() -> None:
    found = compared({"A": 0.1}).suspects
    assert list(found.columns) == [
        *("row", "label", "target", "probability", "against", "reason", "twin"),
        *FEATURES.columns,
    ]
    assert (found["label"] == np.where(TARGET[found["row"]] == 1, "bad", "good")).all()


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(EvaluateError, match="There is no evaluated model to compare") as caught:
        compared({})
    assert caught.value.hint == "See why the models failed: phish train -v"


def test_scores_of_a_fold_without_enough_negative_rows_are_not_made_up() -> None:
    target, folds = np.array([0, 1] * 20, dtype=np.int8), (np.arange(40) // 20).astype(np.int8)
    cv = cross_validated(target, target.astype(float), folds)
    assert cv["tpr@fpr=0.1"] == UNSCORED
    assert (cv["accuracy"].mean, cv["accuracy"].n_folds) == (1, 2)


ONE_CLASS = {"specificity", "fpr", "balanced_accuracy", "mcc", "roc_auc"}


@pytest.mark.parametrize(("only", "lost"), [(0, {*ONE_CLASS, "recall", "f1", "fnr", "pr_auc"}), (1, ONE_CLASS)])
def test_a_fold_of_one_class_does_not_enter_the_means_of_what_needs_both(only: int, lost: set[str]) -> None:
    """The means of the other two folds are those of scikit-learn."""
    rng = np.random.default_rng(1)
    folds = np.repeat([0, 1, 2], 100).astype(np.int8)
    target = np.where(folds == 1, only, rng.random(300) < 0.4).astype(np.int8)
    probability = np.clip(0.3 * target + 0.7 * rng.random(300), 0, 1)
    cv = cross_validated(target, probability, folds)
    others = [(target[folds == fold], probability[folds == fold]) for fold in (0, 2)]
    expected = {
        "roc_auc": [roc_auc_score(*part) for part in others],
        "mcc": [matthews_corrcoef(y, p >= 0.5) for y, p in others],
    }
    if only == 1:
        expected["fpr"] = [1 - recall_score(y, p >= 0.5, pos_label=0) for y, p in others]
    for name, values in expected.items():
        assert cv[name].folds[1] is None
        assert (cv[name].n_folds, cv[name].n_all) == (2, 3)
        assert cv[name].mean == pytest.approx(np.mean(values))
        assert cv[name].std == pytest.approx(np.std(values))
    partial = {name for name, found in cv.items() if found.partial and not name.startswith("tpr")}
    assert partial == lost - ({"specificity", "fpr"} if only == 0 else set())
    (note,) = fold_notes(cv)
    assert note.endswith("cross-validated over the 2 of 3 folds that define them.")
