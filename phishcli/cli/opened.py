"""Open the project that the options of a command describe, and say where its settings come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.cli import console
from phishcli.errors import ConfigError
from phishcli.typed import option

if TYPE_CHECKING:
    from phishcli.cli.options import Shared
    from phishcli.config import Resolved
    from phishcli.project import Project

NO_GUESS = "Name your file with --source FILE, or the built-in sample with --source sample"


def open_project(shared: Shared, *, sample_by_default: bool = True) -> Project:
    """Open the project that the options describe; say so if its settings come from a file or from the last run.

    Raises
    ------
    ConfigError
        When nothing says which table is meant, and the sample would be a guess: this folder has results of another
        one, or the command must not work on the sample unless it is asked to.
    """
    from phishcli.project import Project

    resolved = shared.resolve()
    project = Project(resolved.config, resolved.root, continues=resolved.last_run is not None)
    if resolved.origins["load.source"] == "default":
        _check_default(project, sample_by_default=sample_by_default)
    notice = _origin_of_settings(resolved, named=bool(shared.config))
    if notice and not (shared.quiet or shared.json):
        console.note(notice, "dim")
    return project


def _check_default(project: Project, *, sample_by_default: bool) -> None:
    if not sample_by_default:
        raise ConfigError("Nothing has run in this folder yet, and no source is named", hint=NO_GUESS)
    from phishcli.config.paths import SAMPLE

    other = next((run.origin for run in reversed(project.runs.all()) if run.origin != SAMPLE), None)
    if other is not None:
        hint = f"Name it again: {option('--source', other)} (or --source sample for the built-in sample)"
        raise ConfigError(f"No source is named, and the results in this folder are of {other}", hint=hint)


def _origin_of_settings(resolved: Resolved, *, named: bool) -> str | None:
    """Say in one line which settings hold that the command line does not name."""
    source = resolved.config.without_secrets().load.source
    if resolved.last_run and resolved.files:
        files = " and ".join(map(str, resolved.files))
        return f"{files} names no source: using that of the last run ({source})."
    if resolved.last_run and not _only_the_sample(resolved):
        return f"Using the settings of the last run in this folder ({source}); `phish config show` lists them."
    if not resolved.files or named:
        return None
    file = resolved.files[0]
    if resolved.origins["load.source"] != str(file) and resolved.origins["load.source"] != "default":
        return f"Using settings from {file}, but data from {source}; without a source, commands use what {file} names."
    return f"Using settings from {file} ({source})."


def _only_the_sample(resolved: Resolved) -> bool:
    """Whether the last run was one of the sample, with settings that hold anyway."""
    from phishcli.config.last_run import ORIGIN
    from phishcli.config.paths import SAMPLE

    kept = [key for key, origin in resolved.origins.items() if origin == ORIGIN]
    return resolved.config.load.source == SAMPLE and kept == ["load.source"]
