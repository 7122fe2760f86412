"""Merge the layers, default < last run < file < environment < option, and note where each value comes from."""

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
from phishcli.config.found import find_file
from phishcli.config.implied import implied_by
from phishcli.config.key_paths import KeyPath, all_keys, find_key
from phishcli.config.last_run import continued_from, last_run_below
from phishcli.config.paths import PATHS, USUAL, seen_from, seen_from_here
from phishcli.config.problems import Problem
from phishcli.config.schema import Config
from phishcli.config.yaml_file import from_file

Check = Callable[[Config], Iterable[Problem]]
"""Looks for what a valid configuration should not ask for, such as a model that does not exist."""
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
    files
        The YAML files that were read, in order.
    root
        The folder of the ``phish.yaml`` that was found, else the current one: artifacts and results lie in it.
    last_run
        The file with the settings of the last run, if some of them hold.
    """

    config: Config
    origins: dict[str, str]
    files: tuple[Path, ...] = ()
    root: Path = Path()
    last_run: Path | None = None

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
    files: Path | Sequence[Path] | None = None,
    *,
    sets: Sequence[str] = (),
    overrides: Mapping[str, tuple[Any, str]] | None = None,
    environ: Mapping[str, str] | None = None,
    checks: Iterable[Check] = (),
    continued: bool = False,
) -> Resolved:
    """Read, merge and validate the configuration.

    What is set for a key replaces what a lower layer says; a whole section sets only the keys that it names.

    Parameters
    ----------
    files
        The YAML files, later ones over earlier ones. None takes ``phish.yaml`` in the current folder or the nearest
        one above it, if there is one.
    sets
        ``section.key=value`` texts with the value in YAML: ``train.params.XGBoost.max_depth=4``.
    overrides
        Dotted key -> (value, origin): what named options and library callers ask for; they win over everything.
    environ
        Where ``PHISH_SECTION__KEY`` variables are looked up; the process environment unless given.
    checks
        What else to look for once every value fits the schema, as `phishcli.settings` does for names of models.
    continued
        Whether to go on with the settings of the last run of this folder where nothing names a source. Below files,
        which speak for themselves, that is only what it says about the table.

    Raises
    ------
    ConfigError
        If a file cannot be read, or for unknown keys and variables, invalid values, and what the checks find: all of
        it at once.
    """
    found = find_file() if files is None else None
    read = (files,) if isinstance(files, Path) else tuple(files or filter(None, [found]))
    root = found.parent if found else Path()
    given = [
        *(assignment for file in read for assignment in from_file(file, root)),
        *assignments.from_environ(os.environ if environ is None else environ),
        *assignments.from_sets(sets),
        *assignments.from_overrides(overrides or {}),
    ]
    last = last_run_below(given, root) if continued else None
    given = [*_in_root(root), *(continued_from(*last, only="load" if read else None) if last else ()), *given]
    given = [*implied_by(given), *given]
    config = _validated(given, checks)
    return Resolved(config, _origins(config, LastAssignment(given)), read, root, last[0] if last else None)


def _in_root(root: Path) -> Iterator[Assignment]:
    """Put artifacts and results beside a ``phish.yaml`` that lies above the current folder."""
    for key, folder in USUAL.items() if root != Path() else ():
        yield Assignment(tuple(key.split(".")), seen_from_here(folder, root), "default", "")


def to_yaml(config: Config) -> str:
    """Write a configuration as YAML; reading it gives an equal one."""
    from phishcli.config.yaml import dump

    return dump(config.model_dump())


def snapshot(config: Config, folder: Path = Path()) -> str:
    """Write a configuration as YAML to be kept in a folder: paths are relative to it.

    If the source loses a password or token by that, a comment says so.
    """
    from phishcli.config.yaml import dump

    safe = config.without_secrets()
    document = safe.model_dump()
    for key in PATHS if folder != Path() else ():
        section, name = key.split(".")
        if document[section][name] != USUAL.get(key):
            document[section][name] = seen_from(document[section][name], folder)
    text = dump(document)
    return text if safe == config else f"{LEFT_OUT}\n{text}"


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
