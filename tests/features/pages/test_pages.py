"""What a page shows; the value of every feature was counted by hand on a tiny page."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

pytest.importorskip("selectolax")

from phishcli.errors import DataError
from phishcli.features.pages.folder import joined, pages_of, read_pages, said
from phishcli.features.pages.page import FEATURES, extract

OWN = "https://www.mybank.example.com/login"


def of(html: str, url: str | None = OWN) -> Any:
    return extract(html.encode(), url).features


@pytest.mark.parametrize(
    ("name", "html", "value"),
    [
        ("LineOfCode", "<p>\n\n<b>x</b>\n", 3),
        ("LargestLineLength", "ab\nabcde\n<i>", 5),
        ("NoOfURLRedirect", "<meta http-equiv=Refresh content='0; URL=https://evil.example.net/'>", 1),
        ("NoOfURLRedirect", "<script>window.location.href = 'https://evil.example.net/'</script>", 1),
        ("NoOfURLRedirect", "<script>location.replace('/next')</script>", 0),
        ("NoOfSelfRedirect", "<script>location.replace('/next'); location='https://a.mybank.example.com'</script>", 2),
        ("NoOfPopup", "<script>window.open('a'); window.open ('b'); reopen()</script>", 2),
        ("NoOfiFrame", "<iframe></iframe><iframe src=x></iframe>", 2),
        ("NoOfImage", "<img><img src=a><picture></picture>", 2),
        ("NoOfSelfRef", "<a href='/x'>a</a><a href='https://other.example.com'>b</a><a href='x.html'>c</a><a>d</a>", 3),
        ("NoOfEmptyRef", "<a href='#'>a</a><a href=''>b</a><a href='JavaScript:void(0)'>c</a><a href='#top'>d</a>", 4),
        ("NoOfExternalRef", "<a href='https://a.org/x'>a</a><a href='//b.org'>b</a><a href='mailto:x@c.net'>c</a>", 2),
        ("Robots", "<meta name=ROBOTS content=none>", 1),
        ("Robots", "<meta name=author>", 0),
        ("IsResponsive", "<meta name=viewport>", 1),
        ("IsResponsive", "<style>@media print {}</style>", 1),
        ("IsResponsive", "<style>p {}</style>", 0),
        ("HasTitle", "<title> </title>", 0),
        ("TitleLength", "<title>\n My   bank </title>", 7),
        ("TitleInHost", "<title>MyBank example weather</title>", 2 / 3),
        ("HasDescription", "<meta name=description content=x>", 1),
        ("HasFavicon", "<link rel='shortcut icon' href=/i.ico>", 1),
        ("FaviconExternal", "<link rel=icon href=https://other.org/i.ico>", 1),
        ("FaviconExternal", "<link rel=icon href=i.ico>", 0),
        ("NoOfForm", "<form></form><form action=x></form>", 2),
        ("NoOfExternalForm", "<form action=https://a.org></form><form action=/x></form>", 1),
        ("NoOfEmptyForm", "<form></form><form action='#'></form><form action='javascript:x()'></form>", 3),
        ("NoOfPassword", "<input type=PASSWORD><input>", 1),
        ("NoOfHidden", "<input type=hidden><input type=text>", 1),
        ("NoOfInput", "<input><input type=hidden>", 2),
        ("HasSubmit", "<button>go</button>", 1),
        ("HasSubmit", "<button type=button>no</button>", 0),
        ("HasSubmit", "<input type=submit>", 1),
        ("NoOfScript", "<script></script><script src=x></script>", 2),
        ("NoOfExternalScript", "<script src=https://a.org/x.js></script><script src=/y.js></script>", 1),
        ("NoOfStyle", "<style></style><link rel=stylesheet href=x><link rel=next href=y>", 2),
        ("NoOfSocial", "<a href=https://facebook.com/me>f</a><a href=https://facebook.example.com>n</a>", 1),
    ],
)
def test_a_feature_is_what_its_definition_says(name: str, html: str, value: float) -> None:
    assert of(html)[name] == value


def test_every_feature_is_tried_here() -> None:
    (mark,) = test_a_feature_is_what_its_definition_says.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} == {each.name for each in FEATURES}


def test_without_an_address_what_has_a_host_is_external() -> None:
    found = of(f"<a href='{OWN}'>a</a><a href=/x>b</a>", None)
    assert (found["NoOfExternalRef"], found["NoOfSelfRef"], found["TitleInHost"]) == (1, 1, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1251"])
def test_a_page_is_read_in_its_encoding(encoding: str) -> None:
    declared = "" if encoding.startswith("utf") else f"<meta charset={encoding}>"
    title = "Überweisung" if encoding != "cp1251" else "банк"
    page = f"{declared}<title>{title}</title>".encode(encoding)
    assert extract(page).features["TitleLength"] == len(title)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02",
        b"<meta charset=no-such>x",
        b"<meta charset=rot13>x",
        b"\xff\xfe\x00",
        b"<",
        b"<a href=",
        b"<title>" * 9,
    ],
)
def test_no_bytes_make_it_fail(content: bytes) -> None:
    assert len(extract(content, "http://[::1").features) == len(FEATURES)


@pytest.mark.parametrize(
    ("content", "limited"),
    [
        (b"<p>" + b"x" * 6_000_000, "only its first 5 MB count"),
        (b"<div>" * 100_000, "nested too deep"),
        (b"<p><a href=/x>a</a></p>" * 210_000, "elements count|5 MB"),
        (b"<img src='data:image/png;base64," + b"A" * 4_900_000 + b"'>", None),
        (b"<" * 5_000_000, None),
        (b"<a " * 1_600_000, None),
        (b"<script>" + b"location=" * 500_000, None),
    ],
    ids=["long", "deep", "many", "data", "angles", "open", "script"],
)
def test_hostile_pages_are_bounded_and_said(content: bytes, limited: str | None) -> None:
    started = time.process_time()
    found = extract(content, OWN)
    assert time.process_time() - started < 20  # against what is quadratic, which would take hours
    assert (found.limited is None) == (limited is None)
    if limited is not None:
        import re

        assert re.search(limited, found.limited or "")


def folder_of_pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "more").mkdir(parents=True)
    (folder / "a.html").write_text("<title>a</title>")
    (folder / "more" / "b.htm").write_text("<form></form>")
    (folder / "empty.html").touch()
    (folder / ".hidden.html").write_text("x")
    (folder / "picture.png").write_bytes(b"x")
    return folder


def test_a_folder_is_read_with_what_could_not_be_read_listed(tmp_path: Path) -> None:
    folder = folder_of_pages(tmp_path)
    (tmp_path / "secret.html").write_text("<title>secret</title>")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    os.mkfifo(folder / "pipe.html")
    found = {row["file"]: row for row in read_pages(pages_of(folder)).to_pylist()}
    assert list(found) == ["a.html", "empty.html", "link.html", "more/b.htm", "pipe.html"]
    assert (found["a.html"]["TitleLength"], found["a.html"]["status"]) == (1, "read")
    assert found["more/b.htm"]["NoOfForm"] == 1
    assert found["empty.html"]["status"] == "not read: it is empty"
    assert found["link.html"]["status"] == "not read: it lies outside of the folder"
    assert found["pipe.html"]["status"] == "not read: it is no file"
    assert found["pipe.html"]["NoOfForm"] is None
    assert said(read_pages(pages_of(folder))) == "5 pages, 3 not read (see the column status)"


def test_an_index_gives_addresses_and_passes_columns_on(tmp_path: Path) -> None:
    folder_of_pages(tmp_path)
    (tmp_path / "index.csv").write_text(f"file,url,label\npages/a.html,{OWN},1\npages/gone.html,https://b.org/x,0\n")
    found = read_pages(pages_of(tmp_path / "index.csv")).to_pylist()
    assert [(row["url"], row["label"], row["tenant"]) for row in found] == [
        (OWN, 1, "example.com"),
        ("https://b.org/x", 0, "b.org"),
    ]
    assert found[1]["status"] == "not read: No such file or directory"


def test_more_processes_give_the_same_table(tmp_path: Path) -> None:
    for number in range(130):
        (tmp_path / f"{number}.html").write_text(f"<title>{'x' * number}</title>")
    assert read_pages(pages_of(tmp_path), jobs=2).equals(read_pages(pages_of(tmp_path)))


def test_a_table_is_joined_by_what_it_shares() -> None:
    pages = pa.table({"file": ["a", "b", "c"], "tenant": ["x.org", None, "y.org"]})
    found = joined(pages, pa.table({"tenant": ["y.org", "z.org"], "age": [7, 8]}))
    assert found.column("age").to_pylist() == [None, None, 7]
    with pytest.raises(DataError, match="no column file, url or tenant"):
        joined(pages, pa.table({"host": ["y.org"]}))
    with pytest.raises(DataError, match="1 value of tenant twice"):
        joined(pages, pa.table({"tenant": ["y.org", "y.org"]}))


def test_mistakes_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no page"):
        pages_of(tmp_path)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(DataError, match="no column 'file'"):
        pages_of(tmp_path / "t.csv")
    with gzip.open(tmp_path / "bomb.csv.gz", "wb") as file:
        file.write(b"file\n" + b"0" * 50_000_000)
    with pytest.raises(DataError):
        pages_of(tmp_path / "bomb.csv.gz")
