"""What a shell proposes on TAB: steps, models, settings, metrics, roles, and the columns of the last table.

None of it loads pandas or a library of models: a TAB is answered in the time of ``phish --help``.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

VARIABLE = "_PHISH_COMPLETE"
"""Set by the shell's script when it asks for proposals."""
BREAKS = frozenset("=:@<>")
"""Signs at which bash breaks words though they do not end an argument."""
SCHEMA = Path(".cache/load/latest/schema.json")
"""What the last run in this folder found out about its table."""
MOST_BYTES = 5_000_000
"""A schema that is larger is not read: a TAB must not wait."""
Complete = Callable[[str], Iterator[str]]


def asked_for(environ: MutableMapping[str, str] | None = None) -> list[str] | None:
    """Give the words of the command line that is completed, the last one unfinished; None if none is.

    Bash hands over ``train.seed``, ``=`` and ``7`` for ``train.seed=7``: they become one word again.
    """
    environ = os.environ if environ is None else environ
    if VARIABLE not in environ:
        return None
    if "COMP_WORDS" in environ:
        words, current = _joined(environ["COMP_WORDS"].split("\n"), int(environ.get("COMP_CWORD") or 0))
        environ["COMP_WORDS"], environ["COMP_CWORD"] = "\n".join(words), str(current)
        return words[1 : current + 1]
    try:
        return shlex.split(environ.get("_TYPER_COMPLETE_ARGS", ""))[1:]
    except ValueError:  # a quote is open
        return environ["_TYPER_COMPLETE_ARGS"].split()[1:]


def _joined(words: Sequence[str], current: int) -> tuple[list[str], int]:
    """Undo the breaks of bash; the current word keeps track of what bash has already of it."""
    joined: list[str] = []
    position, sticks = current, False
    for number, word in enumerate([*words, *[""] * (current + 1 - len(words))]):
        is_break = bool(word) and set(word) <= BREAKS
        if joined and (is_break or (sticks and word)):
            joined[-1] += word
        elif not (sticks and number == current):
            joined.append(word)
        if number == current:
            position = len(joined) - 1
            _typed.clear()
            _typed.append(joined[-1] if is_break else joined[-1].removesuffix(word))
        sticks = is_break
    return joined, position


class _Rest(str):
    """What bash is to add; it begins as the whole proposal does when Typer compares that with the typed text."""

    __slots__ = ("whole",)
    whole: str

    @classmethod
    def of(cls, proposal: str, kept: str) -> _Rest:
        """Cut off what bash keeps."""
        rest = cls(proposal.removeprefix(kept))
        rest.whole = proposal
        return rest

    def startswith(self, *given: Any) -> bool:
        """Whether the whole proposal begins so."""
        return self.whole.startswith(*given)


_typed: list[str] = []
"""What bash keeps in front of a proposal: the current word up to its last break."""


def _proposes(find: Callable[[str], Iterable[str]]) -> Complete:
    """Keep what begins with the typed text, without the part that bash has already."""

    @wraps(find)
    def propose(incomplete: str) -> Iterator[str]:
        kept = next(iter(_typed), "")
        kept = kept.partition("=")[2] if kept.startswith("-") else kept
        for proposal in find(incomplete):
            if proposal.startswith(incomplete):
                yield _Rest.of(proposal, kept)

    return propose


@_proposes
def models(incomplete: str) -> Iterator[str]:
    """Names of models, also in a list with commas, in which none is proposed twice."""
    listed, comma, _ = incomplete.rpartition(",")
    return (f"{listed}{comma}{name}" for name in _models() if name not in listed.split(","))


@_proposes
def model(incomplete: str) -> Iterable[str]:  # noqa: ARG001 (what Typer hands over)
    """Names of models."""
    return _models()


@_proposes
def steps(incomplete: str) -> Iterator[str]:
    """Names of stages, and from the slash on of their models."""
    from phishcli.stages import registry

    yield from dict.fromkeys(stage.name for stage in registry())
    for stage in registry():
        if stage.per_model and incomplete.startswith(f"{stage.name}/"):
            yield from (f"{stage.name}/{name}" for name in _models())


@_proposes
def settings(incomplete: str) -> Iterator[str]:
    """Keys of settings; of a key that is complete, or the only one left, its values."""
    from phishcli.config.key_paths import all_keys, known_values

    keys = [key for key in all_keys().values() if key.kind != "section"]
    fitting = [key for key in keys if key.name.startswith(incomplete.partition("=")[0])]
    if len(fitting) > 1 and "=" not in incomplete:
        return (f"{key.name}=" for key in fitting)
    name = incomplete.partition("=")[0] if "=" in incomplete else fitting[0].name if fitting else ""
    values = _models() if name == "train.models" else known_values(name)
    return (f"{name}={value}" for value in [*values, *([] if values else [""])])


@_proposes
def requirements(incomplete: str) -> Iterator[str]:  # noqa: ARG001 (what Typer hands over)
    """Names of metrics with the sign that must follow."""
    from phishcli.evaluation.metrics import METRICS

    sign = "\\>=" if "COMP_WORDS" in os.environ else ">="  # bash takes a proposal as it is, other shells quote it
    return (f"{metric.name}{sign if metric.higher_is_better else sign.replace('>', '<')}" for metric in METRICS)


@_proposes
def columns(incomplete: str) -> Iterable[str]:  # noqa: ARG001 (what Typer hands over)
    """Columns of the table that was last loaded in this folder."""
    return _columns()


@_proposes
def column_roles(incomplete: str) -> Iterator[str]:
    """Columns, and after the sign of equality the roles that they can be given."""
    from typing import get_args

    from phishcli.config.schema import RoleName

    name, equals, _ = incomplete.partition("=")
    return (f"{name}={role}" for role in get_args(RoleName)) if equals else (f"{name}=" for name in _columns())


@_proposes
def tune_methods(incomplete: str) -> Iterable[str]:  # noqa: ARG001 (what Typer hands over)
    """Ways to search for hyperparameters."""
    from phishcli.config.key_paths import known_values

    return known_values("train.tune.method")


def _models() -> list[str]:
    from phishcli.models import combined, registry

    return [*registry(), *combined()]


def _columns() -> list[str]:
    """Read them from the schema, if there is one that is small enough."""
    try:
        if SCHEMA.stat().st_size > MOST_BYTES:
            return []
        found = json.loads(SCHEMA.read_bytes())
        return [*(each["name"] for each in found["columns"] if not each.get("indicator_of")), *found["set_aside"]]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []
