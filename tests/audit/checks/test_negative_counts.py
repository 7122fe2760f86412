"""Columns that count something and yet hold negative values."""

from __future__ import annotations

from collections.abc import Callable


def test_it_counts_them(found: Callable) -> None:
    columns = {"NoOfImage": [-3, 4, 1, 7], "temperature": [-3, 4, 1, 7]}
    (finding,) = found("negative-counts", columns, [0, 1, 0, 1], counts={"NoOfImage": {"negative": 1}})
    assert finding.severity == "warning"
    assert finding.column == "NoOfImage"
    assert finding.numbers == {"rows": 1}
    assert finding.detail == "NoOfImage is a count, but 1 value is negative and is used unchanged."
    assert "load.clean.negative_counts=true" in finding.advice


def test_those_that_count_as_missing_now_are_a_note(found: Callable) -> None:
    arguments = {"counts": {"n_links": {"negative": 377}}, "clean": {"negative_counts": True}}
    (finding,) = found("negative-counts", {"n_links": [None, 4.0]}, [0, 1], **arguments)
    assert finding.severity == "note"
    assert finding.detail == "n_links is a count, but 377 values are negative and count as missing."
    assert finding.advice == "Correct them in the source."


def test_codes_are_no_counts(found: Callable) -> None:
    counts = {"num_links": {"negative": 2}}
    assert not found("negative-counts", {"num_links": [-1, 0, 1, -1]}, [0, 1, 0, 1], counts=counts)


def test_counts_from_0_on_are_no_finding(found: Callable) -> None:
    assert not found("negative-counts", {"NoOfImage": [0, 4]}, [0, 1], counts={"NoOfImage": {"infinite": 1}})


def test_other_columns_are_nothing_to_look_at(applies: Callable) -> None:
    assert applies("negative-counts", {"LinkCount": [1, 2]}, [0, 1])
    assert not applies("negative-counts", {"temperature": [-1, 2]}, [0, 1])
