"""The end of the text: doubtful labels, models that failed, and how to reproduce the run."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from phishcli.documents.summary import Summary
from phishcli.render.formats import dotted
from phishcli.render.text.layout import pairs, section
from phishcli.render.words import doubts


def suspects(summary: Summary) -> Iterator[RenderableType]:
    """The number of doubtful labels; nothing if there are none."""
    if sentence := doubts(summary):
        yield from section("Doubtful labels", summary.suspects.source)
        yield sentence


def failures(summary: Summary) -> Iterator[RenderableType]:
    """Models that failed, with their reasons; nothing if there are none."""
    if summary.failed:
        yield from section("Models that could not be trained")
        yield pairs(summary.failed.items())


def reproduction(summary: Summary) -> Iterator[RenderableType]:
    """The data, versions, artifacts and settings that give the same numbers."""
    provenance = summary.provenance
    yield from section("Reproducing this run")
    yield "The same data, configuration and versions give the same numbers."
    yield ""
    yield pairs([("data (SHA-256)", provenance.data_sha256)])
    parts = {
        "Versions": provenance.versions,
        "Artifacts": provenance.fingerprints,
        "Configuration": provenance.config,
    }
    for title, values in parts.items():
        if values:
            yield f"\n{title}"
            yield pairs((f"  {key}", value) for key, value in dotted(values))
