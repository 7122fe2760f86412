"""The table of pages: features of each page, its address, and what else is known of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.documents.base import Part
from phishcli.errors import ConfigError
from phishcli.events import Notice, OnEvent, Progress, ignore
from phishcli.features.pages import registry
from phishcli.features.pages.crew import Crew
from phishcli.features.pages.extract import Extracted
from phishcli.features.pages.given import Batch, Found, Given
from phishcli.features.pages.joining import Joining
from phishcli.features.pages.output import check_name, table_file
from phishcli.features.pages.place import tenant_of
from phishcli.wording import bounded, counted

if TYPE_CHECKING:
    import pyarrow as pa


TENANT, STATUS, READ = "tenant", "status", "read"


class Made(Part, frozen=True, kw_only=True):
    """What was written.

    ``pages`` rows of ``columns`` columns are in ``output``; of ``limited`` pages only a part was read, ``skipped`` ones
    have no features. The column ``status`` has the reasons; ``reasons`` counts them.
    """

    output: str
    pages: int
    columns: int
    limited: int
    skipped: int
    reasons: Mapping[str, int]

    def sentence(self) -> str:
        """All that in one line."""
        parts = [counted(self.pages, "page")]
        parts += [f"{self.limited:,} limited"] if self.limited else []
        parts += [f"{self.skipped:,} not read"] if self.skipped else []
        see = " (see the column status)" if parts[1:] else ""
        return f"{', '.join(parts)}{see}; {counted(self.columns, 'column')} in {self.output}"


@dataclass
class _Tally:
    pages: int = 0
    limited: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, results: Sequence[Extracted]) -> None:
        self.pages += len(results)
        self.limited += sum(each.status == "limited" for each in results)
        self.skipped += sum(each.status == "skipped" for each in results)
        self.reasons.update(each.reason for each in results if each.status != "ok")


def write_table(
    given: Given, output: Path, *, joined: Sequence[Joining] = (), jobs: int = 1, on_event: OnEvent = ignore
) -> Made:
    """Read pages and write their features.

    Parameters
    ----------
    given
        The pages.
    output
        A ``.parquet``, ``.csv`` or ``.jsonl`` file. It appears when it is complete.
    joined
        Tables whose columns are added.
    jobs
        Processes that read pages.
    on_event
        Receives progress and notices.

    Raises
    ------
    ConfigError
        When the format is not known, or two columns have the same name.
    PhishError
        When the processes cannot be started.
    """
    check_name(output)
    schema = _schema(given, joined)
    tally = _Tally()
    for notice in given.notices:
        on_event(Notice(notice, when="end"))
    with table_file(output, schema) as write, Crew(jobs) as crew:
        for batch, results in _read(given, crew):
            write(_rows(batch, results, given, joined, schema))
            tally.add(results)
            on_event(Progress("extract", tally.pages, given.total, "pages"))
    for each in joined:
        on_event(Notice(_matched(each, tally.pages), when="end"))
    return Made(
        output=str(output),
        pages=tally.pages,
        columns=len(schema),
        limited=tally.limited,
        skipped=tally.skipped,
        reasons=dict(tally.reasons.most_common()),
    )


def _matched(joined: Joining, pages: int) -> str:
    repeated = f"; {counted(joined.repeated, 'row')} with the key of an earlier one left out" if joined.repeated else ""
    return f"{joined.source}: found for {joined.matched:,} of {counted(pages, 'page')}{repeated}"


def _page_schema() -> pa.Schema:
    """The columns that are extracted from pages."""
    import pyarrow as pa

    kinds = {"count": pa.int64(), "flag": pa.int64(), "share": pa.float64()}
    features = [(feature.name, kinds[feature.kind]) for feature in registry().values()]
    return pa.schema([*features, (STATUS, pa.string())])


def _schema(given: Given, joined: Sequence[Joining]) -> pa.Schema:
    import pyarrow as pa

    made = _page_schema() if given.has_pages else pa.schema([])
    others = [each for one in joined for each in one.columns.schema]
    fields = [*given.known, pa.field(TENANT, pa.string()), *made, *others]
    names = [each.name for each in fields]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        what = f"Several columns would have the same name: {bounded(doubled)}"
        raise ConfigError(what, hint="Rename or remove them in the index or in the table to join")
    return pa.schema(fields).remove_metadata()


def _read(given: Given, crew: Crew) -> Iterator[tuple[Batch, list[Extracted]]]:
    """Read the pages of all batches, some of them ahead."""
    if not given.has_pages:
        yield from ((batch, [Extracted("ok")] * len(batch.pages)) for batch in given.batches())
        return
    waiting: deque[Batch] = deque()

    def pages() -> Iterator[Found]:
        for batch in given.batches():
            waiting.append(batch)
            yield from batch.pages

    results = crew.run(pages())
    while (first := next(results, None)) is not None:
        batch = waiting.popleft()
        yield batch, [first, *islice(results, len(batch.pages) - 1)]


def _rows(
    batch: Batch, results: Sequence[Extracted], given: Given, joined: Sequence[Joining], schema: pa.Schema
) -> pa.Table:
    import pyarrow as pa

    tenants = pa.array([tenant_of(page.url) for page in batch.pages], pa.string())
    columns: list[Any] = [*batch.known.columns, tenants]
    if given.has_pages:
        made = zip(*map(_row, results), strict=True)
        columns += [pa.array(values, each.type) for values, each in zip(made, _page_schema(), strict=True)]
    columns += [column for one in joined for column in one.of(batch.pages).columns]
    return pa.table(columns, schema=schema)


def _row(result: Extracted) -> tuple[Any, ...]:
    values = result.values or (None,) * len(registry())
    return (*values, status_of(result))


def status_of(result: Extracted) -> str:
    """What the column ``status`` says of a page."""
    words = {"ok": READ, "limited": f"limited: {result.reason}", "skipped": f"not read: {result.reason}"}
    return words[result.status]
