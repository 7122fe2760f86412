"""The two classes in a report: what they are called, and how well each is predicted."""

from __future__ import annotations

from collections.abc import Sequence

from phishcli.documents.metrics import ConfusionMatrix
from phishcli.documents.schema import Label, Schema
from phishcli.documents.sections import Classes, ClassInfo
from phishcli.documents.summary import ClassScores

BARE = {"yes", "no", "true", "false", "y", "n", "t", "f", "0", "1", "-1"}
"""Labels that are texts but do not name a class."""


def name_classes(schema: Schema, origin: str) -> Classes:
    """Name the two classes in words if the table has the words, otherwise by their label.

    A text label is its own name. Other labels stand for phishing and legitimate if the target, the table or the source
    says so in its name; nothing is assumed about any other table.

    Parameters
    ----------
    origin
        What the user called the source.
    """
    about = " ".join(str(word) for word in (schema.target, schema.table, origin)).lower()
    domain = schema.synthetic or "phish" in about

    def describe(label: Label, word: str) -> ClassInfo:
        speaks = isinstance(label, str) and label.casefold() not in BARE
        name = str(label) if speaks else word if domain else f"{schema.target} = {label}"
        return ClassInfo(name=name, label=label, rows=schema.label_counts[str(label)])

    return Classes(
        positive=describe(schema.positive_label, "phishing"),
        negative=describe(schema.negative_label, "legitimate"),
        noun="sites" if domain else "rows",
    )


def per_class(confusion: ConfusionMatrix, positive: str, negative: str) -> tuple[ClassScores, ...]:
    """Precision, recall, F1 and support of either class, and their means.

    The layout is that of scikit-learn's ``classification_report``; a ratio without a denominator is 0, as there.

    Parameters
    ----------
    positive, negative
        The names of the classes.
    """
    rows = [
        _one_class(positive, confusion.tp, confusion.fp, confusion.fn),
        _one_class(negative, confusion.tn, confusion.fn, confusion.fp),
    ]
    return (*rows, _mean("macro mean", rows, [1, 1]), _mean("weighted mean", rows, [row.support for row in rows]))


def _one_class(name: str, hits: int, false: int, missed: int) -> ClassScores:
    return ClassScores(
        name=name,
        precision=_ratio(hits, hits + false),
        recall=_ratio(hits, hits + missed),
        f1=_ratio(2 * hits, 2 * hits + false + missed),
        support=hits + missed,
    )


def _mean(name: str, rows: Sequence[ClassScores], weights: Sequence[int]) -> ClassScores:
    def mean(values: Sequence[float]) -> float:
        return _ratio(sum(value * weight for value, weight in zip(values, weights, strict=True)), sum(weights))

    return ClassScores(
        name=name,
        precision=mean([row.precision for row in rows]),
        recall=mean([row.recall for row in rows]),
        f1=mean([row.f1 for row in rows]),
        support=sum(row.support for row in rows),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
