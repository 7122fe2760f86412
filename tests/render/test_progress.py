"""Progress in a notebook: a drawing per stage, few for many fits, escaped; nothing where there is no notebook."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from phishcli import Project
from phishcli.events import Event, Failed, Finished, Fitting, Notice, Skipped, Started
from phishcli.project import _shown_in_notebooks
from phishcli.render.progress import PAUSE, NotebookProgress, notebook_display

EVENTS: list[Event] = [
    Started("load"),
    Finished("load", "240 rows", 1.0, cached=True),
    Failed("train/A", "no <memory>", 1.0),
    Skipped("evaluate/A", "train/A failed"),
    Notice("a & b differ", "warning", "end"),
    Notice("a & b differ", "warning", "end"),
    Notice("a note", when="end"),
]


class FakeNotebook:
    """What IPython offers in a kernel, as far as it is used."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, kernel: object | None = "kernel") -> None:
        self.shown: list[str] = []
        handle = SimpleNamespace(update=self.shown.append)
        ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
        ipython.get_ipython = lambda: SimpleNamespace(kernel=kernel)  # type: ignore[attr-defined]  # a fake
        display.HTML, display.display = str, lambda *_, **__: handle  # type: ignore[attr-defined]  # a fake
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)


def test_stages_and_warnings_are_shown_once_and_escaped() -> None:
    drawn: list[str] = []
    progress = NotebookProgress(drawn.append)
    for event in EVENTS:
        progress.on_event(event)
    assert "240 rows (cached)" in drawn[-1]
    assert "failed: no &lt;memory&gt;" in drawn[-1]
    assert drawn[-1].count("a &amp; b differ") == 1
    assert "a note" not in drawn[-1]


def test_thousands_of_fits_are_drawn_a_few_times_a_second() -> None:
    drawn: list[str] = []
    times = iter(range(10_000))
    progress = NotebookProgress(drawn.append, clock=lambda: next(times) * PAUSE / 100)
    for done in range(1, 1_001):
        progress.on_event(Fitting("A", done, 1_000))
    assert 1 < len(drawn) < 50
    assert "of 1,000 fits" in drawn[-1]


def test_a_run_in_a_notebook_shows_its_progress_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = FakeNotebook(monkeypatch)
    _shown_in_notebooks()(Finished("load", "240 rows", 1.0))
    assert "240 rows" in notebook.shown[-1]


def test_a_plain_ipython_shell_and_a_script_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeNotebook(monkeypatch, kernel=None)
    assert notebook_display() is None
    monkeypatch.delitem(sys.modules, "IPython")
    assert notebook_display() is None


def test_a_project_has_a_short_repr() -> None:
    project = Project.of({"load.source": "https://user:secret@host/sites.csv", "train.models": ["SVM"]})
    assert "secret" not in repr(project)
    assert repr(project).endswith("sites.csv, 1 model, .cache)")
