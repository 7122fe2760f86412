"""The history: one small file per run under ``results/runs``, so that runs can be compared when the cache has gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from phishcli.errors import ConfigError
from phishcli.files import appearing_file

FOLDER = "runs"
DIGITS = 10
"""Digits of the report's fingerprint in the name of a run."""

Record = Mapping[str, Any]

NEEDED = {"id", "created", "sha256", "rows", "selected", "config", "versions", "fingerprints", "findings", "models"}
"""Keys without which a run cannot be listed or compared."""


class Runs:
    """The runs of one folder of results; a run that is made again keeps its place."""

    def __init__(self, results: Path) -> None:
        self.folder = results / FOLDER

    def knows(self, fingerprint: str) -> bool:
        """Whether the run with this report is written down."""
        return (self.folder / f"{fingerprint[:DIGITS]}.json").is_file()

    def keep(self, fingerprint: str, created: str, told: Record) -> None:
        """Write a run down."""
        path = self.folder / f"{fingerprint[:DIGITS]}.json"
        record = {"id": fingerprint[:DIGITS], "created": created, **told}
        with appearing_file(path) as file:
            file.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def all(self) -> list[Record]:
        """Every run that can be read, the oldest first."""
        return sorted(self._readable(), key=lambda record: (record["created"], record["id"]))

    def find(self, name: str) -> Record:
        """Find a run by the beginning of its name; ``latest`` and ``latest~1`` count back from the last one.

        Raises
        ------
        ConfigError
            When there is none, or several begin so.
        """
        runs = self.all()
        word, _, back = name.partition("~")
        if word == "latest" and (not back or back.isdecimal()):
            steps = int(back or 0)
            if steps < len(runs):
                return runs[-1 - steps]
            raise ConfigError(f"There is no run {name!r}", where=self._where(runs), hint=self._hint(runs))
        found = [record for record in runs if record["id"].startswith(name)]
        if len(found) != 1:
            what = f"Several runs begin with {name!r}" if found else f"There is no run {name!r}"
            raise ConfigError(what, where=self._where(runs), hint=self._hint(runs))
        return found[0]

    def _where(self, runs: Sequence[Record]) -> str:
        return f"{self.folder} holds {len(runs)} run{'' if len(runs) == 1 else 's'}"

    @staticmethod
    def _hint(runs: Sequence[Record]) -> str:
        return "`phish runs` lists them" if runs else "`phish run-all` makes one"

    def _readable(self) -> Iterator[Record]:
        for path in self.folder.glob("*.json"):
            try:
                record = json.loads(path.read_bytes())
            except (OSError, ValueError):  # half a file from another program: no reason to lose the others
                continue
            if isinstance(record, dict) and record.keys() >= NEEDED:
                yield record
