"""A prediction log judged again by another release: which verdicts would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from phishcli.errors import ConfigError
from phishcli.serving.log_files import read_log
from phishcli.serving.log_table import LoggedRow, logged_rows
from phishcli.serving.served import Served

BATCH = 5_000
SHOWN = 10


@dataclass(frozen=True, order=True)
class Change:
    """One row whose score differs; ordered by how much."""

    size: float
    id: str
    before: float
    after: float
    was: str
    becomes: str


@dataclass
class Replay:
    """What another release says about the rows of a log.

    ``flips`` counts the rows by verdict before and after, ``largest`` are the largest changes among them.
    ``unreadable`` rows hold something that the release cannot read.
    """

    rows: int = 0
    unreadable: int = 0
    same_release: int = 0
    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    largest: list[Change] = field(default_factory=list)

    @property
    def flipped(self) -> int:
        """The number of rows whose verdict changes."""
        return sum(self.flips.values())

    def to_plain(self) -> dict[str, Any]:
        """As values of JSON."""
        return {
            "rows": self.rows,
            "unreadable": self.unreadable,
            "judged_by_the_same_release": self.same_release,
            "flipped": self.flipped,
            "flips": [{"from": a, "to": b, "rows": n} for (a, b), n in self.flips.most_common()],
            "largest": [
                {"id": c.id, "before": c.before, "after": c.after, "from": c.was, "to": c.becomes} for c in self.largest
            ],
        }


def replay(log: Path, served: Served) -> Replay:
    """Judge the rows of a log again; those that a shadow has judged as well count once.

    Raises
    ------
    PersistError
        When there is no log.
    ConfigError
        When the log lacks columns that the release needs.
    """
    found = Replay()
    for table in read_log(log):
        for start in range(0, table.num_rows, BATCH):
            rows = [row for row in logged_rows(table.slice(start, BATCH)) if row.tier != "shadow"]
            _judge(rows, served, found)
    return found


def _judge(rows: list[LoggedRow], served: Served, found: Replay) -> None:
    if rows and (lacking := [name for name in served.reader.names if name not in rows[0].features]):
        what = f"The log lacks columns that v{served.version} needs: {', '.join(lacking[:5])}"
        raise ConfigError(what, hint="Choose a release with the same columns")
    predictions = served.predict_or_none([row.features for row in rows])
    for row, prediction in zip(rows, predictions, strict=True):
        found.rows += 1
        found.same_release += (row.bundle_sha256, row.model) == (served.sha256, served.bundle.metadata.model)
        if prediction is None or prediction.probability is None:
            found.unreadable += 1
            continue
        was, becomes, before = row.verdict, prediction.verdict, row.probability
        if was == becomes or row.rule is not None:  # a rule beats every release
            continue
        found.flips[was, becomes] += 1
        size = 0.0 if before is None else abs(prediction.probability - before)
        found.largest.append(Change(size, row.id, before or 0.0, prediction.probability, was, becomes))
    found.largest = sorted(found.largest, reverse=True)[:SHOWN]
