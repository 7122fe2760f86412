"""How far unknown columns lead: what the search finds, and what it says that it did not try."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from phishcli import Bundle
from phishcli.serving import unknowns
from phishcli.serving.unknowns import reach_of
from tests.conftest import Phish

ROW = {"Lines": None, "NoOfImage": 3, "Industry": None}


@pytest.fixture
def bundle(on_sites: Phish, tmp_path: Path) -> Bundle:
    assert on_sites("run-all", "--persist").code == 0
    return Bundle.load(tmp_path / "results" / "artifacts" / "latest", "LogisticRegression")


def usual(bundle: Bundle) -> tuple[list[float], list[str]]:
    assert bundle.profile is not None
    steps = bundle.profile.numeric["Lines"].quantiles
    return [steps[each] for each in (2, 10, 20, 30, 38)], list(bundle.profile.categorical["Industry"].counts)


def test_all_combinations_of_usual_values_are_tried(bundle: Bundle) -> None:
    lines, industries = usual(bundle)
    rows = [
        {**ROW, "Lines": line, "Industry": industry} for line, industry in product([None, *lines], [None, *industries])
    ]
    expected = bundle.predict_proba(pd.DataFrame(rows))
    found = reach_of(bundle, ROW, ["Lines", "Industry"])
    assert (found.low, found.high) == (expected.min(), expected.max())
    assert found.together
    assert found.tried >= len(rows)
    alone = bundle.predict_proba(pd.DataFrame([ROW, *({**ROW, "Lines": line} for line in lines)]))
    assert found.by_column["Lines"] == (alone.min(), alone.max())
    assert set(found.verdicts) == {each.verdict for each in bundle.verdicts(rows)}


def test_climbing_finds_the_ends_of_an_additive_model_and_says_that_not_all_was_tried(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = reach_of(bundle, ROW, ["Lines", "Industry"])
    monkeypatch.setattr(unknowns, "COMBINATIONS", 1)
    found = reach_of(bundle, ROW, ["Lines", "Industry"])
    assert (found.low, found.high) == pytest.approx((whole.low, whole.high))
    assert not found.together
    assert "unknown" not in found.verdicts or len(found.verdicts) > 1
    assert any("not all combinations; a search, not a proof" in each for each in found.notes(3))


def test_the_row_itself_is_among_what_was_tried_and_nothing_else_without_unknown_columns(bundle: Bundle) -> None:
    known = {"Lines": 40, "NoOfImage": 3, "Industry": "Banking"}
    probability = bundle.predict_proba(known)[0]
    found = reach_of(bundle, known, [])
    assert (found.low, found.high, found.by_column) == (probability, probability, {})
    assert list(found.notes(3)) == []


def test_a_category_that_is_new_in_a_known_column_does_not_stop_the_search(bundle: Bundle) -> None:
    found = reach_of(bundle, {"Lines": None, "NoOfImage": 3, "Industry": "Gardening"}, ["Lines"])
    assert found.low < found.high


def test_columns_without_usual_values_are_named(bundle: Bundle) -> None:
    from dataclasses import replace

    found = reach_of(replace(bundle, profile=None), ROW, ["Lines", "Industry"])
    assert found.untried == ("Lines", "Industry")
    assert list(found.notes(3)) == ["not tried, since no usual values are known: Lines, Industry"]
