"""What a YAML file says, as assignments; keys may be nested, dotted (``train.models``), or a mixture of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from phishcli.config.assignments import Assignment, Lines, expand
from phishcli.config.key_paths import KeyPath, all_keys, nearest, split_key
from phishcli.config.paths import PATHS, USUAL, seen_from_here
from phishcli.errors import ConfigError
from phishcli.files import read_bounded
from phishcli.typed import option

LARGEST_FILE = 1_000_000
"""Bytes."""


def from_file(path: Path, root: Path = Path()) -> Iterator[Assignment]:
    """Read a YAML file; an empty one sets nothing.

    Relative paths in it are relative to its folder, but the usual folders of artifacts and results are in ``root``.
    """
    from phishcli.config.yaml import parse

    parsed = parse(_read(path), where=str(path))
    if parsed.value is not None and not isinstance(parsed.value, dict):
        raise ConfigError(
            "The configuration is not a mapping of keys", where=str(path), hint="Write sections such as `train:`."
        )
    value = parsed.value or {}
    _check_once(_written(value, parsed.lines, (), ()), path)
    for assignment in expand((), value, str(path), parsed.lines):
        key, said = ".".join(assignment.path), assignment.value
        folder = root if USUAL.get(key) == said else path.parent
        yield replace(assignment, value=seen_from_here(said, folder)) if key in PATHS else assignment


def _written(
    value: Mapping[Any, Any], lines: Lines, path: KeyPath, written: KeyPath, line: int = 0
) -> Iterator[tuple[KeyPath, int]]:
    """Every key below the sections with its line, whichever way it is written."""
    for name, part in value.items():
        inner, place = (*path, *split_key(str(name), under=path)), (*written, str(name))
        key, at = all_keys().get(".".join(inner)), lines.get(place, line)
        if isinstance(part, Mapping) and key is not None and key.kind == "section":
            yield from _written(part, lines, inner, place, at)
        else:
            yield inner, at


def _check_once(written: Iterator[tuple[KeyPath, int]], file: Path) -> None:
    """Reject a key that is set nested and dotted, also as a part of another: one of the two would be lost."""
    keys: dict[KeyPath, int] = {}
    above: dict[KeyPath, int] = {}
    for path, line in written:
        parts = [path[:depth] for depth in range(1, len(path) + 1)]
        other = next((keys[part] for part in parts if part in keys), above.get(path))
        if other is not None:
            where = f"{file}:{other} and {file}:{line}"
            raise ConfigError(f"{'.'.join(path)} is set twice", where=where, hint="Keep one of the two.")
        keys[path] = line
        above |= dict.fromkeys(parts, line)


def _read(path: Path) -> str:
    try:
        return read_bounded(path, LARGEST_FILE).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"The configuration {path} does not exist", hint=_files_nearby(path)) from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path} is a folder, not a configuration file", hint=_files_nearby(path / "x")) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The configuration {path} is not UTF-8 text", where=f"byte {error.start}") from error
    except ValueError as error:
        raise ConfigError(
            f"The configuration {path} is larger than {LARGEST_FILE:,} bytes", hint="Is it YAML?"
        ) from error
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error.strerror}") from error


def _files_nearby(path: Path) -> str:
    """Name the YAML files in the folder of a path, a similar one first."""
    found = sorted(file.name for file in path.parent.glob("*") if re.fullmatch(r"\.ya?ml", file.suffix))
    close = nearest(path.name, found)
    if close:
        return f"Did you mean {option('-c', path.parent / close)}?"
    return f"YAML files in {path.parent}: {', '.join(found)}" if found else "Give a YAML file with -c."
