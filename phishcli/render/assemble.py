"""Gather what a report says, and note for every number from which artifact it came; drawing is left to ``render``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from phishcli.documents.base import plain_of
from phishcli.documents.training import Training
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.operation import QUANTITIES, Operation, sheet
from phishcli.evaluation.segments import records
from phishcli.types import ReportData

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.config.schema import OperationConfig, ReportConfig
    from phishcli.types import Provenance, SplitFacts

FORMAT = 3
"""The version of ``summary.json``; raised when a key changes its meaning."""

ELSEWHERE = ("scores", "segments", "confidence")
"""What of ``selection.json`` the summary has in other places."""

BARE = {"yes", "no", "true", "false", "y", "n", "t", "f", "0", "1", "-1"}
"""Labels that are texts and yet name no class."""

Document = Mapping[str, Any]


def assemble(
    settings: ReportConfig,
    operation: OperationConfig,
    *,
    origin: str,
    schema: Document,
    audit: Sequence[Document],
    selection: Document,
    metrics: Mapping[str, Document],
    training: Mapping[str, Training],
    split: SplitFacts,
    provenance: Provenance,
    explanations: Mapping[str, Document] = MappingProxyType({}),
    segments: pd.DataFrame | None = None,
    suspects: pd.DataFrame | None = None,
    gap: Document | None = None,
    failed: Mapping[str, str] = MappingProxyType({}),
) -> ReportData:
    """Bring the artifacts of a run together.

    Parameters
    ----------
    origin
        What the user called the source: a path, an address, ``sample``.
    operation
        Where the selected model is to work.
    schema, audit
        ``schema.json`` of ``load`` and ``audit.json`` of ``audit``.
    selection, segments, suspects
        ``selection.json``, ``segments.parquet`` and ``suspects.csv`` of ``evaluate``.
    metrics, training
        Per model, ``metrics.json`` of ``evaluate`` and ``training.json`` of ``train``; the same models in both.
    split
        Rows of the training and of the test part, and the number of processed features.
    provenance
        What is needed to make the run again. Nothing else enters the report: no clock, no path, no environment.
    explanations
        Per model ``explanations.json``; none where they were not asked for.
    gap
        ``gap.json``, where it was asked for.
    failed
        Models that could not be trained, each with its reason.

    Returns
    -------
    ReportData
        ``summary`` holds JSON values only. Each of its sections names the artifact it was read from under ``from``.
    """
    classes = _classes(schema, origin)
    summary = {
        "format": FORMAT,
        "title": settings.title,
        "classes": classes,
        "data": _data(schema, origin, provenance),
        "audit": {"from": "audit/audit.json", "findings": [dict(finding) for finding in audit]},
        "gap": {"from": "gap/gap.json", **gap} if gap else None,
        "split": {"from": "preprocess/split.parquet, preprocess/features.json", **asdict(split)},
        "metrics": [
            {
                "name": m.name,
                "label": m.label,
                "higher_is_better": m.higher_is_better,
                "explanation": m.explanation,
                "kind": m.kind,
            }
            for m in METRICS
        ],
        "selection": {"from": "evaluate/selection.json", **_without(selection, ELSEWHERE)},
        "baseline": _baseline(metrics[selection["model"]], classes),
        "operation": _operation(operation, metrics, selection["present"]),
        "segments": {"from": "evaluate/segments.parquet", "rows": records(segments) if segments is not None else []},
        "suspects": {"from": "evaluate/suspects.csv", **_doubts(suspects)},
        "models": {
            name: _model(name, metrics[name], training[name], classes, explanations.get(name)) for name in metrics
        },
        "failed": dict(failed),
        "provenance": asdict(provenance),
    }
    curves = {name: {**document["curves"], "steps": document["steps"]} for name, document in metrics.items()}
    return ReportData(summary, curves, suspects, charts=settings.charts, figures=settings.figures)


def _classes(schema: Document, origin: str) -> dict[str, Any]:
    """Name the two classes in words where the table itself gives the words, by their label otherwise.

    A text label is its own name. Other labels stand for phishing and legitimate when the target, the table or the
    source says so in its name; of any other table nothing is assumed.
    """
    about = " ".join(str(word) for word in (schema["target"], schema["table"], origin)).lower()
    domain = schema["synthetic"] or "phish" in about
    words = {"positive": "phishing", "negative": "legitimate"}

    def describe(side: str) -> dict[str, Any]:
        label = schema[f"{side}_label"]
        speaks = isinstance(label, str) and label.casefold() not in BARE
        named = label if speaks else words[side] if domain else f"{schema['target']} = {label}"
        return {"name": named, "label": label, "rows": schema["label_counts"][str(label)]}

    return {"positive": describe("positive"), "negative": describe("negative"), "noun": "sites" if domain else "rows"}


def _data(schema: Document, origin: str, provenance: Provenance) -> dict[str, Any]:
    columns = schema["columns"]
    return {
        "from": "load/schema.json",
        "origin": origin,
        **{key: schema[key] for key in ("synthetic", "table", "rows", "target")},
        "sha256": provenance.data_sha256,
        "columns": [{**column, "categories": len(column["categories"])} for column in columns],
        "set_aside": dict(schema["set_aside"]),
        "cleaned": dict(schema["cleaned"]),
    }


def _baseline(metrics: Document, classes: Document) -> dict[str, Any]:
    """What always giving the more frequent answer would reach on the test rows."""
    side = "positive" if metrics["n_positive"] > metrics["n_negative"] else "negative"
    return {"answer": classes[side]["name"], "accuracy": _ratio(metrics[f"n_{side}"], metrics["n"])}


def operation_of(settings: OperationConfig) -> Operation:
    """The place where a model is to work, as the configuration has it."""
    return Operation(**settings.model_dump())


def operating_sheet(
    operation: Operation, model: str, metrics: Document, present: Mapping[str, Document]
) -> list[dict[str, Any]]:
    """What each threshold of one model means in operation.

    Parameters
    ----------
    model, metrics
        The model and its ``metrics.json``.
    present
        ``present`` of ``selection.json``.

    Returns
    -------
    list of dict
        Per threshold ``rule``, ``threshold``, ``why``, ``in_use``, ``recall``, ``fpr``, ``fpr_upper`` on the test rows,
        ``recall_where_present`` (column whose absence gives the label away -> recall on the rows that have it), and
        ``quantities``, as `phishcli.evaluation.operation.sheet` gives them.
    """
    confidence, seed = metrics["bootstrap"]["confidence"], metrics["bootstrap"]["seed"]
    return [
        {
            **{key: point[key] for key in ("rule", "threshold", "why", "in_use", "fpr_upper", "confusion")},
            "recall": _ratio(point["confusion"]["tp"], metrics["n_positive"]),
            "fpr": _ratio(point["confusion"]["fp"], metrics["n_negative"]),
            "recall_where_present": {column: of[model]["recall"][point["rule"]] for column, of in present.items()},
            "quantities": sheet(point["confusion"], operation, confidence=confidence, seed=seed),
        }
        for point in metrics["operating_points"]
    ]


def _operation(
    settings: OperationConfig, metrics: Mapping[str, Document], present: Mapping[str, Document]
) -> dict[str, Any]:
    operation = operation_of(settings)
    return {
        "from": "evaluate/<model>/metrics.json",
        "settings": settings.model_dump(),
        "quantities": QUANTITIES,
        "models": {name: operating_sheet(operation, name, document, present) for name, document in metrics.items()},
    }


def _without(document: Document, keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def _doubts(suspects: pd.DataFrame | None) -> dict[str, Any]:
    if suspects is None:
        return {"rows": 0, "contradicted": 0, "twins": 0}
    reasons = suspects["reason"].astype(str)
    return {
        "rows": len(suspects),
        "contradicted": int(reasons.str.contains("contradicted").sum()),
        "twins": int(reasons.str.contains("twins").sum()),
    }


def _model(
    name: str, metrics: Document, training: Training, classes: Document, explanation: Document | None
) -> dict[str, Any]:
    scored = {key: value for key, value in metrics.items() if key not in ("model", "curves", "steps")}
    trained = {
        key: value for key, value in plain_of(training).items() if key not in ("model", "cv")
    }  # cv: as evaluated
    return {
        "from": {"evaluation": f"evaluate/{name}/metrics.json", "training": f"train/{name}/training.json"},
        "evaluation": scored,
        "per_class": per_class(metrics["confusion"], classes["positive"]["name"], classes["negative"]["name"]),
        "training": trained,
        "explanation": {"from": f"explain/{name}/explanations.json", **explanation} if explanation else None,
    }


def per_class(confusion: Mapping[str, int], positive: str, negative: str) -> list[dict[str, Any]]:
    """Precision, recall, F1 and support of either class, and their means.

    The layout is that of scikit-learn's ``classification_report``; a ratio without a denominator is 0, as there.

    Parameters
    ----------
    confusion
        Counts ``tn``, ``fp``, ``fn``, ``tp`` from the side of the positive class.
    positive, negative
        The names of the classes.
    """
    tn, fp, fn, tp = (confusion[key] for key in ("tn", "fp", "fn", "tp"))
    rows = [_one_class(positive, tp, fp, fn), _one_class(negative, tn, fn, fp)]
    supports = [row["support"] for row in rows]
    return [*rows, _mean("macro mean", rows, [1, 1]), _mean("weighted mean", rows, supports)]


def _one_class(name: str, hits: int, false: int, missed: int) -> dict[str, Any]:
    precision, recall = _ratio(hits, hits + false), _ratio(hits, hits + missed)
    f1 = _ratio(2 * hits, 2 * hits + false + missed)
    return {"class": name, "precision": precision, "recall": recall, "f1": f1, "support": hits + missed}


def _mean(name: str, rows: Sequence[Document], weights: Sequence[int]) -> dict[str, Any]:
    means = {
        key: _ratio(sum(row[key] * weight for row, weight in zip(rows, weights, strict=True)), sum(weights))
        for key in ("precision", "recall", "f1")
    }
    return {"class": name, **means, "support": sum(row["support"] for row in rows)}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
