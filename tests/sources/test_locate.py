"""Sources of every kind are found, named and hashed; what is none is refused with a reason."""

from __future__ import annotations

import gzip
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from phishcli.errors import DataError, PersistError
from phishcli.events import Event, Notice
from phishcli.sources.cached import find_copies
from phishcli.sources.file_source import FileSource
from phishcli.sources.locate import locate, locate_offline

if TYPE_CHECKING:
    from collections.abc import Iterator

CSV = b"a,label\n1,0\n2,1\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Give a folder that an ordinary user owns, and be that user."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)


def database(path: Path, *, mode: str = "delete") -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("CREATE TABLE t (a INTEGER)")
    connection.execute("INSERT INTO t VALUES (1)")
    connection.commit()
    return connection


def test_a_path_a_home_path_and_a_file_address_name_the_same_file(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my data.csv").write_bytes(CSV)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    names = ["my data.csv", str(tmp_path / "my data.csv"), "~/my data.csv", f"file://{tmp_path}/my%20data.csv"]
    found = [locate(name, cache=cache) for name in names]
    assert {source.sha256 for source in found} == {hashlib.sha256(CSV).hexdigest()}
    assert {path.resolve() for source in found for path in source.files} == {(tmp_path / "my data.csv").resolve()}
    assert [source.origin for source in found] == names
    assert not cache.exists()


@pytest.mark.parametrize("name", ["data.csv", "data.tsv", "data.TXT", "export"])
def test_text_is_taken_for_csv_by_its_name(tmp_path: Path, cache: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CSV)
    source = locate(str(tmp_path / name), cache=cache)
    assert isinstance(source, FileSource)
    assert source.format == "csv"


@pytest.mark.parametrize(
    ("head", "kind"), [(b"SQLite format 3\0", "sqlite"), (b"PAR1", "parquet"), (gzip.compress(CSV, mtime=0), "csv")]
)
def test_the_content_decides_the_format_whatever_the_name(tmp_path: Path, cache: Path, head: bytes, kind: str) -> None:
    (tmp_path / "export.bin").write_bytes(head if kind == "csv" else head + b"rest")
    source = locate(str(tmp_path / "export.bin"), cache=cache)
    assert isinstance(source, FileSource)
    assert (source.format, source.synthetic) == (kind, False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (b"\n <!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf<html lang='en'>", "web page"),
    ],
)
@pytest.mark.parametrize("name", ["data.csv", "data.db"])
def test_what_lies_under_the_name_of_a_table_without_being_one_is_refused(
    tmp_path: Path, cache: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        locate(str(tmp_path / name), cache=cache)


@pytest.mark.parametrize("name", ["data.db", "data.parquet", "notes.md"])
def test_an_unknown_format_is_refused_with_the_accepted_ones(tmp_path: Path, cache: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"some text, with a comma")
    with pytest.raises(DataError, match=r"no known format[\s\S]*CSV[\s\S]*Parquet[\s\S]*SQLite"):
        locate(str(tmp_path / name), cache=cache)


def test_a_missing_file_is_named_with_its_near_neighbour(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "phishing.db").write_bytes(b"x")
    with pytest.raises(DataError, match=r"no such file[\s\S]*Did you mean \S+phishing.db\?"):
        locate(str(tmp_path / "phising.db"), cache=cache)


def test_a_missing_file_without_neighbours_or_folder_says_where_to_look(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"Check the path"):
        locate(str(tmp_path / "x.db"), cache=cache)
    with pytest.raises(DataError, match=r"folder .* does not exist"):
        locate(str(tmp_path / "nowhere/x.db"), cache=cache)
    with pytest.raises(DataError, match="no such file"):
        locate("~nobody-of-that-name/x.db", cache=cache)


def test_a_device_is_no_source(cache: Path) -> None:
    with pytest.raises(DataError, match="device"):
        locate(os.devnull, cache=cache)


def test_a_file_that_may_not_be_read_is_refused(unprivileged: Path) -> None:
    (unprivileged / "data.csv").write_bytes(CSV)
    (unprivileged / "data.csv").chmod(0)
    with pytest.raises(DataError, match=r"cannot be read: Permission denied[\s\S]*permissions"):
        locate(str(unprivileged / "data.csv"), cache=unprivileged)


def test_a_file_in_a_closed_folder_is_refused(unprivileged: Path) -> None:
    (unprivileged / "inner").mkdir(0o000)
    with pytest.raises(DataError, match="cannot be reached: Permission denied"):
        locate(str(unprivileged / "inner/data.csv"), cache=unprivileged)


@pytest.mark.parametrize("source", ["hdfs://host/data.csv", "ftp://host/data.csv"])
def test_other_addresses_are_refused_with_what_can_be_used(cache: Path, source: str) -> None:
    with pytest.raises(DataError, match=r"are not supported[\s\S]*https://"):
        locate(source, cache=cache)


def test_a_file_address_with_two_slashes_is_explained(cache: Path) -> None:
    with pytest.raises(DataError, match="three slashes"):
        locate("file://data.csv", cache=cache)


def test_the_expected_hash_is_compared_and_both_values_shown(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "data.csv").write_bytes(CSV)
    right = hashlib.sha256(CSV).hexdigest()
    assert locate(str(tmp_path / "data.csv"), cache=cache, sha256=right.upper()).sha256 == right
    with pytest.raises(DataError, match=f"expected {'0' * 64}, found {right}"):
        locate(str(tmp_path / "data.csv"), cache=cache, sha256="0" * 64)


def test_rows_that_only_stand_in_the_write_ahead_log_change_the_hash(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "data.db"
    with closing(database(path, mode="wal")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = locate(str(path), cache=cache)
        assert before.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        connection.execute("INSERT INTO t VALUES (2)")
        connection.commit()
        after = locate(str(path), cache=cache, sha256=before.sha256)
    assert after.sha256 != before.sha256


def test_touching_a_file_leaves_its_hash(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(CSV)
    before = locate(str(path), cache=cache)
    os.utime(path, (1, 1))
    assert locate(str(path), cache=cache) == before


def test_the_sample_is_written_once_and_marked_synthetic(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def write(path: Path, **_: object) -> None:
        written.append(path)
        database(path).close()

    monkeypatch.setattr("phishcli.sources.sample.write_sample", write)
    assert locate_offline("sample", cache=cache) is None
    source = locate("sample", cache=cache)
    assert isinstance(source, FileSource)
    assert (source.format, source.synthetic, source.origin) == ("sqlite", True, "sample")
    assert locate("sample", cache=cache) == locate_offline("sample", cache=cache) == source
    assert len(written) == 1
    assert tuple(cache.iterdir()) == source.files


@pytest.fixture
def sample(cache: Path, monkeypatch: pytest.MonkeyPatch) -> FileSource:
    """Write a small table in place of the sample."""
    monkeypatch.setattr("phishcli.sources.sample.write_sample", lambda path, **_: database(path).close())
    source = locate("sample", cache=cache)
    assert isinstance(source, FileSource)
    return source


def flip(path: Path, *, mode: str = "delete") -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("UPDATE t SET a = 0")
    connection.commit()
    return connection


@pytest.mark.parametrize("change", ["values", "empty", "text"])
def test_a_changed_sample_is_written_again_with_a_warning(sample: FileSource, cache: Path, change: str) -> None:
    if change == "values":
        flip(sample.path).close()
    else:
        sample.path.write_bytes(b"" if change == "empty" else b"no table")
    assert locate_offline("sample", cache=cache) is None
    events: list[Event] = []
    assert locate("sample", cache=cache, on_event=events.append) == sample
    (notice,) = events
    assert isinstance(notice, Notice)
    assert notice.level == "warning"
    assert "has changed since it was written" in notice.message
    events.clear()
    assert locate("sample", cache=cache, on_event=events.append) == sample
    assert events == []


def test_a_sample_changed_in_its_write_ahead_log_is_written_again(sample: FileSource, cache: Path) -> None:
    with closing(flip(sample.path, mode="wal")):
        assert sample.path.with_name(f"{sample.path.name}-wal").stat().st_size
        assert locate_offline("sample", cache=cache) is None
        assert locate("sample", cache=cache) == sample
        assert list(cache.iterdir()) == [sample.path]


def test_a_changed_sample_makes_way_for_one_with_other_bytes(
    sample: FileSource, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip(sample.path).close()
    monkeypatch.setattr("phishcli.sources.sample.write_sample", lambda path, **_: path.write_bytes(CSV))
    monkeypatch.setattr("phishcli.sources.kinds.sample.FILE", "sample.csv")
    again = locate("sample", cache=cache)
    assert again.files != sample.files
    assert tuple(cache.iterdir()) == again.files


def test_a_sample_that_cannot_be_kept_whole_is_an_error(
    sample: FileSource, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phishcli.sources.file_source.file_hash", lambda _: "0" * 64)
    with pytest.raises(DataError, match="changes as soon as it is written"):
        locate("sample", cache=cache)


def test_a_sample_that_goes_while_it_is_looked_at_is_written_again(
    sample: FileSource, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phishcli.sources.cached.find_copies", lambda *_: [sample.path])
    sample.path.unlink()
    assert locate_offline("sample", cache=cache) is None
    assert locate("sample", cache=cache) == sample


def test_a_sample_that_goes_while_it_is_hashed_counts_as_not_there(
    sample: FileSource, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path) -> str:
        path.unlink()
        monkeypatch.undo()
        raise FileNotFoundError

    monkeypatch.setattr("phishcli.sources.file_source.file_hash", gone)
    assert locate_offline("sample", cache=cache) is None


def test_processes_that_find_the_same_changed_sample_all_end_well(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    program = (
        "import sqlite3; from pathlib import Path; import phishcli.sources.sample as made;"
        "write = made.write_sample; made.write_sample = lambda path, **k: write(path, **{**k, 'rows': 200});"
        f"from phishcli.sources.locate import locate; print(locate('sample', cache=Path({str(cache)!r})).sha256)"
    )

    def all_of(count: int) -> set[str]:
        started = [
            subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(count)
        ]
        said = {process.communicate()[0] for process in started}
        assert [process.returncode for process in started] == [0] * count
        return said

    fresh = all_of(3)
    (path,) = cache.iterdir()
    path.write_bytes(b"x")
    assert all_of(3) == fresh
    assert len(fresh) == 1
    assert list(cache.iterdir()) == [path]


def test_a_copy_that_goes_while_copies_are_sorted_comes_last(sample: FileSource, cache: Path) -> None:
    gone = cache / f"sample-v1-{'0' * 32}-sample.db"
    gone.symlink_to("nowhere")
    assert find_copies(cache, "sample") == [sample.path, gone]


@pytest.mark.parametrize("source", ["ftp://bob:hidden@host/x.csv?token=hidden", "file://bob:hidden@host/x.csv"])
def test_an_address_that_is_refused_keeps_its_secrets(cache: Path, source: str) -> None:
    with pytest.raises(DataError, match="host") as caught:
        locate(source, cache=cache)
    assert "hidden" not in str(caught.value)


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(PersistError, match=r"folder of the sources cannot be written[\s\S]*--cache-dir"):
        locate("sample", cache=tmp_path / "taken" / "sources")


def test_a_file_called_sample_is_reached_by_its_path(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample").write_bytes(CSV)
    monkeypatch.chdir(tmp_path)
    assert not locate("./sample", cache=cache).synthetic


def test_a_local_file_is_the_same_offline(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "data.csv").write_bytes(CSV)
    source = str(tmp_path / "data.csv")
    assert locate_offline(source, cache=cache) == locate(source, cache=cache)


def test_finding_a_local_source_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(CSV)
    code = (
        "import sys; from pathlib import Path; from phishcli.sources.locate import locate;"
        f"locate({str(tmp_path / 'data.csv')!r}, cache=Path('c'));"
        "print(sorted({'pandas', 'numpy', 'pyarrow', 'pooch', 'requests', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
