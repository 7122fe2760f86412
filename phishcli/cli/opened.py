"""Open the project that the options of a command describe, or the release that they name, and say what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.cli import console
from phishcli.errors import ConfigError
from phishcli.typed import option

if TYPE_CHECKING:
    from phishcli.cli.options import Shared
    from phishcli.config import Resolved
    from phishcli.project import Project
    from phishcli.serving.bundle import Bundle

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


def open_release(
    reference: str | None, results: Path, public_key: Path | None = None, *, model: str | None = None
) -> Bundle:
    """Open a release by its reference, ``RELEASE`` or ``RELEASE:MODEL``; warnings become notes.

    Without a reference it is the champion, or the latest where there is none: a champion that has expired or is not
    what was promoted is an error, never replaced in silence. ``model`` names one of its models as well.

    Raises
    ------
    PersistError
        When there is no such release, or no such model in it.
    """
    import warnings

    from phishcli.serving.bundle import load_bundle
    from phishcli.serving.reference import default_reference, find_named

    reference = reference or default_reference(results / "artifacts")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        folder, name = find_named(reference, results / "artifacts")
        bundle = load_bundle(folder, model or name, require_signature=public_key)
    for warning in caught:
        console.note(str(warning.message), "yellow")
    return bundle
