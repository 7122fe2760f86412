"""The system fails at any call: one message, the right exit code, nothing lost, and the next run just goes on."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ERRORS = (errno.ENOSPC, errno.EACCES, errno.ELOOP, errno.EMFILE)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Fault:
    """Makes one kind of call on files below a folder fail, from the n-th on."""

    def __init__(self, folder: Path, number: int, after: int) -> None:
        self.folder, self.number, self.after = folder, number, after
        self.calls = 0

    def happens(self, path: Any) -> None:
        """Count a call, and fail where it is time."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        if not str(Path(os.fsdecode(path)).absolute()).startswith(str(self.folder)):
            return
        self.calls += 1
        if self.calls > self.after:
            raise OSError(self.number, os.strerror(self.number), os.fsdecode(path))


def failing(fault: Fault, real: Callable, *, writes: Callable[..., bool] = lambda *_: True) -> Callable:
    def call(path: Any, *arguments: Any, **named: Any) -> Any:
        if writes(*arguments, *named.values()):
            fault.happens(path)
        return real(path, *arguments, **named)

    return call


def install(fault: Fault, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "open":
        monkeypatch.setattr(os, "open", failing(fault, os.open, writes=lambda flags, *_: bool(flags & WRITING)))
        opening = failing(fault, io.open, writes=lambda mode="r", *_: any(letter in str(mode) for letter in "wax+"))
        monkeypatch.setattr(io, "open", opening)
        monkeypatch.setattr("builtins.open", opening)
    elif kind == "read":
        opening = failing(fault, io.open, writes=lambda mode="r", *_: not any(letter in str(mode) for letter in "wax+"))
        monkeypatch.setattr(io, "open", opening)
        monkeypatch.setattr(os, "open", failing(fault, os.open, writes=lambda flags, *_: not flags & WRITING))
    elif kind == "symlink":
        link = failing(fault, lambda path, target: real(target, path))
        real = os.symlink
        monkeypatch.setattr(os, "symlink", lambda target, path, *_rest, **_named: link(path, target))
    else:
        for name in {"rename": ("rename", "replace"), "remove": ("unlink", "rmdir", "remove")}.get(kind, (kind,)):
            monkeypatch.setattr(os, name, failing(fault, getattr(os, name)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize("kind", ["open", "read", "mkdir", "rename", "remove", "symlink", "scandir"])
def test_a_run_ends_with_one_message_and_the_next_goes_on(
    on_sites: Callable, folder: Path, kind: str, number: int
) -> None:
    for after in (0, 3):
        with pytest.MonkeyPatch.context() as system:
            fault = Fault(folder / ".cache", number, after)
            install(fault, kind, system)
            said = on_sites("load", f"--set=load.max_categories={after + 10}")
        assert fault.calls or after
        assert "Unexpected" not in said.err
        assert "Traceback" not in said.err
        if said.code or (after == 0 and kind in ("open", "mkdir", "rename")):
            assert said.code == 7, said.err
            assert os.strerror(number) in said.err
            assert "where: " in said.err
            assert "next: " in said.err
        assert on_sites("cache", "verify").code == 0
        again = on_sites("load", f"--set=load.max_categories={after + 10}")
        assert again.code == 0, again.err


@pytest.mark.parametrize("command", [("status",), ("show", "load"), ("cache", "ls"), ("cache", "gc"), ("runs",)])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO], ids=errno.errorcode.get)
def test_commands_that_look_say_what_they_cannot_read(
    on_sites: Callable, folder: Path, command: tuple[str, ...], number: int
) -> None:
    on_sites("load")
    for kind in ("read", "scandir"):
        with pytest.MonkeyPatch.context() as system:
            install(Fault(folder / ".cache", number, 0), kind, system)
            said = on_sites(*command)
        assert "Unexpected" not in said.err
        assert said.code in (0, 2, 7)
    assert on_sites("load").code == 0


def test_a_full_results_folder_is_a_full_disk(on_sites: Callable, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as system:
        install(Fault(folder / "results", errno.ENOSPC, 0), "open", system)
        said = on_sites("load")
    assert said.code == 7
    assert "The log cannot be written: No space left on device" in said.err
    assert on_sites("load").code == 0
