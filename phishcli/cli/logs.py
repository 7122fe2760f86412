"""The log of a run: a text file for people, and the same events as JSON lines for machines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

import msgspec

from phishcli.address import without_secrets
from phishcli.cli import console, fitting
from phishcli.cli.fitting import duration
from phishcli.errors import cause_of, system_error
from phishcli.events import Event, Failed, Finished, Fitting, Notice, Progress, Skipped, Started

BLOCK = 4096
"""Bytes that a disk reserves at once."""
log = logging.getLogger("phishcli")


class Lines(logging.Formatter):
    """Text lines with tracebacks, without the passwords and tokens in URLs."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as text."""
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, message, and the event if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as one line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": without_secrets(record.getMessage()),
            **getattr(record, "event", {}),
        }
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


@contextmanager
def log_files(results: Path) -> Iterator[Path]:
    """Write the log of a run to ``<results>/logs/``; yields the path of the text file.

    Raises
    ------
    PhishError
        When the folder cannot be written.
    """
    try:
        path = _new_file(results / "logs" / f"pipeline_execution_{datetime.now().astimezone():%Y%m%d_%H%M%S}.log")
        _check_space(path)
        handlers = [_LogFile(each, encoding="utf-8") for each in (path, path.with_suffix(".jsonl"))]
    except OSError as error:
        raise system_error(error, "The log cannot be written", where=results / "logs") from error
    handlers[0].setFormatter(Lines("%(asctime)s  %(levelname)-7s  %(message)s"))
    handlers[1].setFormatter(JsonLines())
    log.setLevel(logging.INFO)
    log.propagate = False
    for handler in handlers:
        log.addHandler(handler)
    try:
        yield path
    except BaseException as error:
        log.error("%s", str(error) or type(error).__name__, exc_info=error)  # noqa: TRY400 (an interrupt, too)
        raise
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            with suppress(OSError):  # said already, when a line could not be written
                handler.close()


class _LogFile(logging.FileHandler):
    """A log file; when the disk is full, that is said once, and the run goes on without a log."""

    failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say once that the log cannot be written."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self.failed:
            self.failed = True
            console.note(f"The log is incomplete, {self.baseFilename}: {cause_of(error)}", "yellow")


def _check_space(path: Path) -> None:
    """Find out before the work begins whether there is room for a line; an empty file says nothing about that."""
    try:
        with path.open("wb", buffering=0) as file:
            file.write(b"\n" * BLOCK)
            file.truncate(0)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _new_file(path: Path) -> Path:
    """Create an empty file, with a number added to its name if another run of the same second has taken it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for number in count(2):
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            path = path.with_stem(f"{path.stem.partition('-')[0]}-{number}")
        else:
            break
    return path


def log_event(event: Event) -> None:
    """Write one event to the log; progress is not logged."""
    if isinstance(event, Progress | Fitting):
        return
    level = logging.WARNING if isinstance(event, Failed) or getattr(event, "level", "") == "warning" else logging.INFO
    log.log(level, "%s", sentence(event), extra={"event": {"event": type(event).__name__.lower(), **_plain(event)}})


def _plain(event: Event) -> dict[str, object]:
    return {key: value for key, value in msgspec.structs.asdict(event).items() if key not in ("message", "level")}


def sentence(event: Event) -> str:
    """Describe an event in one line of plain text."""
    match event:
        case Started(step):
            return f"{step}: started"
        case Finished(step, summary, seconds, cached):
            return f"{step}: {summary} ({'cached' if cached else duration(seconds)})"
        case Failed(step, reason, _):
            return f"{step}: failed: {reason}"
        case Skipped(step, reason):
            return f"{step}: skipped: {reason}"
        case Notice(message, _):
            return message
        case Fitting() | Progress():
            return _progress(event)


def _progress(event: Fitting | Progress) -> str:
    if isinstance(event, Fitting):
        return fitting.sentence(event)
    of = f" of {event.total:,}" if event.total else ""
    return f"{event.what}: {event.done:,}{of} {event.unit}"
