"""The board knows of every trial how far it has come, where it stands, and how far it is behind the best one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.errors import TrainError
from phishcli.fits.fit import SKIPPED, FoldFit, Outcome, Stopped
from phishcli.search.results import SHOWN, conclude, trials_of, within_error
from phishcli.search.scoreboard import Board
from phishcli.types import TrainingData

MakeBoard = Callable[..., Board]
NAN = float("nan")


@pytest.fixture
def mixed(board: MakeBoard) -> Board:
    """One trial of each kind: the best, a tie of two behind it, dropped after 2 and 1 folds, unfinished, failed."""
    found = board([[0.9, 0.8, 0.9], [0.8, 0.8, 0.8], [0.8, 0.8, 0.8], [0.7, 0.6], [0.95], [0.5, 0.5], [0.9, 0.9], []])
    found.judge([0, 3], {3}, folds=2)
    found.judge([0, 4], {4}, folds=1)
    found.add(6, 2, Outcome(error=ValueError("bad value\nat length"), warnings=("W: one",)))
    found.add(7, 0, Outcome(error=ValueError("worse"), warnings=("W: one", "W: two")))
    return found


def column(board: Board, name: str) -> list[Any]:
    found: list[Any] = trials_of(board)[name].tolist()
    return found


def test_every_trial_has_a_status(mixed: Board) -> None:
    kinds = ["complete", "complete", "complete", "dropped", "dropped", "unfinished", "failed", "failed"]
    assert column(mixed, "status") == kinds
    assert column(mixed, "folds") == [3, 3, 3, 2, 1, 2, 2, 0]


def test_ranks_go_by_status_then_by_folds_then_by_mean_and_equal_trials_share_one(mixed: Board) -> None:
    assert column(mixed, "rank") == [1, 2, 2, 4, 6, 5, 7, 7]


def test_means_and_deviations_are_over_the_folds_that_were_made(mixed: Board) -> None:
    trials = trials_of(mixed)
    scores = trials[["fold_0", "fold_1", "fold_2"]]
    assert trials["mean"].to_numpy() == pytest.approx(scores.mean(axis=1).to_numpy(), nan_ok=True)
    assert trials["std"].to_numpy() == pytest.approx(scores.std(axis=1, ddof=0).to_numpy(), nan_ok=True)
    assert np.isnan(trials["mean"].iloc[7])


def test_only_complete_trials_say_how_far_they_are_behind(mixed: Board) -> None:
    margins = mixed.scores[0] - mixed.scores[1]
    expected = margins.mean() / (margins.std(ddof=1) / np.sqrt(3))
    assert column(mixed, "behind") == pytest.approx([0, expected, expected, NAN, NAN, NAN, NAN, NAN], nan_ok=True)


def test_a_trial_that_is_behind_by_the_same_on_every_fold_is_behind_by_far(board: MakeBoard) -> None:
    found = board([[0.9, 0.8, 0.9], [0.9, 0.8, 0.9], [0.9, 0.8, 0.9]])
    found.scores[1] -= 0.25
    found.scores[:] = np.round(found.scores * 64) / 64
    assert column(found, "behind") == [0, float("inf"), 0]
    assert [line["behind"] for line in conclude(found, "KNN").summary["best_trials"]] == [0, 0, None]


def test_errors_and_warnings_stand_beside_their_trial(mixed: Board) -> None:
    assert trials_of(mixed)["error"].dropna().to_dict() == {6: "bad value", 7: "worse"}
    assert trials_of(mixed)["warnings"].dropna().to_dict() == {6: "W: one", 7: "W: one; W: two"}


def test_parameters_are_json_and_seconds_are_summed(mixed: Board) -> None:
    assert [json.loads(text) for text in column(mixed, "params")] == [{"trial": number} for number in range(8)]
    assert column(mixed, "fit_seconds") == [3, 3, 3, 2, 1, 2, 2, 0]


def test_trials_survive_parquet(mixed: Board, board: MakeBoard, tmp_path: Any) -> None:
    for number, each in enumerate([mixed, board([[0.5, 0.5, 0.5]])]):
        path = tmp_path / f"{number}.parquet"
        trials_of(each).to_parquet(path)
        pd.testing.assert_frame_equal(pd.read_parquet(path), trials_of(each))


@pytest.mark.parametrize("scoring", ["fpr", "fnr"])
def test_where_less_is_better_the_least_is_the_best(scoring: Any, board: MakeBoard) -> None:
    found = board([[0.6, 0.7, 0.6], [0.9, 0.9, 1.0], [0.8, 0.7, 0.9]], scoring)
    means = np.array(column(found, "mean"))
    assert found.best == means.argmin()
    assert column(found, "rank") == [int((means < mean).sum()) + 1 for mean in means]
    assert all(margin >= 0 for margin in column(found, "behind"))


# The winner.


def test_the_best_complete_trial_wins_and_of_equals_the_first(board: MakeBoard) -> None:
    assert board([[0.8, 0.8, 0.8], [0.9, 0.9, 0.9], [0.9, 0.9, 0.9], [1.0, 1.0]]).best == 1


def test_of_equals_the_first_wins_whichever_is_ready_first(board: MakeBoard, data: TrainingData) -> None:
    found = board([[], [0.9, 0.9, 0.9]])
    for fold in range(3):
        found.add(0, fold, Outcome(FoldFit(found_fit(board, fold), 1.0)))
    assert found.best == 0


def found_fit(board: MakeBoard, fold: int) -> Any:
    return conclude(board([[0.9, 0.9, 0.9]]), "KNN").fits[fold].probability


def test_what_was_found_is_the_winner_with_its_fits_and_their_warnings(board: MakeBoard, data: TrainingData) -> None:
    found = board([[0.5, 0.5, 0.5], [0.9, 0.9]])
    last = np.where(found.targets[2] == 1, 0.8, 0.2)
    found.add(1, 2, Outcome(FoldFit(last, 2.0), warnings=("W: late",)))
    result = conclude(found, "KNN")
    assert result.params == {"trial": 1}
    assert np.array_equal(result.fits[2].probability, last)
    assert (len(result.fits), result.warnings, result.seconds) == (3, ((), (), ("W: late",)), 7)


def test_only_the_probabilities_of_the_winner_and_of_what_is_still_in_are_kept(mixed: Board) -> None:
    kept = {trial for trial, fits in mixed.fits.items() if fits}
    assert {0, 5} <= kept
    assert not kept & {1, 2, 3, 4}


def test_the_summary_counts_trials_and_fits_and_shows_the_best_ones(mixed: Board) -> None:
    summary = conclude(mixed, "KNN").summary
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    counts = {name: summary[f"n_{name}"] for name in ("complete", "dropped", "failed", "unfinished")}
    assert counts == {"complete": 3, "dropped": 2, "failed": 2, "unfinished": 1}
    assert (summary["scoring"], summary["n_trials"], summary["n_fits"]) == ("accuracy", 8, 18)
    assert (summary["best_trial"], summary["params"]) == (0, {"trial": 0})
    assert summary["best_score"] == pytest.approx(mixed.scores[0].mean())
    assert [line["trial"] for line in summary["best_trials"]] == [0, 1, 2]
    first = summary["best_trials"][0]
    assert (first["score"], first["behind"], first["params"]) == (summary["best_score"], 0, {"trial": 0})


def test_no_more_than_the_first_few_trials_are_shown(board: MakeBoard) -> None:
    found = board([[0.5 + number / 40] * 3 for number in range(SHOWN + 3)])
    assert [line["trial"] for line in conclude(found, "KNN").summary["best_trials"]] == [7, 6, 5, 4, 3]


def test_without_a_complete_trial_there_is_no_winner_but_the_first_reason(board: MakeBoard) -> None:
    found = board([[], [0.9, 0.9]])
    found.add(1, 2, Outcome(error=ValueError("later")))
    found.add(0, 1, Outcome(error=ValueError("first")))
    with pytest.raises(TrainError, match=r"(?s)All 2 trials of KNN failed; the first: first\n.*spaces\.KNN\nNarrow"):
        conclude(found, "KNN")


@pytest.mark.parametrize(
    ("behind", "count"),
    [([0.0], 1), ([0.0, 0.5, 1.0, 1.1, 0.2], 3), ([0.0, float("inf")], 1), ([], 0), ([0.0, 0.0], 2)],
)
def test_trials_within_one_standard_error_are_counted_from_the_best_down(behind: list[float], count: int) -> None:
    assert within_error(behind) == count


# While it goes on.


def test_the_furthest_trial_is_the_best_of_those_with_most_folds(board: MakeBoard) -> None:
    assert board([[0.9], [0.6, 0.7], [0.7, 0.7], [0.7, 0.7], []]).furthest() == 2


def test_the_furthest_trial_is_none_that_failed_and_one_that_was_dropped_only_where_no_other_is_left(
    board: MakeBoard,
) -> None:
    found = board([[0.9, 0.9], [0.8, 0.8], [0.5]])
    found.add(0, 2, Outcome(error=ValueError("bad")))
    found.judge([1], {1}, folds=2)
    assert found.furthest() == 2
    found.add(2, 1, Outcome(error=ValueError("bad")))
    assert found.furthest() == 1
    found.add(1, 2, Outcome(error=ValueError("bad")))
    assert found.furthest() is None


def test_a_trial_that_is_revived_begins_again(board: MakeBoard) -> None:
    found = board([[0.9, 0.9, 0.9], [0.8, 0.8], [0.5], [0.4]])
    found.add(3, 1, Outcome(error=ValueError("bad")))
    found.judge([1, 2], {1, 2}, folds=2)
    assert found.revive(range(4)) == [1, 2]
    assert column(found, "status") == ["complete", "unfinished", "unfinished", "failed"]
    assert (found.fits[1], np.isnan(found.scores[1]).all()) == ({}, True)


def test_the_furthest_trial_is_the_one_with_the_least_where_less_is_better(board: MakeBoard) -> None:
    found = board([[0.6, 0.6], [0.9, 0.9], [0.7, 0.7]], "fpr")
    assert found.furthest() == int(np.nansum(found.scores, axis=1).argmin())


def test_what_is_leading_is_the_best_complete_trial_or_else_the_furthest(board: MakeBoard) -> None:
    assert board([[], []]).leading() is None
    begun = board([[0.9], [0.6, 0.7]])
    assert begun.leading() == (pytest.approx(np.nanmean(begun.scores[1])), {"trial": 1})
    ended = board([[0.9], [0.6, 0.7, 0.8]])
    assert ended.leading() == (pytest.approx(ended.scores[1].mean()), {"trial": 1})


def test_a_skipped_fit_leaves_no_trace(board: MakeBoard) -> None:
    found = board([[0.9, 0.9], []])
    found.add(0, 2, SKIPPED)
    assert (column(found, "status"), found.ended) == (["unfinished", "unfinished"], 2)


def test_a_fit_that_was_broken_off_drops_its_trial(board: MakeBoard) -> None:
    found = board([[0.9, 0.9, 0.9], [0.5]])
    found.add(1, 1, Outcome(Stopped(12, seconds=0.5)))
    assert (column(found, "status"), column(found, "folds")) == (["complete", "dropped"], [3, 1])
    assert (found.ended, column(found, "fit_seconds")) == (5, [3, 1.5])


def test_all_fits_that_are_open_are_expected_as_long_as_nothing_was_judged(board: MakeBoard) -> None:
    assert board([[0.9, 0.9, 0.9], [0.9], []]).expected() == 5


def test_fewer_are_expected_the_more_trials_were_dropped(board: MakeBoard) -> None:
    found = board([[0.9], [0.5], [0.6], []])
    found.judge([0, 1, 2], {1, 2}, folds=1)
    survival = (1 + 1) / (3 + 2)
    assert found.expected() == pytest.approx((1 + survival) + (1 + survival + survival**2))


def test_nothing_is_expected_of_trials_that_failed(board: MakeBoard) -> None:
    found = board([[0.9, 0.9, 0.9], [0.9]])
    found.add(1, 1, Outcome(error=ValueError("bad")))
    assert found.expected() == 0


def test_candidates_that_are_still_to_be_proposed_are_expected_too(board: MakeBoard) -> None:
    found = board([[0.9, 0.9, 0.9]])
    found.planned = 3
    assert found.expected() == 6


def test_candidates_override_the_parameters_of_the_model(data: TrainingData) -> None:
    found = Board([{"p": 1}], data, "accuracy", {"p": 2, "weights": "distance"}).fit(0, 1, essential=True)
    assert (found.params, found.fold, found.trial) == ({"p": 1, "weights": "distance"}, 1, 0)
    assert found.essential


def test_leads_are_over_the_rows_of_the_first_folds(board: MakeBoard) -> None:
    found = board([[0.9, 0.5], [0.5, 0.9]])
    right = [round(share * len(found.targets[0])) for share in (0.9, 0.5)]
    count = right[0] - right[1]
    assert found.ahead(0, 1, folds=1) == pytest.approx((count - 1) / np.sqrt(count))
    assert found.ahead(1, 0, folds=1) == -found.ahead(0, 1, folds=1)
    assert found.ahead(0, 1, folds=2) == pytest.approx(0, abs=0.5)
    assert found.sharper(0, 1, folds=1) == -found.sharper(1, 0, folds=1) > 0


def test_a_trial_that_failed_keeps_no_probabilities(mixed: Board) -> None:
    assert not any(mixed.failed(trial) and fits for trial, fits in mixed.fits.items())
