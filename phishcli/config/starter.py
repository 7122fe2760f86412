"""A ``phish.yaml`` to begin with: a few settings in sections, each with a comment that says what it is or why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import msgspec

from phishcli.config.key_paths import all_keys
from phishcli.config.last_run import changed
from phishcli.config.schema import Config
from phishcli.config.yaml import one_line

HEAD = (
    "# The settings of phish in this folder and those below it; relative paths start here.",
    "# `phish config show` lists every key, options such as --set train.seed=7 override this file.",
)


class Line(msgspec.Struct, frozen=True):
    """One setting with a comment.

    Parameters
    ----------
    key
        The dotted key.
    value
        Its value; of a mapping from names to reasons, the names are the value and each has its reason behind it.
    comment
        What it is, or why it has this value.
    is_open
        Whether it is only proposed: the line is a comment itself.
    """

    key: str
    value: Any
    comment: str
    is_open: bool = False


def lines_of(config: Config) -> list[Line]:
    """The source without passwords and tokens, and every setting that differs from its default."""
    safe = config.without_secrets()
    titles = {key: all_keys()[key].title for key, _ in changed(safe)}
    if safe != config:
        titles["load.source"] = "a password or token was left out: give the whole address as PHISH_LOAD__SOURCE"
    return [Line(key, _plain(value), titles[key]) for key, value in changed(safe)]


def as_yaml(lines: Iterable[Line]) -> str:
    """Write lines in the order of the schema, as a YAML file."""
    order = {key: number for number, key in enumerate(all_keys())}
    by_section = groupby(sorted(lines, key=lambda line: order[line.key]), lambda line: line.key.rpartition(".")[0])
    text = [*HEAD]
    for section, members in by_section:
        text += ["", f"{section}:", *(row for line in members for row in _rows(line))]
    return "\n".join(text) + "\n"


def _rows(line: Line) -> Iterator[str]:
    name, mark = line.key.rpartition(".")[2], "# " if line.is_open else ""
    if isinstance(line.value, Mapping) and line.value and all_keys()[line.key].kind != "mapping":
        yield f"  {mark}{name}: # {line.comment}"
        yield from (f"    {mark}- {one_line(entry)} # {_one(reason)}" for entry, reason in line.value.items())
    else:
        yield f"  {mark}{name}: {one_line(line.value)} # {_one(line.comment)}"


def _one(comment: str) -> str:
    """Bring a comment to one line, whatever the names in it hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in comment).split())


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value
