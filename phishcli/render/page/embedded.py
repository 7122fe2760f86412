"""What is embedded into the page: the data and the code that its script works with, so that it loads nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from phishcli.documents.base import plain_of
from phishcli.documents.metrics import Metrics
from phishcli.documents.operation import SheetLine
from phishcli.evaluation.operation import never_seen
from phishcli.render.assemble import ReportData
from phishcli.render.charts.scores import BINS


@dataclass(frozen=True)
class Point:
    """An operating point: a rule, its threshold and the rows that it flags."""

    rule: str
    why: str
    threshold: float
    tp: int
    fp: int


@dataclass(frozen=True)
class ModelData:
    """One model; ``steps`` are the rows flagged per threshold, ``unseen`` bounds the FPR without any false alarm."""

    positives: int
    negatives: int
    threshold: float
    unseen: float
    steps: Mapping[str, Any]
    points: list[Point]


@dataclass(frozen=True)
class ScriptData:
    """All that the script reads; ``charts`` are Vega-Lite specifications by name."""

    model: str
    classes: tuple[str, str]
    bins: int
    charts: Mapping[str, Any]
    models: Mapping[str, ModelData]


def script_data(data: ReportData, charts: Mapping[str, Any]) -> Markup:
    """Write what the script of the page reads as JSON."""
    summary = data.summary
    found = ScriptData(
        model=summary.selection.model,
        classes=(summary.classes.positive.name, summary.classes.negative.name),
        bins=BINS,
        charts=charts,
        models={name: _model(data.metrics[name], sheet) for name, sheet in summary.operation.models.items()},
    )
    return as_json(asdict(found))


def _model(metrics: Metrics, sheet: tuple[SheetLine, ...]) -> ModelData:
    return ModelData(
        positives=metrics.n_positive,
        negatives=metrics.n_negative,
        threshold=metrics.threshold,
        unseen=never_seen(metrics.n_negative, metrics.bootstrap.confidence),
        steps=plain_of(metrics.counts_by_threshold),
        points=[_point(line) for line in sheet],
    )


def _point(line: SheetLine) -> Point:
    rule = f"in use: {line.rule}" if line.in_use else line.rule
    return Point(rule, line.why, line.threshold, line.confusion.tp, line.confusion.fp)


def as_json(value: Any) -> Markup:
    """JSON that cannot end the element that it is in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 (escaped just here)


def as_script(text: str) -> Markup:
    """A script that cannot end the element that it is in: in its strings, a slash may be escaped."""
    return Markup(text.replace("</script", "<\\/script").replace("<!--", "<\\!--"))  # noqa: S704 (our own, and Vega's)
