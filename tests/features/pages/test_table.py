"""The table of pages: from folders, indexes and lists of addresses, joined with what else is known."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from phishcli.features.pages import registry
from tests.conftest import Phish

URLS = {"a": "https://www.shop.co.uk/", "b": "https://evil.de/login", "c": "https://x.evil.de/"}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, url in URLS.items():
        (folder / f"{name}.html").write_text(f"<title>{name}</title>\n<a href={url}>", encoding="utf-8")
    return folder


@pytest.fixture
def index(pages: Path) -> Path:
    frame = pd.DataFrame({"file": [f"{name}.html" for name in URLS], "url": URLS.values(), "label": [0, 1, 1]})
    frame.to_csv(pages / "index.csv", index=False)
    return pages / "index.csv"


def read(path: str) -> pd.DataFrame:
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": lambda p: pd.read_json(p, lines=True)}
    return readers[Path(path).suffix](path)  # type: ignore[operator, no-any-return]  # readers of pandas


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.jsonl"])
def test_an_index_gives_address_features_and_all_its_columns(index: Path, phish: Phish, name: str) -> None:
    assert phish("features", "extract", index, "-o", name).code == 0
    table = read(name)
    assert list(table.columns) == ["file", "url", "label", "tenant", *registry(), "status"]
    assert table["url"].tolist() == list(URLS.values())
    assert table["NoOfSelfRef"].tolist() == [1, 1, 1]
    assert table["label"].tolist() == [0, 1, 1]


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_an_index_may_be_of_any_format_and_lie_elsewhere(
    index: Path, pages: Path, phish: Phish, tmp_path: Path, suffix: str
) -> None:
    frame = pd.read_csv(index).rename(columns={"file": "saved", "url": "where"})
    if suffix == "parquet":
        frame.to_parquet("i.parquet")
    else:
        frame.to_json("i.jsonl", orient="records", lines=True)
    columns = ("--file-column", "saved", "--url-column", "where", "--folder", pages)
    assert phish("features", "extract", f"i.{suffix}", "-o", "t.csv", *columns).code == 0
    assert read("t.csv")["NoOfSelfRef"].tolist() == [1, 1, 1]


def test_an_index_reads_nothing_outside_of_its_folder(pages: Path, phish: Phish, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("<p>secret")
    names = ["a.html", "../secret.html", str(tmp_path / "secret.html"), "none.html", "", "x\0y"]
    pd.DataFrame({"file": names}).to_parquet(pages / "i.parquet")
    assert phish("features", "extract", pages / "i.parquet", "-o", "t.csv").code == 0
    assert read("t.csv")["LineOfCode"].notna().tolist() == [True, *[False] * 5]
    reasons = read("t.csv")["status"].tolist()
    assert reasons[1:3] == ["not read: it lies outside the folder"] * 2
    assert reasons[3:5] == ["not read: it cannot be read: No such file or directory", "not read: no file is named"]


def test_files_named_by_numbers_are_found_as_they_are_written(pages: Path, phish: Phish) -> None:
    (pages / "007").write_text("<p>")
    (pages / "i.csv").write_text("file,n\n007,1\n")
    assert phish("features", "extract", pages / "i.csv", "-o", "t.parquet").code == 0
    assert read("t.parquet")["LineOfCode"].tolist() == [1]


def test_a_folder_gives_files_and_labels_by_folder(pages: Path, phish: Phish) -> None:
    (pages / "phishing" / "deep").mkdir(parents=True)
    (pages / "phishing" / "deep" / "d.html").write_text("<p>")
    said = phish("features", "extract", pages, "-o", "t.parquet", "--label-folders")
    assert said.code == 0
    table = read("t.parquet")
    assert table["file"].tolist() == ["a.html", "b.html", "c.html", "phishing/deep/d.html"]
    assert table["label"].isna().tolist() == [True, True, True, False]
    assert table["NoOfSelfRef"].isna().all()


def test_a_list_of_addresses_gives_addresses_and_what_is_joined(phish: Phish, tmp_path: Path) -> None:
    Path("urls.txt").write_text("\ufeff# a list\n" + "\n\n".join(URLS.values()) + "\r\n" + "x" * 100_000)
    Path("whois.csv").write_text("domain,DomainAgeMonths\nevil.de,3\nEVIL.de.,4\nhttps://shop.co.uk/x,90\n")
    said = phish("features", "extract", "--urls", "urls.txt", "--join", "whois.csv", "-o", "t.parquet")
    assert said.code == 0
    assert "found for 3 of 4 pages; 1 row with the key of an earlier one left out" in said.err
    table = read("t.parquet")
    assert list(table.columns) == ["url", "tenant", "DomainAgeMonths"]
    assert table["DomainAgeMonths"].fillna(-1).tolist() == [90, 3, 3, -1]
    assert table["url"].str.len().max() == 65_536


@pytest.mark.parametrize("key", ["id,Industry\nb.html", "url,Industry\nhttps://evil.de/login"])
def test_a_table_is_joined_by_file_or_by_the_whole_address_as_well(index: Path, phish: Phish, key: str) -> None:
    Path("more.csv").write_text(f"{key},Banking\n")
    assert phish("features", "extract", index, "--join", "more.csv", "-o", "t.csv").code == 0
    assert read("t.csv")["Industry"].fillna("").tolist() == ["", "Banking", ""]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Name a folder or a table of pages"),
        (("pages", "--urls", "u.txt"), 2, "Name a folder or a table of pages"),
        (("pages/index.csv", "--url-column", "nope"), 2, "--url-column"),
        (
            ("pages/index.csv", "--join", "pages/index.csv", "--join-on", "url"),
            2,
            "Several columns would have the same name: file, label",
        ),
        (("pages/index.csv", "--join", "pages/index.csv", "--join-on", "x"), 2, "no column 'x'"),
        (("nowhere.csv",), 3, "There is no such file"),
        (("--urls", "pages"), 3, "Is a directory"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_what_to_do(
    index: Path, phish: Phish, arguments: tuple[str, ...], code: int, words: str
) -> None:
    said = phish("features", "extract", *arguments, "-o", "t.csv")
    assert said.code == code
    assert words in said.err
    assert not Path("t.csv").exists()


def test_the_format_is_that_of_the_suffix(pages: Path, phish: Phish) -> None:
    assert phish("features", "extract", pages, "-o", "t.xlsx").code == 2


def test_without_the_parser_the_error_says_what_to_install(
    pages: Path, phish: Phish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "selectolax", None)
    said = phish("features", "extract", pages, "-o", "t.csv")
    assert (said.code, "pip install 'phishcli[pages]'" in said.err) == (3, True)
