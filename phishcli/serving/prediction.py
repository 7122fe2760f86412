"""One prediction from a source to an output: what `phish predict` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from phishcli.documents.base import plain_of
from phishcli.documents.prediction import Predicted
from phishcli.errors import ConfigError, DataError, suggestion
from phishcli.events import OnEvent, ignore
from phishcli.serving.options import said_in_options
from phishcli.serving.outputs import OUTPUTS, output_of
from phishcli.serving.parts import Parts, State, opened_parts, side_file, write_faults
from phishcli.serving.predict import Judged, OnError, Tally, answers, check_whole, judge_all
from phishcli.serving.said import Sayer
from phishcli.serving.scored import MOST_ROWS, Labelled
from phishcli.serving.stix import Stix
from phishcli.serving.verdicts import Judge

if TYPE_CHECKING:
    import pyarrow as pa

    from phishcli.documents.verdicts import Bands, OwnRules
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.log_many import Recorder, WaitingLog
    from phishcli.sources.source import Batches, Source

PART_BATCHES = 16
"""Batches of a part: about a million rows."""


@dataclass(frozen=True)
class Asked:
    """What is to be predicted, and where the answers go (``-``: to a stream).

    ``bands`` are the thresholds of verdicts in place of those of the release. ``log`` is the folder of a prediction
    log, and ``alias`` what the release was asked for by.
    """

    source: str
    output: str
    format: Literal["parquet", "csv", "jsonl", "stix"] | None = None
    ids: tuple[str, ...] = ()
    on_error: OnError = "fail"
    table: str | None = None
    query: str | None = None
    jobs: int = 1
    resume: bool = False
    reasons: int = 0
    rules: OwnRules | None = None
    stix_column: str | None = None
    stix_hours: float = 24
    bands: Bands | None = None
    log: Path | None = None
    alias: str = ""


def predict_rows(bundle: Bundle, asked: Asked, stream: BinaryIO, on_event: OnEvent = ignore) -> Predicted:
    """Score a source and write the answers.

    Parameters
    ----------
    bundle
        An open release.
    asked
        The source, the output and the options.
    stream
        Receives the answers where ``asked.output`` is ``-``.
    on_event
        Receives progress and notices.

    Raises
    ------
    DataError
        When the source cannot be read, lacks columns, or holds a row that cannot be read.
    ConfigError
        When an option does not fit the source or an unfinished output, or the output is the source.
    """
    import tempfile

    from phishcli.sources.locate import locate
    from phishcli.sources.streamed import streamed

    sayer = _sayer(bundle, asked)
    _check_output(asked)
    with tempfile.TemporaryDirectory() as copies, said_in_options():
        source = locate(asked.source, cache=Path(copies), on_event=on_event, table=asked.table, query=asked.query)
        with streamed(source, _reading(sayer, asked), on_event=_without_progress(on_event)) as rows:
            _check_columns(sayer, asked, rows)
            return _Run(bundle, asked, sayer, source, rows, on_event).to(stream)


def _check_output(asked: Asked) -> None:
    """Keep answers from replacing the rows that they are about."""
    try:
        same = Path(asked.output).samefile(asked.source)
    except (OSError, ValueError):  # one of them is no file
        return
    if same:
        raise ConfigError("The answers would replace the rows", where=asked.output, hint="Name another file: -o FILE")


def _without_progress(on_event: OnEvent) -> OnEvent:
    from phishcli.events import Progress

    return lambda event: None if isinstance(event, Progress) else on_event(event)


def _reading(sayer: Sayer, asked: Asked) -> Any:
    from phishcli.sources.source import Reading

    bundle = sayer.judge.bundle
    passed_on = {*asked.ids, *sayer.columns}
    coded = {column.name for column in bundle.schema.given() if column.role == "categorical"} - passed_on
    return Reading(
        table=asked.table,
        columns=frozenset({*bundle.metadata.columns, *passed_on}),
        also=frozenset({bundle.schema.target}),
        coded=frozenset(coded),
    )


def _sayer(bundle: Bundle, asked: Asked) -> Sayer:
    """Make what says the rest of an answer.

    Raises
    ------
    ConfigError
        When indicators are wanted, and no column has what they are of.
    """
    from datetime import UTC, datetime

    about, judge = bundle.metadata, Judge(bundle, asked.rules, asked.bands)
    recorder = _recorder(judge, asked)
    wanted = asked.format == "stix" or asked.output.lower().endswith(OUTPUTS["stix"].suffix)
    if not wanted:
        return Sayer(judge, asked.reasons, recorder=recorder)
    if asked.stix_column is None:
        raise ConfigError("STIX needs to know what is indicated", hint="Name the column of URLs or domains: --of URL")
    name = f"{about.model} v{about.version}"
    return Sayer(judge, asked.reasons, Stix(asked.stix_column, name, datetime.now(UTC), asked.stix_hours), recorder)


def _recorder(judge: Judge, asked: Asked) -> Recorder | None:
    if asked.log is None:
        return None
    from phishcli.address import shown
    from phishcli.serving.log_many import Recorder

    return Recorder(judge, asked.alias, Path(shown(asked.source)).name, asked.ids)


def _check_columns(sayer: Sayer, asked: Asked, rows: Batches) -> None:
    from phishcli.serving.rows import check_names

    check_names(rows.schema.names, sayer.judge.bundle.metadata.columns)
    further = [(name, "--id") for name in asked.ids]
    further += [(name, "--rules or --of") for name in sayer.columns]
    for name, option in further:
        if name not in rows.schema.names:
            raise ConfigError(
                f"There is no column {name!r} for {option}",
                where=asked.source,
                hint=suggestion(name, rows.schema.names, "columns"),
            )


@dataclass(frozen=True)
class _Run:
    """One prediction whose source is open."""

    bundle: Bundle
    asked: Asked
    sayer: Sayer
    source: Source
    rows: Batches
    on_event: OnEvent

    def to(self, stream: BinaryIO) -> Predicted:
        if self.asked.output == "-":
            return self._to_stream(stream)
        target = Path(self.asked.output)
        form = output_of(target, self.asked.format)
        with opened_parts(target, form, self._identity(form), resume=self.asked.resume) as parts:
            return self._to_parts(parts)

    def _identity(self, form: str) -> dict[str, Any]:
        return {
            "source": self.source.sha256,
            "release": self.bundle.sha256,
            "model": self.bundle.metadata.model,
            "options": [form, list(self.asked.ids), self.asked.on_error, self.asked.reasons, self.asked.stix_column],
            "rules": None if self.asked.rules is None else self.asked.rules.to_plain(),
            "bands": None if self.asked.bands is None else plain_of(self.asked.bands),
            "log": None if self.asked.log is None else str(self.asked.log),
        }

    def _to_stream(self, stream: BinaryIO) -> Predicted:
        output, tally, labelled = OUTPUTS[self.asked.format or "csv"], Tally(), self._labelled()
        if not output.streams:
            what = f"{output.suffix} cannot be written to a stream"
            raise ConfigError(what, hint=f"Name a file: -o scores{output.suffix}")
        import tempfile

        import pyarrow as pa

        with tempfile.TemporaryDirectory() as folder:
            log = self._log(Path(folder))
            for number, judged in enumerate(self._judged(0)):
                table = pa.Table.from_batches([answers(self.bundle, judged, self.asked.ids)])
                stream.write(output.encode(table, tally.answered == 0))
                stream.flush()
                self._count(judged, tally, labelled)
                _keep(log, judged)
                if log and number % PART_BATCHES == PART_BATCHES - 1:
                    log.flush(tally.read)
            if log:
                log.flush(tally.read)
                log.finish()
        return self._summary(tally, labelled, check_whole(tally))

    def _log(self, folder: Path) -> WaitingLog | None:
        if self.asked.log is None:
            return None
        from phishcli.serving.log_many import WaitingLog

        return WaitingLog(self.asked.log, folder)

    def _to_parts(self, parts: Parts) -> Predicted:
        before = parts.state
        tally = Tally(before.read, before.answered, before.positive, verdicts=Counter(before.verdicts))
        labelled = self._labelled() if not before.read else None
        log = self._log(parts.folder)
        for number, judged in enumerate(self._judged(before.read), 1):
            parts.add(answers(self.bundle, judged, self.asked.ids))
            self._count(judged, tally, labelled)
            _keep(log, judged)
            if number % PART_BATCHES == 0:
                self._flush(parts, log, self._state(before, tally))
        notices = check_whole(tally)
        self._flush(parts, log, self._state(before, tally))
        side = self._side(parts)
        if log:
            log.finish()
        parts.finish()
        return self._summary(tally, labelled, notices, len(parts.state.faults), side)

    @staticmethod
    def _flush(parts: Parts, log: WaitingLog | None, state: State) -> None:
        if log:
            log.flush(parts.state.parts)
        parts.flush(state)

    def _state(self, before: State, tally: Tally) -> State:
        faults = tuple((fault.row, fault.reason) for fault in tally.faults)
        counts = (tally.read, tally.answered, tally.positive)
        return State(before.identity, 0, *counts, (*before.faults, *faults), dict(tally.verdicts))

    def _side(self, parts: Parts) -> Path | None:
        if not parts.state.faults:
            return None
        side = side_file(parts.target)
        write_faults(side, parts.state.faults)
        return side

    def _judged(self, start: int) -> Iterator[Judged]:
        from joblib import cpu_count

        jobs = self.asked.jobs if self.asked.jobs > 0 else cpu_count()
        batches = _after(self.rows.batches, start) if start else _one_or_more(self.rows)
        return judge_all(
            self.sayer,
            batches,
            on_error=self.asked.on_error,
            jobs=jobs,
            start=start,
            total=self.rows.rows,
            on_event=self.on_event,
        )

    def _labelled(self) -> Labelled | None:
        has_labels = self.bundle.schema.target in self.rows.schema.names
        return Labelled(self.bundle.schema) if has_labels else None

    def _count(self, judged: Judged, tally: Tally, labelled: Labelled | None) -> None:
        tally.add(judged, self.bundle.threshold)
        if labelled is not None:
            labelled.add(judged.rows.column(self.bundle.schema.target), judged.probabilities)

    def _summary(
        self,
        tally: Tally,
        labelled: Labelled | None,
        notices: list[str],
        faults: int | None = None,
        side: Path | None = None,
    ) -> Predicted:
        about = self.bundle.metadata
        return Predicted(
            model=about.model,
            version=about.version,
            threshold=about.threshold,
            target=about.target,
            positive_label=str(about.positive_label),
            source=self.source.origin,
            output=self.asked.output,
            read=tally.read,
            answered=tally.answered,
            verdicts=dict(tally.verdicts),
            positive=tally.positive,
            faults=len(tally.faults) if faults is None else faults,
            side=None if side is None else str(side),
            labelled=labelled.n if labelled else 0,
            metrics=labelled.metrics(about.threshold) if labelled else {},
            notices=(*notices, *self._flattering(labelled)),
        )

    def _flattering(self, labelled: Labelled | None) -> Iterator[str]:
        if labelled and labelled.n and self.source.sha256 == self.bundle.metadata.data.sha256:
            yield "These rows are the table that the model was trained on: the metrics are better than on new rows."
        if labelled and labelled.n > MOST_ROWS:
            yield f"The metrics are of the first {MOST_ROWS:,} rows with a label."


def _keep(log: WaitingLog | None, judged: Judged) -> None:
    if log and judged.log is not None:
        log.add(judged.log)


def _one_or_more(rows: Batches) -> Iterator[pa.RecordBatch]:
    """The batches, or one without rows: a table without rows has answers without rows."""
    import pyarrow as pa

    none = True
    for batch in rows.batches:
        none = False
        yield batch
    if none:
        yield pa.RecordBatch.from_pylist([], schema=rows.schema)


def _after(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The batches behind so many rows."""
    for batch in batches:
        if rows >= batch.num_rows:
            rows -= batch.num_rows
            continue
        yield batch.slice(rows)
        rows = 0
    if rows:
        raise DataError("The source has fewer rows than were answered before.", hint="Leave out --resume.")
