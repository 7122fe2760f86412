"""What is wrong with a configuration, as ``section.key: message``, all of it in one error."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.config.assignments import PREFIX, Assignment, LastAssignment, shortened, variable_names
from phishcli.config.key_paths import KeyPath, find_key, nearest, nearest_keys
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import ValidationError

MOST_LISTED = 20
"""Problems that one error lists; the others are counted."""
SHOW_KEYS = "`phish config show` lists every key with its value."
UNKNOWN = "unknown key"
SHOULD_BE = {
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "dict_type": "should be a mapping of names to values",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "int_from_float": "should be a whole number",
    "finite_number": "should be a finite number",
    "int_parsing": "should be a whole number",
    "int_parsing_size": "should be a smaller number",
    "int_type": "should be a whole number",
    "model_type": "should be a section of keys",
    "string_too_short": "should not be empty",
    "string_type": "should be text",
    "too_short": "should not be empty",
    "tuple_type": "should be a list such as [a, b]",
}
"""Plain words in place of pydantic's, by the kind of error."""


class Problem(msgspec.Struct, frozen=True):
    """One thing to put right.

    Parameters
    ----------
    key
        The key as it is shown: ``train.models[0]``.
    message
        What is wrong with it.
    path
        The parts of the key, and of a name within it: the last assignment to them is the one to correct.
    where
        Where that is, if known already.
    """

    key: str
    message: str
    path: KeyPath
    where: str | None = None


def as_error(problems: Sequence[Problem], last: LastAssignment) -> ConfigError:
    """Make one error of all problems, each with the place where its value was set; a single one takes one sentence."""
    places = [problem.where or _place_of(problem.path, last) for problem in problems[:MOST_LISTED]]
    if len(problems) == 1:
        return ConfigError(f"{problems[0].key}: {problems[0].message}", where=places[0], hint=SHOW_KEYS)
    lines = [
        f"  {problem.key}: {problem.message}" + (f" ({place})" if place else "")
        for problem, place in zip(problems, places, strict=False)
    ]
    if len(problems) > MOST_LISTED:
        lines.append(f"  and {len(problems) - MOST_LISTED:,} more")
    return ConfigError(f"The configuration has {len(problems):,} problems", where="\n".join(lines), hint=SHOW_KEYS)


def unknown_keys(assignments: Iterable[Assignment]) -> list[Problem]:
    """Report keys and variables that do not exist; those that are going to be listed with the nearest that does."""
    return [_unknown_key(assignment, suggest=number < MOST_LISTED) for number, assignment in enumerate(assignments)]


def _unknown_key(assignment: Assignment, *, suggest: bool) -> Problem:
    if assignment.path == (assignment.origin,):
        close = nearest(assignment.origin.removeprefix(PREFIX), variable_names()) if suggest else None
        hint = f"did you mean {PREFIX}{close}?" if close else f"all are {PREFIX}SECTION__KEY"
        return Problem(assignment.origin, f"unknown variable; {hint}", assignment.path)
    message = _with_nearest(assignment.path) if suggest else UNKNOWN
    return Problem(".".join(assignment.path), message, assignment.path, assignment.where)


def _with_nearest(path: KeyPath) -> str:
    meant = " or ".join(nearest_keys(path))
    return f"{UNKNOWN}; did you mean {meant}?" if meant else UNKNOWN


def invalid_values(error: ValidationError) -> Iterator[Problem]:
    """Translate what pydantic found, one problem per value with all that it might have been."""
    found: dict[str, tuple[Any, KeyPath, list[str]]] = {}
    for detail in error.errors(include_url=False):
        path, label = _key_at(detail["loc"])
        if detail["type"] == "extra_forbidden" and _in_a_section(path):
            yield Problem(label, _with_nearest(path), path)
            continue
        _, _, messages = found.setdefault(label, (detail["input"], path, []))
        if (message := _message(detail)) not in messages:
            messages.append(message)
    for label, (value, path, messages) in found.items():
        text = " or ".join((messages[0], *(message.removeprefix("should be ") for message in messages[1:])))
        if (key := find_key(path)) is not None and key.kind == "rule":
            text = f"should be a {key.title}"
        yield Problem(label, f"{text}, not {shortened(repr(value))}", path)


def _in_a_section(path: KeyPath) -> bool:
    """Whether a path leads into one of the sections of a mapping, as below ``preprocess.models``."""
    key = find_key(path)
    return key is not None and key.sections is not None


def _key_at(location: tuple[int | str, ...]) -> tuple[KeyPath, str]:
    """Turn pydantic's location into a key's path and its name, ``train.models[0]``, without the branches of a union."""
    path: list[str] = []
    for part in map(str, location):
        key = find_key((*path, part))
        if key is None or (path and ".".join(path) == key.name and key.kind != "mapping"):
            break
        path.append(part)
    index = next((f"[{part}]" for part in location[len(path) :] if isinstance(part, int)), "")
    return tuple(path), ".".join(path) + index


def _message(detail: Mapping[str, Any]) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    if detail["type"] == "less_than_equal" and detail["input"] in (math.inf, "inf"):
        return SHOULD_BE["finite_number"]
    if detail["type"] == "less_than_equal":
        return f"should be at most {detail['ctx']['le']:,.0f}"
    message = SHOULD_BE.get(detail["type"]) or re.sub("^(Input|String) ", "", detail["msg"])
    return (
        f"{message} in quotes" if message == "should be text" and isinstance(detail["input"], int | float) else message
    )


def _place_of(path: KeyPath, last: LastAssignment) -> str | None:
    assignment = last.find(path)
    return assignment.where if assignment else None
