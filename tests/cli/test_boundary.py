"""Errors become messages and exit codes in one place."""

from __future__ import annotations

import errno
import json
import pickle
import signal
import sys
from pathlib import Path

import pytest
import typer

from phishcli import errors
from phishcli.cli.boundary import boundary, message
from phishcli.cli.logs import JsonLines, duration, log_files, sentence
from phishcli.errors import ExitCode, PhishError
from phishcli.events import Failed, Finished, Notice, Progress, Started

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PhishError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_leaves_with_its_own_code(kind: type[PhishError], capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(typer.Exit) as caught, boundary():
        raise kind("It broke.", where="here", hint="mend it")
    assert caught.value.exit_code == kind.exit_code
    assert capsys.readouterr().err == "error: It broke.\n  where: here\n   next: mend it\n"


def test_the_codes_are_the_documented_ones() -> None:
    codes = {kind.__name__: int(kind.exit_code) for kind in KINDS}
    assert codes == {
        "PhishError": 1,
        "ConfigError": 2,
        "DataError": 3,
        "PreprocessError": 4,
        "TrainError": 5,
        "EvaluateError": 6,
        "PersistError": 7,
        "CheckFailed": 8,
    }


def test_an_error_keeps_its_parts_between_processes() -> None:
    error = pickle.loads(pickle.dumps(errors.TrainError("a", where="b", hint="c")))  # noqa: S301 (our own bytes)
    assert (type(error), error.what, error.where, error.hint) == (errors.TrainError, "a", "b", "c")


def test_a_reader_that_leaves_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "err").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        with pytest.raises(typer.Exit) as caught, boundary():
            raise BrokenPipeError
    assert caught.value.exit_code == ExitCode.DONE


def test_a_further_interrupt_does_not_disturb_the_last_words() -> None:
    with pytest.raises(typer.Exit) as caught, boundary():
        raise KeyboardInterrupt
    assert caught.value.exit_code == ExitCode.INTERRUPTED
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_lines_of_a_long_part_stay_below_each_other() -> None:
    text = message(PhishError("Two things are wrong", where="one\ntwo")).plain
    assert text == "error: Two things are wrong\n  where: one\n         two"


def test_events_are_sentences() -> None:
    assert sentence(Started("load")) == "load: started"
    assert sentence(Finished("load", "3 rows", 0.5)) == "load: 3 rows (0.5 s)"
    assert sentence(Finished("load", "3 rows", 0.5, cached=True)) == "load: 3 rows (cached)"
    assert sentence(Failed("train/A", "no memory", 1.0)) == "train/A: failed: no memory"
    assert sentence(Notice("look")) == "look"
    assert sentence(Progress("XGBoost", 3, 6, "fits")) == "XGBoost: 3 of 6 fits"
    assert sentence(Progress("big.csv", 4096, None, "bytes")) == "big.csv: 4,096 bytes"


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (42, "42 s"), (185, "3 min 05 s")])
def test_times_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_an_interrupt_is_in_the_log_of_the_run(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), log_files(tmp_path) as path:
        raise KeyboardInterrupt
    (line,) = path.with_suffix(".jsonl").read_text().splitlines()
    assert json.loads(line)["message"] == "KeyboardInterrupt"
    assert "Traceback" in path.read_text()


def test_a_line_of_the_machine_log_is_json_whatever_is_in_it() -> None:
    import logging

    record = logging.LogRecord("phishcli", logging.INFO, "f", 1, 'a "quoted"\nline', None, None)
    assert json.loads(JsonLines().format(record))["message"] == 'a "quoted"\nline'


def test_a_copy_that_finds_no_room_names_where_it_goes_to() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "from.csv", None, "to.csv")
    assert errors.system_error(full, "It broke").where == "to.csv"
    gone = OSError(errno.ENOENT, "No such file or directory", "from.csv", None, "to.csv")
    assert errors.system_error(gone, "It broke").where == "from.csv"
    with (
        pytest.raises(errors.PersistError, match="It broke: No space") as caught,
        errors.writing("It broke", where="x"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.where == "x"
