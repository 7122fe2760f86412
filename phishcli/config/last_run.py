"""The settings of the last run of a folder, which hold for the commands that follow it.

They are kept in ``results/runs/settings.json``, and also in the usual place if the results lie elsewhere, so that a
command without options finds them. Only what differs from the defaults is kept, and the source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

import msgspec
from pydantic import BaseModel

from phishcli.address import shown
from phishcli.config.assignments import Assignment, from_overrides
from phishcli.config.key_paths import all_keys
from phishcli.config.paths import PATHS, USUAL, seen_from, seen_from_here
from phishcli.config.schema import Config
from phishcli.errors import ConfigError, system_error
from phishcli.files import appearing_file, parse_json, read_bounded

ORIGIN = "last run"
"""What ``config show`` calls this layer."""
_FILE = Path("runs", "settings.json")
_OF_A_SINGLE_RUN = frozenset({"run.jobs", "persist.enabled"})
"""Settings that do not carry over: how busy the machine may be, and whether to write a release."""


class LastRun(msgspec.Struct, frozen=True):
    """What the last run was asked for.

    Parameters
    ----------
    settings
        Dotted keys with their values; paths are relative to the file.
    incomplete
        Whether the address of the source lost a password or token.
    """

    settings: Mapping[str, Any]
    incomplete: bool = False


def last_run_file(results: Path) -> Path:
    """The file with the settings of the last run whose results lie in a folder."""
    return results / _FILE


def last_run_below(given: Sequence[Assignment], root: Path) -> tuple[Path, LastRun] | None:
    """Find the last run, unless a source is named, which starts over.

    Parameters
    ----------
    given
        What files, variables and options say; the record lies in the results folder that they name.
    root
        The folder that has the usual results folder.

    Raises
    ------
    ConfigError
        If the record is damaged: to go on with other settings would be a guess.
    PersistError
        If the system does not let it be read.
    """
    if any(assignment.path == ("load", "source") for assignment in given):
        return None
    named = [assignment.value for assignment in given if assignment.path == ("run", "results_dir")]
    folders = (*(Path(value) for value in named[-1:] if isinstance(value, str)), root / USUAL["run.results_dir"])
    return next(filter(None, map(_found, map(last_run_file, folders))), None)


def continued_from(path: Path, last: LastRun, *, only: str | None = None) -> Iterator[Assignment]:
    """Give what the last run was asked for; of one section if ``only`` names it.

    Raises
    ------
    ConfigError
        If its source cannot be read again without a password or token that is not kept.
    """
    if last.incomplete:
        raise ConfigError(
            f"The last run read {last.settings['load.source']}, whose password or token is not stored",
            where=str(path),
            hint="Name the whole address again with --source URL",
        )
    for assignment in from_overrides({key: (value, ORIGIN) for key, value in last.settings.items()}):
        if only in (None, assignment.path[0]):
            yield assignment


def _found(path: Path) -> tuple[Path, LastRun] | None:
    try:
        found = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise system_error(error, "The settings of the last run cannot be read", where=path.absolute()) from error
    except ValueError as error:  # msgspec's errors, too
        raise ConfigError(
            "The settings of the last run cannot be read",
            where=f"{path.absolute()}: {error}",
            hint="Name the source again, for example --source FILE, or delete this file",
        ) from error
    settings = {
        key: seen_from_here(value, path.parent) if key in PATHS else value for key, value in found.settings.items()
    }
    return path, LastRun(settings, found.incomplete)


def _read(path: Path) -> LastRun:
    found = msgspec.convert(parse_json(read_bounded(path)), LastRun)
    if "load.source" not in found.settings:
        raise ValueError("load.source is missing")
    return found


def keep_last_run(config: Config, root: Path) -> None:
    """Write down the settings of a run, where they are not written down already."""
    results = Path(config.run.results_dir)
    for folder in {results: None, root / USUAL["run.results_dir"]: None}:
        path = last_run_file(folder)
        content = _content(config, path.parent)
        if not _holds(path, content):
            with appearing_file(path) as file:
                file.write_bytes(content)


def _content(config: Config, folder: Path) -> bytes:
    settings = {key: seen_from(value, folder) if key in PATHS else value for key, value in changed(config)}
    source = settings["load.source"]
    settings["load.source"] = shown(source)
    document = {"settings": settings, "incomplete": settings["load.source"] != source}
    return (json.dumps(document, indent=1, ensure_ascii=False, default=_plain) + "\n").encode()


def changed(config: Config) -> Iterator[tuple[str, Any]]:
    """The source, and every setting that differs from its default."""
    for key in all_keys().values():
        if key.kind != "section" and key.name not in _OF_A_SINGLE_RUN:
            value = attrgetter(key.name)(config)
            if key.name == "load.source" or value != _usual(key.name):
                yield key.name, value


def _usual(key: str) -> Any:
    """The default of a key, without making a `Config`, which would build the validators of all its sections."""
    *path, last = key.split(".")
    section: type[BaseModel] = Config
    for part in path:
        section = cast("type[BaseModel]", section.model_fields[part].annotation)
    return section.model_fields[last].get_default(call_default_factory=True)


def _plain(value: Any) -> Any:
    return value.model_dump()  # a rule, such as that of the threshold, is a section


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False
