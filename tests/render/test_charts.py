"""Charts are drawn where the extra is installed, alike each time, for light and for dark pages."""

from __future__ import annotations

import importlib.util
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from phishcli.render import charts
from phishcli.types import ReportData

Make = Callable[..., ReportData]
SVG = "{http://www.w3.org/2000/svg}"

drawing = pytest.mark.skipif(not charts.charts_available(), reason="the charts extra is not installed")


@drawing
def test_three_figures_are_valid_svg_with_every_model_named(data: ReportData) -> None:
    figures = charts.figures(data)
    assert list(figures) == ["roc", "precision_recall", "intervals"]
    for svg in figures.values():
        root = ET.fromstring(svg)  # noqa: S314 (drawn a line above)
        texts = {text.text for text in root.iter(f"{SVG}text")}
        assert root.tag == f"{SVG}svg"
        assert set(data.summary["models"]) <= texts


@drawing
def test_the_same_run_is_drawn_alike(make: Make) -> None:
    assert charts.figures(make()) == charts.figures(make())


@drawing
def test_letters_take_the_colour_of_the_page_and_nothing_is_fetched(data: ReportData) -> None:
    for svg in charts.figures(data).values():
        letters = ET.fromstring(svg).iter(f"{SVG}text")  # noqa: S314 (drawn a line above)
        assert {letter.get("fill") for letter in letters} == {"currentColor"}
        assert "http" not in svg.replace("http://www.w3.org/", "")
        assert "url(" not in svg


@drawing
def test_the_axes_speak_of_the_classes_and_escape_them(make: Make) -> None:
    labels = {
        "positive_label": "<script>alert(1)</script>",
        "label_counts": {"<script>alert(1)</script>": 450, "0": 550},
    }
    svg = charts.figures(make(schema=labels))["roc"]
    assert "<script" not in svg
    assert "Share of &lt;script" in svg


@drawing
def test_scores_without_intervals_are_drawn_as_dots_alone(make: Make) -> None:
    with_bounds, without = (charts.figures(make(bounds=bounds))["intervals"] for bounds in (True, False))
    assert with_bounds.count("mark-rule role-mark") == without.count("mark-rule role-mark") == len(charts.SHOWN)
    assert with_bounds.count("<line") - without.count("<line") >= 3 * len(charts.SHOWN) - 6


def test_a_curve_goes_from_point_to_point_and_the_dot_is_where_the_threshold_lies(data: ReportData) -> None:
    guide, curves, dots = charts._roc(data)["layer"]
    chosen = [(row["x"], row["y"]) for row in curves["data"]["values"] if row["model"] == "XGBoost"]
    assert chosen == [(0.0, 0.0), (14 / 110, 75 / 90), (1.0, 1.0)]
    dot = next(row for row in dots["data"]["values"] if row["model"] == "XGBoost")
    assert (dot["x"], dot["y"]) == pytest.approx((14 / 110, 75 / 90))
    assert [row["y"] for row in guide["data"]["values"]] == [0, 1]


def test_chance_for_precision_is_the_share_of_positive_rows(data: ReportData) -> None:
    guide = charts._precision_recall(data)["layer"][0]
    assert [row["y"] for row in guide["data"]["values"]] == [0.45, 0.45]


def test_nothing_is_drawn_when_charts_are_turned_off(make: Make) -> None:
    assert charts.figures(make(charts=False)) == {}


def test_nothing_is_drawn_without_the_extra(data: ReportData, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str, package: str | None = None) -> None:
        assert (name, package) == ("vl_convert", None)

    monkeypatch.setattr(charts, "find_spec", absent)
    assert not charts.charts_available()
    assert charts.figures(data) == {}
    assert importlib.util.find_spec is not absent
