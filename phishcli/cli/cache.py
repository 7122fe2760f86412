"""``phish cache``: list, verify and clean up the artifacts."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.errors import CheckFailed, ConfigError
from phishcli.wording import listed

if TYPE_CHECKING:
    from phishcli.artifacts import Store
    from phishcli.artifacts.maintenance import Item
    from phishcli.flow.plan import Decision

commands = typer.Typer(help="Manage the artifact cache.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    app.add_typer(commands, name="cache")


WHICH = "A stage, one of its models, or trials (the fits that searches resume from); default: everything."

Stage = Annotated[str | None, typer.Argument(metavar="STAGE", help=WHICH)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")]


@commands.command()
@shares_options
def ls(shared: Shared) -> None:
    """List the artifacts and trial ledgers; * marks the current ones."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.artifacts.maintenance import items
        from phishcli.render.cache import items_document, items_table

        found = items(_store(shared))
        if shared.json:
            console.show_json(items_document(found))
        else:
            console.show(items_table(found))


@commands.command()
@shares_options
def verify(shared: Shared) -> None:
    """Check every file against its hash (exit code 8 on damage)."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.artifacts.maintenance import damage, items

        found = items(_store(shared))
        broken = {str(item.path): problem for item in found if (problem := damage(item)) is not None}
        if shared.json:
            console.show_json({"checked": len(found), "damaged": broken})
        elif not shared.quiet:
            typer.echo(f"{_intact(found, broken)} intact.")
        if broken:
            where = "\n".join(f"{path}: {problem}" for path, problem in broken.items())
            hint = _repair([item for item in found if str(item.path) in broken])
            raise CheckFailed(f"{len(broken)} damaged", where=where, hint=hint)


def _intact(found: Sequence[Item], broken: Collection[str]) -> str:
    from phishcli.render.cache import tally

    kinds = [[str(item.path) for item in found if item.is_ledger is is_ledger] for is_ledger in (False, True)]
    intact = [sum(path not in broken for path in paths) for paths in kinds]
    return tally(*intact, of=[len(paths) for paths in kinds])


def _repair(broken: Sequence[Item]) -> str:
    fixes = {
        False: "`phish run-all` rebuilds damaged artifacts",
        True: "damaged fits are repeated when needed; `phish cache clear trials` removes all fits",
    }
    return "; ".join(fixes[is_ledger] for is_ledger in sorted({item.is_ledger for item in broken}))


@commands.command()
@shares_options
def gc(shared: Shared, *, dry_run: DryRun = False) -> None:
    """Remove what is neither current nor used by these settings."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.artifacts.maintenance import superseded, superseded_ledgers, unused_sources
        from phishcli.sources.locate import in_use

        project = open_project(shared)
        cache, plan = project.workspace.cache, project.plan()
        old = superseded(cache, [decision.entry.folder for decision in plan if decision.entry])
        ledgers = superseded_ledgers(cache, _ledgers_in_use(cache.root, plan))
        copies = unused_sources(cache, in_use(**project.where))
        size = _size(old, ledgers, copies)
        if not dry_run:
            _remove(old, ledgers, copies)
        _note_shared(cache)
        _report(shared, "would be removed" if dry_run else "removed", size, old, ledgers, copies)


def _ledgers_in_use(root: Path, plan: Sequence[Decision]) -> list[Path]:
    """The ledgers of the training steps whose inputs are known."""
    from phishcli.artifacts.ledgers import ledger_path, ledger_print

    known = [decision for decision in plan if decision.step.stage.name == "train" and decision.status != "waiting"]
    return [ledger_path(root, each.step.model, ledger_print(each.step.name, each.parts)) for each in known]


def _size(old: Sequence[Path], ledgers: Sequence[Path], copies: Sequence[Path]) -> int:
    from phishcli.artifacts.ledger_maintenance import ledger_size
    from phishcli.artifacts.maintenance import folder_size

    return sum(map(folder_size, (*old, *copies))) + sum(map(ledger_size, ledgers))


def _remove(old: Sequence[Path], ledgers: Sequence[Path], copies: Sequence[Path]) -> None:
    from phishcli.artifacts.ledger_maintenance import remove_unused
    from phishcli.artifacts.maintenance import discard

    for path in (*old, *copies):
        discard(path)
    for path in ledgers:
        remove_unused(path)


@commands.command()
@shares_options
def clear(shared: Shared, stage: Stage = None, *, yes: Yes = False) -> None:
    """Remove the artifacts of a stage, or everything."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.artifacts.ledgers import TRIALS
        from phishcli.artifacts.maintenance import clear as clear_store
        from phishcli.artifacts.maintenance import folder_size
        from phishcli.stages import names

        store = _store(shared)
        if stage is not None and stage.partition("/")[0] not in (*names(), TRIALS):
            hint = f"The stages are {', '.join(names())}; {TRIALS} are the fits that searches resume from"
            raise ConfigError(f"There is no stage {stage!r}", hint=hint)
        if not yes:
            _confirm(f"Remove {stage or 'everything'} from {store.root}?")
        before = folder_size(store.sources)
        gone = clear_store(store, stage)
        artifacts, ledgers = ([item.path for item in gone if item.is_ledger is kind] for kind in (False, True))
        size = sum(item.size for item in gone) + before - folder_size(store.sources)
        _note_shared(store)
        _report(shared, "removed", size, artifacts, ledgers)


def _note_shared(store: Store) -> None:
    """Name the artifacts that stay because somebody has put files of their own beside them."""
    from phishcli.artifacts.maintenance import shared_folders

    for folder, names in shared_folders(store).items():
        console.note(f"{folder} is kept: phish did not write {listed(names)}.", "yellow")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty() or not typer.confirm(question, err=True):
        raise ConfigError("Nothing was removed", hint="Add --yes to skip the confirmation")


def _store(shared: Shared) -> Store:
    from phishcli.project import Project

    return Project(shared.resolve().config).workspace.cache


def _report(shared: Shared, word: str, size: int, *kinds: Sequence[Path]) -> None:
    """Report what was or would be removed: artifacts, ledgers, copies of sources."""
    from rich.filesize import decimal

    from phishcli.render.cache import tally

    paths = [str(path) for kind in kinds for path in kind]
    if shared.json:
        console.show_json({word.replace(" ", "_"): paths, "bytes": size})
        return
    if not shared.quiet:
        for path in paths:
            console.note(path, "dim")
    typer.echo(f"{tally(*map(len, kinds))} {word}, {decimal(size)}.")
