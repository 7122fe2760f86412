"""The history: one small file per run in ``results/runs``, so that runs can be compared without the cache."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from phishcli.documents.run import Run
from phishcli.errors import ConfigError, system_error
from phishcli.files import appearing_file, parse_json, read_bounded
from phishcli.wording import counted

FOLDER = "runs"
DIGITS = 10
"""Digits of the report's fingerprint in the ID of a run."""
_NAME = re.compile(rf"[0-9a-f]{{{DIGITS}}}\.json")
_HASH = "record_sha256"


def run_id(fingerprint: str) -> str:
    """The ID of the run whose report has this fingerprint."""
    return fingerprint[:DIGITS]


class Runs:
    """The runs recorded in one results folder; a repeated run keeps its first record."""

    def __init__(self, results: Path) -> None:
        self.folder = results / FOLDER

    def has(self, identity: str) -> bool:
        """Whether a run is recorded."""
        return self._path(identity).is_file()

    def record(self, run: Run) -> None:
        """Write the record of a run."""
        try:
            with appearing_file(self._path(run.id)) as file:
                document = run.to_plain()
                document[_HASH] = _digest(document)
                file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise system_error(error, "The run could not be recorded", where=self.folder) from error

    def all(self) -> list[Run]:
        """Every run whose record can be read, oldest first."""
        return sorted(self._readable(), key=lambda run: (run.created, run.id))

    def find(self, name: str) -> Run:
        """Find a run by the beginning of its ID; ``latest`` and ``latest~1`` count back from the last one.

        Raises
        ------
        ConfigError
            When no run or several runs match.
        """
        runs = self.all()
        word, _, back = name.partition("~")
        if word == "latest" and (not back or back.isdecimal()):
            position = len(runs) - 1 - int(back or 0)
            found = [runs[position]] if position >= 0 else []
        else:
            found = [run for run in runs if run.id.startswith(name)]
        if len(found) != 1:
            what = f"Several runs start with {name!r}" if found else f"There is no run {name!r}"
            where = f"{self.folder} holds {counted(len(runs), 'run')}"
            raise ConfigError(what, where=where, hint=_hint(runs))
        return found[0]

    def _path(self, identity: str) -> Path:
        return self.folder / f"{identity}.json"

    def _readable(self) -> Iterator[Run]:
        for path in self.folder.glob("*.json"):
            with suppress(OSError, ValueError, TypeError, AttributeError):  # damaged or foreign: still show the others
                yield _read(path)

    def damaged(self) -> list[Path]:
        """The records that cannot be read, or were changed since they were written."""
        readable = {run.id for run in self._readable()}
        return sorted(
            path for path in self.folder.glob("*.json") if _NAME.fullmatch(path.name) and path.stem not in readable
        )


def _read(path: Path) -> Run:
    """Read a record and compare it with its hash; those of earlier versions have none."""
    document = parse_json(read_bounded(path))
    promised = document.pop(_HASH, None)
    if promised not in (None, _digest(document)):
        raise ValueError("it does not match its hash")
    return Run.of_plain(document)


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _hint(runs: Sequence[Run]) -> str:
    return "`phish runs` lists them" if runs else "Start one with `phish run-all`"
