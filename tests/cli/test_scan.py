"""From saved pages to a table, a release, and verdicts of single pages and addresses."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("selectolax")
GENERATED = Path(__file__).parents[1] / "features" / "pages" / "generated.py"


def generated() -> Any:
    spec = importlib.util.spec_from_file_location("generated", GENERATED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 pages with their index, and what an own table knows of half of them."""
    folder = tmp_path_factory.mktemp("scan")
    rows = generated().write_pages(folder / "pages", 200)
    index = pd.DataFrame(rows, columns=["file", "url", "label"]).assign(file=lambda made: "pages/" + made["file"])
    index.to_csv(folder / "index.csv", index=False)
    ages = pd.DataFrame({"url": index["url"].drop_duplicates(), "AgeMonths": range(index["url"].nunique())})
    ages.iloc[::2].to_csv(folder / "ages.csv", index=False)
    return folder


TRAIN = ("--target=label", "--positive-label=1", "--models=LogisticRegression,LightGBM", "--set=evaluate.n_boot=0")


@pytest.fixture(scope="module")
def released(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table of the pages and a release that was trained on it."""
    from typer.testing import CliRunner

    from phishcli.cli.app import whole

    folder = tmp_path_factory.mktemp("released")
    extract = ("features", "extract", pages / "index.csv", "-o", "table.parquet", "--join", pages / "ages.csv", "-q")
    train = ("run-all", "table.parquet", *TRAIN, "--drop=file", "--drop=status", "--set=report.charts=false")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in (extract, (*train, "--persist")):
            said = CliRunner().invoke(whole(), list(map(str, command)))
            assert said.exit_code == 0, said.output
    return folder


@pytest.fixture
def trained(pages: Path, released: Path, tmp_path: Path) -> Path:
    """The pages; the table and the release are in the current folder."""
    shutil.copytree(released, tmp_path, dirs_exist_ok=True, symlinks=True)
    return pages


def test_a_page_gets_a_verdict_with_reasons_and_what_was_not_seen(trained: Path, phish: Callable[..., Any]) -> None:
    found = pd.read_parquet("table.parquet")
    assert found["AgeMonths"].isna().sum() == 100
    row = found[found["NoOfPassword"] > 0].iloc[0]
    said = phish("scan", trained / row["file"], "--url", row["url"])
    assert said.code == 0, said.err
    assert "probability" in said.out
    assert "not seen: AgeMonths" in said.out
    document = phish("scan", trained / row["file"], "--url", row["url"], "--json").document
    notes = " ".join(document["rows"][0]["notes"])
    assert "all combinations; a search, not a proof" in notes
    reach, probability = document["rows"][0]["reach"], document["rows"][0]["probability"]
    assert document["rows"][0]["unknown"] == ["AgeMonths"]
    assert reach["low"] <= probability <= reach["high"]
    assert reach["by_column"]["AgeMonths"] == {"low": reach["low"], "high": reach["high"]}
    known = phish("scan", trained / row["file"], "--url", row["url"], "--value", "AgeMonths=7", "--json").document
    assert known["rows"][0]["unknown"] == []
    assert reach["low"] - 1e-9 <= known["rows"][0]["probability"] <= reach["high"] + 0.1
    scores = pd.read_parquet("table.parquet").iloc[[row.name]].assign(AgeMonths=None)
    scores.to_json("row.jsonl", orient="records", lines=True)
    answers = phish("predict", "row.jsonl", "--format=jsonl").out
    assert f"{document['rows'][0]['probability']:.6f}"[:7] in answers


def test_most_pages_are_judged_rightly(trained: Path, phish: Callable[..., Any]) -> None:
    fresh = generated().write_pages(Path("fresh"), 40, seed=9)
    right = 0
    for name, url, label in fresh:
        document = phish("scan", f"fresh/{name}", "--url", url, "--json").document
        right += document["rows"][0]["label"] == label
    assert right >= 30


def test_addresses_alone_are_judged_by_what_they_show(trained: Path, phish: Callable[..., Any]) -> None:
    Path("list.txt").write_text("https://login-site1.example.com/x\n\nhttps://site2.example.com/\n")
    said = phish("scan", "list.txt")
    assert said.out.count("probability") >= 2
    assert "https://login-site1.example.com/x" in said.out
    assert "NoOfForm" in said.out
    assert phish("scan", "https://site2.example.com/").code == 0


def test_a_page_is_told_from_a_list_by_what_it_holds_and_nothing_waits_for_a_pipe(
    trained: Path, phish: Callable[..., Any]
) -> None:
    Path("saved").write_text("\n <!doctype html><title>a</title><form></form>")
    assert phish("scan", "saved", "--json").document["rows"][0]["unknown"].count("NoOfForm") == 0
    os.mkfifo("pipe")
    for name, words in (("pipe", "no such page"), ("empty.txt", "no address"), ("long.txt", "more than 1,000")):
        Path("empty.txt").write_text("\n# nothing\n")
        Path("long.txt").write_text("https://a.b/\n" * 1001)
        said = phish("scan", name)
        assert (said.code, words in said.err) == (3, True)


def test_a_verdict_can_fail_a_build(trained: Path, phish: Callable[..., Any]) -> None:
    found = pd.read_parquet("table.parquet")
    row = found[found["NoOfPassword"] > 0].iloc[0]
    codes = {}
    for verdict in ("block", "review"):
        said = phish("scan", trained / row["file"], "--url", row["url"], "--json", "--fail-on", verdict)
        codes[verdict] = said.code
        assert (
            said.document["rows"][0]["verdict"]
            in {"block": ["block"], "review": ["block", "review", "unknown"]}[verdict]
        ) == (said.code == 8)
    assert set(codes.values()) <= {0, 8}


@pytest.mark.parametrize("value", ["NoOfForm", "Nothing=1", "NoOfForm=many"])
def test_a_value_must_be_one_of_a_column(trained: Path, phish: Callable[..., Any], value: str) -> None:
    said = phish("scan", "https://a.b/", "--value", value)
    assert (said.code, "--value" in said.err) == (2, True)


def test_a_release_of_another_table_and_a_missing_page_are_said(
    phish: Callable[..., Any], tmp_path: Path, on_sites: Any
) -> None:
    assert on_sites("persist", f"--results-dir={tmp_path}/results").code == 0
    (tmp_path / "page.html").write_text("<p>x</p>")
    said = phish("scan", tmp_path / "page.html", f"--results-dir={tmp_path}/results")
    assert (said.code, "not seen: Lines, Industry" in said.out) == (0, True)
    missing = phish("scan", "nothing.html", f"--results-dir={tmp_path}/results")
    assert missing.code == 3
    assert "There is no such page" in missing.err
    (tmp_path / "bomb.html").write_text(
        "<img><p>" + "".join(f"<b id={n}>" for n in range(9000)) + "</p>" + "<p>x</p>" * 9000
    )
    bomb = phish("scan", tmp_path / "bomb.html", f"--results-dir={tmp_path}/results")
    assert (bomb.code, "The page cannot be scored: it " in bomb.err) == (3, True)


def test_the_output_must_have_a_known_format(pages: Path, phish: Callable[..., Any], tmp_path: Path) -> None:
    said = phish("features", "extract", pages / "pages", "-o", tmp_path / "table.xlsx")
    assert (said.code, ".csv, .jsonl" in said.err) == (2, True)
    for kind in ("csv", "jsonl"):
        assert phish("features", "extract", pages / "pages", "-o", tmp_path / f"table.{kind}", "-j1").code == 0
    assert len(pd.read_csv(tmp_path / "table.csv")) == len(pd.read_json(tmp_path / "table.jsonl", lines=True)) == 200
