"""A document reads back as what was written, and nothing else passes for one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from phishcli.documents.base import Document, Part


class Point(Part, frozen=True, kw_only=True):
    x: float
    y: float | None = None


class Shape(Document, frozen=True, kw_only=True):
    FORMAT: ClassVar[int] = 2

    name: str
    points: tuple[Point, ...]

    @classmethod
    def upgrade(cls, plain: Mapping[str, Any], written: int) -> Mapping[str, Any]:
        if written == 1:
            return {"name": plain["name"], "points": plain["dots"]}
        return super().upgrade(plain, written)


SHAPE = Shape(name="line", points=(Point(x=1.0), Point(x=0.1, y=2.0)))


def test_a_document_reads_back_as_what_was_written_through_json() -> None:
    plain = SHAPE.to_plain()
    assert plain == {"format": 2, "name": "line", "points": ({"x": 1.0, "y": None}, {"x": 0.1, "y": 2.0})}
    assert Shape.of_plain(json.loads(json.dumps(plain))) == SHAPE


def test_an_older_format_is_read_by_its_own_reader() -> None:
    assert Shape.of_plain({"name": "dot", "dots": [{"x": 3}]}) == Shape(name="dot", points=(Point(x=3.0),))


@pytest.mark.parametrize(
    ("plain", "says"),
    [
        ({"format": 2, "name": "line"}, "missing required field `points`"),
        ({"format": 2, "name": "line", "points": [], "colour": 1}, "unknown field `colour`"),
        ({"format": 2, "name": 7, "points": []}, "Expected `str`, got `int`"),
        ({"format": 3, "name": "line", "points": []}, "Shape has format 3; this version reads 2"),
    ],
)
def test_what_is_no_such_document_is_refused(plain: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Shape.of_plain(plain)


def test_a_document_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        SHAPE.name = "other"  # type: ignore[misc]  # what is tested
