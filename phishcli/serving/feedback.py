"""Labels that people or other systems give afterwards; kept separate from the predictions, each with its origin."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from phishcli.documents.schema import Label
from phishcli.errors import PersistError, system_error

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label for a row: ``id`` is that of its answer (``X-Request-Id``, with ``/7`` for row 7 of several).

    ``origin`` says who has looked: an analyst, a user who reports, another system. Whoever trains on such labels
    decides by it whom to believe.
    """

    id: Short
    label: Label
    origin: Short


class Recorded(msgspec.Struct, frozen=True):
    """A line of the file."""

    time: str
    id: str
    label: Label
    origin: str


class FeedbackLog:
    """Appends to ``feedback/2026-11-27.jsonl`` beside the prediction log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "feedback"

    def record(self, feedback: Feedback) -> None:
        """Write a label down; it is in the file when this returns.

        Raises
        ------
        PersistError
            When it cannot be written.
        """
        moment = datetime.fromtimestamp(time.time(), UTC)
        line = Recorded(moment.isoformat(timespec="milliseconds"), feedback.id, feedback.label, feedback.origin)
        path = self.folder / f"{moment:%Y-%m-%d}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            try:
                os.write(file, msgspec.json.encode(line) + b"\n")  # one write: several processes append whole lines
            finally:
                os.close(file)
        except OSError as error:
            raise system_error(error, "The label cannot be written", where=path) from error


def read_feedback(folder: Path) -> Iterator[Recorded]:
    """Read the labels beside a prediction log, in the order of time.

    Raises
    ------
    PersistError
        When a line cannot be read.
    """
    for path in sorted((folder / "feedback").glob("*.jsonl")):
        try:
            for line in path.read_bytes().splitlines():
                yield msgspec.json.decode(line, type=Recorded)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OSError) as error:
            raise PersistError("A label cannot be read", where=str(path)) from error
