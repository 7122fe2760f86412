"""Kinds of sources and file formats: discovered, each recognized by what it is, and one file is enough for another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from phishcli.events import Notice, OnEvent, ignore
from phishcli.sources import formats as formats_package
from phishcli.sources import kinds as kinds_package
from phishcli.sources.formats import Format, accepted, by_magic, format_of, formats
from phishcli.sources.kinds import SourceKind, kind_of, kinds
from phishcli.sources.locate import locate, locate_offline
from phishcli.sources.source import Batches, Reading, Request, Source


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("sample", "sample"),
        ("./sample", "file"),
        ("Sample", "file"),
        ("sites.csv", "file"),
        ("file:///sites.csv", "file"),
        ("http://host/sites.csv", "web"),
        ("HTTPS://host/sites.csv", "web"),
        ("httpsites.csv", "file"),
        ("postgresql://host/db", "database"),
        ("mysql+pymysql://host/db", "database"),
        ("duckdb:///own.db", "database"),
        ("s3://own/sites.csv", "bucket"),
        ("gs://own/data/*.csv", "bucket"),
        ("ftp://host/sites.csv", "file"),
        ("data/*.csv", "files"),
        (".", "files"),
        ("-", "stdin"),
        ("./-", "file"),
    ],
)
def test_a_source_is_recognized_by_what_the_user_names(source: str, kind: str) -> None:
    assert kind_of(source).locate.__module__ == f"phishcli.sources.kinds.{kind}"


def test_every_file_of_the_packages_is_registered() -> None:
    for package, found in ((kinds_package, len(kinds())), (formats_package, len(formats()))):
        files = {path.stem for path in Path(package.__file__).parent.glob("*.py")} - {"__init__"}
        assert found == len(files)
    assert [kind.fallback for kind in kinds()] == [False] * (len(kinds()) - 1) + [True]


def test_formats_are_named_by_their_files_and_claim_nothing_twice() -> None:
    assert set(formats()) == {path.stem for path in Path(formats_package.__file__).parent.glob("*.py")} - {"__init__"}
    claims = [claim for each in formats().values() for claim in (*each.magic, *each.suffixes)]
    assert len(claims) == len(set(claims))
    for each in formats().values():
        assert f"{each.label} ({each.accepted})" in accepted()
        assert all(by_magic(magic + b"more") is each for magic in each.magic)
        assert all(format_of(f"a{suffix.upper()}", b"text", "a") is each for suffix in each.suffixes)


@dataclass(frozen=True)
class Query:
    """A source that is no file."""

    origin: str
    sha256: str = "ab" * 32
    synthetic: bool = False
    files: tuple[Path, ...] = ()

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        on_event(Notice("read"))
        return Batches.of(pa.table({"a": [1, 2, 3]}), asked and asked.table)


def _matches(source: str) -> bool:
    return source.startswith("queries://")


def _locate(request: Request) -> Source:
    return Query(request.source)


@pytest.fixture
def _with_queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One more module in the package."""
    made = SimpleNamespace(KIND=SourceKind(_matches, _locate, _locate))
    found = [*kinds_package.iter_modules(kinds_package.__path__), SimpleNamespace(name="postgres")]
    load = kinds_package.import_module
    monkeypatch.setattr(kinds_package, "iter_modules", lambda _: found)
    monkeypatch.setattr(kinds_package, "import_module", lambda name: made if name.endswith(".postgres") else load(name))
    kinds.cache_clear()
    yield
    kinds.cache_clear()


@pytest.mark.usefixtures("_with_queries")
def test_one_more_file_is_one_more_kind(tmp_path: Path) -> None:
    source = locate("queries://host/db", cache=tmp_path)
    assert source == locate_offline("queries://host/db", cache=tmp_path)
    assert (source.origin, source.files) == ("queries://host/db", ())
    assert pa.Table.from_batches(source.read().batches).to_pydict() == {"a": [1, 2, 3]}


def test_a_format_that_shows_neither_magic_nor_suffix_is_never_chosen() -> None:
    assert not by_magic(b"anything")
    assert isinstance(next(iter(formats().values())), Format)
