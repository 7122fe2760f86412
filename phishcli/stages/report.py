"""``report``: everything a run found, as a page, a text, a model card and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.config import Config
from phishcli.config.load import without_secrets
from phishcli.config.prune import without
from phishcli.events import Notice
from phishcli.flow.nodes import FAILED, ORIGIN, SOURCE, content, frame
from phishcli.flow.stage import Result, Stage
from phishcli.stages import audit, compare, evaluate, explain, gap, load, preprocess, train

if TYPE_CHECKING:
    from phishcli.flow.job import Job
    from phishcli.types import Provenance, ReportData, SplitFacts

PAGE = content("report", "report.html")
"""The page to pass on."""
TEXT = content("report", "classification_report.txt")
"""The same as text."""
CARD = content("report", "model_card.md")
"""The model card of the selected model."""
SUMMARY = content("report", "summary.json")
"""All that the page says, for machines."""
SUSPECTS = frame("report", "label_suspects.csv")
"""Rows whose label is doubtful."""
FIGURE = content("report", "{name}", optional=True)
"""A chart as a file."""


@dataclass(frozen=True)
class Settings:
    """The whole configuration but where things lie: the report shows it."""

    config: Config


def settings(config: Config, _: str) -> Settings:
    """Everything but ``run`` and ``persist``, without passwords and tokens."""
    return Settings(without(without_secrets(config), "run", "persist"))


def libraries(config: Config, _: str) -> tuple[str, ...]:
    """The distributions that draw."""
    return ("jinja2", "rich", *(("altair", "vl-convert-python") if config.report.charts else ()))


def run(job: Job[Settings]) -> Result:
    """Gather what the report says, and draw it."""
    from phishcli.render.report import draw

    data = _gathered(job)
    report = draw(data)
    if data.figures and not report.figures:
        reason = "they need pip install 'phishcli[charts]'" if data.charts else "report.charts is false"
        job.on_event(Notice(f"No figures were drawn: {reason}.", "warning"))
    files = {
        PAGE: report.html,
        TEXT: report.text,
        CARD: report.card,
        SUMMARY: report.summary,
        SUSPECTS: report.suspects,
    }
    figures = {FIGURE.named(name): figure for name, figure in report.figures.items()}
    return Result(files | figures, ", ".join(node.file for node in files))


def _gathered(job: Job[Settings]) -> ReportData:
    from phishcli.render.assemble import assemble

    config = job.settings.config
    return assemble(
        config.report,
        config.operation,
        origin=job.fact(ORIGIN),
        schema=job.read(load.SCHEMA),
        audit=job.read(audit.FINDINGS),
        gap=job.read(gap.GAP) if job.has(gap.GAP) else None,
        selection=job.read(compare.SELECTION),
        metrics=job.each(evaluate.METRICS),
        training=job.each(train.TRAINING),
        explanations=job.each(explain.EXPLANATIONS),
        segments=job.read(compare.SEGMENTS),
        suspects=job.read(compare.SUSPECTS),
        split=_split(job),
        provenance=_provenance(job),
        failed=job.fact(FAILED),
    )


def _split(job: Job[Settings]) -> SplitFacts:
    from phishcli.types import SplitFacts

    parts = job.read(preprocess.SPLIT)["part"].value_counts()
    return SplitFacts(int(parts["train"]), int(parts["test"]), len(job.read(preprocess.FEATURES)))


def _provenance(job: Job[Settings]) -> Provenance:
    from phishcli.types import Provenance

    origins = job.lineage()
    versions = {name: found for origin in origins.values() for name, found in sorted(origin.packages.items())}
    return Provenance(
        data_sha256=job.fact(SOURCE).sha256,
        config=job.settings.config.model_dump(mode="json"),
        versions={name: version for name, version in versions.items() if version},
        fingerprints={step: origin.fingerprint for step, origin in origins.items()},
    )


STAGE = Stage(
    name="report",
    title="Write the report: HTML, text and JSON.",
    version=5,
    settings=settings,
    reads=(
        SOURCE,
        ORIGIN,
        FAILED,
        load.SCHEMA,
        audit.FINDINGS,
        gap.GAP.when(lambda config: config.audit.gap),
        preprocess.FEATURES,
        preprocess.SPLIT,
        compare.SELECTION,
        compare.SEGMENTS,
        compare.SUSPECTS,
        evaluate.METRICS,
        train.TRAINING,
        explain.EXPLANATIONS.when(lambda config: config.evaluate.explain),
    ),
    writes=(PAGE, TEXT, CARD, SUMMARY, SUSPECTS, FIGURE),
    libraries=libraries,
    exported=True,
    run=run,
)
