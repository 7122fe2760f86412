"""``report``: the results of a run as HTML, text, a model card and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.documents.sections import SplitFacts
from phishcli.documents.summary import Provenance, Summary
from phishcli.events import Notice
from phishcli.flow.nodes import FAILED, ORIGIN, SOURCE, content, document, frame
from phishcli.flow.stage import Result, Stage
from phishcli.stages import audit, campaigns, compare, evaluate, evasion, explain, gap, load, preprocess, tiers, train

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.flow.job import Job
    from phishcli.render.assemble import ReportData

PAGE = content("report", "report.html")
"""The report to share."""
TEXT = content("report", "classification_report.txt")
"""The report as plain text."""
CARD = content("report", "model_card.md")
"""The model card of the selected model."""
SUMMARY = document("report", "summary.json", Summary)
"""The report as JSON."""
SUSPECTS = frame("report", "label_suspects.csv")
"""Rows whose label should be reviewed."""
FIGURE = content("report", "{name}", optional=True)
"""A chart as a file."""


@dataclass(frozen=True)
class Settings:
    """The configuration that the report shows."""

    config: Config


def settings(config: Config, _: str) -> Settings:
    """All settings except ``run`` and ``persist``, without passwords and tokens."""
    return Settings(config.without_secrets().without("run", "persist"))


def libraries(config: Config, _: str) -> tuple[str, ...]:
    """The distributions that render the report."""
    return ("jinja2", "rich", *(("altair", "vl-convert-python") if config.report.charts else ()))


def run(job: Job[Settings]) -> Result:
    """Collect the results and render them."""
    from phishcli.render.report import draw

    data = _collect(job)
    report = draw(data)
    if data.figures and not report.figures:
        reason = "run pip install 'phishcli[charts]' first" if data.charts else "report.charts is false"
        job.on_event(Notice(f"No figures were written: {reason}.", "warning", "end"))
    files = {
        PAGE: report.html,
        TEXT: report.text,
        CARD: report.card,
        SUMMARY: report.summary,
        SUSPECTS: report.suspects,
    }
    figures = {FIGURE.named(name): figure for name, figure in report.figures.items()}
    return Result(files | figures, ", ".join(node.file for node in files))


def _collect(job: Job[Settings]) -> ReportData:
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
        evasion=job.each(evasion.EVASION),
        tiers=job.read(tiers.TIERS) if job.has(tiers.TIERS) else None,
        campaigns=job.read(campaigns.CAMPAIGNS) if job.has(campaigns.CAMPAIGNS) else None,
    )


def _split(job: Job[Settings]) -> SplitFacts:
    parts = job.read(preprocess.SPLIT)["part"].value_counts()
    return SplitFacts(
        train_rows=int(parts["train"]),
        test_rows=int(parts["test"]),
        features=len(job.read(preprocess.FEATURES)),
        group=job.settings.config.preprocess.split.group,
    )


def _provenance(job: Job[Settings]) -> Provenance:
    origins = job.lineage()
    versions = {name: found for origin in origins.values() for name, found in sorted(origin.packages.items())}
    return Provenance(
        data_sha256=job.fact(SOURCE).sha256,
        trained=origins[f"{train.MODEL.stage}/{job.read(compare.SELECTION).model}"].created[:10],
        config=job.settings.config.model_dump(mode="json"),
        versions={name: version for name, version in versions.items() if version},
        fingerprints={step: origin.fingerprint for step, origin in origins.items()},
    )


STAGE = Stage(
    name="report",
    title="Write the report: HTML, text and JSON.",
    version=13,
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
        evasion.EVASION.when(lambda config: config.evasion.enabled),
        tiers.TIERS.when(lambda config: bool(config.evaluate.tiers)),
        campaigns.CAMPAIGNS.when(lambda config: config.evaluate.campaigns),
    ),
    writes=(PAGE, TEXT, CARD, SUMMARY, SUSPECTS, FIGURE),
    libraries=libraries,
    exported=True,
    run=run,
)
