"""Every decision has its number, its parts and its line in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
STATUS = re.compile(r"^Status: (proposed|accepted|replaced by \d+)$", flags=re.MULTILINE)


def line_in_index(record: Path) -> str:
    """What the index should say of a record."""
    text = record.read_text(encoding="utf-8")
    title, status = re.match(r"# (\d+)\. (.+)\n", text), STATUS.search(text)
    assert title is not None, f"{record.name} should begin with `# NUMBER. TITLE`"
    assert status is not None, f"{record.name} has no status such as `Status: accepted`"
    return f"| {title[1]} | [{title[2]}]({record.name}) | {status[1]} |"


def test_the_index_lists_every_record_with_title_and_status() -> None:
    listed = re.findall(r"^\| \d+ \|.*$", (FOLDER / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert listed == [line_in_index(record) for record in RECORDS]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_context_decision_and_consequences(record: Path) -> None:
    headings = re.findall(r"^## (.+)$", record.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def test_every_record_has_a_number_of_its_own_and_is_named_by_it() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert len(set(numbers)) == len(numbers)
    titles = [record.read_text(encoding="utf-8").partition(".")[0] for record in RECORDS]
    assert titles == [f"# {int(record.name[:4])}" for record in RECORDS]
