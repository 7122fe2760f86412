"""How two runs differ: settings, data, findings, models, and scores of independent samples."""

from __future__ import annotations

from math import sqrt
from typing import Any

import msgspec
import numpy as np
import pytest

from phishcli.documents.metrics import Score
from phishcli.documents.run import Run, RunFinding
from phishcli.documents.sections import SplitFacts
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.runs import (
    SHOWN,
    Changes,
    ModelChanges,
    RunDifferences,
    ScoreDifference,
    compared_metrics,
    differences,
    unpaired,
)
from tests.recorded import MODEL, RUN


def changed(**parts: Any) -> Run:
    return msgspec.structs.replace(RUN, **parts)


def test_a_run_does_not_differ_from_itself() -> None:
    assert differences(RUN, changed()) == RunDifferences(
        config={},
        data={},
        versions={},
        findings=Changes(new=(), gone=()),
        models=ModelChanges(new=(), gone=(), both=("SVM",)),
    )


def test_settings_are_named_in_full_with_both_values_even_if_one_run_has_none() -> None:
    config = {"train": {"seed": 7, "params": {"SVM": {"C": 2}}}, "load": {"source": "sites.csv"}}
    assert differences(RUN, changed(config=config)).config == {
        "train.seed": (42, 7),
        "train.params.SVM.C": (None, 2),
    }


def test_data_versions_findings_and_models_that_differ_are_listed() -> None:
    findings = (RUN.findings[0], RunFinding(code="identifier", severity="warning", column="Id"))
    new = changed(
        sha256="bb",
        rows=120,
        columns=("Lines",),
        split=SplitFacts(train_rows=80, test_rows=40, features=3, group="Host"),
        versions={"numpy": "2.1", "scipy": "1.0"},
        findings=findings,
        models={"KNN": MODEL},
    )
    found = differences(RUN, new)
    assert found.data == {
        "sha256": ("aa", "bb"),
        "rows": (100, 120),
        "columns": (["Lines", "Host"], ["Lines"]),
        "split.test_rows": (20, 40),
        "split.group": (None, "Host"),
    }
    assert found.versions == {"numpy": ("2.0", "2.1"), "scipy": (None, "1.0")}
    assert found.findings == Changes(new=("identifier:Id",), gone=("missing-values:Lines",))
    assert found.models == ModelChanges(new=("KNN",), gone=("SVM",), both=())


def test_findings_of_the_whole_table_are_named_without_a_column() -> None:
    findings = (RunFinding(code="class-imbalance", severity="note", column=None),)
    found = differences(RUN, changed(findings=findings)).findings
    assert found == Changes(new=("class-imbalance",), gone=("few-rows", "missing-values:Lines"))


def test_the_halves_of_two_intervals_are_put_together_by_pythagoras() -> None:
    old, new = Score(value=0.80, low=0.77, high=0.83), Score(value=0.90, low=0.86, high=0.94)
    half = sqrt(0.03**2 + 0.04**2)
    found = unpaired(old, new)
    assert (found.old, found.new) == (0.80, 0.90)
    assert (found.difference, found.low, found.high) == pytest.approx((0.1, 0.1 - half, 0.1 + half))


@pytest.mark.simulation
def test_a_difference_of_two_samples_is_covered_about_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(0), 0
    for _ in range(1_000):
        runs = []
        for share, n in ((0.8, 400), (0.85, 250)):
            value = rng.binomial(n, share) / n
            half = 1.96 * sqrt(value * (1 - value) / n)
            runs.append(Score(value=value, low=value - half, high=value + half))
        found = unpaired(*runs)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.05 <= found.high
    assert 0.93 <= covered / 1_000 <= 0.97


@pytest.mark.parametrize("missing", [0, 1])
def test_without_a_value_there_is_no_difference_and_without_an_interval_none_of_it(missing: int) -> None:
    scores = [Score(value=0.8, low=0.7, high=0.9)] * 2
    scores[missing] = Score(value=0.8)
    assert unpaired(*scores) == ScoreDifference(old=0.8, new=0.8, difference=0, low=None, high=None)
    scores[missing] = Score(value=None)
    unknown = ScoreDifference(old=0.8, new=0.8, difference=None, low=None, high=None)
    assert unpaired(*scores) == msgspec.structs.replace(unknown, **{("old", "new")[missing]: None})


@pytest.mark.parametrize(
    ("low", "high", "significant"), [(0.01, 0.1, True), (-0.1, -0.01, True), (-0.1, 0.1, False), (None, None, False)]
)
def test_a_difference_is_significant_if_its_interval_excludes_0(
    low: float | None, high: float | None, significant: bool
) -> None:
    assert ScoreDifference(old=0.8, new=0.85, difference=0.05, low=low, high=high).is_significant is significant


def test_scores_are_the_same_if_they_are_so_on_every_resample() -> None:
    same = ScoreDifference(old=0.8, new=0.8, difference=0.0, low=0.0, high=0.0)
    assert same.is_none
    assert not msgspec.structs.replace(same, low=-0.1).is_none
    assert not msgspec.structs.replace(same, new=0.9).is_none


def test_metrics_that_are_compared_are_shown_in_display_order() -> None:
    order = [each.name for each in METRICS]
    shown = [name for name, _ in compared_metrics()]
    assert sorted(shown) == sorted(SHOWN)
    assert shown == sorted(shown, key=order.index)
