"""What the audit finds of the faults in a fixed list of tables, and what it says that is not so."""

from __future__ import annotations

import pytest

from benchmarks.audit_recall import judge
from tests.audit.tables import TABLES


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[dict[str, bool], list[tuple[str, str | None, str]], list[str]]]:
    made = [make() for make in TABLES]
    return {each.name: judge(each) for each in made}


def test_nearly_all_planted_faults_are_found(judged: dict) -> None:
    missed = [(name, column) for name, (found, _, _) in judged.items() for column, hit in found.items() if not hit]
    assert len(missed) <= 0.05 * sum(len(found) for found, _, _ in judged.values()), missed


def test_hardly_a_column_without_a_fault_is_accused(judged: dict) -> None:
    false = [(name, *each) for name, (_, false, _) in judged.items() for each in false]
    assert len(false) <= 1, false


def test_no_useful_column_is_left_out(judged: dict) -> None:
    assert not [(name, lacking) for name, (_, _, lacking) in judged.items() if lacking]


def test_the_list_is_long_enough_to_judge_by() -> None:
    made = [make() for make in TABLES]
    assert len(made) >= 30
    assert sum(not each.faults for each in made) >= 12
    assert sum(len(each.faults) for each in made) >= 50
