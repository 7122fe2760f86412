"""The page is complete, opens without a network, and shows what users' data say as text only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from phishcli.documents.base import plain_of
from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Finding
from phishcli.documents.gap import Gap
from phishcli.render.assemble import ReportData
from phishcli.render.formats import interval
from phishcli.render.page import page
from phishcli.render.report import draw

Make = Callable[..., ReportData]

VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}
CHARTS: dict[str, Any] = {"roc": {"mark": "line"}, "intervals": {"mark": "point"}}


class Outline(HTMLParser):
    """Collect tags, attributes and text, and hold that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


@pytest.fixture
def outline(data: ReportData) -> Outline:
    return Outline(page(data, CHARTS))


def finding(**parts: Any) -> Finding:
    """A finding of the audit."""
    found = {"title": "It leaks", "detail": "2,355 of 2,355", "advice": "Fix it.", "numbers": {}, **parts}
    return Finding(code="leak", column=None, **{"severity": "warning", **found})


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text.replace("<wbr>", "")).split())


def test_every_tag_is_closed_and_the_landmarks_are_there(outline: Outline) -> None:
    assert outline.open == []
    assert {"header", "nav", "main", "section", "table", "caption", "footer"} <= set(outline.tags)
    assert ("lang", "en") in outline.attributes


def test_the_page_asks_for_nothing_from_outside(outline: Outline, data: ReportData) -> None:
    targets = [value for name, value in outline.attributes if name in ("href", "src", "srcset", "action", "data")]
    assert all(value is not None and value.startswith(("#", "data:,", "label_suspects.csv")) for value in targets)
    assert not {"img", "iframe", "object", "embed", "link rel=stylesheet"} & set(outline.tags)
    assert not any(name in ("src", "srcset") for name, _ in outline.attributes)
    style = page(data, {}).partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_every_link_leads_to_a_section(outline: Outline) -> None:
    places = {value for name, value in outline.attributes if name == "id"}
    assert all(
        value[1:] in places for name, value in outline.attributes if name == "href" and value and value[0] == "#"
    )


def test_the_summary_comes_first_in_plain_words(data: ReportData) -> None:
    text = words(page(data, {}).partition("<main>")[2])
    assert text.startswith("Summary XGBoost detects 83 of 100 phishing sites")
    assert data.summary.selection.rationale in text


def test_every_score_of_every_model_is_on_the_page_with_its_interval(data: ReportData) -> None:
    text = page(data, {})
    comparison = text.partition('id="comparison"')[2].partition("</section>")[0]
    for model in data.summary.models.values():
        for score in model.evaluation.metrics.values():
            assert (
                f"{score.value:.4f}<small>{interval(score)}</small>" in text
                if score.value
                else "<td>-</td>" in comparison
            )


def test_the_best_of_each_line_is_marked(data: ReportData) -> None:
    text = page(data, {})
    comparison = text.partition('id="comparison"')[2].partition("</section>")[0]
    best = data.summary.selection.best
    assert comparison.count('<td class="best">* ') == 1 + sum(
        map(len, best.values())
    )  # the first line is that of the folds
    recall = data.summary.models[best["recall"][0]].evaluation.metrics["recall"].value
    assert f'<td class="best">* {recall:.4f}' in comparison


def test_without_intervals_the_page_says_so(make: Make) -> None:
    text = words(page(make(bounds=False), {}))
    assert "without intervals" in text
    assert "no interval" in text


@pytest.mark.parametrize("scheme", ["prefers-color-scheme: dark", "@media print", "max-width: 40rem"])
def test_the_page_is_made_for_dark_print_and_phones(data: ReportData, scheme: str) -> None:
    assert scheme in page(data, {})


HOSTILE = "<script>alert('x')</script>"


def test_what_users_data_say_is_text_and_never_markup(make: Make) -> None:
    column = {
        "name": HOSTILE,
        "role": "numeric",
        "dtype": "int64",
        "missing": 0,
        "categories": [],
        "indicator_of": None,
    }
    hostile = make(
        title=HOSTILE,
        origin=HOSTILE,
        schema={
            "table": HOSTILE,
            "target": HOSTILE,
            "positive_label": HOSTILE,
            "label_counts": {HOSTILE: 450, "0": 550},
            "columns": [column],
            "set_aside": {HOSTILE: HOSTILE},
        },
        training={"params": {HOSTILE: HOSTILE}, "warnings": [HOSTILE]},
        evaluation={"notes": (HOSTILE,)},
        audit=[finding(title=HOSTILE, detail=HOSTILE, advice=HOSTILE, severity="error")],
        failed={HOSTILE: HOSTILE},
    )
    report = draw(hostile)
    assert HOSTILE not in report.html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in report.html
    assert Outline(report.html).tags.count("script") == report.html.count("<script type=")


def test_charts_and_data_stand_in_the_page_as_json_and_are_drawn_by_its_script(data: ReportData) -> None:
    text = page(data, CHARTS)
    embedded = re.search(r'id="report-data">(.*?)</script>', text, flags=re.DOTALL)
    assert embedded
    document = json.loads(embedded[1])
    assert document["charts"] == CHARTS
    assert document["models"]["XGBoost"]["steps"]["tp"] == list(data.metrics["XGBoost"].counts_by_threshold.tp)
    assert document["models"]["XGBoost"]["points"][0]["rule"].startswith("in use: ")
    assert 'id="chart-roc"' in text
    assert "pip install" not in text


def test_the_threshold_in_use_is_shown_without_a_script_too(data: ReportData) -> None:
    text, cells = page(data, {}), data.summary.models["XGBoost"].evaluation.confusion
    for cell, rows in plain_of(cells).items():
        assert f'id="live-{cell}">{rows:,}<' in text


def test_the_rules_are_listed_with_what_they_mean_in_a_day(data: ReportData) -> None:
    text = words(page(data, {}).partition('id="threshold-section"')[2])
    for line in data.summary.operation.models["XGBoost"]:
        assert line.rule in text
        assert f"{line.quantities.alerts.value:,.0f}" in text


def test_paired_tests_name_those_that_are_indistinguishable_from_the_best_one(data: ReportData) -> None:
    text = words(page(data, {}).partition('id="comparison"')[2])
    for test in data.summary.selection.tests:
        assert test.folds is not None
        assert f"{test.model} {test.folds.value:+.4f}" in text
    assert ("worse" in text) == any(test.significant for test in data.summary.selection.tests)


def test_without_the_extra_one_line_says_how_to_get_charts(data: ReportData) -> None:
    text = page(data, {})
    assert "to add them: pip install &#34;phishcli[charts]&#34;" in text
    assert 'href="#charts"' not in text


def test_charts_that_were_turned_off_are_not_advertised(make: Make) -> None:
    text = page(make(charts=False), {})
    assert "Charts are turned off." in text
    assert "pip install" not in text


def test_cautions_failures_and_findings_are_shown(make: Make) -> None:
    findings = [finding(), finding(title="Known", ignored="we know why")]
    text = words(page(make(schema={"synthetic": True}, failed={"SVM": "too slow"}, audit=findings), {}))
    for sentence in ("The data is synthetic", "It leaks 2,355 of 2,355", "SVM could not be trained too slow"):
        assert sentence in text
    assert "It leaks warning: leak 2,355 of 2,355 Fix it." in text
    assert "Ignored: Known, because: we know why" in text


def test_the_selected_model_is_open_and_the_others_are_folded(data: ReportData) -> None:
    text = page(data, {})
    assert re.findall(r"<details open>\s*<summary><h3>(\w+)", text) == ["XGBoost"]
    assert len(re.findall(r"<details>\s*<summary><h3>", text)) == 2


def test_each_section_says_from_which_artifact_its_numbers_come(data: ReportData) -> None:
    text = page(data, CHARTS)
    for artifact in ("evaluate/XGBoost/metrics.json", "train/XGBoost/training.json", "load/schema.json"):
        assert artifact in text


def test_the_gap_has_a_line_for_every_split_and_the_reason_for_each_that_was_skipped(make: Make, gap: Gap) -> None:
    text = words(page(make(gap=gap), {}).partition('id="audit"')[2].partition("</section>")[0])
    assert "random 800 200 0.8000 0.7900 to 0.8100 0.9000" in text
    assert "by time 800 200 0.7000 0.6900 to 0.7100 +0.1000 0.0500 to 0.1500 0.9000" in text
    assert "by group skipped: There is no group." in text
    assert "audit/audit.json, gap/gap.json" in text


def test_a_search_is_shown_with_its_best_trials(make: Make, searched: Callable[..., dict[str, Any]]) -> None:
    text = page(make(training=searched()), {})
    shown = words(text.partition('id="search"')[2].partition("</section>")[0])
    assert "0.8600 max_depth 5, learning_rate 0.0748 0.8500 1.3 SE max_depth 3, learning_rate 0.1 0.8400 max" in shown
    assert 'href="#search"' in text
    assert 'href="#search"' not in page(make(), {})


def test_the_explanation_ranks_the_features_and_compares_the_models(make: Make, explanation: Explanations) -> None:
    other = msgspec.structs.replace(explanation, permutation=explanation.permutation[:1])
    text = page(make(explanations={"XGBoost": explanation, "LogisticRegression": other}), {})
    shown = words(text.partition('id="explanation"')[2].partition("</section>")[0])
    assert "XGBoost relies most on Lines, measured by" in shown
    assert "Feature LogisticRegression XGBoost" in shown
    assert re.search(r"Host - \S+ ± 0\.0000", shown)  # the other model was not measured on it
    assert 'id="explanation"' not in page(make(), {})


def test_a_model_that_relies_on_nothing_is_said_to(make: Make, explanation: Explanations) -> None:
    losses = tuple(msgspec.structs.replace(each, drop=-0.01, std=0.02) for each in explanation.permutation)
    nothing = msgspec.structs.replace(explanation, permutation=losses)
    shown = words(page(make(explanations={"XGBoost": nothing}), {}))
    assert "XGBoost relies on no feature beyond chance: no ROC-AUC is reliably lost when" in shown


def test_segments_are_a_table_for_each_column(make: Make, revealing: Finding) -> None:
    text = words(page(make(audit=[revealing]), {}).partition('id="segments"')[2].partition("</section>")[0])
    assert text.count("Lines (missing or not)") == 1
    assert re.search(r"not missing 150 67 0\.\d{4}", text)


def test_the_cost_of_a_day_is_a_column_if_a_miss_has_a_cost(make: Make) -> None:
    with_cost, without = (
        page(make(operation=place), {}).partition("Operating points")[2].partition("</table>")[0]
        for place in ({"miss_cost": 100}, {})
    )
    assert ("Expected cost a day" in with_cost, "Expected cost a day" in without) == (True, False)
    heads, rows = (re.findall(pattern, with_cost) for pattern in (r'<th scope="col"', r"<tr><th scope=\"row\".*"))
    assert {row.count("<td") + 1 for row in rows} == {len(heads)}


def test_drawing_gives_page_text_summary_and_the_figures_of_the_page(data: ReportData) -> None:
    report = draw(data)
    assert report.summary is data.summary
    assert report.text.startswith("Phishing detection\n")
    assert report.figures == {}
    assert len(report.html) < 3_000_000
    assert draw(data) == report
