"""The options and results of single stages: segments, explanations, the report and its figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import typer

from phishcli.render import charts


def computed(said: object) -> list[str]:
    return [stage["step"] for stage in said.document["stages"] if stage["state"] == "done"]


def test_evaluate_by_a_column_reports_scores_per_value(on_sites: Callable, tmp_path: Path) -> None:
    assert on_sites("evaluate", "--by", "Industry").code == 0
    table = pd.read_parquet(tmp_path / ".cache/evaluate/latest/segments.parquet")
    own = table[table["model"] == "LogisticRegression"]
    assert set(own["column"]) == {"Industry"}
    assert set(own["segment"]) == {"eCommerce", "eCommerce ", "Banking"}
    assert own["n"].sum() == 48
    predictions = pd.read_parquet(tmp_path / ".cache/evaluate/LogisticRegression/latest/predictions.parquet")
    right = (predictions["prediction"] == predictions["target"]).mean()
    assert (own["accuracy"] * own["n"]).sum() / 48 == pytest.approx(right)


def test_several_columns_can_be_asked_for_and_models_are_not_scored_again(on_sites: Callable) -> None:
    on_sites("evaluate")
    again = on_sites("evaluate", "--by=Industry", "--by=NoOfImage", "--json")
    assert computed(again) == ["evaluate"]
    shown = on_sites("config", "show", "--set=evaluate.by=[Industry,NoOfImage]", "--json").document
    assert shown["evaluate.by"]["value"] == ["Industry", "NoOfImage"]


def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are(on_sites: Callable) -> None:
    said = on_sites("evaluate", "--by", "Industrie")
    assert said.code == 3
    assert "There is no feature 'Industrie'" in said.err
    assert "Industry" in said.err


def test_explain_shows_features_by_what_each_model_would_lose(on_sites: Callable) -> None:
    said = on_sites("explain", "-q")
    assert said.code == 0
    rows = [line.split() for line in said.out.splitlines() if line.startswith(("Lines", "NoOfImage", "Industry"))]
    assert sorted(row[0] for row in rows) == ["Industry", "Lines", "NoOfImage"]
    assert rows[0][0] == "Lines"
    assert {len(row) for row in rows} == {3}
    assert "LogisticRegression: log odds per unit of the scaled feature: " in said.out


def test_explain_as_json_is_what_the_stage_found(on_sites: Callable) -> None:
    document = on_sites("explain", "--json").document
    assert list(document["explanations"]) == ["LogisticRegression", "NaiveBayes"]
    assert document["explanations"]["NaiveBayes"]["permutation"][0]["feature"] == "Lines"
    assert {stage["step"] for stage in document["stages"]} == {"explain/LogisticRegression", "explain/NaiveBayes"}


def test_explain_scores_nothing(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("explain")
    assert (tmp_path / ".cache/explain").is_dir()
    assert not (tmp_path / ".cache/evaluate").exists()


def test_without_explanations_none_is_made_and_the_report_goes_without(on_sites: Callable, tmp_path: Path) -> None:
    assert on_sites("run-all", "--set=evaluate.explain=false").code == 0
    assert not (tmp_path / ".cache/explain").exists()
    summary = json.loads((tmp_path / "results/summary.json").read_text())
    assert summary["models"]["NaiveBayes"]["explanation"] is None


def figures(folder: Path) -> set[str]:
    return {path.name for path in (folder / "results").iterdir() if path.suffix in (".svg", ".png")}


@pytest.mark.skipif(not charts.charts_available(), reason="the charts extra is not installed")
def test_figures_are_written_only_where_they_are_asked_for(phish: Callable, sites: Path, tmp_path: Path) -> None:
    data = (f"--source={sites}", "--target=label", "--positive-label=phishing")
    quick = ("--set=train.models=[NaiveBayes]", "--set=evaluate.n_boot=0")
    phish("report", *data, *quick)
    assert figures(tmp_path) == set()
    phish("report", "--figures", *data, *quick)
    assert {"roc.svg", "roc.png", "intervals.svg", "intervals.png"} <= figures(tmp_path)
    assert (tmp_path / "results/roc.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "results/roc.svg").read_text()


def test_figures_that_cannot_be_drawn_are_told_with_the_reason(
    on_sites: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "No figures were written: report.charts is false." in on_sites("report", "--figures").err
    monkeypatch.setattr(charts, "charts_available", lambda: False)
    data = (f"--source={tmp_path / 'sites.csv'}", "--target=label", "--positive-label=phishing")
    quick = ("--set=train.models=[NaiveBayes]", "--set=evaluate.n_boot=0")
    said = on_sites.__wrapped__("report", "--figures", *data, *quick)
    assert said.code == 0
    assert "No figures were written: run pip install 'phishcli[charts]' first." in said.err
    assert figures(tmp_path) == set()


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been opened in a browser."""
    found: list[str] = []
    monkeypatch.setattr(typer, "launch", lambda url: found.append(url) or 0)
    return found


def test_report_opens_the_page_only_when_it_is_told_to(on_sites: Callable, launched: list[str], tmp_path: Path) -> None:
    on_sites("report")
    assert launched == []
    assert on_sites("report", "--open").code == 0
    assert launched == [str(tmp_path / "results/report.html")]
    assert Path(launched[0]).is_file()


def test_where_nothing_opens_the_page_it_is_said_where_it_lies(
    on_sites: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typer, "launch", lambda _: 3)
    said = on_sites("report", "--open")
    assert said.code == 0
    assert f"open the report yourself: {tmp_path / 'results/report.html'}" in said.err.replace("\n", "")


def test_a_report_that_is_only_planned_or_fails_opens_nothing(on_sites: Callable, launched: list[str]) -> None:
    assert on_sites("report", "--open", "--dry-run").code == 0
    assert on_sites("report", "--open", "--no-upstream").code == 2
    assert launched == []


def test_a_model_that_cannot_be_explained_stays_in_the_report(
    on_sites: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from phishcli.evaluation import explain_model as stage

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("cannot be asked")

    monkeypatch.setattr(stage, "permutation_importance", fails)
    said = on_sites("run-all")
    assert said.code == 0
    assert "explain/NaiveBayes: failed: NaiveBayes cannot be explained: cannot be asked" in said.err
    summary = json.loads((tmp_path / "results/summary.json").read_text())
    assert list(summary["models"]) == ["LogisticRegression", "NaiveBayes"]
