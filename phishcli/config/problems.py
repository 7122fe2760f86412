"""What is wrong with a configuration, said as ``section.key: message``, everything at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phishcli.config.key_paths import known, nearest, nearest_keys
from phishcli.config.layers import PREFIX, Assignment, variable_names
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from phishcli.config.schema import Config
    from phishcli.config.yaml import KeyPath
    from phishcli.models.spec import ModelSpec

LONGEST_VALUE = 60
SHOW_KEYS = "`phish config show` lists every key with its value."
SHOULD_BE = {
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "dict_type": "should be a mapping of names to values",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "int_from_float": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "model_type": "should be a section of keys",
    "string_too_short": "should not be empty",
    "string_type": "should be text",
    "too_short": "should not be empty",
    "tuple_type": "should be a list such as [a, b]",
}
"""Plain words in place of pydantic's, by the kind of error."""


@dataclass(frozen=True)
class Problem:
    """One thing to put right: the key, what is wrong with it, and where it was said."""

    key: str
    message: str
    where: str | None = None


def as_error(problems: Sequence[Problem]) -> ConfigError:
    """Make one error of all problems; a single one is said in one sentence."""
    if len(problems) == 1:
        return ConfigError(f"{problems[0].key}: {problems[0].message}", where=problems[0].where, hint=SHOW_KEYS)
    lines = [f"  {p.key}: {p.message}" + (f" ({p.where})" if p.where else "") for p in problems]
    return ConfigError(f"The configuration has {len(problems)} problems", where="\n".join(lines), hint=SHOW_KEYS)


def unknown_key(assignment: Assignment) -> Problem:
    """Say that a key or a variable does not exist, and which one was probably meant."""
    if assignment.path == (assignment.origin,):
        close = nearest(assignment.origin.removeprefix(PREFIX), variable_names())
        message = "unknown variable; " + (
            f"did you mean {PREFIX}{close}?" if close else f"all are {PREFIX}SECTION__KEY"
        )
        return Problem(assignment.origin, message)
    meant = " or ".join(nearest_keys(assignment.path))
    message = "unknown key" + (f"; did you mean {meant}?" if meant else "")
    return Problem(".".join(assignment.path), message, assignment.where)


def invalid_values(error: ValidationError, assignments: Sequence[Assignment]) -> Iterator[Problem]:
    """Translate what pydantic found, one problem per value with all that it might have been."""
    found: dict[str, tuple[Any, KeyPath, list[str]]] = {}
    for detail in error.errors(include_url=False):
        path, label = _place(detail["loc"])
        _, _, messages = found.setdefault(label, (detail["input"], path, []))
        if (message := _message(detail)) not in messages:
            messages.append(message)
    for label, (value, path, messages) in found.items():
        text = " or ".join((messages[0], *(message.removeprefix("should be ") for message in messages[1:])))
        if (key := known(path)) is not None and key.kind == "rule":
            text = f"should be a {key.title}"
        yield Problem(label, f"{text}, not {_short(value)}", _said_at(path, assignments))


def unknown_models(config: Config, assignments: Sequence[Assignment]) -> Iterator[Problem]:
    """Find names of models that nobody knows: among those to train, with parameters, with search spaces."""
    from phishcli.models import registry

    named: dict[KeyPath, Iterable[str]] = {
        ("train", "models"): config.train.models,
        ("train", "params"): config.train.params,
        ("train", "tune", "spaces"): config.train.tune.spaces,
    }
    models = registry()
    for path, names in named.items():
        for name in names:
            if name not in models:
                yield Problem(".".join(path), _unknown_model(name, models), _said_at((*path, name), assignments))


def impossible_spaces(config: Config, assignments: Sequence[Assignment]) -> Iterator[Problem]:
    """Find search spaces that make no sense, such as one that ends before it begins."""
    if not config.train.tune.spaces:
        return
    from phishcli.models import registry

    models = registry()
    for model, given in config.train.tune.spaces.items():
        for name, values in given.items() if model in models else ():
            if wrong := _wrong_with(values, name, models[model]):
                path = ("train", "tune", "spaces", model, name)
                yield Problem(".".join(path), wrong, _said_at(path, assignments))


def _wrong_with(values: Any, name: str, spec: ModelSpec) -> str | None:
    """Say what is wrong with the values to search of one parameter; None leaves the parameter out."""
    from phishcli.models.space import parse

    try:
        parse({name: [None] if values is None else values}, model=spec.name, known=spec.space)
    except ConfigError as error:
        return f"{error.what}; {error.hint[0].lower()}{error.hint[1:]}" if error.hint else error.what
    return None


def unknown_checks(config: Config, assignments: Sequence[Assignment]) -> Iterator[Problem]:
    """Find codes of findings to ignore that no check has."""
    if not config.audit.ignore:
        return
    from phishcli.audit import codes

    for name in config.audit.ignore:
        code = name.partition(":")[0]
        if code not in codes():
            close = nearest(code, codes())
            message = f"unknown check {code}; " + (f"did you mean {close}?" if close else "docs/audit.md lists them")
            yield Problem("audit.ignore", message, _said_at(("audit", "ignore", name), assignments))


def _unknown_model(name: str, models: Iterable[str]) -> str:
    close = nearest(name, models)
    return f"unknown model {name}; " + (f"did you mean {close}?" if close else f"there is {', '.join(models)}")


def _place(location: tuple[int | str, ...]) -> tuple[KeyPath, str]:
    """Turn pydantic's location into a key's path and its name, ``train.models[0]``, without the branches of a union."""
    path: list[str] = []
    for part in map(str, location):
        key = known((*path, part))
        if key is None or (path and ".".join(path) == key.name and key.kind != "mapping"):
            break
        path.append(part)
    index = next((f"[{part}]" for part in location[len(path) :] if isinstance(part, int)), "")
    return tuple(path), ".".join(path) + index


def _message(detail: Mapping[str, Any]) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    message = SHOULD_BE.get(detail["type"]) or re.sub("^(Input|String) ", "", detail["msg"])
    return (
        f"{message} in quotes" if message == "should be text" and isinstance(detail["input"], int | float) else message
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _said_at(path: KeyPath, assignments: Sequence[Assignment]) -> str | None:
    """Give the last place that set a key, something within it, or what it is part of."""
    return next((said.where for said in reversed(assignments) if said.touches(path)), None)
