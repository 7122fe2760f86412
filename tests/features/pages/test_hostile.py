"""Pages that want to break the reader are bounded, listed, and do not stop the run."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.features.pages import crew, place, worker
from phishcli.features.pages.crew import Crew
from phishcli.features.pages.decoding import decode
from phishcli.features.pages.extract import MOST_BYTES, Extracted, extract
from phishcli.features.pages.given import Found
from phishcli.features.pages.place import Home
from tests.conftest import Phish

GOOD = b"<title>a</title><img><a href=/>x</a>"


def value(found: Extracted, name: str) -> object:
    return found.features[name]


@pytest.mark.parametrize("content", [b"", b" \n\t", b"\x00" * 100])
def test_an_empty_file_is_skipped(content: bytes) -> None:
    assert extract(content).status == "skipped"


def test_a_file_without_any_tag_is_skipped() -> None:
    assert extract(b"plain text, 1 < 2") == Extracted("skipped", "it holds no HTML")
    assert extract(bytes(range(1, 60)) * 1000).reason == "it holds no HTML"


@pytest.mark.parametrize(
    "content",
    [
        "<title>Größe</title>".encode("utf-16"),
        "<title>Größe</title>".encode("utf-16-le"),
        "<title>Größe</title>".encode("utf-16-be"),
        "<title>Größe</title>".encode("utf-8-sig"),
        "<meta charset=koi8-r><title>Größe</title>".encode(),  # declares what it is not
        "<meta charset=iso-8859-1><title>Größe</title>".encode("latin-1"),
        "<meta charset=punycode><title>Größe</title>".encode("cp1252"),  # no encoding of pages
        "<meta charset=no-such><title>Größe</title>".encode("cp1252"),
    ],
)
def test_a_page_is_decoded_whatever_it_declares(content: bytes) -> None:
    assert "<title>Größe</title>" in decode(content)
    assert value(extract(content), "TitleLength") == 5


def test_a_declared_encoding_is_used_where_the_content_is_not_utf_8() -> None:
    assert "привет" in decode("<meta charset='windows-1251'>привет".encode("cp1251"))


def test_nul_characters_and_broken_bytes_neither_end_the_page_nor_fail() -> None:
    found = extract(b"<meta charset=utf-8><title>a\0b\xff</title>\0<img src=a\0>\xc3(<img>")
    assert value(found, "NoOfImage") == 2
    assert extract(b"<p>" + "ä".encode() * 10 + b"\xc3").status == "ok"


def test_of_a_large_page_the_beginning_is_read() -> None:
    found = extract(b"<img>\n" + b"<p>x</p>\n" * 1_300_000 + b"<img>")
    assert (found.status, value(found, "NoOfImage")) == ("limited", 1)
    assert f"{MOST_BYTES:,} bytes" in found.reason


def test_deep_nesting_is_cut_before_the_parser_sees_it() -> None:
    found = extract(b"<img>" + b"<div>" * 100_000 + b"<img>")
    assert (found.status, value(found, "NoOfImage")) == ("limited", 1)


def test_data_in_addresses_and_scripts_is_not_expanded() -> None:
    bomb = b"<img src='data:image/svg+xml;base64," + b"QUFB" * 100_000 + b"'><iframe srcdoc='" + b"<img>" * 9 + b"'>"
    found = extract(b"<link rel=icon href=data:text/html,%3Cimg%3E>" + bomb, "https://a.de")
    assert [value(found, name) for name in ("NoOfImage", "NoOfiFrame", "HasFavicon")] == [1, 1, 1]
    many = extract(b"<script>" + b"location=" * 200_000)
    assert value(many, "NoOfURLRedirect") == 1000


@given(content=st.binary(max_size=200), url=st.none() | st.text(max_size=40) | st.just("http://[::1"))
def test_no_bytes_and_no_address_make_it_fail(content: bytes, url: str | None) -> None:
    assert extract(b"<a href=//" + content, url).status in ("ok", "limited")


@given(reference=st.text(alphabet="htps:/\\\\.@a#?[]%\t 1-", max_size=20))
def test_no_reference_makes_it_fail(reference: str) -> None:
    assert Home.of(reference, reference).place(reference) in ("empty", "self", "external", "other", "unknown")


@given(reference=st.text(alphabet="htps:/ab.-?#", max_size=14).map("http://".__add__))
def test_the_shortcut_for_plain_references_changes_nothing(reference: str) -> None:
    home = Home.of("https://a.b")
    found = home.resolve(reference)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, "PLAIN", re.compile(r"(?!)"))
        assert home.resolve(reference) == found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pages"
    (root / "in").mkdir(parents=True)
    for number in range(70):
        (root / "in" / f"{number:02}.html").write_bytes(GOOD)
    (root / "attributes.html").write_bytes(b"<a " + b" ".join(b"x%d=1" % each for each in range(100_000)) + b">")
    (root / "empty.html").touch()
    (root / "deep.html").write_bytes(b"<div>" * 100_000)
    (root / "style.css").touch()
    (root / ".hidden.html").write_bytes(GOOD)
    secret = tmp_path / "secret.html"
    secret.write_bytes(GOOD)
    (root / "link.html").symlink_to(secret)
    (root / "inside.html").symlink_to("in/00.html")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.html")
    return root


def test_a_run_over_a_hostile_folder_ends_with_a_row_for_each_page_and_the_reasons(
    folder: Path, phish: Phish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SECONDS", 5.0)
    said = phish("features", "extract", folder, "-o", "t.parquet", "--json", "-j", "2")
    assert said.code == 0
    document = said.document
    assert (document["pages"], document["limited"], document["skipped"]) == (77, 1, 5)
    table = pd.read_parquet("t.parquet").set_index("file")
    reasons = table["status"]
    assert reasons["attributes.html"] == "not read: it takes more than 5 s to parse"
    assert reasons["empty.html"] == "not read: it is empty"
    assert reasons["link.html"] == "not read: it lies outside the folder"
    assert reasons["loop"] == "not read: it cannot be read: Is a directory"
    assert reasons["pipe.html"] == "not read: it cannot be read: Not a regular file"
    assert "limited: " in reasons["deep.html"]
    assert (table.loc[[f"in/{number:02}.html" for number in range(70)], "NoOfImage"] == 1).all()
    assert table.loc["inside.html", "NoOfImage"] == 1
    assert table.loc["link.html"].drop("status").isna().all()


def test_strict_says_by_the_exit_code_that_pages_were_limited_or_skipped(phish: Phish, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.html").write_bytes(GOOD)
    assert phish("features", "extract", "p", "-o", "t.csv", "--strict").code == 0
    (tmp_path / "p" / "b.html").touch()
    said = phish("features", "extract", "p", "-o", "t.csv", "--strict")
    assert said.code == 8
    assert "2 pages, 1 not read (see the column status)" in said.err
    assert "it is empty (1)" in said.err
    (tmp_path / "p" / "b.html").unlink()
    assert "column status" not in phish("features", "extract", "p", "-o", "t.csv").err


def test_no_readable_page_at_all_is_an_error(phish: Phish, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    said = phish("features", "extract", "p", "-o", "t.csv", "--json")
    assert (said.code, json.loads(said.out)["error"]["what"]) == (3, "The folder has no pages.")
    (tmp_path / "p" / "b.html").touch()
    assert phish("features", "extract", "p", "-o", "t.csv").code == 3


def test_what_a_process_dies_of_is_skipped_and_the_pages_around_it_are_read(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.html", tmp_path / "bad.html"
    good.write_bytes(GOOD)
    # Each paragraph opens all bold elements again, so that the tree outgrows any memory.
    bold = b"".join(b"<b id=%d>" % each for each in range(15_000))
    bad.write_bytes(b"<title>a</title><p>" + bold + b"</p>" + b"<p>x</p>" * 100_000)
    pages = [Found("", bad if each % 20 == 7 else good) for each in range(45)]
    with Crew(2) as hands:
        results = list(hands.run(pages))
    assert [each.status for each in results] == ["skipped" if each % 20 == 7 else "ok" for each in range(45)]


def test_results_come_in_order_and_no_more_pages_are_taken_than_can_be_kept(tmp_path: Path) -> None:
    taken = 0
    (tmp_path / "a.html").write_bytes(GOOD)

    def pages() -> Iterator[Found]:
        nonlocal taken
        for number in range(3000):
            taken += 1
            yield Found("", tmp_path / "a.html", reason=str(number))

    with Crew(2) as hands:
        results = hands.run(pages())
        first = [next(results).reason for _ in range(10)]
        assert first == [str(number) for number in range(10)]
        assert taken <= 2 * 4 * 32
        assert [each.reason for each in results] == [str(number) for number in range(10, 3000)]


def test_an_interrupted_run_leaves_neither_a_table_nor_a_process(
    folder: Path, phish: Phish, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands: list[Any] = []

    def interrupted(self: Crew) -> None:
        hands.extend(self._hands.values())
        raise KeyboardInterrupt

    monkeypatch.setattr(Crew, "_wait", interrupted)
    said = phish("features", "extract", folder, "-o", "t.parquet")
    assert (said.code, "no table was written" in said.err) == (130, True)
    assert [path.name for path in Path().iterdir() if "parquet" in path.name] == []
    assert hands
    assert all(hand.process.poll() is not None for hand in hands)


def test_processes_that_do_not_start_are_an_error_and_not_a_loop(
    folder: Path, phish: Phish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "command", lambda: [sys.executable, "-c", "raise SystemExit(3)"])
    said = phish("features", "extract", folder, "-o", "t.parquet")
    assert (said.code, "does not start" in said.err) == (1, True)
