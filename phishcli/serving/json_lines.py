"""Rows as JSON lines, each answered before the next one is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.errors import DataError
from phishcli.serving.fast import FastRow
from phishcli.serving.predict import OnError, reason_of
from phishcli.serving.verdicts import Judge

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

LONGEST = 1 << 20
"""Bytes of a line."""


@dataclass
class LineTally:
    """Lines read, answered, positive, and without an answer."""

    read: int = 0
    answered: int = 0
    positive: int = 0
    faults: int = 0


def answer_lines(
    fast: FastRow,
    lines: Iterable[bytes],
    tally: LineTally,
    *,
    ids: Sequence[str] = (),
    on_error: OnError = "fail",
    judge: Judge | None = None,
    reasons: int = 0,
) -> Iterator[bytes]:
    """Answer JSON objects line by line; blank lines are passed over.

    Parameters
    ----------
    fast
        A compiled bundle.
    lines
        One object each, with the columns of the source.
    tally
        Counts what was done.
    ids
        Keys that are passed on.
    on_error
        ``fail`` ends at the first line that cannot be read, ``skip`` passes over it, ``null`` answers with an error.
    judge
        Gives the verdicts; by default that of the bundle.
    reasons
        Reasons to give in words.

    Yields
    ------
    bytes
        One object with its line end.

    Raises
    ------
    DataError
        With ``fail``, at the first line that cannot be read.
    """
    encode, answerer = msgspec.json.Encoder().encode, Answerer(fast, judge or fast.bundle.judge, ids, reasons)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        tally.read += 1
        row: Mapping[str, Any] = {}
        try:
            row = _object(line)
            answer = answerer.answer(row)
        except DataError as error:
            tally.faults += 1
            if on_error == "fail":
                raise DataError(
                    error.what, where=f"line {number}\n{error.where or ''}".strip(), hint=error.hint
                ) from error
            if on_error == "null":
                named = {name: row.get(name) for name in ids}
                yield encode({**named, "line": number, "error": reason_of(error)}) + b"\n"
            continue
        tally.answered += 1
        tally.positive += answer["probability"] >= fast.bundle.threshold
        yield encode(answer) + b"\n"


def _about(bundle: Bundle) -> dict[str, Any]:
    about = bundle.metadata
    return {"threshold": bundle.threshold, "model": about.model, "version": about.version}


def _object(line: bytes) -> Mapping[str, Any]:
    if len(line) > LONGEST:
        raise DataError(f"A line is longer than {LONGEST:,} bytes.")
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError("A line is not JSON.", hint="Give one object per line, such as a row of `jq -c`.") from error
    if not isinstance(found, dict):
        raise DataError(
            f"A line holds a {type(found).__name__}, not an object.", hint='Give objects: {"column": value, ...}'
        )
    return found


@dataclass(frozen=True)
class Answerer:
    """Answers one row at a time."""

    fast: FastRow
    judge: Judge
    ids: Sequence[str]
    reasons: int

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give the answer to a row: what was asked for by ``ids``, probability, verdict, label, rule and reasons.

        Raises
        ------
        DataError
            When a column is missing or a value cannot be read.
        """
        if missing := [name for name in self.ids if name not in row]:
            raise DataError(f"A line lacks {', '.join(missing)}, which --id names.")
        judged, judge, bundle = self.fast.judge(row), self.judge, self.fast.bundle
        rule = judge.matcher.of(row) if judge.matcher else None
        verdict, why = judge.decided(
            judged.probability, judge.strange_of(judged.numbers, judged.missing, judged.unseen), rule
        )
        return {
            **{name: row[name] for name in self.ids},
            "probability": judged.probability,
            "verdict": verdict,
            "label": judge.label(judged.probability),
            **_about(bundle),
            **({"rule": rule and rule.name} if judge.matcher else {}),
            "why": why if rule or verdict == "unknown" else None,
            **({"reasons": [each.text for each in bundle.explain(row, self.reasons)[0]]} if self.reasons else {}),
        }
