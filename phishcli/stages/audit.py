"""``audit``: problems with the table and with its split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.audit import codes
from phishcli.documents.findings import Findings
from phishcli.flow.nodes import document
from phishcli.flow.stage import FITTED, Result, Stage
from phishcli.stages import load, preprocess

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.schema import PreprocessConfig
    from phishcli.flow.job import Job

FINDINGS = document("audit", "audit.json", Findings)
"""All findings about the table and the split, most severe first."""


@dataclass(frozen=True)
class Settings:
    """Ignored findings (``code`` or ``code:column`` -> the reason), the split asked for, and all checks.

    A new check makes the audit stale.
    """

    ignore: Mapping[str, str]
    checks: tuple[str, ...]
    preprocess: PreprocessConfig


def settings(config: Config, _: str) -> Settings:
    """``audit.ignore``, the codes of the checks, and the split that was asked for."""
    return Settings(config.audit.ignore, codes(), config.preprocess)


def run(job: Job[Settings]) -> Result:
    """Add the findings about the split to those about the table."""
    from phishcli.audit.split_audit import audit_split, count_severities

    findings = audit_split(
        job.settings.ignore,
        job.settings.preprocess,
        table=job.read(load.FINDINGS),
        features=job.read(load.FEATURES),
        target=job.read(load.TARGET),
        schema=job.read(load.SCHEMA),
        keys=job.read(load.KEYS),
        split=job.read(preprocess.SPLIT),
        processed=job.read(preprocess.FEATURES),
        on_event=job.on_event,
    )
    return Result({FINDINGS: findings}, count_severities(findings))


STAGE = Stage(
    name="audit",
    title="Find what makes scores misleading: leaks, duplicates, drift.",
    version=4,
    settings=settings,
    reads=(load.FEATURES, load.TARGET, load.KEYS, load.SCHEMA, load.FINDINGS, preprocess.SPLIT, preprocess.FEATURES),
    writes=(FINDINGS,),
    libraries=FITTED,
    command=False,
    run=run,
)
