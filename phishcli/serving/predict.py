"""Many rows to answers, batch by batch at bounded memory; rows that cannot be judged are listed, none is lost."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import pyarrow as pa

from phishcli.errors import DataError
from phishcli.events import OnEvent, Progress, ignore
from phishcli.serving.rows import read_rows
from phishcli.serving.said import Said, Sayer, spread_out
from phishcli.serving.seen import Seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.serving.bundle import Bundle
    from phishcli.serving.rows import Rows

OnError = Literal["fail", "skip", "null"]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Fault:
    """A row that could not be scored: its position among all rows, from 0, and why."""

    row: int
    reason: str


@dataclass(frozen=True)
class Judged:
    """One batch with its answers.

    ``rows`` are those that have one, ``probabilities`` has shape (len(rows),), NaN for a fault that counts as null.
    ``start`` is the position of its first row among all, ``n`` how many were read, ``log`` what is logged of them.
    """

    start: int
    n: int
    rows: pa.RecordBatch
    probabilities: NDArray[np.float64]
    faults: tuple[Fault, ...] = ()
    seen: Seen | None = None
    said: Said = field(default_factory=dict)
    log: pa.Table | None = None


@dataclass
class Tally:
    """What a prediction has done so far: rows read, answered, positive, left out, and what they held."""

    read: int = 0
    answered: int = 0
    positive: int = 0
    faults: list[Fault] = field(default_factory=list)
    seen: Seen | None = None
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Judged, threshold: float) -> None:
        """Count a batch."""
        self.read += judged.n
        self.answered += judged.rows.num_rows
        self.positive += int((judged.probabilities >= threshold).sum())
        self.faults += judged.faults
        if (verdicts := judged.said.get("verdict")) is not None:
            self.verdicts.update({each["values"]: each["counts"] for each in verdicts.value_counts().to_pylist()})
        if judged.seen is not None:
            self.seen = judged.seen if self.seen is None else self.seen + judged.seen


def judge_all(
    sayer: Sayer,
    batches: Iterable[pa.RecordBatch],
    *,
    on_error: OnError = "fail",
    jobs: int = 1,
    start: int = 0,
    total: int | None = None,
    on_event: OnEvent = ignore,
) -> Iterator[Judged]:
    """Score rows batch by batch, in their order.

    Parameters
    ----------
    sayer
        Says what is wanted beside the probabilities of its bundle.
    batches
        Rows with the columns of the source; other columns are passed on.
    on_error
        What becomes of a row that cannot be read: an error, left out, or an answer without a probability.
    jobs
        Batches that are judged at once; the answers do not depend on it.
    start
        Position of the first row among all.
    total
        The number of all rows, where it is known.
    on_event
        Receives the rows done.

    Raises
    ------
    DataError
        When columns are missing, or at the first row that cannot be read, with its position.
    """
    for judged in _in_order(lambda given: _judge(sayer, *given, on_error), _numbered(batches, start), jobs):
        yield judged
        on_event(Progress("predict", judged.start + judged.n, total, "rows"))


def _numbered(batches: Iterable[pa.RecordBatch], start: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    for batch in batches:
        yield start, batch
        start += batch.num_rows


def _in_order(work: Callable[[T], R], items: Iterable[T], jobs: int) -> Iterator[R]:
    """Apply a function to items in threads, at most ``jobs`` ahead, and give its results in order."""
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _judge(sayer: Sayer, start: int, batch: pa.RecordBatch, on_error: OnError) -> Judged:
    bundle = sayer.judge.bundle
    try:
        read = read_rows(batch, bundle.schema, whole=False)
    except DataError as error:
        if on_error == "fail" or not _is_complete(batch, bundle):
            raise located(error, start) from error
        return _without_faults(sayer, start, batch, on_error)
    return _judged(sayer, start + np.arange(batch.num_rows), batch, read, start)


def _judged(sayer: Sayer, places: NDArray[np.intp], batch: pa.RecordBatch, read: Rows, start: int) -> Judged:
    """Judge rows that have been read; ``places`` are their positions among all."""
    bundle = sayer.judge.bundle
    scores = bundle.scores(read)
    probabilities = bundle.calibrated(scores)
    said, recorder = sayer.say(batch, read, probabilities), sayer.recorder
    log = recorder.table(places, batch, read, scores, probabilities, said) if recorder else None
    return Judged(start, batch.num_rows, batch, probabilities, seen=read.seen, said=said, log=log)


def _is_complete(batch: pa.RecordBatch, bundle: Bundle) -> bool:
    return set(bundle.metadata.columns) <= set(batch.schema.names)


def located(error: DataError, start: int) -> DataError:
    """Say where a batch begins whose rows an error counts from 0."""
    return DataError(error.what, where=f"{error.where}\nrows are counted from {start:,}", hint=error.hint)


def _without_faults(sayer: Sayer, start: int, batch: pa.RecordBatch, on_error: OnError) -> Judged:
    bundle = sayer.judge.bundle
    reasons = dict(_faults(bundle, batch, 0))
    good = np.array([row not in reasons for row in range(batch.num_rows)])
    kept = batch.filter(pa.array(good))
    read = read_rows(kept, bundle.schema, whole=False)
    judged = _judged(sayer, start + np.flatnonzero(good), kept, read, start)
    faults = tuple(Fault(start + row, reason) for row, reason in reasons.items())
    judged = replace(judged, n=batch.num_rows, faults=faults)
    if on_error == "skip":
        return judged
    every = np.full(batch.num_rows, np.nan)
    every[good] = judged.probabilities
    return replace(judged, rows=batch, probabilities=every, said=spread_out(judged.said, good))


def _faults(bundle: Bundle, batch: pa.RecordBatch, start: int) -> Iterator[tuple[int, str]]:
    """Find the rows that cannot be read, by halves."""
    try:
        read_rows(batch, bundle.schema, whole=False)
    except DataError as error:
        if batch.num_rows == 1:
            yield start, reason_of(error)
            return
        half = batch.num_rows // 2
        yield from _faults(bundle, batch.slice(0, half), start)
        yield from _faults(bundle, batch.slice(half), start + half)


def reason_of(error: DataError) -> str:
    """Why a row cannot be read, by column: what was expected, without the value."""
    lines = (error.where or error.what).splitlines()
    return "; ".join(line.partition(", found")[0].removeprefix("column ") for line in lines)


def answers(bundle: Bundle, judged: Judged, ids: Sequence[str]) -> pa.RecordBatch:
    """The answers of a batch as a table.

    Parameters
    ----------
    ids
        Columns of the rows that are passed on.

    Returns
    -------
    pyarrow.RecordBatch
        The columns ``ids``, then ``probability`` (float64), ``verdict``, ``label`` (null without a probability),
        ``threshold``, ``model`` and ``version``, then ``rule``, ``why`` and the reasons.
    """
    about, n = bundle.metadata, judged.rows.num_rows
    known = ~np.isnan(judged.probabilities)
    flagged = judged.probabilities >= bundle.threshold
    labels = pa.array([str(about.negative_label), str(about.positive_label)])
    columns = {name: judged.rows.column(name) for name in ids}
    columns["probability"] = pa.array(judged.probabilities, from_pandas=True)
    columns |= {name: values for name, values in judged.said.items() if name == "verdict"}
    columns["label"] = pa.DictionaryArray.from_arrays(pa.array(flagged.astype(np.int8), mask=~known), labels)
    columns["threshold"] = pa.repeat(bundle.threshold, n)
    columns["model"] = _same(about.model, n)
    columns["version"] = _same(about.version, n)
    columns |= {name: values for name, values in judged.said.items() if name != "verdict"}
    return pa.RecordBatch.from_pydict(columns)


def _same(text: str, n: int) -> pa.DictionaryArray:
    """A text n times, at a byte each."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype=np.int8)), pa.array([text]))


def check_whole(tally: Tally) -> list[str]:
    """Check what can only be said of all rows together, and give the notices about them.

    Raises
    ------
    DataError
        When no category of a column is known.
    """
    if tally.seen is None:
        return []
    tally.seen.check()
    return tally.seen.notices()
