"""Where settings come from: file, environment, ``--set`` and named options, all read into the same assignments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phishcli.config.key_paths import all_keys, known, nearest
from phishcli.config.yaml import Document, KeyPath, parse, parse_value
from phishcli.errors import ConfigError

PREFIX = "PHISH_"


@dataclass(frozen=True)
class Assignment:
    """One value for one key.

    Parameters
    ----------
    path
        The parts of the dotted key; below a mapping such as ``train.params`` they go on.
    value
        What the key shall be.
    origin
        Who says so, in the words of ``config show``: a file, a variable, an option.
    where
        The same as precisely as it is known: ``configs/mine.yaml:12``.
    """

    path: KeyPath
    value: Any
    origin: str
    where: str

    def touches(self, path: KeyPath) -> bool:
        """Whether this sets what a path leads to, something within it, or what it is part of."""
        return all(mine == other for mine, other in zip(self.path, path, strict=False))


def from_file(path: Path) -> Iterator[Assignment]:
    """Read a YAML file; an empty one sets nothing."""
    document = parse(_read(path), where=str(path))
    if document.value is not None and not isinstance(document.value, dict):
        raise ConfigError(
            "The configuration is not a mapping of keys", where=str(path), hint="Write sections such as `train:`."
        )
    return _expand((), document.value or {}, str(path), document)


def from_environ(environ: Mapping[str, str]) -> Iterator[Assignment]:
    """Read every ``PHISH_SECTION__KEY``; sections and keys in any case, names within a mapping exactly as they are."""
    for variable in sorted(environ):
        if variable.startswith(PREFIX):
            path = _path_of(variable)
            yield from _expand(path, read_text(path, environ[variable], variable), variable)


def from_sets(sets: Sequence[str]) -> Iterator[Assignment]:
    """Read ``section.key=value``, the value as YAML."""
    for text in sets:
        key, equals, value = text.partition("=")
        path = tuple(part.strip() for part in key.split("."))
        if not equals or not all(path):
            raise ConfigError(f"--set takes KEY=VALUE, not {text!r}", hint="For example: --set train.seed=7")
        yield from _expand(path, read_text(path, value, f"--set {text}"), "--set")


def from_overrides(overrides: Mapping[str, tuple[Any, str]]) -> Iterator[Assignment]:
    """Take dotted keys with a value and its origin; the text of an option is read as ``--set`` reads it.

    Raises
    ------
    ConfigError
        When the text of an option is empty: most likely that of a shell variable that is not set.
    """
    for key, (value, origin) in overrides.items():
        path, is_text = tuple(key.split(".")), isinstance(value, str) and origin.startswith("-")
        if is_text and not value.strip():
            raise ConfigError(f"{origin} is empty", hint="Give it a value, or leave it out")
        as_yaml = is_text and not _holds_text(path)
        yield from _expand(path, parse_value(value, where=origin) if as_yaml else value, origin)


def read_text(path: KeyPath, text: str, where: str) -> Any:
    """Read a value that came as text: YAML, but for keys that hold text it is taken as it is.

    There only quotes are taken off and ``null`` (or nothing) is None, so that a table may be called ``2024``.
    """
    if _holds_text(path) and text not in ("", "~", "null") and text[0] not in "\"'":
        return text
    return parse_value(text, where=where)


def variable_names() -> list[str]:
    """Give the environment variable of every section and key, without ``PHISH_``."""
    return [name.upper().replace(".", "__") for name in all_keys()]


def _holds_text(path: KeyPath) -> bool:
    key = known(path)
    return key is not None and key.kind == "text"


def _expand(path: KeyPath, value: Any, origin: str, document: Document | None = None) -> Iterator[Assignment]:
    """Split a mapping along the schema: sections into their keys, a mapping into its entries after emptying it."""
    key, line = all_keys().get(".".join(path)), document.lines.get(path) if document else None
    kind, where = key.kind if key else None, f"{origin}:{line}" if line else origin
    is_section = not path or kind == "section"
    if is_section and value is None:
        return
    if not isinstance(value, Mapping) or not (is_section or kind == "mapping"):
        yield Assignment(path, value, origin, where)
        return
    if kind == "mapping":
        yield Assignment(path, {}, origin, where)
    for name, part in value.items():
        yield from _expand((*path, str(name)), part, origin, document)


def _path_of(variable: str) -> KeyPath:
    """Give the path that a variable names, or the variable itself, which is no key, where it names none."""
    parts = tuple(variable.removeprefix(PREFIX).split("__"))
    lowered = tuple(part.lower() for part in parts)
    key = known(lowered)
    if key is None:
        return (variable,)
    depth = key.name.count(".") + 1
    return (*lowered[:depth], *parts[depth:])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"The configuration {path} does not exist", hint=_files_nearby(path)) from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path} is a folder, not a configuration file", hint=_files_nearby(path / "x")) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The configuration {path} is not UTF-8 text", where=f"byte {error.start}") from error
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error.strerror}") from error


def _files_nearby(path: Path) -> str:
    """Name the YAML files in the folder of a path, the similar ones first."""
    found = sorted(file.name for file in path.parent.glob("*") if re.fullmatch(r"\.ya?ml", file.suffix))
    close = nearest(path.name, found)
    if close:
        return f"Did you mean {path.parent / close}?"
    return f"In {path.parent} there is {', '.join(found)}." if found else "Give a YAML file with -c."
