"""An output that appears when it is complete, and that can be gone on with after an interruption.

Beside ``out.csv`` a folder ``out.csv.unfinished`` collects finished parts, each renamed into place, and ``state.json``,
which says what they answer. The last step joins them under the final name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.errors import ConfigError, writing
from phishcli.files import appearing_file, check_replaceable, parse_json, read_bounded
from phishcli.serving.outputs import OUTPUTS

if TYPE_CHECKING:
    import pyarrow as pa

STATE = "state.json"
ELSEWHERE = "choose another place with -o/--output"


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the parts of an unfinished output answer.

    ``identity`` tells input, model and options from others; ``read`` rows were read for ``parts`` parts, ``answered``
    of them are in it, ``positive`` of these, and ``faults`` are the others.
    """

    identity: dict[str, Any]
    parts: int = 0
    read: int = 0
    answered: int = 0
    positive: int = 0
    faults: tuple[tuple[int, str], ...] = ()
    verdicts: dict[str, int] = msgspec.field(default_factory=dict)


class Parts:
    """The parts of one output.

    Parameters
    ----------
    target
        The final name.
    form
        Name of a format of `phishcli.serving.outputs`.
    state
        What there is so far.
    """

    def __init__(self, target: Path, form: str, state: State) -> None:
        self.target, self.output, self.state = target, OUTPUTS[form], state
        self.folder = folder_of(target)
        self._waiting: list[pa.RecordBatch] = []

    def add(self, answers: pa.RecordBatch) -> None:
        """Keep answers in memory until `flush`."""
        self._waiting.append(answers)

    def flush(self, state: State) -> None:
        """Write what is kept as one part, then what is reached with it; a kill in between repeats the part."""
        import pyarrow as pa

        parts = self.state.parts
        if self._waiting:
            table = pa.Table.from_batches(self._waiting)
            with writing_to(self.target), appearing_file(self._part(parts)) as file:
                file.write_bytes(self.output.encode(table, parts == 0))
            parts += 1
        self._waiting.clear()
        state = msgspec.structs.replace(state, parts=parts)
        with writing_to(self.target), appearing_file(self.folder / STATE) as file:
            file.write_bytes(msgspec.json.encode(state))
        self.state = state

    def finish(self) -> None:
        """Join the parts under the final name and remove them."""
        with writing_to(self.target), appearing_file(self.target) as file:
            self.output.join([self._part(number) for number in range(self.state.parts)], file)
        shutil.rmtree(self.folder)

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}{self.output.suffix}"


def writing_to(target: Path) -> AbstractContextManager[None]:
    """Say of whatever fails here which output cannot be written."""
    return writing("The output cannot be written", where=target, elsewhere=ELSEWHERE)


def folder_of(target: Path) -> Path:
    """Where the parts of an output are kept."""
    return target.with_name(f"{target.name}.unfinished")


@contextmanager
def opened_parts(target: Path, form: str, identity: dict[str, Any], *, resume: bool) -> Iterator[Parts]:
    """Begin an output, or go on with an unfinished one; after an error without any part nothing is left behind.

    Raises
    ------
    ConfigError
        When there is nothing to go on with, or it answers another question.
    PersistError
        When the name is taken by something that is no file, before any work is done.
    """
    with writing_to(target):
        check_replaceable(target)
    parts = Parts(target, form, _found(target, identity) if resume else State(identity))
    if not resume and parts.folder.exists():
        _check_ours(parts.folder)
        shutil.rmtree(parts.folder)
    parts.folder.mkdir(parents=True, exist_ok=True)
    try:
        yield parts
    finally:
        if parts.folder.exists() and not parts.state.parts:
            shutil.rmtree(parts.folder)


def _check_ours(folder: Path) -> None:
    names = [path.name for path in folder.iterdir()]
    if all(name == STATE or name.startswith(("part-", ".tmp-")) for name in names):
        return
    raise ConfigError("The folder for unfinished output holds other files", where=str(folder), hint="Move it away")


def _found(target: Path, identity: dict[str, Any]) -> State:
    folder = folder_of(target)
    try:
        state = msgspec.convert(parse_json(read_bounded(folder / STATE)), State)
    except (OSError, ValueError) as error:
        hint = "Leave out --resume to start"
        raise ConfigError(f"There is no unfinished output of {target.name}", where=str(folder), hint=hint) from error
    differing = [key for key, value in identity.items() if state.identity.get(key) != value]
    if differing:
        what = f"The unfinished output of {target.name} is of another {' and '.join(differing)}"
        raise ConfigError(what, where=str(folder), hint="Leave out --resume to start over")
    return state


def side_file(target: Path) -> Path:
    """Where the rows without an answer are listed."""
    return target.with_name(f"{target.stem}.faults.csv")


def write_faults(path: Path, faults: Sequence[tuple[int, str]]) -> None:
    """List rows without an answer: ``row`` (from 0, as in the source without its header) and ``reason``."""
    import csv

    with appearing_file(path) as file, file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["row", "reason"])
        writer.writerows(faults)
