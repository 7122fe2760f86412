"""Two classes made of labels: several labels each, the rest, similar ones, rows without any."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from phishcli.errors import DataError
from phishcli.events import Event, Notice
from phishcli.features.labels import Labels, find_labels, labelled_rows, target_frame

KINDS = ["benign"] * 4 + ["phishing"] * 3 + ["malware"] * 2 + ["spam"]


def column(values: list[Any]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


def labels(values: list[Any], events: list[Event] | None = None, **given: Any) -> Labels:
    heard = events if events is not None else []
    return find_labels(column(values), "kind", given.get("positive"), heard.append, negative=given.get("negative"))


@pytest.mark.parametrize(
    ("given", "positive", "negative"),
    [
        ({"positive": "phishing", "negative": "rest"}, ("phishing", 3), ("rest", 7)),
        ({"positive": "rest", "negative": "benign"}, ("rest", 6), ("benign", 4)),
        ({"positive": ["phishing", "malware"]}, ("phishing or malware", 5), ("rest", 5)),
        ({"positive": ["phishing", "malware", "spam"]}, ("phishing or malware or spam", 6), ("benign", 4)),
        (
            {"positive": ["phishing", "malware"], "negative": ["benign", "spam"]},
            ("phishing or malware", 5),
            ("benign or spam", 5),
        ),
        ({"negative": ["benign", "spam"]}, ("rest", 5), ("benign or spam", 5)),
    ],
)
def test_more_than_two_labels_make_two_classes(
    given: Any, positive: tuple[str, int], negative: tuple[str, int]
) -> None:
    found = labels(KINDS, **given)
    assert (found.positive, found.negative) == (positive[0], negative[0])
    assert found.counts == dict([positive, negative])
    frame = target_frame(column(KINDS), found)
    named = given.get("positive")
    expected = [int(kind not in given["negative"] if named in (None, "rest") else kind in named) for kind in KINDS]
    assert frame["target"].tolist() == expected
    assert set(frame["label"]) == {positive[0], negative[0]}


def test_the_labels_of_a_class_are_told_with_their_rows() -> None:
    events: list[Event] = []
    found = labels(KINDS, events, positive="phishing", negative="rest")
    assert found.merged == {"rest": {"benign": 4, "malware": 2, "spam": 1}}
    (told,) = events
    assert isinstance(told, Notice)
    expected = "3 labels of kind make up the class 'rest': 'benign' (4 rows), 'malware' (2 rows), 'spam' (1 row)."
    assert told.message == expected


def test_one_label_of_many_is_not_enough() -> None:
    with pytest.raises(
        DataError, match=r"'benign', 'malware', 'spam' belong to neither class[\s\S]*--negative-label rest"
    ):
        labels(KINDS, positive="phishing")
    with pytest.raises(DataError, match=r"'malware', 'spam' belong to neither class"):
        labels(KINDS, positive="phishing", negative="benign")


def test_a_label_named_rest_is_a_label() -> None:
    values = ["rest"] * 2 + ["a"] * 3
    assert labels(values, positive="rest").positive == "rest"
    found = labels([*values, "b"], positive="rest", negative=["a", "b"])
    assert found.counts == {"rest": 2, "a or b": 4}
    found = labels([*values, "b", "c"], positive=["a", "b"])
    assert found.counts == {"a or b": 4, "other labels": 3}


@pytest.mark.parametrize("given", [{"positive": "rest"}, {"positive": ["benign", "phishing", "malware", "spam"]}])
def test_a_class_without_labels_is_an_error(given: Any) -> None:
    with pytest.raises(DataError, match="No label of 'kind' is left for the negative class"):
        labels(KINDS, **given)


def test_a_label_is_in_one_class_only() -> None:
    with pytest.raises(DataError, match="'spam' is named for both classes"):
        labels(KINDS, positive=["spam", "malware"], negative="spam")


def test_similar_labels_are_pointed_out_and_not_merged() -> None:
    events: list[Event] = []
    found = labels(["Spam", "spam ", "ham", "Spam"], events, positive=["Spam", "spam "])
    assert found.counts == {"Spam or spam ": 3, "ham": 1}
    first = events[0]
    assert isinstance(first, Notice)
    assert first.level == "warning"
    assert first.message == "The labels 'Spam' (2 rows) and 'spam ' (1 row) of kind differ only in case or blanks."
    with pytest.raises(DataError, match="For all of them: --positive-label Spam --positive-label 'spam '"):
        labels(["Spam", "spam ", "ham"], positive="spam")


@pytest.mark.parametrize(
    ("values", "given", "positive"),
    [
        ([float("inf"), 0.0, 0.0], "inf", "inf"),
        ([float("-inf"), float("inf")], "-inf", "-inf"),
        ([date(2024, 1, 1), date(2025, 1, 1)], "2024-01-01", "2024-01-01"),
        ([2**62, 2**62 + 1], str(2**62 + 1), 2**62 + 1),
        ([2**53, 2**53 + 1], 2**53 + 1, 2**53 + 1),
        ([0.0, 1.0], "1", 1.0),
        ([True, False], "true", True),
        (["007", "7"], "007", "007"),
        ([7, 8], "007", 7),
    ],
)
def test_labels_of_any_type_are_found_by_their_text(values: list[Any], given: Any, positive: Any) -> None:
    found = labels(values, positive=given)
    assert found.positive == positive
    assert type(found.positive) is type(positive)
    hits = target_frame(column(values), found)["target"]
    assert hits.sum() == sum(str(value) == str(positive) for value in values)


def test_rows_without_a_label_are_left_out_only_when_asked() -> None:
    values = column(["a", None, "b", None])
    rows = labelled_rows(values, "kind", drop=True)
    assert rows is not None
    assert rows.tolist() == [0, 2]
    assert labelled_rows(column(["a", "b"]), "kind") is None
    with pytest.raises(DataError, match=r"2 of 4 rows have no label\.\n[\s\S]*--set load\.unlabelled=drop\."):
        labelled_rows(values, "kind")
    with pytest.raises(DataError, match="2 of 2 rows have no label"):
        labelled_rows(column([None, None]).cast(pa.string()), "kind", drop=True)


def test_a_text_that_counts_as_missing_is_said_to() -> None:
    with pytest.raises(DataError, match="A text such as None, NA or null counts as missing in this file") as caught:
        labelled_rows(column(["a", None]), "kind", missing_words=("", "NA", "None", "null", "nan"))
    assert "give it another name in the source" in str(caught.value.hint)
