"""``phish cache``: what lies there, whether it is whole, and cleaning up."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options
from phishcli.errors import CheckFailed, ConfigError

if TYPE_CHECKING:
    from phishcli.store import Store

app = typer.Typer(help="Look after the cache of artifacts.", no_args_is_help=True)

Stage = Annotated[str | None, typer.Argument(metavar="STAGE", help="A stage, or one model of it; all by default.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")]


@app.command()
@shares_options
def ls(shared: Shared) -> None:
    """List the artifacts; * marks the current ones."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.render.cache import items_document, items_table
        from phishcli.store.care import items

        found = items(_store(shared))
        if shared.json:
            console.show_json(items_document(found))
        else:
            console.show(items_table(found))


@app.command()
@shares_options
def verify(shared: Shared) -> None:
    """Compare every file with its hash (exit code 8)."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.store.care import damage, items

        found = items(_store(shared))
        broken = {str(item.folder): said for item in found if (said := damage(item)) is not None}
        if shared.json:
            console.show_json({"checked": len(found), "damaged": broken})
        elif not shared.quiet:
            typer.echo(f"{len(found) - len(broken)} of {len(found)} artifacts are whole.")
        if broken:
            where = "\n".join(f"{folder}: {said}" for folder, said in broken.items())
            hint = "`phish run-all` computes damaged artifacts again"
            raise CheckFailed(f"{len(broken)} damaged", where=where, hint=hint)


@app.command()
@shares_options
def gc(shared: Shared, *, dry_run: DryRun = False) -> None:
    """Remove what is neither current nor in use by these settings."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.data.sources import in_use
        from phishcli.project import Project
        from phishcli.store.care import discard, folder_size, superseded, unused_sources

        project = Project(shared.resolve().config)
        needed = [decision.entry.folder for decision in project.plan() if decision.entry]
        cache, load = project.workspace.cache, project.config.load
        copies = unused_sources(cache, in_use(load.source, cache=cache.sources, sha256=load.sha256))
        old = superseded(cache, needed)
        size = sum(folder_size(path) for path in (*old, *copies))
        for path in (*old, *copies):
            if not dry_run:
                discard(path)
        _report(shared, old, size, "would go" if dry_run else "removed", copies)


@app.command()
@shares_options
def clear(shared: Shared, stage: Stage = None, *, yes: Yes = False) -> None:
    """Remove the artifacts of a stage, or everything."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.graph import STAGES
        from phishcli.store.care import clear as clear_store
        from phishcli.store.care import folder_size

        store = _store(shared)
        if stage is not None and stage.partition("/")[0] not in STAGES:
            raise ConfigError(f"There is no stage {stage!r}", hint=f"The stages are {', '.join(STAGES)}")
        if not yes:
            _confirm(f"Remove {stage or 'everything'} from {store.root}?")
        before = folder_size(store.root)
        gone = clear_store(store, stage)
        _report(shared, gone, before - folder_size(store.root), "removed")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty() or not typer.confirm(question, err=True):
        raise ConfigError("Nothing was removed", hint="Add --yes to remove without being asked")


def _store(shared: Shared) -> Store:
    from phishcli.project import Project

    return Project(shared.resolve().config).workspace.cache


def _report(shared: Shared, paths: list[Path], size: int, word: str, copies: Sequence[Path] = ()) -> None:
    from rich.filesize import decimal

    if shared.json:
        console.show_json({word.replace(" ", "_"): [str(path) for path in (*paths, *copies)], "bytes": size})
        return
    if not shared.quiet:
        for path in (*paths, *copies):
            console.tell(str(path), "dim")
    sources = f" and {len(copies)} copies of sources" if copies else ""
    typer.echo(f"{len(paths)} artifacts{sources} {word}, {decimal(size)}.")
