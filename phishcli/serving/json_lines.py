"""Rows as JSON lines, each answered before the next one is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.errors import DataError
from phishcli.serving.fast import FastRow
from phishcli.serving.predict import OnError, reason_of

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
    judge: FastRow, lines: Iterable[bytes], tally: LineTally, *, ids: Sequence[str] = (), on_error: OnError = "fail"
) -> Iterator[bytes]:
    """Answer JSON objects line by line; blank lines are passed over.

    Parameters
    ----------
    judge
        A compiled bundle.
    lines
        One object each, with the columns of the source.
    tally
        Counts what was done.
    ids
        Keys that are passed on.
    on_error
        ``fail`` ends at the first line that cannot be read, ``skip`` passes over it, ``null`` answers with an error.

    Yields
    ------
    bytes
        One object with its line end.

    Raises
    ------
    DataError
        With ``fail``, at the first line that cannot be read.
    """
    encode, about = msgspec.json.Encoder().encode, _about(judge.bundle)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        tally.read += 1
        row: Mapping[str, Any] = {}
        try:
            row = _object(line)
            answer = _answer(judge, row, ids, about)
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
        tally.positive += answer["probability"] >= judge.bundle.threshold
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
            f"A line holds no object but {type(found).__name__}.", hint='Give objects: {"column": value, ...}'
        )
    return found


def _answer(judge: FastRow, row: Mapping[str, Any], ids: Sequence[str], about: Mapping[str, Any]) -> dict[str, Any]:
    if missing := [name for name in ids if name not in row]:
        raise DataError(f"A line lacks {', '.join(missing)}, which --id asks for.")
    probability = judge(row)
    label = judge.bundle.schema.positive_label if probability >= judge.bundle.threshold else None
    return {
        **{name: row[name] for name in ids},
        "probability": probability,
        "label": judge.bundle.schema.negative_label if label is None else label,
        **about,
    }
