"""Working folders go at the end, are held until then, and tell what a kill has left."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from phishcli import files
from phishcli.files import LOCK, is_held, working_folder

AT_WORK = """
import sys
from pathlib import Path
from phishcli.files import working_folder
with working_folder(Path(sys.argv[1]), "run-") as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is at work in a folder, whose name it prints."""
    command = [sys.executable, "-c", AT_WORK, str(tmp_path / "work")]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.communicate("", timeout=60)


def test_a_working_folder_is_held_while_it_is_used_and_goes_at_the_end(tmp_path: Path) -> None:
    with working_folder(tmp_path / "work", "run-") as folder:
        assert folder.parent == tmp_path / "work"
        assert folder.name.startswith("run-")
        (folder / "part").mkdir()
        assert is_held(folder)
    assert list((tmp_path / "work").iterdir()) == []
    assert not is_held(folder)


def test_a_working_folder_goes_with_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="in between"), working_folder(tmp_path, "run-"):
        raise ValueError("in between")
    assert list(tmp_path.iterdir()) == []


def test_working_folders_used_at_once_get_in_nobodys_way(tmp_path: Path) -> None:
    with working_folder(tmp_path, "run-") as one, working_folder(tmp_path, "run-") as other:
        assert one != other
        assert is_held(one)
        assert is_held(other)


def test_a_working_folder_of_another_process_is_held(worker: subprocess.Popen[str]) -> None:
    folder = Path(worker.stdout.readline().strip())
    assert is_held(folder)
    worker.communicate("", timeout=60)
    assert not folder.exists()


def test_a_working_folder_of_a_killed_process_stays_and_is_not_held(worker: subprocess.Popen[str]) -> None:
    folder = Path(worker.stdout.readline().strip())
    worker.kill()
    worker.wait(60)
    assert folder.is_dir()
    assert not is_held(folder)


def test_a_folder_that_goes_while_it_is_looked_at_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / LOCK).touch()

    def is_file(path: Path) -> bool:
        shutil.rmtree(path.parent)
        return True

    monkeypatch.setattr(Path, "is_file", is_file)
    assert not is_held(tmp_path / "gone")


@pytest.mark.parametrize("through_a_link", [False, True])
def test_what_is_no_file_is_never_replaced_by_one(tmp_path: Path, through_a_link: bool) -> None:
    """``-o /dev/null`` as root would otherwise take the device from everybody."""
    pipe, folder, loop = tmp_path / "pipe", tmp_path / "folder", tmp_path / "loop"
    os.mkfifo(pipe)
    folder.mkdir()
    loop.symlink_to(loop)
    for path, number, says in (
        (pipe, errno.EINVAL, "Not a regular file"),
        (folder, errno.EISDIR, "Is a directory"),
        (loop, errno.ELOOP, "symbolic links"),
    ):
        given = tmp_path / f"to-{path.name}" if through_a_link else path
        if through_a_link:
            given.symlink_to(path)
        before = given.lstat()
        with pytest.raises(OSError, match=says) as caught, files.appearing_file(given) as unfinished:
            unfinished.write_text("mine")
        assert (caught.value.errno, given.lstat()) == (number, before)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
