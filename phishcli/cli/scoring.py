"""What ``phish predict`` does with its options: rules and thresholds of one's own, tables, and streams of lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.cli import console
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.documents.prediction import Predicted
    from phishcli.documents.verdicts import Bands, OwnRules
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.predict import OnError
    from phishcli.serving.prediction import Asked


def read_own_rules(path: Path | None) -> OwnRules | None:
    """The rules that override the model, if there is a file of them."""
    from phishcli.serving.own_rules import read_rules

    return None if path is None else read_rules(path)


def bands_of(bundle: Bundle, capacity: str | None, volume: str | None) -> Bands | None:
    """Choose the thresholds that a capacity asks for, and tell what they promise.

    Raises
    ------
    ConfigError
        When a number cannot be read, or ``volume`` goes without a capacity.
    """
    if capacity is None:
        if volume is not None:
            raise ConfigError("--volume requires --review-capacity", hint="--review-capacity 200/day --volume 50000")
        return None
    from phishcli.evaluation.bands import described
    from phishcli.serving.capacity import bands_for

    rows = None if volume is None else _amount("--volume", volume)
    bands = bands_for(bundle, _amount("--review-capacity", capacity), rows)
    for sentence in described(bands):
        console.note(sentence, "dim")
    return bands


def _amount(option: str, text: str) -> float:
    import math

    from phishcli.config.spellings import daily

    try:
        found = float(daily(text))
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise ConfigError(f"{option} takes a number above 0", hint="For example 200/day")
    return found


def score_table(bundle: Bundle, asked: Asked, *, quiet: bool, json: bool) -> None:
    """Answer a table, and show what was answered.

    Raises
    ------
    ConfigError
        When the answers go to stdout and an option needs a file.
    """
    from phishcli.cli.display import displayed
    from phishcli.documents.base import plain_of
    from phishcli.render.prediction import PredictionTable
    from phishcli.serving.prediction import predict_rows
    from phishcli.serving.spark_tables import is_spark, predict_table

    if asked.output == "-" and (asked.resume or json):
        what = "The answers go to stdout, which allows neither --resume nor --json"
        raise ConfigError(what, hint="Name a file: -o scores.parquet")
    with displayed(quiet=quiet or json or asked.output == "-") as display:
        if is_spark(asked.source):
            done = predict_table(bundle, asked)
        else:
            done = predict_rows(bundle, asked, sys.stdout.buffer, display.on_event)
    for notice in done.notices:
        console.note(notice, "yellow")
    if json:
        console.show_json(plain_of(done))
    elif asked.output == "-":
        _aside(done, quiet=quiet)
    elif not quiet:
        console.show(PredictionTable(done))


def _aside(done: Predicted, *, quiet: bool) -> None:
    if not quiet or done.faults:
        console.note(done.sentence(), "dim")


def check_stdin(data: str, log: Path | None) -> None:
    """Refuse what does not go with answers to lines one by one."""
    if log is not None:
        raise ConfigError("--log cannot be combined with --jsonl", hint="phish serve --log FOLDER logs rows one by one")
    if data != "-":
        raise ConfigError("--jsonl reads standard input", hint="phish predict - --jsonl < rows.jsonl")


def answer_stdin(
    bundle: Bundle,
    rules: OwnRules | None,
    bands: Bands | None,
    *,
    ids: Sequence[str],
    on_error: OnError,
    reasons: int,
    quiet: bool,
) -> None:
    """Answer each line of standard input at once."""
    from phishcli.serving.fast import compile_row
    from phishcli.serving.json_lines import LineTally, answer_lines
    from phishcli.serving.verdicts import Judge

    row, tally, out = compile_row(bundle), LineTally(), sys.stdout.buffer
    judge = Judge(bundle, rules, bands)
    lines = answer_lines(row, sys.stdin.buffer, tally, ids=ids, on_error=on_error, judge=judge, reasons=reasons)
    for line in lines:
        out.write(line)
        out.flush()
    if not quiet:
        console.note(
            f"{tally.read:,} lines read, {tally.answered:,} answered, {tally.faults:,} without an answer", "dim"
        )
