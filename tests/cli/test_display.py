"""When a notice is said: at once, or once at the end with the most severe first, also before an error."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from phishcli.cli import console
from phishcli.cli.display import displayed, say_notices
from phishcli.events import Finished, Notice

NOTE, WARNING = Notice("a note", when="end"), Notice("a warning", "warning", "finding")


def test_what_can_wait_is_said_once_after_the_stages_and_warnings_come_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with displayed(quiet=False) as display:
        for event in (NOTE, WARNING, NOTE, Notice("trying again"), Finished("load", "3 rows", 1.0)):
            display.on_event(event)
    said = capsys.readouterr().err.splitlines()
    assert said == ["trying again", "load: 3 rows (1.0 s)", "warning: a warning", "note: a note"]


def test_quiet_says_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    with displayed(quiet=True) as display:
        for event in (NOTE, WARNING, Notice("damaged", "warning")):
            display.on_event(event)
    assert capsys.readouterr().err.splitlines() == ["damaged", "warning: a warning"]


def test_before_an_error_everything_is_said_that_may_explain_it(capsys: pytest.CaptureFixture[str]) -> None:
    def failing() -> None:
        with displayed(quiet=False, held=[]) as display:
            display.on_event(WARNING)
            raise ValueError("one class")

    with pytest.raises(ValueError, match="one class"):
        failing()
    assert capsys.readouterr().err == "warning: a warning\n"


def test_a_command_with_a_place_of_its_own_receives_them(capsys: pytest.CaptureFixture[str]) -> None:
    held: list[Notice] = []
    with displayed(quiet=False, held=held) as display:
        display.on_event(WARNING)
    assert held == [WARNING]
    assert capsys.readouterr().err == ""


def test_a_terminal_has_columns_and_indents_long_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(console, "notes", lambda: Console(file=written, force_terminal=True, width=40))
    say_notices([Notice(" ".join(["word"] * 12), "warning", "end")], quiet=False)
    lines = [line.rstrip() for line in written.getvalue().replace("\x1b[33m", "").replace("\x1b[0m", "").splitlines()]
    assert lines == ["warning   word word word word word word", "          word word word word word word"]
