"""The study knows the folds, the rank and the distance from the best one of every trial."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.documents.base import plain_of
from phishcli.errors import TrainError
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import SKIPPED, FitResult, FoldFit, PrunedFit
from phishcli.search.results import SHOWN, result_of, trials_of, within_error
from phishcli.search.study import Study

MakeStudy = Callable[..., Study]
NAN = float("nan")


@pytest.fixture
def mixed(study: MakeStudy) -> Study:
    """One trial of each kind: the best, a tie of two behind it, pruned after 2 and 1 folds, unfinished, failed."""
    found = study([[0.9, 0.8, 0.9], [0.8, 0.8, 0.8], [0.8, 0.8, 0.8], [0.7, 0.6], [0.95], [0.5, 0.5], [0.9, 0.9], []])
    found.prune({3}, among=[0, 3])
    found.prune({4}, among=[0, 4])
    found.record(6, 2, FitResult(error=ValueError("bad value\nat length"), warnings=("W: one",)))
    found.record(7, 0, FitResult(error=ValueError("worse"), warnings=("W: one", "W: two")))
    return found


def column(found: Study, name: str) -> list[Any]:
    values: list[Any] = trials_of(found)[name].tolist()
    return values


def test_every_trial_has_a_status(mixed: Study) -> None:
    kinds = ["complete", "complete", "complete", "pruned", "pruned", "unfinished", "failed", "failed"]
    assert column(mixed, "status") == kinds
    assert column(mixed, "folds") == [3, 3, 3, 2, 1, 2, 2, 0]


def test_ranks_go_by_status_then_by_folds_then_by_mean_and_equal_trials_share_one(mixed: Study) -> None:
    assert column(mixed, "rank") == [1, 2, 2, 4, 6, 5, 7, 7]


def test_means_and_deviations_are_over_the_folds_that_were_made(mixed: Study) -> None:
    trials = trials_of(mixed)
    scores = trials[["fold_0", "fold_1", "fold_2"]]
    assert trials["mean"].to_numpy() == pytest.approx(scores.mean(axis=1).to_numpy(), nan_ok=True)
    assert trials["std"].to_numpy() == pytest.approx(scores.std(axis=1, ddof=0).to_numpy(), nan_ok=True)
    assert np.isnan(trials["mean"].iloc[7])


def test_only_complete_trials_say_how_far_they_are_behind(mixed: Study) -> None:
    margins = mixed.scores[0] - mixed.scores[1]
    expected = margins.mean() / (margins.std(ddof=1) / np.sqrt(3))
    assert column(mixed, "behind") == pytest.approx([0, expected, expected, NAN, NAN, NAN, NAN, NAN], nan_ok=True)


def test_a_trial_that_is_behind_by_the_same_on_every_fold_is_behind_by_far(study: MakeStudy) -> None:
    found = study([[0.9, 0.8, 0.9], [0.9, 0.8, 0.9], [0.9, 0.8, 0.9]])
    found.scores[1] -= 0.25
    found.scores[:] = np.round(found.scores * 64) / 64
    assert column(found, "behind") == [0, float("inf"), 0]
    assert [line.behind for line in result_of(found, "KNN", "random").summary.best_trials] == [0, 0, None]


def test_errors_and_warnings_stand_beside_their_trial(mixed: Study) -> None:
    assert trials_of(mixed)["error"].dropna().to_dict() == {6: "bad value", 7: "worse"}
    assert trials_of(mixed)["warnings"].dropna().to_dict() == {6: "W: one", 7: "W: one; W: two"}


def test_parameters_are_json_and_seconds_are_summed(mixed: Study) -> None:
    assert [json.loads(text) for text in column(mixed, "params")] == [{"trial": number} for number in range(8)]
    assert column(mixed, "fit_seconds") == [3, 3, 3, 2, 1, 2, 2, 0]


def test_trials_survive_parquet(mixed: Study, study: MakeStudy, tmp_path: Any) -> None:
    for number, each in enumerate([mixed, study([[0.5, 0.5, 0.5]])]):
        path = tmp_path / f"{number}.parquet"
        trials_of(each).to_parquet(path)
        pd.testing.assert_frame_equal(pd.read_parquet(path), trials_of(each))


@pytest.mark.parametrize("scoring", ["fpr", "fnr"])
def test_where_less_is_better_the_least_is_the_best(scoring: Any, study: MakeStudy) -> None:
    found = study([[0.6, 0.7, 0.6], [0.9, 0.9, 1.0], [0.8, 0.7, 0.9]], scoring)
    means = np.array(column(found, "mean"))
    assert found.best == means.argmin()
    assert column(found, "rank") == [int((means < mean).sum()) + 1 for mean in means]
    assert all(margin >= 0 for margin in column(found, "behind"))


# The winner.


def test_the_best_complete_trial_wins_and_of_equals_the_first(study: MakeStudy) -> None:
    assert study([[0.8, 0.8, 0.8], [0.9, 0.9, 0.9], [0.9, 0.9, 0.9], [1.0, 1.0]]).best == 1


def test_of_equals_the_first_wins_whichever_is_ready_first(study: MakeStudy, data: TrainingData) -> None:
    found = study([[], [0.9, 0.9, 0.9]])
    for fold in range(3):
        found.record(0, fold, FitResult(FoldFit(found_fit(study, fold), 1.0)))
    assert found.best == 0


def found_fit(study: MakeStudy, fold: int) -> Any:
    return result_of(study([[0.9, 0.9, 0.9]]), "KNN", "random").fits[fold].probability


def test_what_was_found_is_the_winner_with_its_fits_and_their_warnings(study: MakeStudy, data: TrainingData) -> None:
    found = study([[0.5, 0.5, 0.5], [0.9, 0.9]])
    last = np.where(found.targets[2] == 1, 0.8, 0.2)
    found.record(1, 2, FitResult(FoldFit(last, 2.0), warnings=("W: late",)))
    result = result_of(found, "KNN", "random")
    assert result.params == {"trial": 1}
    assert np.array_equal(result.fits[2].probability, last)
    assert (len(result.fits), result.warnings, result.seconds) == (3, ((), (), ("W: late",)), 7)


def test_only_the_probabilities_of_the_winner_and_of_running_trials_are_kept(mixed: Study) -> None:
    kept = {trial for trial, fits in mixed.fits.items() if fits}
    assert {0, 5} <= kept
    assert not kept & {1, 2, 3, 4}


def test_the_summary_counts_trials_and_fits_and_shows_the_best_ones(mixed: Study) -> None:
    summary = result_of(mixed, "KNN", "random").summary
    json.dumps(plain_of(summary), allow_nan=False)
    assert summary.method == "random"
    counts = (summary.n_complete, summary.n_pruned, summary.n_failed, summary.n_unfinished)
    assert counts == (3, 2, 2, 1)
    assert (summary.scoring, summary.n_trials, summary.n_fits) == ("accuracy", 8, 18)
    assert (summary.best_trial, summary.params) == (0, {"trial": 0})
    assert summary.best_score == pytest.approx(mixed.scores[0].mean())
    assert [line.trial for line in summary.best_trials] == [0, 1, 2]
    first = summary.best_trials[0]
    assert (first.score, first.behind, first.params) == (summary.best_score, 0, {"trial": 0})


def test_no_more_than_the_first_few_trials_are_shown(study: MakeStudy) -> None:
    found = study([[0.5 + number / 40] * 3 for number in range(SHOWN + 3)])
    assert [line.trial for line in result_of(found, "KNN", "random").summary.best_trials] == [7, 6, 5, 4, 3]


def test_without_a_complete_trial_there_is_no_winner_but_the_first_reason(study: MakeStudy) -> None:
    found = study([[], [0.9, 0.9]])
    found.record(1, 2, FitResult(error=ValueError("later")))
    found.record(0, 1, FitResult(error=ValueError("first")))
    with pytest.raises(TrainError, match=r"(?s)All 2 trials of KNN failed; the first: first\n.*spaces\.KNN\nNarrow"):
        result_of(found, "KNN", "random")


@pytest.mark.parametrize(
    ("behind", "count"),
    [([0.0], 1), ([0.0, 0.5, 1.0, 1.1, 0.2], 3), ([0.0, float("inf")], 1), ([], 0), ([0.0, 0.0], 2)],
)
def test_trials_within_one_standard_error_are_counted_from_the_best_down(behind: list[float], count: int) -> None:
    assert within_error(behind) == count


# While it runs.


def test_the_furthest_trial_is_the_best_of_those_with_most_folds(study: MakeStudy) -> None:
    assert study([[0.9], [0.6, 0.7], [0.7, 0.7], [0.7, 0.7], []]).furthest() == 2


def test_the_furthest_trial_has_not_failed_and_is_a_pruned_one_only_if_no_other_is_left(
    study: MakeStudy,
) -> None:
    found = study([[0.9, 0.9], [0.8, 0.8], [0.5]])
    found.record(0, 2, FitResult(error=ValueError("bad")))
    found.prune({1}, among=[1])
    assert found.furthest() == 2
    found.record(2, 1, FitResult(error=ValueError("bad")))
    assert found.furthest() == 1
    found.record(1, 2, FitResult(error=ValueError("bad")))
    assert found.furthest() is None


def test_a_trial_that_is_restarted_has_no_scores(study: MakeStudy) -> None:
    found = study([[0.9, 0.9, 0.9], [0.8, 0.8], [0.5], [0.4]])
    found.record(3, 1, FitResult(error=ValueError("bad")))
    found.prune({1, 2}, among=[1, 2])
    assert found.restart(range(4)) == [1, 2]
    assert column(found, "status") == ["complete", "unfinished", "unfinished", "failed"]
    assert (found.fits[1], np.isnan(found.scores[1]).all()) == ({}, True)


def test_the_furthest_trial_is_the_one_with_the_least_where_less_is_better(study: MakeStudy) -> None:
    found = study([[0.6, 0.6], [0.9, 0.9], [0.7, 0.7]], "fpr")
    assert found.furthest() == int(np.nansum(found.scores, axis=1).argmin())


def test_what_is_leading_is_the_best_complete_trial_or_else_the_furthest(study: MakeStudy) -> None:
    assert study([[], []]).leader() is None
    begun = study([[0.9], [0.6, 0.7]])
    assert begun.leader() == (pytest.approx(np.nanmean(begun.scores[1])), {"trial": 1})
    ended = study([[0.9], [0.6, 0.7, 0.8]])
    assert ended.leader() == (pytest.approx(ended.scores[1].mean()), {"trial": 1})


def test_a_skipped_fit_leaves_no_trace(study: MakeStudy) -> None:
    found = study([[0.9, 0.9], []])
    found.record(0, 2, SKIPPED)
    assert (column(found, "status"), found.n_fits) == (["unfinished", "unfinished"], 2)


def test_a_pruned_fit_prunes_its_trial(study: MakeStudy) -> None:
    found = study([[0.9, 0.9, 0.9], [0.5]])
    found.record(1, 1, FitResult(PrunedFit(12, seconds=0.5)))
    assert (column(found, "status"), column(found, "folds")) == (["complete", "pruned"], [3, 1])
    assert (found.n_fits, column(found, "fit_seconds")) == (5, [3, 1.5])


def test_all_missing_fits_are_expected_as_long_as_no_trials_were_compared(study: MakeStudy) -> None:
    assert study([[0.9, 0.9, 0.9], [0.9], []]).expected_fits() == 5


def test_fewer_are_expected_the_more_trials_were_pruned(study: MakeStudy) -> None:
    found = study([[0.9], [0.5], [0.6], []])
    found.prune({1, 2}, among=[0, 1, 2])
    survival = (1 + 1) / (3 + 2)
    assert found.expected_fits() == pytest.approx((1 + survival) + (1 + survival + survival**2))


def test_nothing_is_expected_of_trials_that_failed(study: MakeStudy) -> None:
    found = study([[0.9, 0.9, 0.9], [0.9]])
    found.record(1, 1, FitResult(error=ValueError("bad")))
    assert found.expected_fits() == 0


def test_candidates_that_are_still_to_be_proposed_are_expected_too(study: MakeStudy) -> None:
    found = study([[0.9, 0.9, 0.9]])
    found.planned = 3
    assert found.expected_fits() == 6


def test_candidates_override_the_parameters_of_the_model(data: TrainingData) -> None:
    found = Study([{"p": 1}], data, "accuracy", {"p": 2, "weights": "distance"}).request(0, 1, essential=True)
    assert (found.params, found.fold, found.trial) == ({"p": 1, "weights": "distance"}, 1, 0)
    assert found.essential


def test_leads_are_over_the_rows_of_the_first_folds(study: MakeStudy) -> None:
    found = study([[0.9, 0.5], [0.5, 0.9]])
    right = [round(share * len(found.targets[0])) for share in (0.9, 0.5)]
    count = right[0] - right[1]
    assert found.lead(0, 1, folds=1) == pytest.approx((count - 1) / np.sqrt(count))
    assert found.lead(1, 0, folds=1) == -found.lead(0, 1, folds=1)
    assert found.lead(0, 1, folds=2) == pytest.approx(0, abs=0.5)
    assert found.brier_lead(0, 1, folds=1) == -found.brier_lead(1, 0, folds=1) > 0


def test_a_trial_that_failed_keeps_no_probabilities(mixed: Study) -> None:
    assert not any(mixed.failed(trial) and fits for trial, fits in mixed.fits.items())
