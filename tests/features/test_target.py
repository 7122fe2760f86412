"""The target: found by name or given, its labels matched, the positive class never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from phishcli.errors import DataError
from phishcli.events import OnEvent, ignore
from phishcli.features.labels import Labels, find_labels, labelled_rows, target_frame
from phishcli.features.target import find_target


def labels(values: list[Any], name: str = "label", positive: Any = None, on_event: OnEvent = ignore) -> Labels:
    return find_labels(pa.chunked_array([pa.array(values)]), name, positive, on_event)


@pytest.mark.parametrize("name", ["isPhishing", "is_phishing", "IsPhishing", "phishing", "Is Phishing"])
def test_a_name_that_says_phishing_is_found(name: str) -> None:
    assert find_target(["a", name, "b"]) == name


@pytest.mark.parametrize("name", ["label", "Target", "class", "CLASS", "status", "result", "y"])
def test_a_usual_name_is_found(name: str) -> None:
    assert find_target(["a", name]) == name


def test_a_speaking_name_goes_before_a_usual_one() -> None:
    assert find_target(["status", "isPhishing"]) == "isPhishing"


def test_a_given_target_is_taken_as_it_is() -> None:
    assert find_target(["label", "verdict"], "verdict") == "verdict"


def test_a_given_target_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(
        DataError, match=r"no column 'Lable'.*\n.*--target.*\nDid you mean 'label'\? Use --target label\."
    ):
        find_target(["a", "label"], "Lable")


def test_without_a_near_name_the_columns_are_listed() -> None:
    with pytest.raises(DataError, match=r"The table has: a, b\."):
        find_target(["a", "b"], "verdict")


def test_several_candidates_are_listed() -> None:
    with pytest.raises(
        DataError, match=r"Several columns may be the target: label, class\.\n.*--target label --drop class"
    ):
        find_target(["label", "a", "class"])


def test_no_candidate_lists_the_columns_and_the_option() -> None:
    with pytest.raises(DataError, match=r"(?s)No column looks like the target.*columns: a, b.*--target COLUMN"):
        find_target(["a", "b"])


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ([0, 1, 1], 1),
        ([0.0, 1.0], 1.0),
        ([False, True], True),
        (["no", "yes"], "yes"),
        (["False", "TRUE"], "TRUE"),
        (["0", "1"], "1"),
    ],
)
def test_is_phishing_says_its_positive_class_itself(values: Any, positive: Any) -> None:
    found = labels(values, "isPhishing")
    assert found.positive == positive
    assert type(found.positive) is type(positive)
    assert found.negative == values[0]


@pytest.mark.parametrize(
    ("name", "values", "hint"),
    [
        ("label", [0, 1, 1], "--positive-label 0 or --positive-label 1"),
        ("isPhishing", [-1, 1], "--positive-label=-1 or --positive-label 1"),
        ("label", ["legitimate", "phishing"], "--positive-label legitimate or --positive-label phishing"),
        ("isPhishing", ["bad site", "good"], "--positive-label 'bad site' or --positive-label good"),
    ],
)
def test_the_positive_class_is_never_guessed(name: str, values: Any, hint: str) -> None:
    with pytest.raises(DataError, match=r"never guessed") as caught:
        labels(values, name)
    assert hint in caught.value.hint


def test_the_question_shows_labels_with_their_counts() -> None:
    with pytest.raises(DataError, match=r"label holds 0 \(1 row\), 1 \(2 rows\)"):
        labels([1, 0, 1])


@pytest.mark.parametrize(
    ("values", "given", "expected"),
    [
        ([0, 1], 0, 0),
        ([0, 1], "0", 0),
        ([0, 1], 0.0, 0),
        ([0, 1], False, 0),
        ([0, 1], "false", 0),
        ([0, 1], " 1 ", 1),
        ([0.0, 1.0], 1, 1.0),
        ([-1, 1], "-1", -1),
        ([-1, 1], True, 1),
        ([True, False], "true", True),
        ([True, False], 0, False),
        (["0", "1"], 1, "1"),
        (["true", "false"], True, "true"),
        (["legitimate", "phishing"], "phishing", "phishing"),
        (["legitimate", "phishing"], "Phishing", "phishing"),
        ([" phishing", "ok"], "phishing", " phishing"),
        ([" phishing", "phishing"], "phishing", "phishing"),
        (["nan", "inf"], "NaN", "nan"),
    ],
)
def test_the_positive_label_is_matched_to_what_is_stored(values: Any, given: Any, expected: Any) -> None:
    found = labels(values, positive=given)
    assert found.positive == expected
    assert type(found.positive) is type(expected)
    assert {found.positive, found.negative} == set(values)


def test_a_match_that_is_not_to_the_letter_is_said() -> None:
    events: list[Any] = []
    labels([" phishing", "ok"], positive="phishing", on_event=events.append)
    assert [event.message for event in events] == ["The positive label 'phishing' is stored as ' phishing' in label."]


def test_an_ambiguous_positive_label_is_refused() -> None:
    with pytest.raises(DataError, match=r"'PHISHING' fits more than one label"):
        labels([" phishing", "phishing"], positive="PHISHING")


@pytest.mark.parametrize("given", [2, "bad", True])
def test_an_unknown_positive_label_lists_the_labels(given: Any) -> None:
    with pytest.raises(
        DataError, match=r"does not occur in 'label'.*\n.*'no' \(1 row\), 'yes' \(2 rows\)\n.*--positive-label no"
    ):
        labels(["yes", "no", "yes"], positive=given)


@pytest.mark.parametrize("values", [[0, None, 1, None], [0.0, float("nan"), 1.0, float("nan")], ["a", None, "b", None]])
def test_missing_labels_are_an_error_with_their_rows(values: Any) -> None:
    with pytest.raises(DataError, match=r"2 of 4 rows have no label\.\n.*rows \(counted from 0\) 1, 3"):
        labelled_rows(pa.chunked_array([pa.array(values, from_pandas=False)]), "label")


def test_a_single_class_is_an_error() -> None:
    with pytest.raises(DataError, match=r"All rows have the same label: 1 \(3 rows\)"):
        labels([1, 1, 1], "isPhishing")


def test_more_than_two_labels_are_listed_and_the_list_is_bounded() -> None:
    with pytest.raises(DataError, match=r"12 different labels.*0 \(1 row\), .* and 2 more"):
        labels(list(range(12)))


def test_counts_are_keyed_by_the_label_as_text() -> None:
    assert labels([1, 0, 1], "isPhishing").counts == {"0": 1, "1": 2}


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (pa.array([0, 1, 0]), "int64"),
        (pa.array([0.0, 1.0, 0.0]), "float64"),
        (pa.array([False, True, False]), "bool"),
        (pa.array(["0", "1", "0"]), "str"),
        (pa.array(["0", "1", "0"]).dictionary_encode(), "str"),
        (pa.array([Decimal(0), Decimal(1), Decimal(0)]), "int64"),
    ],
)
def test_the_target_frame_keeps_the_label_as_stored(column: Any, dtype: str) -> None:
    chunks = pa.chunked_array([column])
    frame = target_frame(chunks, find_labels(chunks, "isPhishing"))
    assert str(frame["label"].dtype) == dtype
    assert frame["target"].dtype == np.int8
    assert frame["target"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("given", [2**53 + 1, str(2**53 + 1), f" {2**53 + 1}"])
def test_large_integers_are_labels_of_their_own(given: Any) -> None:
    found = find_labels(pa.chunked_array([[2**53, 2**53 + 1, 2**53]]), "label", given)
    assert (found.positive, found.negative) == (2**53 + 1, 2**53)
    assert target_frame(pa.chunked_array([[2**53, 2**53 + 1]]), found)["target"].tolist() == [0, 1]
