"""``phish runs`` and ``phish compare``: what was run before, and how two runs differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from phishcli.documents.base import plain_of
from phishcli.documents.metrics import Score
from phishcli.evaluation.runs import unpaired
from phishcli.history import PAIRED, UNPAIRED

SMOOTH = "--set=train.params.NaiveBayes.var_smoothing=0.5"


def ids(on_sites: Callable) -> list[str]:
    return [run["id"] for run in on_sites("runs", "--json").document]


def test_without_a_run_the_list_is_empty_and_says_how_to_make_one(on_sites: Callable) -> None:
    assert on_sites("runs", "--json").document == []
    assert "start one with `phish run-all`" in on_sites("runs").out
    said = on_sites("compare")
    assert said.code == 2
    assert "There is no run 'latest~1'" in said.err
    assert "results/runs holds 0 runs\n   next: Start one with `phish run-all`" in said.err


def test_one_run_can_be_compared_with_itself_and_with_no_other(on_sites: Callable) -> None:
    on_sites("run-all")
    (run,) = on_sites("runs", "--json").document
    assert run["selected"] == "LogisticRegression"
    assert run["models"]["NaiveBayes"]["metrics"]["accuracy"]["value"] > 0.5
    said = on_sites("compare")
    assert said.code == 2
    assert "results/runs holds 1 run\n   next: `phish runs` lists them" in said.err
    assert "Unchanged scores: LogisticRegression, NaiveBayes" in on_sites("compare", "latest", "latest").out


def test_a_run_in_which_nothing_is_stale_is_not_another_run(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("run-all")
    assert len(ids(on_sites)) == 1


def test_a_run_that_is_made_again_keeps_its_place(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("run-all", SMOOTH)
    before = ids(on_sites)
    on_sites("run-all")
    assert ids(on_sites) == before
    assert "train.params.NaiveBayes.var_smoothing0.5" in "".join(on_sites("runs").out.split())


def test_other_settings_give_paired_intervals_over_the_same_resamples(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    old = pd.read_parquet(tmp_path / ".cache/evaluate/NaiveBayes/latest/resamples.parquet")
    on_sites("run-all", SMOOTH)
    new = pd.read_parquet(tmp_path / ".cache/evaluate/NaiveBayes/latest/resamples.parquet")
    document = on_sites("compare", "--json").document
    assert document["config"] == {"train.params.NaiveBayes.var_smoothing": [None, 0.5]}
    assert document["data"] == {}
    assert document["method"].startswith(PAIRED)
    found = document["scores"]["NaiveBayes"]["roc_auc"]
    low, high = np.quantile(new["roc_auc"] - old["roc_auc"], [0.025, 0.975])
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert found["difference"] == pytest.approx(found["new"] - found["old"])
    records = sorted(on_sites("runs", "--json").document, key=lambda run: run["created"])
    scores = [run["models"]["NaiveBayes"]["metrics"] for run in records]
    for metric in ("ece", "tpr@fpr=0.1"):  # resamples mislead there
        expected = unpaired(*(msgspec.convert(each[metric], Score) for each in scores))
        assert document["scores"]["NaiveBayes"][metric] == pytest.approx(plain_of(expected))
    same = document["scores"]["LogisticRegression"]["roc_auc"]
    assert (same["difference"], same["low"], same["high"]) == (0, 0, 0)


def test_a_feature_that_is_left_out_leaves_the_test_rows_as_they_are(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("run-all", "--drop", "Lines")
    document = on_sites("compare", "--json").document
    assert document["data"]["columns"] != []
    assert document["method"].startswith(PAIRED)


def test_when_the_cache_is_gone_runs_can_still_be_compared_with_wider_intervals(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("run-all", SMOOTH)
    paired = on_sites("compare", "--json").document["scores"]["LogisticRegression"]["accuracy"]
    on_sites("cache", "clear", "--yes")
    document = on_sites("compare", "--json").document
    assert document["method"].startswith(UNPAIRED)
    unpaired = document["scores"]["LogisticRegression"]["accuracy"]
    assert (unpaired["old"], unpaired["new"]) == (paired["old"], paired["new"])
    assert unpaired["high"] - unpaired["low"] > paired["high"] - paired["low"]


@pytest.mark.parametrize("change", ["--set=evaluate.seed=7", "--set=preprocess.split.seed=7"])
def test_other_resamples_or_other_rows_are_not_taken_for_pairs(on_sites: Callable, change: str) -> None:
    on_sites("run-all")
    on_sites("run-all", change)
    document = on_sites("compare", "--json").document
    assert document["method"].startswith(UNPAIRED)
    scores = document["scores"]["LogisticRegression"]["accuracy"]
    assert scores["low"] < scores["difference"] < scores["high"]


def test_an_artifact_that_is_damaged_is_not_compared(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    on_sites("run-all", SMOOTH)
    path = tmp_path / ".cache/evaluate/NaiveBayes/latest/resamples.parquet"
    path.write_bytes(b"x" * path.stat().st_size)
    assert on_sites("compare", "--json").document["method"].startswith(UNPAIRED)


def test_other_data_are_told_by_what_changed(on_sites: Callable, sites: Path) -> None:
    on_sites("run-all")
    frame = pd.read_csv(sites)
    frame.assign(Extra=frame["Lines"].fillna(0) % 7).iloc[:-10].to_csv(sites, index=False)
    on_sites("run-all")
    document = on_sites("compare", "--json").document
    assert document["data"]["rows"] == [240, 230]
    assert "Extra" in document["data"]["columns"][1]
    assert document["config"] == {}
    out = on_sites("compare").out
    assert "+Extra" in out
    assert "split.test_rows" in out


def test_other_models_are_named(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("run-all", models="[LogisticRegression,KNN]")
    said = on_sites("compare")
    assert "Models new: KNN" in said.out
    assert "Models gone: NaiveBayes" in said.out
    assert on_sites("compare", "--json").document["models"]["both"] == ["LogisticRegression"]


def test_runs_are_found_by_their_beginning_and_counted_back_from_the_last(on_sites: Callable) -> None:
    for title in ("One", "Two", "Three"):
        on_sites("run-all", f"--set=report.title={title}")
    first, second, third = ids(on_sites)
    assert on_sites("compare", "latest~2", "latest~1").out.startswith(f"From {first} to {second}")
    assert on_sites("compare", first[:6], "latest~0").out.startswith(f"From {first} to {third}")


@pytest.mark.parametrize("name", ["nonsense", "latest~9", "latest~x", "latest~"])
def test_a_name_that_no_run_has_is_an_error(on_sites: Callable, name: str) -> None:
    on_sites("run-all")
    said = on_sites("compare", name, "latest")
    assert (said.code, f"There is no run {name!r}" in said.err) == ((0, False) if name == "latest~" else (2, True))


def test_a_name_that_several_runs_have_is_an_error(on_sites: Callable) -> None:
    for title in ("One", "Two"):
        on_sites("run-all", f"--set=report.title={title}")
    said = on_sites("compare", "", "latest")
    assert said.code == 2
    assert "Several runs start with ''" in said.err


@pytest.mark.parametrize("content", ["{", "[]", '{"id": "ffff000000"}', '{"id": "f", "created": "", "models": {}}'])
def test_a_damaged_file_costs_one_run_and_not_the_history(on_sites: Callable, tmp_path: Path, content: str) -> None:
    on_sites("run-all")
    before = ids(on_sites)
    (tmp_path / "results/runs/ffff000000.json").write_text(content)
    assert ids(on_sites) == before
    assert on_sites("runs").code == 0
    assert on_sites("compare", "latest", "latest").code == 0


def test_a_run_says_what_it_knows_of_data_config_and_versions(on_sites: Callable) -> None:
    on_sites("run-all")
    (run,) = on_sites("runs", "--json").document
    known: dict[str, Any] = {
        "rows": 240,
        "positives": 94,
        "columns": ["Lines", "NoOfImage", "Industry", "Lines_Missing"],
    }
    assert {key: run[key] for key in known} == known
    assert run["config"]["train"]["models"] == ["LogisticRegression", "NaiveBayes"]
    assert "scikit-learn" in run["versions"]
    assert {"category-spelling", "negative-counts"} <= {finding["code"] for finding in run["findings"]}
