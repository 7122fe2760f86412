"""How the progress of fits is shown: as lines in a log, as a row with a bar per model on a terminal."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from phishcli.cli import fitting
from phishcli.cli.bars import Bars
from phishcli.cli.display import PlainDisplay
from phishcli.cli.fitting import RateLimit, duration, sentence
from phishcli.events import Fitting

SEARCH = Fitting("XGBoost", 63, 81, 6.25, 3.0, "accuracy", 0.85512, {"learning_rate": 0.07479, "max_depth": 3})
UNTUNED = Fitting("KNN", 2, 6, None, None)


def drawn(bars: Bars, width: int = 110) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(bars)
    return capture.get().splitlines()


def test_a_line_has_the_progress_the_rate_the_time_left_and_the_best_result() -> None:
    assert sentence(SEARCH) == (
        "XGBoost: 63 of 81 fits, 6.2 fits per second, about 3.0 s left, "
        "best accuracy 0.8551 with learning_rate 0.0748, max_depth 3"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert sentence(UNTUNED) == "KNN: 2 of 6 fits"


def test_for_slow_fits_the_seconds_of_one_are_shown() -> None:
    slow = Fitting("RandomForest", 2, 6, 1 / 80, 320.0)
    assert sentence(slow) == "RandomForest: 2 of 6 fits, 1 min 20 s per fit, about 5 min 20 s left"
    bars = Bars()
    bars.advance(slow)
    assert "2 of 6 fits  1 min 20 s/fit  5 min 20 s left" in drawn(bars)[0]


def test_each_model_has_a_row_with_a_bar_and_its_best_result() -> None:
    bars = Bars()
    bars.advance(SEARCH)
    bars.advance(UNTUNED)
    first, second = drawn(bars)
    assert first.split("━")[0].strip() == "XGBoost"
    assert "63 of 81 fits  6.2/s  3.0 s left  0.8551  learning_rate 0.0748" in first
    assert "2 of 6 fits" in second


def test_a_row_is_cut_off_where_the_terminal_ends() -> None:
    bars = Bars()
    bars.advance(SEARCH)
    (line,) = drawn(bars, width=80)
    assert len(line) <= 80
    assert "63 of 81 fits" in line


def test_a_model_that_is_done_shows_its_result_and_one_without_a_bar_does_not_appear() -> None:
    bars = Bars()
    bars.advance(SEARCH)
    bars.end("XGBoost", Text("CV accuracy 0.8551"))
    bars.end("KNN", Text("cached"))
    bars.advance(UNTUNED)
    text = "\n".join(drawn(bars))
    assert "✓" in text
    assert "CV accuracy 0.8551" in text
    assert "cached" not in text


def test_the_slowest_model_decides_on_the_time_left() -> None:
    bars = Bars()
    assert bars.seconds_left is None
    bars.advance(SEARCH)
    bars.advance(Fitting("KNN", 1, 9, 1.0, 8.0))
    assert bars.seconds_left == 8.0


def test_a_log_gets_a_line_about_each_model_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(fitting.time, "monotonic", lambda: now)
    limit, allowed = RateLimit(), []
    for now in range(0, 31, 2):
        allowed += [now] if limit.allows(SEARCH) else []
        limit.allows(UNTUNED)
    assert allowed == [10, 20, 30]


def test_a_plain_display_does_not_show_every_fit(capsys: pytest.CaptureFixture[str]) -> None:
    display = PlainDisplay()
    for _ in range(50):
        display.on_event(SEARCH)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.31, "0.3 s"), (42.4, "42 s"), (185, "3 min 05 s"), (3_600, "60 min 00 s")]
)
def test_a_time_is_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text
