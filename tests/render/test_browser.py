"""The report in a real browser: it draws itself, loads nothing, and its numbers are those of the artifacts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli import Project
from tests.conftest import small_table

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--virtual-time-budget=20000",
)

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (Debian: apt-get install chromium)"),
    pytest.mark.xdist_group("browser"),
]


@dataclass(frozen=True)
class Seen:
    """What the browser made of a page: its elements as text, and what it said on the console."""

    dom: str
    console: list[str]

    def text(self, identity: str) -> str:
        found = re.search(rf'id="{identity}"[^>]*>([^<]*)<', self.dom)
        assert found, identity
        return unescape(found[1]).strip()

    def count(self, identity: str) -> float:
        return float(self.text(identity).replace(",", ""))


Look = Callable[..., Seen]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run on the small table, with charts and explanations."""
    folder = tmp_path_factory.mktemp("run")
    small_table(400).to_csv(folder / "sites.csv", index=False)
    settings = {
        "load.source": str(folder / "sites.csv"),
        "load.target": "label",
        "load.positive_label": "phishing",
        "train.models": ["LogisticRegression", "RandomForest"],
        "evaluate.n_boot": 40,
        "run.cache_dir": str(folder / "cache"),
        "run.results_dir": str(folder / "results"),
    }
    return Project.of(settings).run()


@pytest.fixture
def look(made: Any, tmp_path: Path) -> Look:
    """Open the report, after a script of the test has had its say."""

    def open_(script: str = "", fragment: str = "", width: int = 1280) -> Seen:
        page = tmp_path / "report.html"
        text = (made.results / "report.html").read_text(encoding="utf-8")
        before, end, after = text.rpartition("</body>")
        page.write_text(f"{before}<script type=module>{script}</script>{end}{after}", encoding="utf-8")
        command = [str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--v=0"]
        command.append(f"--window-size={width},2000")
        done = subprocess.run(
            [*command, "--dump-dom", f"{page.as_uri()}{fragment}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return Seen(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line])

    return open_


def when_ready(script: str) -> str:
    """Run a script once the page says that it is drawn."""
    return f"""
      const wait = setInterval(() => {{
        if (document.documentElement.dataset.ready) {{ clearInterval(wait); {script} }}
      }}, 20);
    """


def predictions(made: Any, model: str) -> pd.DataFrame:
    frame: pd.DataFrame = made.read(f"evaluate/{model}", "predictions.parquet")
    return frame


def test_the_page_draws_itself_without_a_word_and_loads_nothing(look: Look) -> None:
    loaded = "performance.getEntriesByType('resource').map((each) => each.name).join(' ')"
    seen = look(when_ready(f"document.body.dataset.loaded = {loaded};"))
    assert seen.console == []
    assert 'data-ready="true"' in seen.dom
    assert 'data-loaded=""' in seen.dom


def test_every_chart_is_drawn(look: Look) -> None:
    seen = look()
    names = re.findall(r'id="chart-(\w+)"', seen.dom)
    assert {"roc", "precision_recall", "intervals", "distribution", "calibration", "importance", "dependence"} <= set(
        names
    )
    for name in names:
        assert re.search(rf'id="chart-{name}"[^>]*>.*?<svg', seen.dom, flags=re.DOTALL), name


def test_the_page_begins_with_the_numbers_of_the_artifacts(look: Look, made: Any) -> None:
    seen, metrics = look(), made.read(f"evaluate/{made.selection.model}", "metrics.json")
    assert {cell: seen.count(f"live-{cell}") for cell in ("tp", "fp", "fn", "tn")} == metrics["confusion"]
    for name in ("accuracy", "recall", "fpr", "precision"):
        assert seen.count(f"live-{name}") == pytest.approx(metrics["metrics"][name]["value"], abs=5e-5)


@pytest.mark.parametrize("position", [0, 137, 500, 902, 1000])
def test_the_slider_moves_the_numbers_to_what_counting_gives(look: Look, made: Any, position: int) -> None:
    move = f"const s = document.getElementById('threshold'); s.value = {position}; s.dispatchEvent(new Event('input'));"
    seen = look(when_ready(move))
    frame = predictions(made, made.selection.model)
    flagged, positive = frame["probability"] >= np.linspace(0, 1, 1001)[position], frame["target"] == 1
    tp, fp = int((flagged & positive).sum()), int((flagged & ~positive).sum())
    assert (seen.count("live-tp"), seen.count("live-fp")) == (tp, fp)
    assert (seen.count("live-fn"), seen.count("live-tn")) == (positive.sum() - tp, (~positive).sum() - fp)
    recall, fpr = tp / positive.sum(), fp / (~positive).sum()
    assert seen.count("live-recall") == pytest.approx(recall, abs=5e-5)
    alerts = 200_000 * (0.001 * recall + 0.999 * fpr)
    assert seen.count("live-alerts") == pytest.approx(alerts, abs=0.5)
    assert seen.count("live-hours") == pytest.approx(alerts * 5 / 60, abs=0.5)


def test_base_rate_and_volume_change_what_a_day_looks_like(look: Look, made: Any) -> None:
    change = """
      for (const [id, value] of [["base-rate", "10"], ["volume", "1000"]]) {
        document.getElementById(id).value = value;
        document.getElementById(id).dispatchEvent(new Event("input"));
      }
    """
    seen = look(when_ready(change))
    scores = made.read(f"evaluate/{made.selection.model}", "metrics.json")["metrics"]
    recall, fpr = scores["recall"]["value"], scores["fpr"]["value"]
    assert seen.count("live-true") == pytest.approx(100 * recall, abs=0.5)
    assert seen.count("live-false") == pytest.approx(900 * fpr, abs=0.5)
    assert seen.count("live-real") == pytest.approx(100 * recall / (100 * recall + 900 * fpr), abs=5e-5)


def test_a_rule_gives_the_threshold_that_was_chosen_by_it(look: Look, made: Any) -> None:
    metrics = made.read(f"evaluate/{made.selection.model}", "metrics.json")
    point = next(each for each in metrics["operating_points"] if each["rule"] == "youden")
    seen = look(when_ready("""document.querySelector("[data-rule=youden]").click();"""))
    assert seen.count("live-threshold") == pytest.approx(point["threshold"], abs=5e-5)
    assert {cell: seen.count(f"live-{cell}") for cell in point["confusion"]} == point["confusion"]


def test_a_link_leads_to_a_model_and_a_threshold(look: Look, made: Any) -> None:
    other = next(name for name in made.selection.table if name != made.selection.model)
    seen = look(fragment=f"#model={other}&threshold=0.25")
    frame = predictions(made, other)
    assert seen.count("live-tp") == ((frame["probability"] >= 0.25) & (frame["target"] == 1)).sum()
    assert seen.text("live-threshold") == "0.2500"


def test_the_page_is_small_enough_to_send(made: Any) -> None:
    assert (made.results / "report.html").stat().st_size < 3_000_000


def test_what_the_script_reads_cannot_end_its_element(made: Any) -> None:
    text = (made.results / "report.html").read_text(encoding="utf-8")
    embedded = re.search(r'id="report-data">(.*?)</script>', text, flags=re.DOTALL)
    assert embedded
    assert "<" not in embedded[1]
    assert json.loads(embedded[1])["model"] == made.selection.model


OVERFLOWING = """
  const clips = (each) => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(each).overflowX);
  const within = (each) => each && (clips(each) || within(each.parentElement));
  const wide = [...document.querySelectorAll('main *:not(svg *)')].filter(
    (each) => each.getClientRects().length && !within(each) && each.getBoundingClientRect().right > innerWidth + 1);
  document.body.dataset.wide = wide.map((each) => each.tagName + '.' + each.className).join(' ');
  document.body.dataset.page = String(document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const column = document.querySelector('#comparison th.chosen').getBoundingClientRect();
  document.body.dataset.chosen = String(column.left > 0 && column.right <= innerWidth);
  const table = document.querySelector('#comparison .scroll');
  document.body.dataset.table = String(table.scrollWidth - table.clientWidth);
"""


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_nothing_runs_over_its_page_and_the_selected_model_is_in_sight(look: Look, width: int) -> None:
    seen = look(when_ready(OVERFLOWING), width=width)
    assert 'data-wide=""' in seen.dom
    assert 'data-page="0"' in seen.dom
    assert 'data-chosen="true"' in seen.dom
    if width >= 1280:
        assert 'data-table="0"' in seen.dom


def test_another_model_shows_its_own_operating_points(look: Look, made: Any) -> None:
    other = next(name for name in made.selection.table if name != made.selection.model)
    choose = f"""
      const field = document.getElementById('model');
      field.value = '{other}'; field.dispatchEvent(new Event('change'));
      document.body.dataset.shown = [...document.querySelectorAll('[data-points]:not([hidden])')].map(
        (each) => each.dataset.points).join(' ');
    """
    seen = look(when_ready(choose))
    assert f'data-shown="{other}"' in seen.dom
    assert seen.text("live-model") == other


@pytest.mark.parametrize(
    ("field", "text"), [("base-rate", "150"), ("base-rate", "-1"), ("volume", "-5"), ("minutes", "x")]
)
def test_a_value_beyond_its_limits_is_marked_and_gives_no_negative_count(look: Look, field: str, text: str) -> None:
    enter = f"""
      const field = document.getElementById('{field}');
      field.value = '{text}'; field.dispatchEvent(new Event('input'));
    """
    seen = look(when_ready(enter))
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', seen.dom)
    for name in ("alerts", "true", "missed", "hours"):
        assert not seen.text(f"live-{name}").startswith("-")


def test_the_page_says_when_the_model_was_trained(look: Look, made: Any) -> None:
    day = made.read("report", "summary.json")["provenance"]["trained"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    assert f"trained on {day}" in look().dom
