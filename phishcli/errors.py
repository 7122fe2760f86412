"""The exceptions of the program and their exit codes.

PhishError                1  unexpected error
├── ConfigError           2  an invalid option, YAML key or command line
├── DataError             3  the source is missing, unreadable, or has no target or only one class
├── PreprocessError       4  the split, the folds or the transformation failed
├── TrainError            5  no model could be trained
├── EvaluateError         6  predictions could not be scored
├── PersistError          7  something could not be written: the disk is full, a folder is protected, a release exists
└── CheckFailed           8  a requested check failed

An error has three parts: what happened, where, and what to do next. ``phishcli.cli.boundary`` is the one place that
turns it into text and an exit code.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from phishcli.address import without_secrets


class ExitCode(IntEnum):
    """The exit codes of the process."""

    DONE = 0
    UNEXPECTED = 1
    CONFIG = 2
    DATA = 3
    PREPROCESS = 4
    TRAIN = 5
    EVALUATE = 6
    PERSIST = 7
    CHECK = 8
    INTERRUPTED = 130
    TERMINATED = 143


class PhishError(Exception):
    """The base of all errors meant for users; passwords and tokens in URLs are removed.

    Parameters
    ----------
    what
        What happened, one sentence.
    where
        The file, column, key or model concerned.
    hint
        What to do next: an option to add, a command to run.
    """

    exit_code = ExitCode.UNEXPECTED

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.what = without_secrets(what)
        self.where = where and without_secrets(where)
        self.hint = hint and without_secrets(hint)
        super().__init__(self.what)

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.where, self.hint) if part)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.hint)


def _rebuild(kind: type[PhishError], what: str, where: str | None, hint: str | None) -> PhishError:
    return kind(what, where=where, hint=hint)


class ConfigError(PhishError):
    """The configuration or the command line is invalid."""

    exit_code = ExitCode.CONFIG


class DataError(PhishError):
    """The source cannot be read, or no model can be trained on it."""

    exit_code = ExitCode.DATA


class PreprocessError(PhishError):
    """The table cannot be split or transformed."""

    exit_code = ExitCode.PREPROCESS


class TrainError(PhishError):
    """No model could be trained."""

    exit_code = ExitCode.TRAIN


class EvaluateError(PhishError):
    """The trained models could not be scored."""

    exit_code = ExitCode.EVALUATE


class PersistError(PhishError):
    """Something could not be written (a full disk, a protected folder), or a saved release cannot be trusted."""

    exit_code = ExitCode.PERSIST


class CheckFailed(PhishError):
    """A requested check, such as ``status --check``, failed."""

    exit_code = ExitCode.CHECK


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
IN_THE_WAY = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY)
TOO_MANY = (errno.EMFILE, errno.ENFILE)
ELSEWHERE = "choose another folder with --cache-dir or --results-dir"
REMEDIES = {
    **dict.fromkeys(FULL, f"Free some space, or {ELSEWHERE}"),
    **dict.fromkeys(NOT_ALLOWED, f"Check the permissions, or {ELSEWHERE}"),
    **dict.fromkeys(IN_THE_WAY, f"Something else has that name: move it away, or {ELSEWHERE}"),
    **dict.fromkeys(TOO_MANY, "Close other programs, ask for fewer fits at once with --jobs, or raise `ulimit -n`"),
    errno.ENOENT: f"It was removed, or a link leads nowhere: run the command again, or {ELSEWHERE}",
    errno.ELOOP: f"A symbolic link leads back to itself: remove it, or {ELSEWHERE}",
    errno.EINVAL: f"It may be a device, a pipe or a socket: name a file, or {ELSEWHERE}",
    errno.ENAMETOOLONG: "Choose a folder with a shorter path",
    errno.EIO: f"The disk reports a fault: check it, or {ELSEWHERE}",
}
"""What to do, by the number of a system error."""


def system_error(
    error: BaseException,
    what: str,
    *,
    where: str | os.PathLike[str] | None = None,
    kept: str | None = None,
    elsewhere: str = ELSEWHERE,
) -> PersistError:
    """Turn an error of the system (or of SQLite) into a message: what could not be done, the cause, the path, a remedy.

    Parameters
    ----------
    error
        What was raised.
    what
        What failed, without the cause: ``The log cannot be written``.
    where
        The path concerned; by default the one that the error names.
    kept
        What is not lost, to be said with the remedy.
    elsewhere
        How to choose another place.
    """
    place = where if where is not None else _path_in(error)
    remedy = REMEDIES.get(_number(error) or 0, f"Check the disk, or {ELSEWHERE}")
    remedy = remedy.replace(ELSEWHERE, elsewhere)
    hint = f"{remedy}; {kept}" if kept else remedy
    return PersistError(f"{what}: {cause_of(error)}", where=None if place is None else str(place), hint=hint)


@contextmanager
def writing(what: str, *, where: str | os.PathLike[str], elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Turn what the system refuses in a block into a `PersistError`; see `system_error`."""
    try:
        yield
    except OSError as error:
        raise system_error(error, what, where=where, elsewhere=elsewhere) from error


def cause_of(error: BaseException) -> str:
    """Give the cause of a system error in a few words, without the path."""
    number = _number(error)
    if number == errno.EINVAL and getattr(error, "strerror", None):  # "Not a regular file", for example
        return str(error.strerror)  # type: ignore[attr-defined]  # an OSError
    return os.strerror(number) if number else first_line(error)


def _number(error: BaseException) -> int | None:
    """The number of a system error; NumPy and SQLite report a full disk without one."""
    number = getattr(error, "errno", None)
    text = str(error)
    if number is None and (" requested and " in text or "disk is full" in text):
        return errno.ENOSPC
    return number if isinstance(number, int) else None


def _path_in(error: BaseException) -> str | None:
    """The path that an error names; of a copy that finds no room, where it goes to."""
    name = (_number(error) in FULL and getattr(error, "filename2", None)) or getattr(error, "filename", None)
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) and name else None


def first_line(error: BaseException) -> str:
    """Give the reason of an error in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def suggestion(word: str, words: Iterable[str], kind: str) -> str:
    """Name the nearest of ``words``, or list them all where none is near."""
    import difflib

    by_key = {known.casefold(): known for known in sorted(words)}
    near = difflib.get_close_matches(word.casefold(), by_key, n=1)
    return f"Did you mean {by_key[near[0]]}?" if near else f"The {kind} are: {', '.join(by_key.values())}"
