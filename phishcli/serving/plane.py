"""The data plane: which release judges which row, beside which others; knows nothing of HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from phishcli.errors import ConfigError, PhishError
from phishcli.serving.reference import find_named
from phishcli.serving.rows import Row
from phishcli.serving.served import Prediction, Served

BUCKETS = 10_000


@dataclass(frozen=True)
class Split:
    """A share of the rows for another release, by a stable hash of the value of ``key``."""

    reference: str
    share: float
    key: str

    def takes(self, row: Row) -> bool:
        """Whether a row belongs to the other release: always the same answer for the same value."""
        digest = sha256(repr(row.get(self.key)).encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % BUCKETS < self.share * BUCKETS


@dataclass(frozen=True)
class Wanted:
    """Which releases are meant: the one that answers, one that only looks on, and one that takes a share."""

    root: Path
    main: str
    shadow: str | None = None
    split: Split | None = None


@dataclass(frozen=True)
class Crew:
    """The releases at work at one moment."""

    main: Served
    shadow: Served | None = None
    challenger: Served | None = None

    @property
    def all(self) -> list[Served]:
        """All of them."""
        return [each for each in (self.main, self.shadow, self.challenger) if each is not None]


@dataclass(frozen=True)
class Answer:
    """Predictions for the rows of a request, in their order; ``tiers`` says who made each."""

    crew: Crew
    rows: Sequence[Row]
    predictions: list[Prediction]
    tiers: list[str]
    shadow: list[Prediction] | None = None
    single: bool = False


class Listener(Protocol):
    """Something that receives every answer: a log."""

    def judged(self, request_id: str, answer: Answer) -> None:
        """Take note; must not block."""


class DataPlane:
    """Opens the releases that are wanted, judges rows with them, and replaces them while it does."""

    def __init__(self, wanted: Wanted, open_release: Callable[[Path, str, str | None], Served] = Served.open) -> None:
        self.wanted, self._open = wanted, open_release
        self._loading = threading.Lock()
        self.crew = self._make(None)

    def _make(self, before: Crew | None) -> Crew:
        split = self.wanted.split
        crew = Crew(
            self._served(self.wanted.main, before.main if before else None),
            self._served(self.wanted.shadow, before.shadow if before else None) if self.wanted.shadow else None,
            self._served(split.reference, before.challenger if before else None) if split else None,
        )
        for other in crew.all[1:]:
            _check_same_columns(crew.main, other)
        if split and split.key not in crew.main.reader.expected:
            raise ConfigError(f"There is no column {split.key!r} to split by", where="--split-key")
        return crew

    def _served(self, reference: str, before: Served | None) -> Served:
        """Open a release, unless it is the one at work."""
        found, model = find_named(reference, self.wanted.root)
        if before is not None and _is(before, found, model):
            return before
        return self._open(found.resolve(), reference, model)

    def reload(self) -> bool:
        """Open what the references point to now; say whether anything has changed.

        What is at work stays at work until the others are open, and where they cannot be opened.

        Raises
        ------
        PhishError
            When they cannot.
        """
        with self._loading:
            before = self.crew
            self.crew = self._make(before)
            return self.crew != before

    def stale(self) -> bool:
        """Whether a reference points to another release than the one at work; reads a few file names only."""
        crew, wanted = self.crew, self.wanted
        pairs = [(wanted.main, crew.main), (wanted.shadow, crew.shadow)]
        pairs += [(wanted.split.reference, crew.challenger)] if wanted.split else []
        try:
            return any(
                not _is(served, *find_named(reference, wanted.root))
                for reference, served in pairs
                if reference is not None and served is not None
            )
        except (PhishError, OSError):
            return False

    def predict(self, rows: Sequence[Row], crew: Crew, *, single: bool = False) -> Answer:
        """Score rows.

        Raises
        ------
        Malformed
            Where a value cannot be read.
        """
        split = self.wanted.split
        if split is None or crew.challenger is None:
            predictions, tiers = crew.main.predict(rows), ["main"] * len(rows)
        else:
            predictions, tiers = self._split(rows, crew.main, crew.challenger, split)
        return Answer(crew, rows, predictions, tiers, _shadowed(rows, crew), single)

    @staticmethod
    def _split(rows: Sequence[Row], main: Served, other: Served, split: Split) -> tuple[list[Prediction], list[str]]:
        from msgspec.structs import replace

        takes = [split.takes(row) for row in rows]
        by_main = iter(main.predict([row for row, taken in zip(rows, takes, strict=True) if not taken]))
        by_other = iter(other.predict([row for row, taken in zip(rows, takes, strict=True) if taken]))
        about: dict[str, Any] = {"version": other.version, "bundle_sha256": other.sha256}
        predictions = [replace(next(by_other), **about) if taken else next(by_main) for taken in takes]
        return predictions, ["challenger" if taken else "main" for taken in takes]


def _is(served: Served, folder: Path, model: str | None) -> bool:
    """Whether a release at work is the one, and the model, that a reference means."""
    return served.folder == folder.resolve() and model in (None, served.bundle.metadata.model)


def _shadowed(rows: Sequence[Row], crew: Crew) -> list[Prediction] | None:
    """What the shadow says; whatever happens to it changes nothing for those who ask."""
    if crew.shadow is None:
        return None
    try:
        return crew.shadow.predict(rows)
    except Exception:  # noqa: BLE001 (a release on trial must not disturb the one at work)
        return None


def _check_same_columns(main: Served, other: Served) -> None:
    if set(other.reader.names) - set(main.reader.names):
        lacking = sorted(set(other.reader.names) - set(main.reader.names))
        raise ConfigError(
            f"{other.alias} needs columns that {main.alias} does not have: {', '.join(lacking[:5])}",
            hint="Serve releases with the same columns",
        )
