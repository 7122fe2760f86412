"""Keep the settings of a run in ``phish.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.cli import console
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.cli.options import Shared
    from phishcli.config import Config
    from phishcli.config.starter import Line
    from phishcli.project import Project

KEPT = "The next commands in this folder use these settings as well; `phish init` writes them to phish.yaml."
SAVED = "Wrote phish.yaml; every command in this folder and below uses it."


@contextmanager
def saved(project: Project, shared: Shared, *, save: bool) -> Iterator[None]:
    """Write the settings of a run that succeeds to ``phish.yaml`` if asked to; on the first run, say how to."""
    if save:
        refuse_to_replace()
    notice = None if save or not project.begins() else KEPT
    yield
    if save:
        write_settings(project.config)
        notice = SAVED
    if notice and not (shared.quiet or shared.json):
        console.note(notice, "dim")


def refuse_to_replace(*, force: bool = False) -> None:
    """Reject to write over the ``phish.yaml`` of the current folder.

    Raises
    ------
    ConfigError
        When there is one.
    """
    path = settings_file()
    if path.exists() and not force:
        hint = "Edit it; or `phish init FILE --force` replaces it"
        raise ConfigError(f"{path.name} already exists", where=str(path.absolute()), hint=hint)


def write_settings(config: Config) -> None:
    """Write ``phish.yaml`` with the source and all settings that are no defaults."""
    from phishcli.config.starter import lines_of

    write_lines(lines_of(config))


def settings_file() -> Path:
    """Where the settings of this folder are."""
    from phishcli.config.found import NAME

    return Path(NAME)


def write_lines(lines: list[Line]) -> None:
    """Write ``phish.yaml``."""
    from phishcli.config.starter import as_yaml
    from phishcli.files import appearing_file

    with appearing_file(settings_file()) as file:
        file.write_text(as_yaml(lines), encoding="utf-8")
