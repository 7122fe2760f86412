"""The report in a real browser at the widths of phones, screens and paper, with few models and with many."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from phishcli.render.assemble import ReportData
from phishcli.render.charts import charts
from phishcli.render.page import page
from tests.render.test_browser import BROWSER, FLAGS

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (Debian: apt-get install chromium)"),
    pytest.mark.xdist_group("browser"),
]

Make = Callable[..., ReportData]

SCREENS = {"phone": 390, "tablet": 768, "laptop": 1280, "screen": 1920}
PAPER = {"A4": 718, "Letter": 740}
"""The width of what is printed, in pixels of 1/96 inch, within margins of 1 cm."""
NAMES = ("XGBoost", "KNN", "HistGradientBoosting", "LogisticRegression", "AVeryLongNameOfSomeModelThatNobodyChooses")
MEASURE = """
  const print = name in PAPER, root = document.documentElement;
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules)
    if (rule.media && rule.media.mediaText === 'print') rule.media.mediaText = print ? 'all' : 'not all';
  const clips = (each) => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(each).overflowX);
  const within = (each) => each && (clips(each) || within(each.parentElement));
  const shown = [...document.querySelectorAll('main *:not(svg *)')].filter((each) => each.getClientRects().length);
  const wide = shown.filter((each) => !within(each) && each.getBoundingClientRect().right > root.clientWidth + 1);
  const chosen = document.querySelector('#comparison th.chosen').getBoundingClientRect();
  const drawn = [...document.querySelectorAll('figure svg')].filter((each) => each.getClientRects().length);
  const clipped = drawn.filter((each) => {
    const box = each.getBoundingClientRect();
    return [...each.querySelectorAll('text')].some((text) => {
      const inner = text.getBoundingClientRect();
      return inner.width > 0 && (inner.right > box.right + 2 || inner.left < box.left - 2);
    });
  });
  parent.postMessage(JSON.stringify({
    name, wide: wide.map((each) => each.tagName + '.' + each.className),
    page: root.scrollWidth - root.clientWidth,
    chosen: chosen.left >= 0 && chosen.right <= root.clientWidth + 1,
    clipped: clipped.map((each) => each.closest('.chart').id), charts: drawn.length,
  }), '*');
"""


def report(make: Make, count: int) -> str:
    names = [NAMES[place] if place < len(NAMES) else f"Model{place}" for place in range(count)]
    data = make(models=tuple(names))
    return page(data, charts(data))


def measured(text: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Open the report once at each width, in frames of one page, and collect what its boxes measure."""
    sizes = SCREENS | PAPER
    for name in sizes:
        script = f"""
          const PAPER = {json.dumps(PAPER)}, name = '{name}';
          const wait = setInterval(() => {{
            if (document.documentElement.dataset.ready) {{ clearInterval(wait); {MEASURE} }}
          }}, 20);
        """
        before, end, after = text.rpartition("</body>")
        whole = f"{before}<script type=module>{script}</script>{end}{after}"
        (folder / f"{name}.html").write_text(whole, encoding="utf-8")
    frames = "".join(f'<iframe src="{name}.html" width="{size}" height="900"></iframe>' for name, size in sizes.items())
    outer = folder / "frames.html"
    collect = "addEventListener('message', (e) => { document.getElementById('said').textContent += e.data + '\\n'; });"
    outer.write_text(f"<body><pre id=said></pre><script>{collect}</script>{frames}</body>", encoding="utf-8")
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--window-size=2000,2000", "--dump-dom"]
    done = subprocess.run([*command, outer.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    said = re.search(r'<pre id="?said"?>(.*?)</pre>', done.stdout, flags=re.DOTALL)
    assert said
    found = [json.loads(line) for line in html.unescape(said[1]).split("\n") if line]
    return {each["name"]: each for each in found}


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_nothing_runs_over_its_box_at_any_width_or_on_paper(make: Make, tmp_path: Path, count: int) -> None:
    seen = measured(report(make, count), tmp_path)
    assert set(seen) == set(SCREENS | PAPER)
    for name, found in seen.items():
        assert (found["wide"], found["page"], found["clipped"]) == ([], 0, []), name
        assert found["chosen"], name
        assert found["charts"] >= 4, name  # ROC, precision and recall, intervals, distribution


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_no_heading_ends_a_printed_page(make: Make, tmp_path: Path, paper: str) -> None:
    text = report(make, 12).replace("</style>", f"@page {{ size: {paper}; }}</style>")
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    printed = tmp_path / "report.pdf"
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer"]
    subprocess.run(
        [*command, f"--print-to-pdf={printed}", (tmp_path / "report.html").as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    headings = {html.unescape(re.sub(r"<[^>]+>", "", each)) for each in re.findall(r"<h[234]>(.*?)</h[234]>", text)}
    captions = set(re.findall(r"<figcaption>(.*?)</figcaption>", text))
    lines = [[line for line in each.extract_text().split("\n") if line.strip()] for each in PdfReader(printed).pages]
    assert lines[0][0].startswith("Phishing detection")
    assert all(page[-1].strip() not in headings | captions for page in lines if page), [page[-1] for page in lines]
