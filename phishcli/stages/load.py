"""``load``: read the source into features, a target and a schema, and check the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.audit import codes
from phishcli.documents.findings import Findings
from phishcli.documents.schema import Schema
from phishcli.flow.nodes import SOURCE, document, frame, table
from phishcli.flow.settings import informative
from phishcli.flow.stage import TABLES, Result, Stage
from phishcli.wording import counted, percent

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import LimitsConfig, LoadConfig
    from phishcli.flow.job import Job

FEATURES = table("load", "features.parquet")
"""One row per row of the table, one column per feature."""
TARGET = frame("load", "target.parquet")
"""``label`` as stored, ``target`` (1 = positive class), and ``group`` or ``time`` if the split needs them."""
KEYS = table("load", "keys.parquet")
"""``twin`` (the same number for rows with identical features), and the columns that group or order rows."""
SCHEMA = document("load", "schema.json", Schema)
"""Everything needed to interpret raw rows in the same way again."""
FINDINGS = document("load", "audit.json", Findings)
"""Findings about the table."""


@dataclass(frozen=True)
class Settings:
    """How the table is read; its content matters, its location does not."""

    load: LoadConfig
    split_by: Mapping[str, str]
    checks: tuple[str, ...]
    ignored: Mapping[str, str] = informative()
    """Findings that cause no notice; they are listed anyway."""
    limits: LimitsConfig = informative()  # noqa: RUF009 - a field without a default
    """What the source may ask for at most."""


def settings(config: Config, _: str) -> Settings:
    """The settings of ``load`` except the location of the source, and the columns that the split needs."""
    split = config.preprocess.split
    split_by = {role: column for role, column in (("group", split.group), ("time", split.time)) if column}
    load = config.load.without("source", "sha256", "limits", "query", "version_query")
    return Settings(load, split_by, codes(), config.audit.ignore, config.load.limits)


def run(job: Job[Settings]) -> Result:
    """Read the table, find the roles of its columns, and check it."""
    from phishcli.audit.table_audit import audit_table
    from phishcli.features.loading import load
    from phishcli.sources.source import Reading

    source, asked, disk = job.fact(SOURCE), job.settings, job.disk()
    rows = source.read(Reading.of(asked.load, asked.limits), on_event=job.on_event)
    loaded = load(
        asked.load,
        disk.collected(rows.schema, rows.batches),
        name=rows.table,
        missing_words=rows.missing_words,
        origin=source.origin,
        synthetic=source.synthetic,
        split_by=asked.split_by,
        disk=disk,
        on_event=job.on_event,
    )
    schema = loaded.schema
    return Result(
        {
            FEATURES: loaded.features,
            TARGET: loaded.target,
            KEYS: loaded.keys,
            SCHEMA: schema,
            FINDINGS: audit_table(asked.ignored, loaded, on_event=job.on_event),
        },
        f"{counted(schema.rows, 'row')}, {counted(len(schema.used()), 'feature')}, "
        f"{percent(schema.positives / schema.rows)} positive"
        + (f", {counted(schema.unlabelled, 'row')} without a label left out" if schema.unlabelled else ""),
    )


STAGE = Stage(
    name="load",
    title="Read the source; find the target and column roles.",
    version=11,
    settings=settings,
    reads=(SOURCE,),
    writes=(FEATURES, TARGET, KEYS, SCHEMA, FINDINGS),
    libraries=TABLES,
    run=run,
)
