"""Merge the layers of the configuration, default < file < environment < option, and note where values come from."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from phishcli.config import assignments, problems
from phishcli.config.assignments import Assignment, LastAssignment
from phishcli.config.key_paths import KeyPath, all_keys, find_key
from phishcli.config.problems import Problem
from phishcli.config.schema import Config

Check = Callable[[Config], Iterable[Problem]]
"""Looks for what a valid configuration should not ask for, such as a model that does not exist."""
DEFAULT_FILE = Path("phish.yaml")
"""Read if no file is named and it lies in the current folder."""
LEFT_OUT = "# A password or token was left out of load.source: name the whole address with --source to run this again."


class Setting(msgspec.Struct, frozen=True):
    """One line of ``config show``: the dotted key, its value (as YAML in ``text``), and which layer set it."""

    key: str
    value: Any
    text: str
    origin: str


class Resolved(msgspec.Struct, frozen=True):
    """The configuration that holds, and where each value of it comes from.

    Parameters
    ----------
    config
        The valid configuration.
    origins
        By dotted key ``default``, the file as it was named, ``PHISH_TRAIN__SEED``, ``--set``, or the option's name.
        Entries of a mapping have keys of their own: ``train.params.XGBoost.max_depth``.
    file
        The YAML file that was read, if any.
    """

    config: Config
    origins: dict[str, str]
    file: Path | None = None

    def settings(self) -> list[Setting]:
        """Every key with its value and origin, in the order of the schema: the rows of ``config show``.

        Passwords and tokens in the address of the source are left out.
        """
        from phishcli.config.yaml import one_line

        return [
            Setting(".".join(path), value, one_line(value), self.origins[".".join(path)])
            for path, value in _leaves(self.config.without_secrets())
        ]


def resolve_config(
    path: Path | None = None,
    *,
    sets: Sequence[str] = (),
    overrides: Mapping[str, tuple[Any, str]] | None = None,
    environ: Mapping[str, str] | None = None,
    checks: Iterable[Check] = (),
) -> Resolved:
    """Read, merge and validate the configuration.

    What is set for a key replaces what a lower layer says; a whole section sets only the keys that it names.

    Parameters
    ----------
    path
        The YAML file. Without one, ``phish.yaml`` in the current folder if that exists, else the defaults.
    sets
        ``section.key=value`` texts with the value in YAML: ``train.params.XGBoost.max_depth=4``.
    overrides
        Dotted key -> (value, origin): what named options and library callers ask for; they win over everything.
    environ
        Where ``PHISH_SECTION__KEY`` variables are looked up; the process environment unless given.
    checks
        What else to look for once every value fits the schema, as `phishcli.settings` does for names of models.

    Raises
    ------
    ConfigError
        If the file cannot be read, or for unknown keys and variables, invalid values, and what the checks find: all of
        it at once.
    """
    file = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    given = [
        *(assignments.from_file(file) if file else ()),
        *assignments.from_environ(os.environ if environ is None else environ),
        *assignments.from_sets(sets),
        *assignments.from_overrides(overrides or {}),
    ]
    config = _validated(given, checks)
    return Resolved(config, _origins(config, LastAssignment(given)), file)


def to_yaml(config: Config) -> str:
    """Write a configuration as YAML; reading it gives an equal one."""
    from phishcli.config.yaml import dump

    return dump(config.model_dump())


def snapshot(config: Config) -> str:
    """Write a configuration as YAML to be kept; if its source loses a password or token by that, a comment says so."""
    safe = config.without_secrets()
    return to_yaml(safe) if safe == config else f"{LEFT_OUT}\n{to_yaml(safe)}"


def _validated(given: Sequence[Assignment], checks: Iterable[Check]) -> Config:
    valid = [assignment for assignment in given if find_key(assignment.path)]
    found = problems.unknown_keys(assignment for assignment in given if not find_key(assignment.path))
    try:
        config = Config.model_validate(_merged(valid))
    except ValidationError as error:
        raise problems.as_error([*found, *problems.invalid_values(error)], LastAssignment(valid)) from error
    found += [problem for check in checks for problem in check(config)]
    if found:
        raise problems.as_error(found, LastAssignment(valid))
    return config


def _merged(given: Sequence[Assignment]) -> dict[str, Any]:
    """Put all values into one tree; every section is in it, so that pydantic builds one validator for all of it."""
    tree: dict[str, Any] = {}
    for key in all_keys().values():
        if key.kind == "section":
            _put(tree, tuple(key.name.split(".")), {})
    for assignment in given:
        _put(tree, assignment.path, copy.deepcopy(assignment.value))
    return tree


def _put(tree: dict[str, Any], path: KeyPath, value: Any) -> None:
    for part in path[:-1]:
        if not isinstance(tree.get(part), dict):
            tree[part] = {}
        tree = tree[part]
    tree[path[-1]] = value


def _leaves(config: Config) -> Iterator[tuple[KeyPath, Any]]:
    """Give each value with its path; mappings are split into models and their parameters."""
    document = config.model_dump()
    for key in all_keys().values():
        path = tuple(key.name.split("."))
        value = document
        for part in path:
            value = value[part]
        if key.kind == "mapping":
            yield from _entries(path, value)
        elif key.kind != "section":
            yield path, value


def _entries(path: KeyPath, value: Any, depth: int = 2) -> Iterator[tuple[KeyPath, Any]]:
    """Split a mapping into its entries, and these into theirs: the parameters of each model."""
    if not depth or not isinstance(value, dict) or not value:
        yield path, value
        return
    for name, part in value.items():
        yield from _entries((*path, name), part, depth - 1)


def _origins(config: Config, last: LastAssignment) -> dict[str, str]:
    found = {path: last.find(path) for path, _ in _leaves(config)}
    return {".".join(path): assignment.origin if assignment else "default" for path, assignment in found.items()}
