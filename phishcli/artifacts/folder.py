"""Atomic folders: written under a temporary name, flushed, then renamed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from phishcli.files import UNFINISHED, flush


@contextmanager
def appearing(final: Path, keep: Collection[str] = ()) -> Iterator[Path]:
    """Yield a temporary folder to fill; on success it is renamed to its final name, on failure removed.

    An existing folder (a damaged one) is replaced, but for the files in it to ``keep``. Only one writer at a time may
    write ``final``.
    """
    import tempfile

    final.parent.mkdir(parents=True, exist_ok=True)
    remove_unfinished(final)
    temporary = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{final.name}-", dir=final.parent))
    try:
        yield temporary
        _flush(temporary)
        _rename(temporary, final, keep)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_unfinished(final: Path) -> None:
    """Remove what killed writers of ``final`` left behind."""
    for leftover in final.parent.glob(f"{UNFINISHED}{final.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def point(link: Path, folder: str) -> None:
    """Point the symbolic link ``link`` at its sibling ``folder``, atomically, unless it does already."""
    if link.exists() and not link.is_symlink():
        raise FileExistsError(
            errno.EEXIST, os.strerror(errno.EEXIST), str(link)
        )  # not ours: a link is all we put there
    if link.is_symlink() and os.readlink(link) == folder:  # noqa: PTH115 (Path.readlink builds a Path: the text is compared)
        return
    temporary = link.with_name(f"{UNFINISHED}{link.name}-{os.getpid()}")
    with suppress(FileNotFoundError):
        temporary.unlink()
    temporary.symlink_to(folder, target_is_directory=True)
    temporary.replace(link)


def _move(names: Collection[str], old: Path, new: Path) -> None:
    """Move what somebody else has put into the old folder to the new one."""
    for name in names:
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).rename(new / name)


def _flush(folder: Path) -> None:
    folder.chmod(0o755)  # mkdtemp makes it private; artifacts are for everyone to read
    for path in folder.rglob("*"):
        flush(path)
    flush(folder)


def _rename(temporary: Path, final: Path, keep: Collection[str]) -> None:
    if final.exists():
        import tempfile

        aside = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{final.name}-", dir=final.parent))
        final.rename(aside / "replaced")
        temporary.rename(final)
        _move(keep, aside / "replaced", final)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        temporary.rename(final)
    flush(final.parent)
