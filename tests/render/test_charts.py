"""Charts are declared where the extra is installed, alike each time, for light and for dark pages."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from phishcli.documents.explanations import DependencePoint, Explanations
from phishcli.render import charts
from phishcli.render.assemble import ReportData
from phishcli.render.charts import scores

Make = Callable[..., ReportData]
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.skipif(not charts.charts_available(), reason="the charts extra is not installed")


def rows_of(spec: Any) -> Iterator[dict[str, Any]]:
    """Every row of data in a specification."""
    if isinstance(spec, dict):
        yield from spec["values"] if isinstance(spec.get("values"), list) else ()
        for part in spec.values():
            yield from rows_of(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from rows_of(part)


def drawn(data: ReportData, name: str) -> ET.Element:
    """A chart as vl-convert draws it for a file."""
    svg = charts.pictures(data, {name: charts.charts(data)[name]})[f"{name}.svg"]
    assert isinstance(svg, str)
    return ET.fromstring(svg)  # noqa: S314 (drawn a line above)


def test_there_is_a_chart_for_each_section(make: Make, explanation: Explanations) -> None:
    names = ["roc", "precision_recall", "intervals", "distribution", "calibration", "importance", "dependence"]
    assert list(charts.charts(make(explanations={"XGBoost": explanation}))) == names
    assert list(charts.charts(make())) == names[:5]


def test_the_same_run_is_drawn_alike(make: Make) -> None:
    assert charts.charts(make()) == charts.charts(make())


def test_specifications_are_json_and_ask_for_nothing_from_outside(data: ReportData) -> None:
    for spec in charts.charts(data).values():
        text = json.dumps(spec, allow_nan=False)
        assert "http" not in text.replace("https://vega.github.io/schema/", "")
        assert '"url"' not in text


@pytest.mark.parametrize("name", ["roc", "precision_recall", "intervals", "calibration"])
def test_a_file_is_valid_svg_with_every_model_named(data: ReportData, name: str) -> None:
    root = drawn(data, name)
    assert root.tag == f"{SVG}svg"
    assert set(data.summary.models) <= {text.text for text in root.iter(f"{SVG}text")}


def test_letters_take_the_color_of_the_page_and_in_files_a_dark_one(data: ReportData) -> None:
    assert charts.LOOK["axis"]["labelColor"] == "currentColor"
    letters = {letter.get("fill") for letter in drawn(data, "roc").iter(f"{SVG}text")}
    assert "currentColor" not in letters
    assert len(letters) == 1


def test_pictures_are_svg_and_png(data: ReportData) -> None:
    made = charts.pictures(data, {"roc": charts.charts(data)["roc"]})
    assert set(made) == {"roc.svg", "roc.png"}
    assert isinstance(made["roc.png"], bytes)
    assert made["roc.png"].startswith(b"\x89PNG")


def test_the_axes_speak_of_the_classes(make: Make) -> None:
    labels = {"positive_label": "evil", "label_counts": {"evil": 450, "0": 550}}
    assert "Share of evil sites detected" in json.dumps(charts.charts(make(schema=labels))["roc"])


def test_scores_without_intervals_are_drawn_as_dots_alone(make: Make) -> None:
    with_bounds, without = (list(rows_of(charts.charts(make(bounds=bounds))["intervals"])) for bounds in (True, False))
    assert len(with_bounds) == 2 * len(scores.SHOWN) * 3
    assert len(without) == len(scores.SHOWN) * 3


def test_a_dot_lies_where_the_threshold_of_a_model_is(data: ReportData) -> None:
    measured = data.summary.models["XGBoost"].evaluation.metrics
    dots = [row for row in rows_of(charts.charts(data)["roc"]) if row.get("model") == "XGBoost" and "at" not in row]
    assert dots == [{"model": "XGBoost", "x": measured["fpr"].value, "y": measured["recall"].value}]


def test_a_curve_is_the_one_of_the_artifact(data: ReportData) -> None:
    lines = [row for row in rows_of(charts.charts(data)["roc"]) if row.get("model") == "XGBoost" and "at" in row]
    assert [row["x"] for row in lines] == list(data.metrics["XGBoost"].curves.roc.fpr)
    assert [row["y"] for row in lines] == list(data.metrics["XGBoost"].curves.roc.tpr)


def test_bars_of_the_distribution_hold_every_test_row_once(data: ReportData) -> None:
    metrics = data.metrics["XGBoost"]
    rows = scores.binned(metrics.counts_by_threshold, ["bad", "good"])
    assert len(rows) == 2 * scores.BINS
    assert sum(row["rows"] for row in rows if row["class"] == "bad") == metrics.n_positive
    assert sum(row["rows"] for row in rows if row["class"] == "good") == metrics.n_negative
    assert (rows[0]["from"], rows[scores.BINS - 1]["to"]) == (0, 1)


def test_chance_for_precision_is_the_share_of_positive_rows(data: ReportData) -> None:
    evaluation = data.summary.selected.evaluation
    guide = list(rows_of(charts.charts(data)["precision_recall"]))[:2]
    assert [row["y"] for row in guide] == [evaluation.n_positive / evaluation.n] * 2


@pytest.mark.parametrize("known", [[1.0, 2.0, 4.0], ["bad", "good", "new"], []])
def test_the_prediction_for_a_missing_value_is_drawn_and_named(
    make: Make, explanation: Explanations, known: list[Any]
) -> None:
    def data_of(*points: DependencePoint) -> ReportData:
        dependence = {"Length": points} if points else {}
        changed = msgspec.structs.replace(explanation, partial_dependence=dependence)
        return make(explanations={"XGBoost": changed})

    points = [DependencePoint(value=value, probability=0.3) for value in known]
    svg = drawn(data_of(*points, DependencePoint(value=None, probability=0.9)), "dependence")
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert texts.count("missing") == 1
    assert "missing" not in json.dumps(charts.charts(data_of(*points)).get("dependence", {}))


def test_nothing_is_declared_when_charts_are_turned_off(make: Make) -> None:
    assert charts.charts(make(charts=False)) == {}


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_nothing_is_declared_without_the_extra(data: ReportData, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    find = charts.find_spec
    monkeypatch.setattr(charts, "find_spec", lambda name: None if name == missing else find(name))
    assert not charts.charts_available()
    assert charts.charts(data) == {}
