"""The classes have the names that the table gives them, and the scores that scikit-learn gives."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import classification_report

from phishcli.documents.metrics import ConfusionMatrix
from phishcli.render.classes import name_classes, per_class
from tests.made import schema_of

SCHEMA = schema_of(rows=50, positive_label=0, negative_label=1, label_counts={"0": 20, "1": 30})


@pytest.mark.parametrize(
    ("schema", "positive", "negative", "noun"),
    [
        ({"table": "phishing_data"}, "phishing", "legitimate", "sites"),
        ({"target": "isPhishing"}, "phishing", "legitimate", "sites"),
        ({"synthetic": True}, "phishing", "legitimate", "sites"),
        ({"target": "diagnosis"}, "diagnosis = 0", "diagnosis = 1", "rows"),
        (
            {"positive_label": "bad", "negative_label": "good", "label_counts": {"bad": 20, "good": 30}},
            "bad",
            "good",
            "rows",
        ),
        (
            {"positive_label": True, "negative_label": False, "label_counts": {"True": 20, "False": 30}},
            "label = True",
            "label = False",
            "rows",
        ),
    ],
)
def test_classes_are_called_phishing_only_where_the_table_says_so(
    schema: dict[str, Any], positive: str, negative: str, noun: str
) -> None:
    classes = name_classes(msgspec.structs.replace(SCHEMA, **schema), "tables/pages.parquet")
    assert (classes.positive.name, classes.negative.name, classes.noun) == (positive, negative, noun)
    assert (classes.positive.rows, classes.negative.rows) == (20, 30)


@pytest.mark.parametrize("origin", ["https://example.org/Phishing.csv", "phish.db"])
def test_the_name_of_the_source_may_say_that_it_is_about_phishing(origin: str) -> None:
    assert name_classes(SCHEMA, origin).positive.name == "phishing"


counts = st.integers(0, 12)


@given(tn=counts, fp=counts, fn=counts, tp=counts.filter(bool))
def test_per_class_numbers_are_those_of_scikit_learn(tn: int, fp: int, fn: int, tp: int) -> None:
    truth = np.repeat([0, 0, 1, 1], [tn, fp, fn, tp])
    called = np.repeat([0, 1, 0, 1], [tn, fp, fn, tp])
    theirs = classification_report(
        truth, called, labels=[1, 0], target_names=["bad", "good"], output_dict=True, zero_division=0
    )
    ours = per_class(ConfusionMatrix(tn=tn, fp=fp, fn=fn, tp=tp), "bad", "good")
    names = ("bad", "good", "macro avg", "weighted avg")
    for line, expected in zip(ours, (theirs[name] for name in names), strict=True):
        numbers = (line.precision, line.recall, line.f1, line.support)
        assert numbers == pytest.approx(tuple(expected.values()))
