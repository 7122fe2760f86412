"""What a run leaves for later, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

from phishcli.evaluation.metrics import METRICS

Document = Mapping[str, Any]
SHOWN = ("accuracy", "recall", "fpr", "f1", "mcc", "roc_auc", "brier", "tpr@fpr=0.01")
"""Metrics that are compared; ``--json`` has all of them."""


def remembered(summary: Document) -> dict[str, Any]:
    """Pick from ``summary.json`` what is needed to compare runs."""
    data, told = summary["data"], summary["provenance"]
    return {
        "origin": data["origin"],
        "sha256": data["sha256"],
        "rows": data["rows"],
        "positives": summary["classes"]["positive"]["rows"],
        "split": {key: value for key, value in summary["split"].items() if key != "from"},
        "columns": [column["name"] for column in data["columns"]],
        "findings": [
            {key: finding[key] for key in ("code", "severity", "column")}
            for finding in summary["audit"]["findings"]
            if "ignored" not in finding
        ],
        "selected": summary["selection"]["model"],
        "config": told["config"],
        "versions": told["versions"],
        "fingerprints": told["fingerprints"],
        "models": {
            name: {
                "threshold": entry["evaluation"]["threshold"],
                "metrics": entry["evaluation"]["metrics"],
                "cv": {metric: {k: score[k] for k in ("mean", "std")} for metric, score in _cv(entry)},
                "params": entry["training"]["params"],
            }
            for name, entry in summary["models"].items()
        },
    }


def _cv(entry: Document) -> Iterator[tuple[str, Document]]:
    yield from entry["evaluation"]["cv"].items()


def differences(old: Document, new: Document) -> dict[str, Any]:
    """Say how two runs differ.

    Returns
    -------
    dict
        ``config`` and ``versions``: key -> ``[old, new]``; ``data``: likewise for hash, rows, positives, columns and
        the split; ``findings``: codes that came and went; ``models``: which came, went and stayed.
    """
    return {
        "config": _changed(dict(_flat(old["config"])), dict(_flat(new["config"]))),
        "versions": _changed(old["versions"], new["versions"]),
        "data": _changed(
            *({key: run[key] for key in ("sha256", "rows", "positives", "split", "columns")} for run in (old, new))
        ),
        "findings": {
            "new": sorted(_codes(new) - _codes(old)),
            "gone": sorted(_codes(old) - _codes(new)),
        },
        "models": {
            "new": [name for name in new["models"] if name not in old["models"]],
            "gone": [name for name in old["models"] if name not in new["models"]],
            "both": [name for name in new["models"] if name in old["models"]],
        },
    }


def unpaired(old: Document, new: Document, metric: str) -> dict[str, Any]:
    """The difference of a score between two runs whose test rows are not the same.

    The halves of both intervals are put together as those of independent normal estimates.

    Parameters
    ----------
    old, new
        ``metrics`` of a model in either run.
    """
    before, after = old[metric], new[metric]
    if before["value"] is None or after["value"] is None:
        return {"old": before["value"], "new": after["value"], "difference": None, "low": None, "high": None}
    difference = after["value"] - before["value"]
    halves = [None if score["low"] is None else (score["high"] - score["low"]) / 2 for score in (before, after)]
    half = None if None in halves else sqrt(sum(each * each for each in halves if each is not None))
    return {
        "old": before["value"],
        "new": after["value"],
        "difference": difference,
        "low": None if half is None else difference - half,
        "high": None if half is None else difference + half,
    }


def compared_metrics() -> list[tuple[str, str]]:
    """Name and label of the metrics that are shown."""
    return [(each.name, each.label) for each in METRICS if each.name in SHOWN]


def _codes(run: Document) -> set[str]:
    return {f"{each['code']}:{each['column']}" if each["column"] else each["code"] for each in run["findings"]}


def _changed(old: Document, new: Document) -> dict[str, list[Any]]:
    keys = [*old, *(key for key in new if key not in old)]
    return {key: [old.get(key), new.get(key)] for key in keys if old.get(key) != new.get(key)}


def _flat(document: Document, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
