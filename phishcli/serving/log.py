"""The prediction log: Parquet files by hour, written by a thread that never delays an answer.

Every few seconds what has come in since becomes a small file (a *part*) in the folder of its hour. Once the hour is
over, the parts of a process become one file, which names them: a reader that finds both, after a kill in between, skips
them.
Lost at a kill is what has come in since the last part. Where answers come faster than the disk takes them, rows are
dropped and counted, so that memory is bounded.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.errors import PersistError, system_error
from phishcli.files import UNFINISHED, appearing_file
from phishcli.serving.plane import Answer
from phishcli.serving.served import Prediction, Served

if TYPE_CHECKING:
    import pyarrow as pa

PARTS = b"phish.parts"
"""The key in the metadata of a merged file under which it names its parts."""
EVERY = 5.0
LARGEST = 200_000
"""Rows that wait at most."""


@dataclass(frozen=True)
class Entry:
    """What one request adds to the log."""

    request_id: str
    at: float
    answer: Answer


class PredictionLog:
    """Takes answers at once and writes them later; one for each process.

    Parameters
    ----------
    folder
        Where the log lies; made if it is not there.
    every
        Seconds between two parts: what a kill may lose.
    most
        Rows that wait at most; beyond, they are dropped.
    on_dropped
        Told how many rows were dropped.

    Raises
    ------
    PersistError
        When the folder cannot be written to.
    """

    def __init__(
        self,
        folder: Path,
        *,
        every: float = EVERY,
        most: int = LARGEST,
        on_dropped: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.folder, self.every, self.most, self.on_dropped = folder, every, most, on_dropped
        self.trouble: PersistError | None = None
        self._entries: deque[Entry] = deque()
        self._lock = threading.Lock()
        self._waiting = 0
        self._written = 0
        self._hours: dict[Path, list[Path]] = {}
        self._ending = threading.Event()
        _check_writable(folder)
        self._thread = threading.Thread(target=self._run, name="phish-log", daemon=True)
        self._thread.start()

    def judged(self, request_id: str, answer: Answer) -> None:
        """Take note of an answer; costs a microsecond."""
        rows = len(answer.predictions)
        with self._lock:
            full = self._waiting + rows > self.most
            self._waiting += 0 if full else rows
        if full:
            self.on_dropped(rows)
            return
        self._entries.append(Entry(request_id, time.time(), answer))

    def close(self) -> None:
        """Write what is left, and merge what can be."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self.every):
            self._write_safely()
        self._write_safely()
        for hour in list(self._hours):
            self._merge_safely(hour)

    def _write_safely(self) -> None:
        entries = [self._entries.popleft() for _ in range(len(self._entries))]
        rows = sum(len(each.answer.predictions) for each in entries)
        try:
            self._write(entries)
            self.trouble = None
        except (OSError, ValueError) as error:
            self.trouble = system_error(error, "The prediction log cannot be written", where=self.folder)
            self.on_dropped(rows)
        with self._lock:
            self._waiting -= rows
        now = hour_of(self.folder, time.time())
        for hour in [each for each in self._hours if each != now]:
            self._merge_safely(hour)

    def _write(self, entries: Sequence[Entry]) -> None:
        groups: dict[tuple[Path, tuple[tuple[str, str], ...]], list[Entry]] = {}
        for entry in entries:
            kinds = tuple(entry.answer.crew.main.kinds.items())
            groups.setdefault((hour_of(self.folder, entry.at), kinds), []).append(entry)
        for (hour, kinds), group in groups.items():
            self._written += 1
            part = hour / f"part-{os.getpid()}-{time.time_ns()}-{self._written}.parquet"
            _write_table(table_of(group, dict(kinds)), part)
            self._hours.setdefault(hour, []).append(part)

    def _merge_safely(self, hour: Path) -> None:
        try:
            merge(self._hours.pop(hour), hour)
        except (OSError, ValueError) as error:
            self.trouble = system_error(error, "The prediction log cannot be merged", where=hour)


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise system_error(error, "The prediction log cannot be written", where=folder) from error


def hour_of(folder: Path, at: float) -> Path:
    """The folder of an hour, in UTC: ``2026-11-27/18``."""
    moment = datetime.fromtimestamp(at, UTC)
    return folder / f"{moment:%Y-%m-%d}" / f"{moment:%H}"


def table_of(entries: Sequence[Entry], kinds: dict[str, str]) -> pa.Table:
    """The rows of some requests as a table; ``kinds`` are the types of the features.

    The rows of a request have its id and their number in it (``4f2a/17``); a single one has the id alone. What a shadow
    has said stands in rows of its own, with the tier ``shadow``.
    """
    import pyarrow as pa

    lines = [line for entry in entries for line in _lines(entry)]
    types = {"number": pa.float64(), "text": pa.string(), "truth": pa.bool_()}
    features = pa.struct([pa.field(name, types[kind]) for name, kind in kinds.items()])
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("tier", pa.string()),
            ("alias", pa.string()),
            ("model", pa.string()),
            ("version", pa.string()),
            ("bundle_sha256", pa.string()),
            ("probability", pa.float64()),
            ("score", pa.float64()),
            ("verdict", pa.string()),
            ("label", pa.string()),
            ("rule", pa.string()),
            ("reason", pa.string()),
            ("features", features),
        ]
    )
    return pa.Table.from_pylist(lines, schema=schema)


def _lines(entry: Entry) -> Iterator[dict[str, Any]]:
    answer, crew = entry.answer, entry.answer.crew
    moment = datetime.fromtimestamp(entry.at, UTC)
    kinds = crew.main.kinds
    for number, (row, prediction, tier) in enumerate(zip(answer.rows, answer.predictions, answer.tiers, strict=True)):
        about = {
            "id": entry.request_id if answer.single else f"{entry.request_id}/{number}",
            "time": moment,
            "features": {name: _stored(row.get(name), kind) for name, kind in kinds.items()},
        }
        served = crew.challenger if tier == "challenger" and crew.challenger else crew.main
        yield {**about, "tier": tier, **_said(prediction, served)}
        if answer.shadow is not None and crew.shadow is not None:
            yield {**about, "tier": "shadow", **_said(answer.shadow[number], crew.shadow)}


def _said(prediction: Prediction, served: Served) -> dict[str, Any]:
    return {
        "alias": served.alias,
        "model": served.bundle.metadata.model,
        "version": served.version,
        "bundle_sha256": served.sha256,
        "probability": prediction.probability,
        "score": prediction.score,
        "verdict": prediction.verdict,
        "label": None if prediction.label is None else str(prediction.label),
        "rule": prediction.rule,
        "reason": prediction.reason,
    }


def _stored(value: object, kind: str) -> object:
    return str(value) if kind == "text" and value is not None and not isinstance(value, str) else value


def _write_table(table: pa.Table, path: Path, parts: Sequence[str] = ()) -> None:
    from pyarrow import parquet

    if parts:
        table = table.replace_schema_metadata({PARTS: json.dumps(parts).encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    with appearing_file(path) as file:
        parquet.write_table(table, file, compression="zstd")


def merge(parts: Sequence[Path], hour: Path) -> None:
    """Make one file of the parts that one process has written in an hour; parts of another form stay as they are."""
    from pyarrow import concat_tables, parquet

    if len(parts) < 2:  # noqa: PLR2004 (one part is one file already)
        return
    tables = [parquet.read_table(part) for part in parts]
    alike = [(part, table) for part, table in zip(parts, tables, strict=True) if table.schema == tables[0].schema]
    names = [part.name for part, _ in alike]
    _write_table(concat_tables([table for _, table in alike]), hour / names[0].replace("part-", "hour-"), names)
    for part, _ in alike:
        part.unlink(missing_ok=True)


def read_log(place: Path) -> Iterator[pa.Table]:
    """Read a log, the folder of a day or an hour of it, or one file, table by table, in the order of time.

    Raises
    ------
    PersistError
        When nothing of a log is there, or a file of it is damaged.
    """
    from pyarrow import ArrowException, parquet

    found = [place] if place.is_file() else sorted(place.rglob("*.parquet"), key=lambda path: (path.parent, path.name))
    files = [path for path in found if not path.name.startswith(UNFINISHED)]
    if not files:
        raise PersistError("There is no prediction log", where=str(place), hint="Write one: phish serve --log FOLDER")
    merged: set[Path] = set()
    try:
        for file in files:
            metadata = parquet.read_schema(file).metadata or {}
            merged |= {file.parent / name for name in json.loads(metadata.get(PARTS, b"[]"))}
        for file in files:
            if file not in merged:
                yield parquet.read_table(file)
    except (ArrowException, OSError, ValueError) as error:
        raise PersistError("A file of the prediction log cannot be read", where=str(place)) from error
