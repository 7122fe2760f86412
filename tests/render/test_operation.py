"""The operating sheet can be read at any width: every number whole, intervals where there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from phishcli.render.operation import SheetView
from phishcli.types import ReportData

Make = Callable[..., ReportData]
Draw = Callable[..., list[str]]
Sheet = Callable[..., SheetView]

COSTS = {"miss_cost": 500.0, "hour_cost": 60.0}


@pytest.fixture
def sheet(make: Make) -> Sheet:
    """Give a function that draws up the sheet for some place of work."""

    def drawn_up(**place: Any) -> SheetView:
        summary = make(operation=place).summary
        operation = summary["operation"]
        return SheetView(operation["models"], operation["settings"], summary["selection"]["model"])

    return drawn_up


def values(view: SheetView) -> list[str]:
    """Every number that a sheet must show, as it is written."""
    from phishcli.render.formats import amount, number

    found = []
    for points in view.sheets.values():
        for point in points:
            quantities = {name: each["value"] for name, each in point["quantities"].items()}
            counts = ("alerts", "true_alerts", "false_alerts", "hours", "cost")
            found += [amount(quantities[name]) for name in counts if name in quantities]
            found += [number(value) for value in (point["threshold"], point["recall"], point["fpr"])]
            found.append(number(quantities["precision"]))
    return found


@pytest.mark.parametrize("place", [{}, COSTS, COSTS | {"volume": 20_000_000}], ids=["plain", "costs", "large"])
@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_number_is_cut_at_any_width(sheet: Sheet, drawn: Draw, width: int, place: dict[str, float]) -> None:
    view = sheet(**place)
    lines = drawn(view, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    assert all(value in text for value in values(view))


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


def test_the_place_of_work_is_told_with_costs_only_where_they_are_known(sheet: Sheet, drawn: Draw) -> None:
    known = " ".join(drawn(sheet(base_rate=0.02, **COSTS), 120))
    assert "2 % positive among 200,000 a day, 5 minutes per alert, a missed one costs 500, an hour 60." in known
    assert "Cost" in known
    unknown = " ".join(drawn(sheet(), 120))
    assert "5 minutes per alert. Right is" in unknown
    assert "Cost" not in unknown
