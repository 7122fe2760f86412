"""The operating sheet can be read at any width: every number whole, intervals where there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from phishcli.documents.findings import Finding
from phishcli.render.assemble import ReportData
from phishcli.render.operation import SheetView

Make = Callable[..., ReportData]
Draw = Callable[..., list[str]]
Sheet = Callable[..., SheetView]

COSTS = {"miss_cost": 500.0, "hour_cost": 60.0}


@pytest.fixture
def sheet(make: Make, revealing: Finding) -> Sheet:
    """Give a function that draws up the sheet for some place of work."""

    def drawn_up(*, telling: bool = False, **place: Any) -> SheetView:
        operation = make(operation=place, audit=[revealing] if telling else []).summary.operation
        return SheetView(operation.models, operation.settings, "XGBoost")

    return drawn_up


def values(view: SheetView, *, split: bool) -> list[str]:
    """Every number that a sheet must show, as it is written; with ``split`` true and false alerts, too."""
    from phishcli.render.formats import at_least, at_most, number

    found = []
    for points in view.sheets.values():
        for point in points:
            quantities = point.quantities
            counts = [quantities.alerts, quantities.hours]
            counts += [quantities.true_alerts, quantities.false_alerts] if split else []
            found += [at_most(count) for count in (*counts, *([quantities.cost] if quantities.cost else []))]
            found += [number(value) for value in (point.threshold, point.recall, point.fpr)]
            found += [number(value) for value in point.recall_non_missing.values()]
            found.append(at_least(quantities.precision))
    return found


@pytest.mark.parametrize(
    "place",
    [{}, COSTS, COSTS | {"volume": 20_000_000}, COSTS | {"telling": True}],
    ids=["plain", "costs", "large", "revealing"],
)
@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_number_is_cut_at_any_width(sheet: Sheet, drawn: Draw, width: int, place: dict[str, float]) -> None:
    view = sheet(**place)
    lines = drawn(view, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    is_table = not any(line.startswith("  threshold ") for line in lines)
    split = not is_table or any("True" in line.split() for line in lines)
    assert all(value in text for value in values(view, split=split))
    assert split or width == 80


@pytest.mark.parametrize("place", [{}, COSTS], ids=["plain", "costs"])
def test_it_is_a_table_from_80_columns_on_and_has_intervals_at_120(
    sheet: Sheet, drawn: Draw, place: dict[str, float]
) -> None:
    view = sheet(**place)
    narrow, broad = ([line for line in drawn(view, width) if line.startswith("> 0.5")] for width in (80, 120))
    columns = 9 + len(place) // 2
    assert [len(line.split()) for line in narrow] == [columns + 1] * 3
    assert [line.count(" to ") for line in narrow] == [0] * 3
    assert [line.count(" to ") for line in broad] == [2] * 3  # of alerts and precision, or of precision and cost
    widest = [line for line in drawn(view, 160) if line.startswith("> 0.5")]
    assert [line.count(" to ") for line in widest] == [columns - 7] * 3


def test_the_selected_model_and_the_threshold_in_use_are_marked(sheet: Sheet, drawn: Draw) -> None:
    lines = drawn(sheet(), 120)
    names = [line for line in lines if line.startswith(("Logistic", "Hist", "XGB"))]
    assert names == ["LogisticRegression", "HistGradientBoosting", "XGBoost (selected)"]
    assert sum(line.startswith("> ") for line in lines[:-3]) == 3


def test_the_operation_is_described_with_costs_only_where_they_are_known(sheet: Sheet, drawn: Draw) -> None:
    known = " ".join(drawn(sheet(base_rate=0.02, **COSTS), 120))
    assert "2% positive among 200,000 a day, 5 minutes per alert, 500 per miss, 60 per hour." in known
    assert "Cost" in known
    unknown = " ".join(drawn(sheet(), 120))
    assert "5 minutes per alert. Precision is" in unknown
    assert "Cost" not in unknown


def test_where_an_absence_gives_the_label_away_the_recall_without_that_hint_stands_beside_it(
    sheet: Sheet, drawn: Draw
) -> None:
    view = sheet(telling=True)
    lines = drawn(view, 140)
    (head,) = {line for line in lines if line.startswith("Rule")}
    assert head.split()[1:5] == ["hold", "Recall", "Lines", "FPR"]
    assert "with Lines: recall on rows that have a value" in " ".join(" ".join(lines).split())
    assert "with Lines" not in " ".join(drawn(sheet(), 140))
